#!/usr/bin/env python3
"""Runs suites of a folder of recorded cases by the run_driver.py that lies in it, and holds the result to a share of passed cases.

usage: run_suites.py --data DIR --driver PROGRAM --suite NAME… [--level LEVEL] [--at-least SHARE]

The runner knows suites by a table, and a suite that it does not know, or that has no cases, passes silently. Here the optional modules
of mustache are added to the table, and a suite without a case that passed is a failure. Skipped cases do not count.
"""
import argparse
import contextlib
import importlib.util
import io
import pathlib
import re
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--suite", nargs="+", required=True)
    parser.add_argument("--level")
    parser.add_argument("--at-least", type=float, default=1.0, help="of 1: the share of passed cases among those that are not skipped")
    given = parser.parse_args()

    described = importlib.util.spec_from_file_location("run_driver", given.data / "run_driver.py")
    runner = importlib.util.module_from_spec(described)
    described.loader.exec_module(runner)
    for module in ("dynamic_names", "inheritance", "lambdas"):
        runner.SUITES.setdefault(f"mustache_spec_{module}.json", ("mustache.render", runner.std))

    sys.argv = ["run_driver.py", "--data", str(given.data), "--driver", given.driver, "--show", "20", "--suite", *given.suite]
    sys.argv += ["--level", given.level] if given.level else []
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        runner.main()
    print(said.getvalue(), end="")

    results = {name: (int(passed), int(failed)) for name, passed, failed in
               re.findall(r"^(\w+)\.json: (\d+) passed, (\d+) failed", said.getvalue(), re.M)}
    empty = [name for name in given.suite if results.get(name, (0, 0))[0] == 0]
    if empty:
        sys.exit(f"no case passed of: {', '.join(empty)}")
    passed, failed = map(sum, zip(*results.values()))
    if passed < given.at_least * (passed + failed):
        sys.exit(f"{passed} of {passed + failed} passed: fewer than {given.at_least:.0%}")


main()
