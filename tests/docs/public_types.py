#!/usr/bin/env python3
"""Every public type of a module's headers is named in the page about it: public_types.py FOLDER PAGE [HEADER TO LEAVE OUT…]"""
import pathlib
import re
import sys


def public_types(header):
    """The classes, structs, enumerations and aliases that a header defines in the library's own namespace."""
    inside = []  # the names of the namespaces around the line, None for other braces
    for line in header.read_text(encoding="utf-8").splitlines():
        found = re.match(r"(?:class|struct|enum class|using) (\w+)(?: final)?(?: :| {| =|$)", line)
        if found and inside == ["zincir"]:
            yield found[1]
        if line.startswith("}"):
            inside.pop()
        elif re.match(r"\S.*{$|{$", line):
            space = re.match(r"namespace (\S+) {", line)
            inside.append(space and space[1])


folder, page, *left_out = sys.argv[1:]
words = set(re.findall(r"\w+", pathlib.Path(page).read_text(encoding="utf-8")))
types = {name: header.name for header in sorted(pathlib.Path(folder).glob("*.hpp")) if header.name not in left_out for name in public_types(header)}
missing = [f"{name} ({header})" for name, header in types.items() if name not in words]
if missing or len(types) < 10:
    sys.exit(f"{page} does not name {', '.join(missing)}; {len(types)} types were found")
print(f"{page} names all {len(types)} types")
