"""One Python client against the mock, with the arguments and the output of floor_client and bench_client.

usage: compare_client.py CLIENT URL TOTAL CONCURRENCY STREAM(0|1)
       compare_client.py langchain-memory TOTAL

CLIENT is langchain-openai, langchain-groq, openai or groq. One call in flight uses the synchronous interface, more use asyncio:
what each library's own documentation shows. Retries are off, so that a failure shows.
"""

import asyncio
import json
import resource
import sys
import time

STARTED = time.perf_counter()
SYSTEM = "You are a helpful assistant."
QUESTION = "Tell me one fact about {topic}."
MODEL = "llama-3.3-70b-versatile"


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


class Recorder:
    def __init__(self):
        self.latencies, self.deltas = [], 0

    def begin(self):
        self.latencies, self.deltas = [], 0
        self.wall, self.cpu = time.perf_counter(), cpu_seconds()

    def add(self, start, deltas):
        self.latencies.append(time.perf_counter() - start)
        self.deltas += deltas

    def end(self, import_seconds):
        cpu, wall = cpu_seconds() - self.cpu, time.perf_counter() - self.wall
        self.latencies.sort()
        count = len(self.latencies)
        quantile = lambda q: self.latencies[int(q * (count - 1))] * 1e3
        print(json.dumps({
            "requests": count,
            "requests_per_second": count / wall,
            "cpu_us_per_request": cpu / count * 1e6,
            "p50_ms": quantile(0.5),
            "p99_ms": quantile(0.99),
            "peak_rss_mb": peak_resident_mb(),
            "deltas_per_second": self.deltas / wall,
            "deltas_per_cpu_second": self.deltas / cpu,
            "import_ms": import_seconds * 1e3,
        }))


def langchain_chain(model):
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    return ChatPromptTemplate.from_messages([("system", SYSTEM), ("human", QUESTION)]) | model | StrOutputParser()


def langchain_calls(client, url):
    if client == "langchain-openai":
        from langchain_openai import ChatOpenAI

        model = ChatOpenAI(model=MODEL, base_url=url, api_key="not-a-key", max_retries=0)
    else:
        from langchain_groq import ChatGroq

        model = ChatGroq(model=MODEL, base_url=url.removesuffix("/v1"), api_key="not-a-key", max_retries=0)
    chain = langchain_chain(model)

    def call(streams):
        if not streams:
            return chain.invoke({"topic": "bears"}), 0
        pieces = [piece for piece in chain.stream({"topic": "bears"}) if piece]
        return "".join(pieces), len(pieces)

    async def acall(streams):
        if not streams:
            return await chain.ainvoke({"topic": "bears"}), 0
        pieces = [piece async for piece in chain.astream({"topic": "bears"}) if piece]
        return "".join(pieces), len(pieces)

    return call, acall


def plain_calls(client, url):
    if client == "openai":
        from openai import AsyncOpenAI as Async, OpenAI as Sync
    else:
        from groq import AsyncGroq as Async, Groq as Sync

        url = url.removesuffix("/v1")
    settings = dict(base_url=url, api_key="not-a-key", max_retries=0)
    sync, made = Sync(**settings), []

    def request(streams):
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION.format(topic="bears")}]
        return dict(model=MODEL, messages=messages, stream=streams)

    def text_of(chunk):
        return chunk.choices[0].delta.content if chunk.choices else None

    def call(streams):
        reply = sync.chat.completions.create(**request(streams))
        if not streams:
            return reply.choices[0].message.content, 0
        pieces = [text for chunk in reply if (text := text_of(chunk))]
        return "".join(pieces), len(pieces)

    async def acall(streams):
        if not made:
            made.append(Async(**settings))
        reply = await made[0].chat.completions.create(**request(streams))
        if not streams:
            return reply.choices[0].message.content, 0
        pieces = [text async for chunk in reply if (text := text_of(chunk))]
        return "".join(pieces), len(pieces)

    return call, acall


def run_one_by_one(call, total, streams, recorder):
    call(streams)
    recorder.begin()
    for _ in range(total):
        start = time.perf_counter()
        text, deltas = call(streams)
        assert text
        recorder.add(start, deltas)


async def run_many(acall, total, concurrency, streams, recorder):
    await asyncio.gather(*(acall(streams) for _ in range(concurrency)))
    recorder.begin()
    left = total

    async def worker():
        nonlocal left
        while left > 0:
            left -= 1
            start = time.perf_counter()
            text, deltas = await acall(streams)
            assert text
            recorder.add(start, deltas)

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def run_in_memory(total, recorder):
    from langchain_core.language_models import FakeListChatModel

    chain = langchain_chain(FakeListChatModel(responses=["Bears sleep through the winter and wake up in spring."]))
    imported = time.perf_counter() - STARTED
    run_one_by_one(lambda _: (chain.invoke({"topic": "bears"}), 0), total, False, recorder)
    return imported


def main():
    recorder = Recorder()
    if sys.argv[1] == "langchain-memory":
        return recorder.end(run_in_memory(int(sys.argv[2]), recorder))
    client, url, total, concurrency, streams = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "1"
    call, acall = (langchain_calls if client.startswith("langchain-") else plain_calls)(client, url)
    imported = time.perf_counter() - STARTED
    if concurrency == 1:
        run_one_by_one(call, total, streams, recorder)
    else:
        asyncio.run(run_many(acall, total, concurrency, streams, recorder))
    recorder.end(imported)


main()
