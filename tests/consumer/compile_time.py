#!/usr/bin/env python3
"""Seconds of processor to compile what a user writes, at -O0, by each compiler that is there.

usage: compile_time.py [--build BUILD] [--only readme|literals] [--check]

The README's ten lines, and a program with ten prompts that the compiler reads. BUILD is a configured build with tests; its flags are
used. Prints the best of five; with --check more than the bounds below is a failure, and the first round within them is enough.
"""
import argparse
import json
import resource
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROUNDS = 5
HERE = Path(__file__).resolve().parent
README = "readme_ten_lines.cpp"
# What is measured: in words, the source, and the seconds it may take.
PROGRAMS = {"readme": ("the README's ten lines", README, 2.5), "literals": ("ten prompts in the source", str(HERE / "ten_literals.cpp"), 3.0)}


def command_for(build):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith("/" + README):
            words = shlex.split(entry["command"])
            while not words[0].endswith(("++", "c++")) or words[0].endswith("ccache"):
                words.pop(0)
            kept = [w for w in words[1:] if not w.startswith(("-O", "-g", "-fsanitize"))]
            kept[kept.index("-o") + 1] = "/dev/null"
            return kept, entry["directory"]
    sys.exit(f"{build} has no {README}: configure it with scripts/test.sh first")


def seconds(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=HERE.parents[1] / "build" / "dev")
    parser.add_argument("--only", choices=PROGRAMS)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    command, folder = command_for(given.build)
    missed = False
    for key, (what, source, bound) in PROGRAMS.items():
        if given.only not in (None, key):
            continue
        words = [source if word.endswith("/" + README) and key != "readme" else word for word in command]
        for compiler in filter(shutil.which, ("g++", "clang++")):
            best = float("inf")
            for _ in range(ROUNDS):
                best = min(best, seconds([compiler, "-O0", *words], folder))
                if given.check and best <= bound:
                    break
            missed = missed or best > bound
            print(f"{what}, {compiler}: {best:.2f} s, at most {bound} s", flush=True)
    sys.exit(1 if given.check and missed else 0)


if __name__ == "__main__":
    main()
