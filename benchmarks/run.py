"""Runs the benchmarks and writes Markdown tables. Started by run.sh and compare.sh, which build what it needs.

Clients take turns within a round, and each number is the median of its rounds: a busy machine then hits all alike.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def progress(text):
    print(text, file=sys.stderr, flush=True)


class Mock:
    """A mock server of its own for one measurement. It ends with its standard input, so it cannot be left behind."""

    def __init__(self, programs, *options):
        self.command = [str(programs / "mock_openai"), "--until-eof", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Scenario:
    def __init__(self, name, mock, total, concurrency, streams):
        self.name, self.mock, self.total, self.concurrency, self.streams = name, mock, total, concurrency, streams

    def arguments(self, scale):
        total = max(int(self.total * scale), self.concurrency if self.total >= self.concurrency else 1)
        return [str(total), str(self.concurrency), str(int(self.streams))]


def run(command, timeout=300):
    """The last line of a client's output, which is JSON. A client that fails stops everything: half a table misleads."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
    if done.returncode != 0:
        sys.exit(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def medians(rows):
    keys = [key for key, value in rows[0].items() if isinstance(value, (int, float))]
    return {key: statistics.median(row[key] for row in rows) for key in keys}


def measure(programs, scenario, clients, rounds, scale):
    """{client: medians} of one scenario."""
    rows = {name: [] for name, _ in clients}
    with Mock(programs, *scenario.mock) as url:
        for number in range(rounds):
            for name, command in clients:
                progress(f"  {scenario.name}: round {number + 1} of {rounds}, {name}")
                rows[name].append(run([*command, url, *scenario.arguments(scale)]))
    return {name: medians(found) for name, found in rows.items()}


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "unknown"


def machine_facts():
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    boost = re.search(r'BOOST_LIB_VERSION "(.*)"', Path("/usr/include/boost/version.hpp").read_text())
    load = os.getloadavg()[0]
    return (f"{model}, {os.cpu_count()} cores, {int(memory.group(1)) / 2**20:.0f} GiB; Linux {platform.release().split('-')[0]}; "
            f"{first_line('c++', '--version')}; Boost {boost.group(1).replace('_', '.') if boost else 'unknown'}; "
            f"load {load:.1f} when the run began; {time.strftime('%Y-%m-%d')}.")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value, digits=0):
    return f"{value:,.{digits}f}"


def verdict(value, bound, at_most=True):
    return "met" if (value <= bound if at_most else value >= bound) else "**missed**"


def in_memory(programs, rounds):
    """{benchmark: (nanoseconds of CPU, allocations)} of bench_core."""
    progress("  in memory: bench_core")
    done = subprocess.run([str(programs / "bench_core"), "--benchmark_format=json", f"--benchmark_repetitions={rounds}",
                           "--benchmark_min_time=0.1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    found = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("aggregate_name") == "median" or (rounds == 1 and row["run_type"] == "iteration"):
            operations = row["items_per_second"]
            found[row["run_name"]] = (1e9 / operations, row["allocs"])
    return found


def cold_start(program, arguments, rounds):
    """Milliseconds from fork to exit, and of CPU; nothing where the program is not there."""
    if not program.exists():
        return None
    walls, cpus = [], []
    for _ in range(rounds * 5):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run([str(program), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        walls.append((time.perf_counter() - start) * 1e3)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3)
        if done.returncode != 0:
            return None
    return statistics.median(walls), statistics.median(cpus)


JSON_64 = Scenario("JSON, 64 in flight", [], 40_000, 64, False)
SSE_64 = Scenario("streams of 32 tokens, 64 in flight", [], 10_000, 64, True)
JSON_1000 = Scenario("JSON, 1,000 in flight, 50 ms latency", ["--latency", "50"], 20_000, 1000, False)
SSE_1000 = Scenario("streams, 1,000 in flight, 50 ms latency", ["--latency", "50"], 10_000, 1000, True)
IN_FLIGHT = Scenario("JSON, 10,000 in flight, 3 s latency", ["--latency", "3000"], 10_000, 10_000, False)
LONG = Scenario("one stream of 20,000 deltas", ["--tokens", "20000", "--pack", "16384"], 30, 1, True)
LONG_UNPACKED = Scenario("the same, an HTTP chunk an event", ["--tokens", "20000"], 30, 1, True)


def against_floor(programs, rounds, scale):
    clients = [("floor", [str(programs / "floor_client")]), ("zincir", [str(programs / "bench_client")])]
    results = {s: measure(programs, s, clients, rounds if s is not IN_FLIGHT else 1, scale)
               for s in (JSON_64, SSE_64, JSON_1000, SSE_1000, IN_FLIGHT, LONG, LONG_UNPACKED)}
    rows = []
    for scenario, found in results.items():
        for name in ("floor", "zincir"):
            row = found[name]
            ratio = row["cpu_us_per_request"] / found["floor"]["cpu_us_per_request"]
            rows.append([scenario.name if name == "floor" else "", name, number(row["requests_per_second"]),
                         number(row["cpu_us_per_request"], 1), f"{ratio:.2f}", number(row["p50_ms"], 2), number(row["p99_ms"], 2),
                         number(row["deltas_per_cpu_second"] / 1e6, 2) if scenario.streams else "", number(row["peak_rss_mb"], 1),
                         number(row["kb_per_call_in_flight"], 1) if scenario is IN_FLIGHT else "",
                         number(row["connections"]) if "connections" in row else ""])
    text = "## The network path, against a floor\n\n"
    text += ("`floor` is plain Boost.Beast and Boost.JSON coroutines without a framework (`floor_client.cpp`); `zincir` is "
             "`chat_prompt_template | chat_model | to_text()` (`bench_client.cpp`). One thread each, on loopback, against "
             f"`mock_openai`. Medians of {rounds} rounds in which both take turns.\n\n")
    text += table(["scenario", "client", "calls/s", "CPU µs/call", "ratio", "p50 ms", "p99 ms", "M deltas/s of CPU", "peak RSS MB",
                   "KB/call in flight", "connections"], rows)

    core = in_memory(programs, rounds)
    text += "\n## In memory\n\n" + table(["operation", "ns", "allocations"],
                                         [[name.replace("_", " ").replace("/", ", "), number(ns, 1), number(allocs, 2)]
                                          for name, (ns, allocs) in core.items()])

    ratio = lambda s: results[s]["zincir"]["cpu_us_per_request"] / results[s]["floor"]["cpu_us_per_request"]
    chain_ns, chain_allocs = core["prompt_model_parser"]
    per_call = results[IN_FLIGHT]["zincir"]["kb_per_call_in_flight"]
    deltas = results[LONG]["zincir"]["deltas_per_cpu_second"] / 1e6
    targets = [
        ["JSON at 64 in flight, CPU against the floor", "≤ 1.15 ×", f"{ratio(JSON_64):.2f} ×", verdict(ratio(JSON_64), 1.15)],
        ["streams of 32 tokens at 64 in flight, CPU against the floor", "≤ 0.85 ×", f"{ratio(SSE_64):.2f} ×",
         verdict(ratio(SSE_64), 0.85)],
        ["one stream of 20,000 deltas", "≥ 1 M deltas/s a core", f"{deltas:.2f} M", verdict(deltas, 1.0, False)],
        ["prompt, in-memory model, parser", "≤ 0.5 µs", f"{chain_ns / 1e3:.2f} µs", verdict(chain_ns, 500)],
        ["the same, allocations", "≤ 6", f"{chain_allocs:.0f}", verdict(chain_allocs, 6)],
        ["10,000 calls in flight on one thread", "≤ 8 KB each", f"{per_call:.1f} KB", verdict(per_call, 8)],
    ]
    fmt_ns = core["fmt_of_four_variables"][0]
    for name, bound in (("literal", 1.1), ("fstring", 1.5), ("mustache", 3), ("jinja", 3)):
        times = core[f"{name}_of_four_variables"][0] / fmt_ns
        targets.append([f"{name}: four variables, against `fmt::format_to` into a buffer that is there", f"≤ {bound} ×",
                        f"{times:.2f} ×", verdict(times, bound)])
    start = cold_start(programs / "hello", ["--model", "offline"], rounds)
    if start:
        targets.append(["cold start of `hello` offline", "≤ 10 ms", f"{start[0]:.1f} ms ({start[1]:.1f} ms of CPU)", verdict(start[0], 10)])
    text += "\n## Targets\n\n" + table(["what", "target", "measured", ""], targets)
    return text


COMPARE_1 = Scenario("HTTP, 1 in flight", [], 3000, 1, False)
COMPARE_64 = Scenario("HTTP, 64 in flight", [], 6400, 64, False)
COMPARE_LONG = Scenario("one stream of 20,000 deltas", ["--tokens", "20000", "--pack", "16384"], 1, 1, True)
PEERS = ["langchain-openai", "langchain-groq", "openai", "groq"]


def against_peers(programs, python, rounds, scale):
    script = str(HERE / "compare_client.py")
    ours = [("zincir", [str(programs / "bench_client")])]
    theirs = [(name, [python, script, name]) for name in PEERS]
    results = {}
    for scenario in (COMPARE_1, COMPARE_64, COMPARE_LONG):
        # A Python client gets a tenth of the calls: its medians stand after far fewer, and the run stays short.
        slow = Scenario(scenario.name, scenario.mock, max(scenario.total // 10, 1), scenario.concurrency, scenario.streams)
        results[scenario] = measure(programs, scenario, ours, rounds, scale)
        results[scenario].update(measure(programs, slow, theirs, rounds, scale))
    memory = {"zincir": in_memory(programs, rounds)["prompt_model_parser"][0] / 1e3}
    progress("  in memory: langchain")
    memory["langchain"] = statistics.median(
        1e6 / run([python, script, "langchain-memory", str(max(int(1000 * scale), 50))])["requests_per_second"] for _ in range(rounds))
    versions = dict(line.split("==") for line in subprocess.run(
        [python, "-m", "pip", "freeze"], capture_output=True, text=True).stdout.splitlines() if "==" in line)

    rows = []
    for name in ["zincir", *PEERS]:
        one, many, long = (results[s][name] for s in (COMPARE_1, COMPARE_64, COMPARE_LONG))
        in_process = memory["zincir"] if name == "zincir" else memory["langchain"] if name.startswith("langchain") else None
        rows.append([f"**{name}**" if name == "zincir" else f"{name} {versions.get(name, '?')}",
                     number(in_process, 2 if name == "zincir" else 0) if in_process else "–",
                     number(one["requests_per_second"]), number(one["cpu_us_per_request"]), number(many["requests_per_second"]),
                     number(many["cpu_us_per_request"]), number(many["p99_ms"], 1), number(long["deltas_per_second"]),
                     number(many["peak_rss_mb"])])
    text = "## What a user would pick instead\n\n"
    text += table(["client", "prompt → model → parser in memory, µs", "1 in flight, calls/s", "CPU µs/call", "64 in flight, calls/s",
                   "CPU µs/call", "p99 ms", "long stream, deltas/s", "peak RSS MB"], rows)
    text += (f"\nThe same mock server on loopback, in the same run, one thread or event loop each, medians of {rounds} rounds. "
             f"Python {platform.python_version()}, langchain-core {versions.get('langchain-core', '?')}, "
             f"httpx {versions.get('httpx', '?')}; the langchain rows run `prompt | model | parser`, the openai and groq rows the bare "
             "client. The long stream is 20,000 deltas in full segments. A real model's latency hides all of this for one call; it is "
             "what a server pays for many.\n")
    return text


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", choices=["floor", "peers"])
    options.add_argument("--programs", type=Path, required=True, help="folder of mock_openai, floor_client, bench_client, bench_core")
    options.add_argument("--python", default=sys.executable, help="interpreter that has the peers' packages")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--scale", type=float, default=1.0, help="multiplies the number of calls")
    options.add_argument("--output", type=Path, help="write there, too")
    given = options.parse_args()
    facts = machine_facts()
    if given.what == "floor":
        text = "# Benchmarks\n\n" + facts + "\n\n" + against_floor(given.programs, given.rounds, given.scale)
    else:
        text = against_peers(given.programs, given.python, given.rounds, given.scale) + "\n" + facts + "\n"
    print(text)
    if given.output:
        given.output.write_text(text)
        progress(f"written to {given.output}")


main()
