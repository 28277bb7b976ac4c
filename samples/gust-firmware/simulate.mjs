// Runs the firmware on the desk and prints what leaves the UART; ends with the firmware's own status.
//   node simulate.mjs                 the four components as they are
//   node simulate.mjs FILE.wasm       one core module: fused.wasm or optimized.wasm
//   --preempt N                       a tick also comes after every N register accesses, wherever the firmware is
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Board, Exit } from './simulator/board.mjs';
import { instantiate } from './simulator/components.mjs';

const args = process.argv.slice(2), preempt = args.indexOf('--preempt');
const tickEvery = preempt < 0 ? 0 : Number(args.splice(preempt, 2)[1]);
const output = [];
const board = new Board({ onByte: (byte) => output.push(byte), tickEvery });

const firmware = args.length === 0
  ? instantiate(fileURLToPath(new URL('components', import.meta.url)), board.imports)
  : new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(args[0])), board.imports).exports;
board.onTick = firmware['on-tick'];

try {
  firmware.run();
  console.error('run returned');
  process.exitCode = 70;
} catch (end) {
  if (!(end instanceof Exit)) console.error(end);
  process.exitCode = end instanceof Exit ? end.status : 70;
}
process.stdout.write(Buffer.from(output));
