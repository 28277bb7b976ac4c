#!/usr/bin/env python3
"""Rewrites the bytes of encodings.txt with what arm-none-eabi-as makes of the text, and reports every line that changed."""
import os, re, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
path = os.path.join(here, "encodings.txt")
lines = [l.rstrip("\n") for l in open(path)]
entries = [l for l in lines if l and not l.startswith("#")]

# Spellings for the assembler: relative displacements as expressions, ADR as the addition that it is.
def source(text, wide):
    m = re.match(r"(b|b\w\w|b\.w|b\w\w\.w|bl|cbz|cbnz) (r\d, )?#(-?\d+)$", text)
    if m:
        name = m[1] if m[1].endswith(".w") or m[1] in ("bl", "cbz", "cbnz") else m[1] + ".n"
        return f"{name} {m[2] or ''}. + 4 + {m[3]}"
    m = re.match(r"adr(\.w)? (\w+), pc, #(-?\d+)$", text)
    if m:
        n = int(m[3])
        return f"{'add' if not m[1] else 'subw' if n < 0 else 'addw'} {m[2]}, pc, #{abs(n)}"
    return text

def assemble(texts):
    with tempfile.TemporaryDirectory() as d:
        s, o, b = (os.path.join(d, n) for n in ("a.s", "a.o", "a.bin"))
        with open(s, "w") as f:
            f.write(".syntax unified\n.cpu cortex-m3\n.thumb\n")
            for i, t in enumerate(texts):
                f.write(f".section .t{i},\"ax\"\n{t}\n")
        subprocess.run(["arm-none-eabi-as", "-o", o, s], check=True)
        result = []
        dump = subprocess.run(["arm-none-eabi-objdump", "-s", o], check=True, capture_output=True, text=True).stdout
        for m in re.finditer(r"section \.t\d+:\n((?: [0-9a-f]+ .*\n)+)", dump):
            result.append("".join("".join(re.match(r" [0-9a-f]+ ((?:[0-9a-f]+ )+)", l)[1].split()) for l in m[1].splitlines()))
        return result

texts = [e.split(" ; ", 1)[1] for e in entries]
got = assemble([source(t, False) for t in texts])
assert len(got) == len(texts), (len(got), len(texts))
changed = 0
out, i = [], 0
for l in lines:
    if l in entries and l and not l.startswith("#"):
        if got[i] != l.split(" ")[0]:
            changed += 1
            print(f"{l}   as: {got[i]}")
        out.append(f"{got[i]} ; {texts[i]}")
        i += 1
    else:
        out.append(l)
open(path, "w").write("\n".join(out) + "\n")
print(f"{len(entries)} lines, {changed} changed")
