#!/usr/bin/env bash
# Figures of the judge over the modules that proof-corpus.sh assembles. Not part of the tests; nothing depends on what it prints.
#   tests/proof-figures.sh CORPUS OUT [LIMIT]   proofs and times of every kind in every mode, LIMIT modules of each kind (all)
#   tests/proof-figures.sh refine CORPUS OUT    wasm-opt's -O3 and -Oz output of the bench modules against what it was made from
#   tests/proof-figures.sh cvc5 CORPUS OUT      at least 200 queries of the judge, asked of a second solver
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
workbench=${WORKBENCH:-$root/tests/Pulse.Workbench/bin/Release/net10.0/Pulse.Workbench}
[ -x "$workbench" ] || dotnet build "$root/tests/Pulse.Workbench" -c Release -v q -tl:off

prove() {
  mkdir -p "$2"
  for kind in bench compositions unproved core random slow; do
    "$workbench" prove --mode all ${3:+--limit "$3"} --table "$2/$kind.csv" "@$1/$kind.list" >"$2/$kind.txt" || true
    echo "== $kind"
    sed -n '/ runs: /,$p' "$2/$kind.txt"
  done
}

refine() {
  mkdir -p "$2"
  for level in O3 Oz; do
    : >"$2/refine-$level.txt"
    while read -r before; do
      echo "== $(basename "$before")" >>"$2/refine-$level.txt"
      "$workbench" refine "$before" "$1/bench-other/$level/$(basename "$before")" >>"$2/refine-$level.txt" 2>&1 || true
    done <"$1/bench.list"
    awk -v level="$level" '
      /^(proved|refuted|unknown): [0-9]+ functions/ || /^==/ || /^  / { next }
      /^module: / { module++; next }
      /: proved \(/ { proved++ }
      /: refuted: / { refuted++ }
      /: unknown: / { unknown++ }
      END { all = proved + refuted + unknown; printf "wasm-opt -%s: %d functions, %d proved (%.2f %%), %d refuted, %d unknown; of modules %d not proved\n", level, all, proved, 100 * proved / (all ? all : 1), refuted, unknown, module }
    ' "$2/refine-$level.txt"
  done
}

second() {
  local queries=$2/queries
  rm -rf "$queries"
  mkdir -p "$queries"
  for kind in bench compositions random; do
    while read -r module; do
      [ "$(find "$queries" -name '*.smt2' | wc -l)" -ge 260 ] && break
      "$workbench" optimize --smt "$queries/$(basename "$module" .wasm)" "$module" -o "$queries/out" >/dev/null || true
    done < <(awk -v step="$([ $kind = random ] && echo 10 || echo 1)" 'NR % step == 0' "$1/$kind.list")
  done
  : >"$2/cvc5.txt"
  find "$queries" -name '*.smt2' | sort | while read -r query; do
    said=$(basename "$query" .smt2)
    answer=$(timeout 60 cvc5 --tlimit=20000 "$query" 2>/dev/null | head -1)
    case ${answer:-timeout} in sat | unsat) ;; *) answer=no-answer ;; esac
    echo "${said##*-} $answer $query" >>"$2/cvc5.txt"
  done
  echo "Z3's answer, cvc5's answer, queries:"
  awk '{ count[$1 " " $2]++ } END { for (pair in count) print "  " pair, count[pair] }' "$2/cvc5.txt" | sort
}

case $1 in
refine) refine "$2" "$3" ;;
cvc5)
  . "$root/.ci/ensure.sh"
  want cvc5 cvc5
  install_missing
  second "$2" "$3"
  ;;
*) prove "$@" ;;
esac
