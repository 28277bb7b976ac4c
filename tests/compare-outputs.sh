#!/usr/bin/env bash
# Whether two checkouts compute the same bytes: for work that is to change the code and not what it computes. Not part of the tests.
#   tests/compare-outputs.sh OLD NEW [SHARED] [--verify]
# The sample's outputs, every composition fused, and those and the benchmark's programs optimised and lowered in three modes. SHARED (../shared of
# NEW) holds suites and bench; without it only the sample is compared. --verify lets the judge decide what ships, as a build does; without it
# what the passes made is compared. Ends with 0 when all is equal, but for what tests/compare-outputs.txt of NEW lists: a path on each line, with
# the reason behind it.
set -euo pipefail
verify=off
arguments=()
for argument; do if [ "$argument" = --verify ]; then verify=full; else arguments+=("$argument"); fi; done
old=$(cd "${arguments[0]:?OLD}" && pwd) new=$(cd "${arguments[1]:?NEW}" && pwd)
shared=${arguments[2]:-$new/../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$new/.ci/ensure.sh"
want clang-19 clang-19
want wasm-ld-19 lld-19
install_missing
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# The same programs for both, whatever either checkout says of them.
mkdir -p "$work/bench"
for source in "$shared"/bench/src/*.c; do
  [ -f "$source" ] || continue
  for level in -O2 -Os; do
    name=$(basename "$source" .c)$level
    clang-19 --target=wasm32-unknown-unknown -std=c99 -ffp-contract=off $level -ffreestanding -mbulk-memory -msign-ext -c "$source" -o "$work/$name.o"
    wasm-ld-19 --no-entry --export=bench -z stack-size=4096 "$work/$name.o" -o "$work/bench/$name.wasm"
  done
done

outputs() {
  local checkout=$1 out=$2
  dotnet build "$checkout/tests/Pulse.Workbench" -c Release -v q -tl:off
  dotnet build "$checkout/Tasks" -v q -tl:off
  local workbench=$checkout/tests/Pulse.Workbench/bin/Release/net10.0/Pulse.Workbench
  mkdir -p "$out"
  rm -rf "$checkout/samples/gust-firmware/bin" "$checkout/samples/gust-firmware/obj"
  dotnet build "$checkout/samples/gust-firmware/firmware.wasmproj" -v q -tl:off
  cp -r "$checkout/samples/gust-firmware/bin/Debug" "$out/sample"
  cp "$checkout/samples/gust-firmware/obj/Debug/fused.wasm" "$checkout/samples/gust-firmware/obj/Debug/optimized.wasm" "$out/sample"
  mkdir -p "$out/bench"
  cp "$work"/bench/*.wasm "$out/bench" 2>/dev/null || true
  if [ -f "$shared/suites/manifest.json" ]; then
    "$workbench" fuse --all "$shared/suites/manifest.json" -o "$out/fused" >"$out/fused.txt" 2>&1 || true
  fi
  find "$out/fused" "$out/bench" -name '*.wasm' 2>/dev/null | sort >"$work/modules" || true
  for mode in balanced size speed; do
    [ -s "$work/modules" ] || continue
    "$workbench" optimize --verify $verify --mode $mode "@$work/modules" -o "$out/$mode/optimized" >"$out/$mode.optimize.txt" 2>&1 || true
    find "$out/$mode/optimized" -name '*.wasm' | sort >"$work/optimized"
    "$workbench" lower --mode $mode "@$work/optimized" -o "$out/$mode/lowered" >"$out/$mode.lower.txt" 2>&1 || true
  done
  sed -i "s#$out#OUT#g; s#$checkout#CHECKOUT#g" "$out"/*.txt
}

outputs "$old" "$work/old"
outputs "$new" "$work/new"
(cd "$work/old" && find . -type f | sort | xargs sha256sum) >"$work/old.sums"
(cd "$work/new" && find . -type f | sort | xargs sha256sum) >"$work/new.sums"
differing=$(diff "$work/old.sums" "$work/new.sums" | sed -n 's/^[<>] [0-9a-f]*  \.\///p' | sort -u || true)
status=0
for file in $differing; do
  if reason=$(grep "^$file " "$new/tests/compare-outputs.txt" 2>/dev/null); then
    echo "differs as said: $reason"
  else
    echo "differs: $file"
    status=1
  fi
done
echo "$(wc -l <"$work/new.sums") files compared, $(echo -n "$differing" | grep -c '' || true) differ"
exit $status
