#!/usr/bin/env python3
"""Writes prompts/src/jinja/case_tables.hpp: the case mappings of the Unicode version that this Python knows.

usage: generate-case-tables.py > prompts/src/jinja/case_tables.hpp
"""
import sys
import unicodedata

POINTS = [chr(c) for c in range(0x80, sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]


def runs(mapping):
    """(first, last, step, distance) of the letters that move by the same distance."""
    made = []
    for c, to in mapping:
        if made and made[-1][3] == to - c and c - made[-1][1] in ((1, 2) if made[-1][0] == made[-1][1] else (made[-1][2],)):
            first, last, _, distance = made[-1]
            made[-1] = (first, c, c - last, distance)
        else:
            made.append((c, c, 1, to - c))
    return made


def table(name, mapping):
    print(f"inline constexpr case_run {name}[] = {{")
    for first, last, step, distance in runs(mapping):
        print(f"    {{0x{first:X}, 0x{last:X}, {step}, {distance}}},")
    print("};")


def special(name, function):
    print(f"inline constexpr case_special {name}[] = {{")
    for c in POINTS:
        if len(function(c)) > 1:
            print(f"    {{0x{ord(c):X}, \"{''.join(f'{chr(92)}x{b:02X}' for b in function(c).encode())}\"}},")
    print("};")


def single(function):
    return [(ord(c), ord(function(c))) for c in POINTS if len(function(c)) == 1 and function(c) != c]


print(f"""// Made by scripts/generate-case-tables.py from Unicode {unicodedata.unidata_version}. Not edited by hand.
#pragma once

#include <cstdint>
#include <string_view>

// clang-format off
namespace zincir::detail::jinja {{

/// The letters first, first + step, … last move by `distance`.
struct case_run {{
    char32_t first, last;
    std::uint32_t step;
    std::int32_t distance;
}};
/// A letter that becomes several.
struct case_special {{
    char32_t letter;
    std::string_view becomes;
}};
""")
table("upper_runs", single(str.upper))
table("lower_runs", single(str.lower))
# Of the first letter of a word, where it is another than the upper one.
title = [(ord(c), ord(c.title())) for c in POINTS if len(c.title()) == 1 and c.title() != c.upper()]
table("title_runs", title)
special("upper_specials", str.upper)
special("title_specials", str.title)
print("\n}  // namespace zincir::detail::jinja\n// clang-format on")
