"""What the tests of the examples share: an environment without keys, and a slow model on loopback."""

import http.server
import json
import os
import threading


def environment(**more):
    """The environment without what would choose a model or a proxy."""
    drop = ("GROQ_API_KEY", "OPENAI_API_KEY", "ZINCIR_LOCAL_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    kept = {k: v for k, v in os.environ.items() if k.upper() not in drop}
    kept.update(more)
    return kept


class SlowModel:
    """An OpenAI-compatible server that answers `fast` requests, with `said`, and then stalls in the middle of its reply."""

    def __init__(self, fast=0, finish="stop", **said):
        message = {"role": "assistant", "content": "Because.", **said}
        self.requests = 0
        self.fast = fast
        self.stalled = threading.Event()
        self.closed = threading.Event()
        self.lock = threading.Lock()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with owner.lock:
                    owner.requests += 1
                    fast = owner.requests <= owner.fast
                if fast:
                    reply = {"id": "1", "object": "chat.completion", "model": "slow", "created": 1,
                             "choices": [{"index": 0, "finish_reason": finish, "message": message}],
                             "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
                    text = json.dumps(reply).encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                    return
                if body.get("stream"):
                    chunk = {"id": "1", "object": "chat.completion.chunk", "model": "slow", "created": 1,
                             "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Well"}, "finish_reason": None}]}
                    text = ("data: " + json.dumps(chunk) + "\n\n").encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "text/event-stream")
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    self.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")
                    self.wfile.flush()
                owner.stalled.set()
                try:
                    if not self.connection.recv(1):
                        owner.closed.set()
                except OSError:
                    owner.closed.set()
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
