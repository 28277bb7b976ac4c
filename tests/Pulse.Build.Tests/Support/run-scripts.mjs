// Runs the scripts of generated modules (ModuleGenerator.Script.cs) on V8 and prints, for each module of the folder, one JSON line:
// { name, said } with what ModuleScript.cs says of the evaluator, or { name, refused } when this V8 does not know the module's features.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';

const traps = [
  [/unreachable/, 'Unreachable'],
  [/divide by zero|remainder by zero/, 'IntegerDivideByZero'],
  [/unrepresentable/, 'Unrepresentable'],
  [/memory access|data segment|memory index/, 'OutOfBoundsMemory'],
  [/null function|signature|indirect/, 'IndirectCall'],
  [/table|element segment/, 'OutOfBoundsTable'],
  [/call stack/, 'StackExhausted'],
];

function said(bytes) {
  const calls = [];
  const imports = { env: { observe: (value) => { calls.push(value); return Math.imul(value, 3); } } };
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  if (exports.host) exports.host.value = { some: 'object' };
  const lines = [];
  const functions = Object.keys(exports).filter((name) => /^t\d+$/.test(name)).sort((a, b) => a.slice(1) - b.slice(1));
  for (const name of [...functions, ...functions, 'dump']) {
    let outcome = 'returned';
    try {
      exports[name]();
    } catch (e) {
      if (!(e instanceof WebAssembly.RuntimeError || e instanceof RangeError)) throw e;
      outcome = traps.find(([text]) => text.test(e.message))?.[1] ?? e.message;
    }
    lines.push(`${name} ${outcome} calls ${calls.splice(0).join(' ')}`);
  }
  for (const name of ['memory', 'memory1']) {
    if (exports[name]) lines.push(`${name} ${createHash('sha256').update(new Uint8Array(exports[name].buffer)).digest('hex')}`);
  }
  return lines.join('\n');
}

const folder = process.argv[2];
for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.wasm')).sort()) {
  const bytes = fs.readFileSync(path.join(folder, name));
  console.log(JSON.stringify(WebAssembly.validate(bytes) ? { name, said: said(bytes) } : { name, refused: true }));
}
