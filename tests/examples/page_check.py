"""Every example is at most 60 lines of at most 132 characters."""

import pathlib
import sys

faults = []
files = sorted(pathlib.Path(sys.argv[1]).glob("[0-9]*.cpp"))
for file in files:
    lines = file.read_text(encoding="utf-8").splitlines()
    if len(lines) > 60:
        faults.append(f"{file.name}: {len(lines)} lines, more than 60")
    faults += [f"{file.name}:{n}: longer than 132 characters" for n, line in enumerate(lines, 1) if len(line) > 132]
if not files:
    faults.append("no example found")
print("\n".join(faults) or f"{len(files)} examples fit")
sys.exit(bool(faults))
