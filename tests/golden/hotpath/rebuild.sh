#!/bin/sh
# Rebuilds the modules with debug information. clang links by itself only without -O: with it, it would run wasm-opt and lose the lines.
set -eu
cd "$(dirname "$0")"
for version in 4 5; do
  clang-19 --target=wasm32 -gdwarf-$version -O2 -c -fdebug-compilation-dir=/src -o seam.o seam.c
  wasm-ld-19 --no-entry -o seam-dwarf$version.wasm seam.o
  rm seam.o
done
