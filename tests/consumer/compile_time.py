#!/usr/bin/env python3
"""Seconds to compile the README's ten lines at -O0 with each compiler that is there: compile_time.py [BUILD]

BUILD is a configured build with tests, build/dev unless given; its flags are used. Prints the best of five for each compiler.
"""

import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5
SOURCE = "readme_ten_lines.cpp"


def command_for(build):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith("/" + SOURCE):
            words = shlex.split(entry["command"])
            while not words[0].endswith(("++", "c++")) or words[0].endswith("ccache"):
                words.pop(0)
            kept = [w for w in words[1:] if not w.startswith(("-O", "-g", "-fsanitize"))]
            kept[kept.index("-o") + 1] = "/dev/null"
            return kept, entry["directory"]
    sys.exit(f"{build} has no {SOURCE}: configure it with scripts/test.sh first")


def main():
    build = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "build" / "dev")
    words, folder = command_for(build)
    for compiler in ("g++", "clang++"):
        if not shutil.which(compiler):
            print(f"{compiler}: not installed")
            continue
        times = []
        for _ in range(ROUNDS):
            begin = time.monotonic()
            subprocess.run([compiler, "-O0", *words], cwd=folder, check=True)
            times.append(time.monotonic() - begin)
        print(f"{compiler}: {min(times):.2f} s")


if __name__ == "__main__":
    main()
