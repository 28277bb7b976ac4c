#!/usr/bin/env bash
# Assembles the modules over which the judge is measured, each kind in a folder of its own, with a list of its files beside it. Not part of the tests.
#   tests/proof-corpus.sh SHARED OUT [COUNT]
# SHARED holds adversary, bench and suites (CONTRIBUTING.md says what they are). COUNT random modules (1000) are made by Debian's wasm-opt from bytes
# with fixed seeds, so that everybody has the same ones. What exists already stays.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
shared=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
count=${3:-1000}
. "$root/.ci/ensure.sh"
want wasm-opt binaryen
want clang-19 clang-19
want wasm-ld-19 lld-19
want python3 python3
install_missing
workbench=${WORKBENCH:-$root/tests/Pulse.Workbench/bin/Release/net10.0/Pulse.Workbench}
[ -x "$workbench" ] || dotnet build "$root/tests/Pulse.Workbench" -c Release -v q -tl:off

# What uses a proposal that is not supported is not valid here.
list() {
  find "$out/$1" -name '*.wasm' -o -name '*.wat' | sort >"$out/$1.all"
  "$workbench" validate "@$out/$1.all" | sed -n 's/: valid$//p' >"$out/$1.list" || true
  echo "$1: $(wc -l <"$out/$1.list") modules of $(wc -l <"$out/$1.all")"
}

mkdir -p "$out/unproved" "$out/slow"
cp "$shared"/adversary/unproved/*.wa* "$out/unproved"
for module in "$shared"/adversary/slow/*.wasm; do
  case $module in
  *.component.wasm) [ -f "$out/slow/$(basename "$module" .component.wasm).fused.wasm" ] || "$workbench" fuse "$module" -o "$out/slow/$(basename "$module" .component.wasm).fused.wasm" || true ;;
  *) cp "$module" "$out/slow" ;;
  esac
done
list unproved
list slow

# The wasm modules alone; the whole of bench/run.sh needs a cross compiler and a simulator. Then the same through another optimiser.
(
  export ROOT=$shared/bench OUT=$out/bench-build
  for program in $(awk '!/^#/ && NF {print $1}' "$shared/bench/suite.txt"); do
    for variant in O2 Os O2-mvp Os-mvp; do
      [ -f "$out/bench/$program-$variant.wasm" ] && continue
      bash "$ROOT/tools/wasm.sh" "$program" "$variant"
      mkdir -p "$out/bench" "$out/bench-other/O3" "$out/bench-other/Oz"
      cp "$OUT/wasm/$variant/$program.wasm" "$out/bench/$program-$variant.wasm"
      for level in O3 Oz; do
        wasm-opt --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals -$level \
          "$out/bench/$program-$variant.wasm" -o "$out/bench-other/$level/$program-$variant.wasm"
      done
    done
  done
)
list bench

if [ ! -d "$out/compositions" ]; then
  "$workbench" fuse --all "$shared/suites/manifest.json" -o "$out/compositions" >"$out/compositions.log" 2>&1 || true # what P3 asks for is refused
fi
[ -f "$shared/adversary/wrong/firmware.before.wasm" ] && cp "$shared/adversary/wrong/firmware.before.wasm" "$out/compositions/sample-firmware.wasm"
list compositions

python3 - "$shared/suites/core/jsonl" "$out/core" <<'PYTHON'
import base64, hashlib, json, pathlib, sys
source, target = map(pathlib.Path, sys.argv[1:])
target.mkdir(exist_ok=True)
seen = set()
for file in sorted(source.rglob("*.jsonl")):
    for line in file.read_text(encoding="utf-8").split("\n")[:-1]:
        entry = json.loads(line)
        if entry["c"] == "module" and "wasm" in entry:
            module = base64.b64decode(entry["wasm"])
            if module not in seen:
                seen.add(module)
                (target / f"{file.stem}-{entry['l']}.wasm").write_bytes(module)
PYTHON
list core

# A third of them without anything after the first version of wasm, a fifth with vectors.
python3 - "$out/random" "$count" <<'PYTHON'
import pathlib, random, subprocess, sys
target, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
target.mkdir(exist_ok=True)
later = [f"--enable-{name}" for name in ("sign-ext", "mutable-globals", "nontrapping-float-to-int", "bulk-memory", "multivalue")]
for number in range(count):
    module = target / f"r{number:04}.wasm"
    if not module.exists():
        seed = random.Random(f"pulse {number}")
        data = target / "seed"
        data.write_bytes(seed.randbytes(seed.choice([300, 1000, 3000, 8000])))
        features = [["--mvp-features"], later, later + ["--enable-simd"]][(0, 1, 2, 0, 1)[number % 5] if number % 3 else 1]
        subprocess.run(["wasm-opt", "-ttf", *features, data, "-o", module], check=True, stderr=subprocess.DEVNULL)
(target / "seed").unlink(missing_ok=True)
PYTHON
list random
