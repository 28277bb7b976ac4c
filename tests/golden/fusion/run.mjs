// Calls exports of core modules, each call in a new instance: run.mjs < JSON lines {"file", "calls": [["name", [args]]]}.
// Answers one JSON line a file: results as unsigned numbers, "trap", or {"unsupported": why} when this engine cannot compile the module.
import fs from 'node:fs';

for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { file, calls } = JSON.parse(line);
  const bytes = fs.readFileSync(file);
  let module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    console.log(JSON.stringify({ unsupported: String(error.message) }));
    continue;
  }

  console.log(JSON.stringify(calls.map(([name, args]) => {
    try {
      const result = new WebAssembly.Instance(module, {}).exports[name](...args);
      return result === undefined ? null : Number(BigInt.asUintN(32, BigInt(result)));
    } catch (error) {
      return error instanceof WebAssembly.RuntimeError ? 'trap' : String(error);
    }
  })));
}
