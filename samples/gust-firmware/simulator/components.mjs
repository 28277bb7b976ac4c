// The four components, linked as the component model says: each with its own memory, strings and lists copied into
// memory that the callee hands out, small integers cut to their width. It fuses nothing: it is what fusion must equal.
import fs from 'node:fs';

const bytes = 'bytes', u8 = (v) => v & 0xff, u16 = (v) => v & 0xffff, word = (v) => v;
const PARAMETERS = {
  'gust:mixer/mixing#mix': [u16],
  'gust:kernel/scheduler#init': [], 'gust:kernel/scheduler#load': [bytes], 'gust:kernel/scheduler#post': [u8, u8],
  'gust:kernel/scheduler#poll': [u16], 'gust:kernel/scheduler#state-of': [u8], 'gust:kernel/scheduler#runs-of': [u8],
  'gust:uart/console#init': [word], 'gust:uart/console#write': [bytes], 'gust:uart/console#put': [u8], 'gust:uart/console#flush': [],
};
const RESULTS = { 'gust:mixer/mixing#mix': u16, 'gust:kernel/scheduler#state-of': u8 };

// The first core module section of a component is the compiled C; the others that jco adds only bind imports late.
function coreModule(component) {
  for (let at = 8; at < component.length;) {
    const id = component[at++];
    let size = 0, shift = 0, byte;
    do { byte = component[at++]; size += (byte & 0x7f) * 2 ** shift; shift += 7; } while (byte & 0x80);
    if (id === 1) return component.subarray(at, at + size);
    at += size;
  }
  throw new Error('no core module');
}

function edge(key, caller, callee) {
  const lower = (kind, args) => {
    if (kind !== bytes) return [kind(args.shift())];
    const [from, size] = [args.shift() >>> 0, args.shift() >>> 0];
    const to = callee().exports.cabi_realloc(0, 0, 1, size) >>> 0;
    const source = new Uint8Array(caller().exports.memory.buffer, from, size);
    new Uint8Array(callee().exports.memory.buffer, to, size).set(source);
    return [to, size];
  };
  return (...args) => {
    const result = callee().exports[key](...PARAMETERS[key].flatMap((kind) => lower(kind, args)));
    return (RESULTS[key] ?? word)(result);
  };
}

// Exports of the root component `app`; `host` supplies what no component exports.
export function instantiate(folder, host) {
  const instances = {};
  const provider = { 'gust:mixer/mixing': 'mixer', 'gust:kernel/scheduler': 'kernel', 'gust:uart/console': 'uart' };
  for (const name of ['mixer', 'kernel', 'uart', 'app']) {
    const module = new WebAssembly.Module(coreModule(fs.readFileSync(`${folder}/${name}.wasm`)));
    const imports = {};
    for (const { module: from, name: field } of WebAssembly.Module.imports(module)) {
      const to = provider[from];
      (imports[from] ??= {})[field] = to ? edge(`${from}#${field}`, () => instances[name], () => instances[to]) : host[from][field];
    }
    instances[name] = new WebAssembly.Instance(module, imports);
  }
  return instances.app.exports;
}
