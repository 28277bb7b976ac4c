#!/usr/bin/env bash
# How fast and in how much memory large modules are read, validated and written, by a native program of the engine and by the workbench, beside
# Debian's wasm-opt without passes on one core, on the same files in the same run. Without files: two large modules from npm. Nothing depends
# on what it prints.
#   tests/bench.sh [--runs N] [FILE…]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/.ci/ensure.sh"
want wasm-opt binaryen
want npm npm
want cc build-essential
install_missing

options=()
if [ "${1:-}" = --runs ]; then options=(--runs "$2"); shift 2; fi
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  cache=$root/artifacts/bench
  mkdir -p "$cache"
  for package in esbuild-wasm@0.28.2 @sqlite.org/sqlite-wasm; do
    folder=$cache/$(echo "$package" | tr -c 'a-z0-9.\n' _)
    if [ ! -d "$folder" ]; then
      mkdir "$folder.new"
      (cd "$folder.new" && npm pack --silent "$package" >/dev/null && tar xf ./*.tgz)
      mv "$folder.new" "$folder"
    fi
  done
  mapfile -t files < <(find "$cache" -name esbuild.wasm -o -name sqlite3.wasm | sort)
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$root/tests/Pulse.Workbench" -c Release -v q -tl:off
native=$root/artifacts/bench/native
if dotnet publish "$root/tests/Pulse.Rewrite" -c Release -v q -tl:off -o "$native"; then
  options+=(--program "$native/Pulse.Rewrite")
else
  echo "There is no native compiler here: only the .NET process is measured."
fi
"$root/tests/Pulse.Workbench/bin/Release/net10.0/Pulse.Workbench" measure --against wasm-opt "${options[@]}" "${files[@]}"
