"""The examples as a user meets them: help, choice of the model, errors in one line, Ctrl-C, and a batch that goes on where it stopped."""

import argparse
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import sandbox

PROGRAMS = None
ROOT = None


def run(name, *arguments, stdin=b"", cwd=None, **environment):
    done = subprocess.run([str(PROGRAMS / name), *arguments], input=stdin, capture_output=True, cwd=cwd,
                          env=sandbox.environment(**environment), timeout=50, check=False)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def start(name, *arguments, cwd=None, stdin=subprocess.DEVNULL):
    return subprocess.Popen([str(PROGRAMS / name), *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                            env=sandbox.environment())


def unused_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class CommandLine(unittest.TestCase):
    def test_help_shows_usage_and_options(self):
        status, out, _ = run("two_step_chain", "--help")
        self.assertEqual(status, 0)
        self.assertIn("usage: two_step_chain [topic]", out)
        self.assertIn("--translate-to", out)
        self.assertIn("--model SPEC", out)

    def test_an_unknown_option_is_status_2(self):
        status, out, err = run("hello", "--modle", "offline")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("--modle", err)
        self.assertEqual(run("hello", "--model")[0], 2)

    def test_a_short_h_is_help_and_another_dash_is_refused(self):
        self.assertEqual(run("hello", "-h")[:2], run("hello", "--help")[:2])
        status, _, err = run("hello", "-v")
        self.assertEqual(status, 2)
        self.assertIn("-v is no option", err)

    def test_a_number_that_is_none_is_named(self):
        questions = ("--in", str(ROOT / "examples/questions.txt"))
        with tempfile.TemporaryDirectory() as folder:
            for program, option, more in (("streaming", "--pieces", ()), ("batch", "--limit", questions), ("batch", "--parallel", questions)):
                for word in ("many", "0", "-1", "3x", "99999999999999999999"):
                    status, _, err = run(program, option, word, "--model", "offline", *more, cwd=folder)
                    self.assertEqual(status, 1, err)
                    self.assertIn(f"{option} takes a whole number", err)

    def test_an_unknown_model_lists_what_there_is(self):
        status, out, err = run("hello", "--model", "grok:llama")
        self.assertEqual((status, out), (1, ""))
        for accepted in ("groq", "openai", "ollama", "offline", "http://"):
            self.assertIn(accepted, err)

    def test_without_key_and_local_model_it_says_that_it_is_offline_and_why(self):
        status, _, err = run("hello")
        self.assertEqual(status, 0)
        self.assertEqual(len(err.splitlines()), 1)
        self.assertRegex(err, r"^model: offline \(.*GROQ_API_KEY")

    def test_a_local_url_is_used(self):
        with sandbox.SlowModel(fast=1) as server:
            status, out, err = run("hello", ZINCIR_LOCAL_URL=server.url)
            self.assertEqual((status, out), (0, "Because.\n"), err)
            self.assertIn("ZINCIR_LOCAL_URL", err)
            self.assertEqual(server.requests, 1)

    def test_local_without_a_server_says_how_to_start_one(self):
        status, _, err = run("hello", "--model", "local", ZINCIR_LOCAL_URL=f"http://127.0.0.1:{unused_port()}/v1")
        self.assertEqual(status, 1)
        self.assertIn("error: connection: ", err)
        self.assertIn("scripts/local-model.sh", err)

    def test_groq_without_a_key_fails_before_any_request(self):
        status, _, err = run("hello", "--model", "groq:llama-3.3-70b-versatile")
        self.assertEqual(status, 1)
        self.assertIn("GROQ_API_KEY", err)

    def test_an_error_is_one_line(self):
        status, out, err = run("hello", "--model", f"http://127.0.0.1:{unused_port()}/v1")
        self.assertEqual((status, out), (1, ""))
        error = [line for line in err.splitlines() if not line.startswith("model:")]
        self.assertEqual(len(error), 1, err)
        self.assertRegex(error[0], r"^error: connection: ")

    def test_words_are_the_topic_and_stay_turkish(self):
        status, out, _ = run("hello", "çay", "içmek", "--model", "offline")
        self.assertEqual(status, 0)
        self.assertIn("çay içmek", out)

    def test_a_refusal_and_a_cut_are_said(self):
        with sandbox.SlowModel(fast=2, content=None, refusal="I cannot.") as server:
            status, _, err = run("two_step_chain", "--model", server.url)
            self.assertEqual(status, 0, err)
            self.assertEqual(err.count('the model refused: "I cannot."'), 2)
        with sandbox.SlowModel(fast=1, finish="length") as server:
            _, _, err = run("chat", "--model", server.url, stdin=b"why?\n")
            self.assertIn("cut at its token limit", err)

    def test_the_second_step_translates_on_demand(self):
        status, out, _ = run("two_step_chain", "--translate-to", "Turkish", "--model", "offline")
        self.assertEqual(status, 0)
        self.assertIn("\nTranslate this text into Turkish\n", out)
        self.assertIn("I cannot translate", out)


    def test_a_batch_without_its_file_is_an_error(self):
        status, _, err = run("batch", "--model", "offline", "--in", "nowhere.txt")
        self.assertEqual(status, 1)
        self.assertIn("nowhere.txt", err)

    def test_a_batch_whose_answers_cannot_be_written_asks_nothing(self):
        with sandbox.SlowModel(fast=9) as server:
            status, _, err = run("batch", "--model", server.url, "--in", str(ROOT / "examples/questions.txt"), "--out", "no/such/a.jsonl")
            self.assertEqual(status, 1)
            self.assertIn("no/such/a.jsonl cannot be written", err)
            self.assertEqual(server.requests, 0)


class Interrupt(unittest.TestCase):
    def check_stopped(self, program, began):
        program.wait(20)  # not communicate(): that would end the program's input
        took = time.monotonic() - began
        out, err = program.communicate()
        self.assertEqual(program.returncode, 130, err)
        self.assertEqual(err.decode().splitlines()[-1], "stopped")
        self.assertLess(took, 2)  # "at once", with room for a loaded machine; the reply would never have ended
        return out.decode()

    def test_ctrl_c_ends_a_stream_at_once_and_the_server_sees_it(self):
        with sandbox.SlowModel() as server:
            program = start("two_step_chain", "--model", server.url)
            self.assertTrue(server.stalled.wait(20))
            began = time.monotonic()
            program.send_signal(signal.SIGINT)
            self.check_stopped(program, began)
            self.assertTrue(server.closed.wait(5))

    def test_ctrl_c_ends_a_chat_that_waits_for_its_user(self):
        program = start("chat", "--model", "offline", stdin=subprocess.PIPE)
        program.stdin.write(b"hello\n")
        program.stdin.flush()
        shown = b""
        while b"hello" not in shown:  # the first turn is over, the second is awaited
            shown += program.stdout.read1(4096)
        began = time.monotonic()
        program.send_signal(signal.SIGINT)
        self.check_stopped(program, began)

    def test_a_stopped_batch_goes_on_where_it_was(self):
        questions = (ROOT / "examples/questions.txt").read_text(encoding="utf-8").splitlines()
        with tempfile.TemporaryDirectory() as folder, sandbox.SlowModel(fast=2) as server:
            options = ("--in", str(ROOT / "examples/questions.txt"), "--out", "answers.jsonl")
            program = start("batch", "--model", server.url, "--parallel", "1", *options, cwd=folder)
            self.assertTrue(server.stalled.wait(20))
            program.send_signal(signal.SIGINT)
            self.check_stopped(program, time.monotonic())
            file = pathlib.Path(folder, "answers.jsonl")
            self.assertEqual([json.loads(line)["question"] for line in file.read_text().splitlines()], questions[:2])

            # As if it had been killed in the middle of the second row.
            file.write_bytes(file.read_bytes()[:-9])
            status, out, err = run("batch", "--model", "offline", *options, cwd=folder)
            self.assertEqual((status, out), (0, f"{len(questions) - 1} answered now, 1 before, 0 left\n"), err)
            self.assertIn(f"{len(questions) - 1}/{len(questions) - 1}", err)
            answered = []
            for line in file.read_text().splitlines():
                try:
                    answered.append(json.loads(line)["question"])
                except ValueError:
                    pass
            self.assertEqual(sorted(answered), sorted(questions))

            status, out, _ = run("batch", "--model", "offline", *options, cwd=folder)
            self.assertEqual((status, out), (0, f"0 answered now, {len(questions)} before, 0 left\n"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--root", required=True)
    found, rest = parser.parse_known_args()
    PROGRAMS = pathlib.Path(found.programs).resolve()
    ROOT = pathlib.Path(found.root).resolve()
    unittest.main(argv=[sys.argv[0], *rest])
