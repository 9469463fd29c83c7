#!/usr/bin/env python3
"""Writes each C++ snippet of the documentation as a program: extract.py OUT_DIR PAGE…

A snippet is a whole program in a ```cpp fence, after the line <!-- snippet: NAME run -->. A fence without that line is a fault, so that
nothing a reader sees goes untested. Prints the names.
"""
import pathlib
import re
import sys

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
names = []
for page in sys.argv[2:]:
    text = pathlib.Path(page).read_text(encoding="utf-8")
    for block in re.finditer(r"(?:<!-- snippet: (\w+) run -->\n)?```cpp\n(.*?)```", text, re.S):
        name, code = block.groups()
        if not name:
            sys.exit(f"{page}: a C++ snippet without <!-- snippet: NAME run --> before it: {code.splitlines()[0]}")
        if name in names:
            sys.exit(f"{page}: a second snippet is called {name}")
        names.append(name)
        target = out / f"{name}.cpp"
        if not target.exists() or target.read_text(encoding="utf-8") != code:
            target.write_text(code, encoding="utf-8")
print(";".join(names), end="")
