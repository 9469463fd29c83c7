#!/usr/bin/env python3
"""Holds the tree against the house rules: who may include whom, sizes, and no braces in a co_await expression.

Usage: check.py ROOT       Exits 1 with one line for each fault.
       check.py --self-test
"""
import pathlib
import re
import sys

MAY_INCLUDE = {"core": {"core"}, "net": {"core", "net"}, "prompts": {"core", "prompts"}, "llms": {"core", "net", "llms"},
               "chains": {"core", "chains"}}
NOISE = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)


def brace_after(text, i):
    depth = 0
    while i < len(text):
        c = text[i]
        if c == "{":
            return True
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            if depth < 0:
                return False  # `while (x = co_await y) {`: the brace opens a block
        elif c in ";}":
            return False
        i += 1
    return False


def brace_before(text, i):
    depth = 0
    while i > 0:
        i -= 1
        c = text[i]
        if c in ")]":
            depth += 1
        elif c in "([":
            depth = max(0, depth - 1)
        elif c == "}" and depth > 0:
            return True
        elif c in "{};" and depth == 0:
            return False
    return False


def co_await_faults(source):
    text = NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)
    for m in re.finditer(r"\bco_await\b", text):
        if brace_after(text, m.end()) or brace_before(text, m.start()):
            yield text.count("\n", 0, m.start()) + 1


def check(root):
    faults = []
    for module, allowed in MAY_INCLUDE.items():
        for path in sorted((root / module).rglob("*.?pp")):
            public = "include" in path.relative_to(root / module).parts
            lines = path.read_text(encoding="utf-8").splitlines()
            where = path.relative_to(root)
            limit = 200 if public else 600
            if len(lines) > limit:
                faults.append(f"{where}: {len(lines)} lines, over {limit}")
            for number, line in enumerate(lines, 1):
                included = re.match(r'\s*#\s*include\s*[<"](.+?)[>"]', line)
                if not included:
                    continue
                name = included.group(1)
                ours = re.match(r"zincir/(\w+)/", name)
                if ours and ours.group(1) not in allowed:
                    faults.append(f"{where}:{number}: {module} may not include {name}")
                if re.match(r"boost/beast|openssl/|boost/asio/ssl", name) and not (module == "net" and not public):
                    faults.append(f"{where}:{number}: only net/src sees {name}")
                if public and '"' in line.split("include", 1)[1]:
                    faults.append(f"{where}:{number}: a public header includes public headers only")
    for folder in (*MAY_INCLUDE, "examples", "tests", "benchmarks"):
        for path in sorted((root / folder).rglob("*.?pp")):
            for line in co_await_faults(path.read_text(encoding="utf-8")):
                faults.append(f"{path.relative_to(root)}:{line}: braces in a co_await expression (g++ 12 corrupts memory): name the value first")
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for block in re.finditer(r"```cpp\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in co_await_faults(block.group(1)):
                faults.append(f"{page.relative_to(root)}: braces in a co_await expression, line {line} of a snippet")
    return faults


def self_test():
    assert list(co_await_faults("co_await f({.a = 1});")) == [1]
    assert list(co_await_faults("\nco_await f(agg{1});")) == [2]
    assert list(co_await_faults("g({1}) + co_await f();")) == [1]
    assert not list(co_await_faults("while (auto x = co_await s.next()) { use(x); }"))
    assert not list(co_await_faults('co_await f("{}");'))
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        sys.exit(self_test())
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "the tree keeps the house rules")
    sys.exit(1 if found else 0)
