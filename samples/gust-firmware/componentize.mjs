// Makes a component of a core module: node componentize.mjs CORE.wasm WORLD OUT.wasm WIT...
// JCO_DIR is the folder under whose node_modules @bytecodealliance/jco is installed.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const api = 'node_modules/@bytecodealliance/jco/dist/api.js';
const jco = await import(pathToFileURL(path.join(process.env.JCO_DIR ?? '.', api)));
const [core, world, out, ...wits] = process.argv.slice(2);

// jco takes one text. A text holds several packages when each but the first has its own braces.
const nested = (wit) => wit.replace(/^(package [^;]+);([^]*)$/m, (_, name, rest) => `${name} {${rest}}`);
const witSource = ['package gust:build;', ...wits.map((wit) => nested(fs.readFileSync(wit, 'utf8')))].join('\n');

const binary = fs.readFileSync(core);
const embedded = await jco.componentEmbed({ binary, witSource, world });
fs.writeFileSync(out, await jco.componentNew(embedded));
