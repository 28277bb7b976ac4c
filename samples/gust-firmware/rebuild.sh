#!/bin/sh
# Rebuilds components/*.wasm from src/ and wit/. Only needed after a change there: the components are committed.
# Needs clang and wasm-ld 19 or later (CLANG, WASM_LD), node, and jco (npm install --prefix "$JCO_DIR" @bytecodealliance/jco).
set -eu
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19} WASM_LD=${WASM_LD:-wasm-ld-19}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p components

# wasm-ld is called by itself: where wasm-opt is installed the clang driver would run it, and wasm-opt rewrites the
# code without the relocations. __data_end and __heap_base tell fusion where static data and the stack end.
for component in mixer:gust:mixer/mixer kernel:gust:kernel/kernel uart:gust:uart/uart app:gust:app/firmware; do
  name=${component%%:*} world=${component#*:}
  "$CLANG" --target=wasm32-unknown-unknown -std=c17 -Os -ffreestanding -mbulk-memory -msign-ext \
    -Wall -Wextra -Werror -Wno-parentheses -c "src/$name.c" -o "$work/$name.o"
  "$WASM_LD" --no-entry --emit-relocs -z stack-size=256 --export=__data_end --export=__heap_base \
    "$work/$name.o" -o "$work/$name.wasm"
  node componentize.mjs "$work/$name.wasm" "$world" "components/$name.wasm" wit/*.wit ../../Sdk/wit/pulse-hal.wit
done
ls -l components
