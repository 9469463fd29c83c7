#!/usr/bin/env python3
"""Writes prompts/src/character_tables.hpp: what Python's str methods say of the letters of the Unicode version it knows.

usage: generate-character-tables.py > prompts/src/character_tables.hpp
"""
import sys
import unicodedata

POINTS = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]


def lines(cells):
    line = "   "
    for cell in cells:
        if len(line) + len(cell) > 126:
            print(line)
            line = "   "
        line += f" {cell},"
    print(line)


def ranges(holds):
    made = []
    for c in POINTS:
        if holds(c):
            if made and made[-1][1] == ord(c) - 1:
                made[-1][1] = ord(c)
            else:
                made.append([ord(c), ord(c)])
    return made


def table(name, holds):
    print(f"inline constexpr character_range {name}[] = {{")
    lines(f"{{0x{first:X}, 0x{last:X}}}" for first, last in ranges(holds))
    print("};")


assert all(unicodedata.decimal(chr(c)) == (c - first) % 10 for first, last in ranges(str.isdecimal) for c in range(first, last + 1))
print(f"""// Made by scripts/generate-character-tables.py from Unicode {unicodedata.unidata_version}. Not edited by hand.
#pragma once

#include <string_view>

// clang-format off
namespace zincir::detail {{

struct character_range {{
    char32_t first, last;
}};
/// A letter that becomes one or several others.
struct folded_letter {{
    char32_t letter;
    std::string_view becomes;
}};
""")
table("unprintable", lambda c: not c.isprintable())
table("alphabetic", str.isalpha)
table("decimals", str.isdecimal)  # in tens, from 0 to 9
table("digits", lambda c: c.isdigit() and not c.isdecimal())
table("numerics", lambda c: c.isnumeric() and not c.isdigit())
print("// Where casefold() is not lower().\ninline constexpr folded_letter folded[] = {")
lines(f"{{0x{ord(c):X}, \"{''.join(f'{chr(92)}x{b:02X}' for b in c.casefold().encode())}\"}}" for c in POINTS if c.casefold() != c.lower())
print("};\n\n}  // namespace zincir::detail\n// clang-format on")
