"""Makes the calls of request_cases.cpp (the compared ones) with other clients and prints what they put on the wire, one JSON object
a line: {client, case, streamed, body}. Run by compare_clients.py in its virtual environments.

usage: client_calls.py official|langchain
"""
import http.server
import json
import sys
import threading

import groq
import openai

MODELS = {"openai": "gpt-4o-mini", "groq": "llama-3.3-70b-versatile"}
SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": False}
FORMAT = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
TOOL = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city now.", "strict": True,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Ankara"}'}}
PICTURE = [{"type": "text", "text": "What is this?"},
           {"type": "image_url", "image_url": {"url": "https://images.example/cat.png", "detail": "low"}}]

# case → (messages, settings, tools, response format), in the words of OpenAI's API
CASES = {
    "lecture": ([{"role": "system", "content": "You are a helpful assistant."},
                 {"role": "user", "content": "Explain what an LLM chain is in one sentence."}], {"temperature": 0.7}, None, None),
    "everything": ([{"role": "system", "content": "You are terse."}, {"role": "user", "content": "Merhaba, nasılsın?"}],
                   {"temperature": 0.2, "limit": 64}, [TOOL], FORMAT),
    "temperature_zero": ([{"role": "user", "content": "Hi"}], {"temperature": 0}, None, None),
    "tool_history": ([{"role": "system", "content": "You are terse."}, {"role": "user", "content": "Weather in Ankara?"},
                      {"role": "assistant", "tool_calls": [CALL]},
                      {"role": "tool", "tool_call_id": "call_1", "content": "12 degrees"},
                      {"role": "assistant", "content": "12 degrees."}, {"role": "user", "content": "And in JSON?"}],
                     {}, [TOOL], None),
    "image": ([{"role": "user", "content": PICTURE}], {}, None, None),
}


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps the last body and answers with a small reply of either form."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        head = {"id": "c", "created": 1, "model": "m"}
        message = {"role": "assistant", "content": '{"answer":"x"}'}
        if self.server.body.get("stream"):
            chunks = [{**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
                      {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
            self.answer("text/event-stream", "".join(f"data: {json.dumps(c)}\n\n" for c in chunks) + "data: [DONE]\n\n")
        else:
            self.answer("application/json", json.dumps({
                **head, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}))

    def answer(self, kind, text):
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *unused):
        pass


def with_sdk(client, model, case, streamed):
    history, settings, tools, form = CASES[case]
    arguments = {"model": model, "messages": history}
    if "temperature" in settings:
        arguments["temperature"] = settings["temperature"]
    if "limit" in settings:
        arguments["max_completion_tokens"] = settings["limit"]
    if tools:
        arguments["tools"] = tools
    if form:
        arguments["response_format"] = form
    if not streamed:
        client.chat.completions.create(**arguments)
        return
    # The groq client has no argument for stream_options: extra_body is its place for such.
    usage = {"stream_options": {"include_usage": True}}
    for _ in client.chat.completions.create(**arguments, stream=True, **({"extra_body": usage} if "groq" in str(type(client)) else usage)):
        pass


def langchain_messages(history):
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
    out = []
    for turn in history:
        if turn["role"] == "tool":
            out.append(ToolMessage(turn["content"], tool_call_id=turn["tool_call_id"]))
        elif "tool_calls" in turn:
            out.append(AIMessage("", tool_calls=[{"id": c["id"], "name": c["function"]["name"], "args": json.loads(c["function"]["arguments"])}
                                                 for c in turn["tool_calls"]]))
        else:
            kind = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}[turn["role"]]
            out.append(kind(turn["content"]))
    return out


def with_langchain(make, case, streamed):
    history, settings, tools, form = CASES[case]
    model = make(**{{"limit": "max_tokens"}.get(name, name): value for name, value in settings.items()})
    if tools:
        model = model.bind_tools(tools)
    if form:
        model = model.bind(response_format=form)
    if streamed:
        for _ in model.stream(langchain_messages(history)):
            pass
    else:
        model.invoke(langchain_messages(history))


def official_clients(url):
    """name → function of a case and whether to stream"""
    settings = {"base_url": url, "api_key": "not-a-key", "max_retries": 0}
    for_openai, for_groq = openai.OpenAI(**settings), groq.Groq(**settings)
    return {"openai": lambda case, streamed: with_sdk(for_openai, MODELS["openai"], case, streamed),
            "groq": lambda case, streamed: with_sdk(for_groq, MODELS["groq"], case, streamed)}


def langchain_clients(url):
    """name → function of a case and whether to stream"""
    from langchain_groq import ChatGroq
    from langchain_openai import ChatOpenAI
    settings = {"base_url": url, "api_key": "not-a-key", "max_retries": 0}
    return {"langchain-openai": lambda case, streamed: with_langchain(
                lambda **own: ChatOpenAI(model=MODELS["openai"], stream_usage=True, **settings, **own), case, streamed),
            "langchain-groq": lambda case, streamed: with_langchain(
                lambda **own: ChatGroq(model=MODELS["groq"], **settings, **own), case, streamed)}


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        clients = {"official": official_clients, "langchain": langchain_clients}[sys.argv[1]]
        for name, call in clients(f"http://127.0.0.1:{server.server_port}").items():
            for case in CASES:
                for streamed in (False, True):
                    server.body = None
                    call(case, streamed)
                    print(json.dumps({"client": name, "case": case, "streamed": streamed, "body": server.body}))
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
