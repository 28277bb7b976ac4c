#!/bin/sh
# Rebuilds every NAME.wasm from its NAME.wat. Needs jco (npm install --prefix "$JCO_DIR" @bytecodealliance/jco); the binaries are committed.
set -eu
cd "$(dirname "$0")"
for text in *.wat border/*.wat refused/*.wat; do
  "${JCO:-jco}" parse "$text" -o "${text%.wat}.wasm"
done
