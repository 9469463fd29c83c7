"""zincir-render at the command line: zincir_render_test.py PROGRAM"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)


class Render(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def run_it(self, *words, stdin=""):
        done = subprocess.run([PROGRAM, *words], input=stdin.encode(), capture_output=True, check=False, env={"TZ": "UTC"})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_writes_the_text_exactly(self):
        template = self.file("t.txt", "Merhaba {ad}, {n} kere\n")
        self.assertEqual(self.run_it(template, "ad=İbrahim Ağa", "n=3"), (0, "Merhaba İbrahim Ağa, 3 kere\n", ""))
        self.assertEqual(self.run_it("-", "x=a=b", stdin="[{x}]"), (0, "[a=b]", ""))

    def test_takes_values_from_a_file_and_words_win(self):
        values = self.file("v.json", json.dumps({"a": "file", "b": [1, None]}))
        self.assertEqual(self.run_it("-", "--values", values, "a=word", stdin="{a} {b}"), (0, "word [1,null]", ""))

    def test_keeps_every_byte(self):
        template = self.file("t.txt", b"\xef\xbb\xbfa {x}\r\n\0 {{}}\r {x}\n\n")
        done = subprocess.run([PROGRAM, template, "x=[1, 2]\r\n ş=--y "], capture_output=True, check=True)
        self.assertEqual(done.stdout, b"\xef\xbb\xbfa [1, 2]\r\n \xc5\x9f=--y \r\n\0 {}\r [1, 2]\r\n \xc5\x9f=--y \n\n")
        self.assertEqual(self.run_it(template, "x="), (0, "\ufeffa \r\n\0 {}\r \n\n", ""))

    def test_takes_values_of_any_size_in_time(self):
        values = self.file("v.json", json.dumps({"x": "ş" * 5_000_000}))
        status, out, err = self.run_it("-", "--values", values, stdin="{x}")
        self.assertEqual((status, len(out), err), (0, 5_000_000, ""))
        status, out, err = self.run_it("-", stdin="a" * (2 << 20))
        self.assertEqual((status, out), (1, ""))
        self.assertIn("template_limits::template_bytes", err)

    def test_tells_the_syntax_by_the_files_name(self):
        self.assertEqual(self.run_it(self.file("t.mustache", "{{x}}{y}"), "x=1"), (0, "1{y}", ""))
        self.assertEqual(self.run_it(self.file("t.j2", "{{ x|upper }}"), "x=a"), (0, "A", ""))
        self.assertEqual(self.run_it(self.file("t.jinja", "{x}"), "--format", "fstring", "x=a"), (0, "a", ""))

    def test_finds_other_templates_beside_it(self):
        self.file("item.mustache", "<{{x}}>")
        self.assertEqual(self.run_it(self.file("t.mustache", "{{>item}}{{>item.mustache}}{{>none}}"), "x=1"), (0, "<1><1>", ""))
        self.file("head.jinja", "# {{ x }}")
        self.assertEqual(self.run_it(self.file("t.jinja", "{% include 'head.jinja' %}"), "x=1"), (0, "# 1", ""))
        for name in ("../secret.jinja", "/etc/hostname"):
            self.assertEqual(self.run_it(self.file("u.jinja", "{% include '" + name + "' %}"))[:2], (1, ""))
        self.assertEqual(self.run_it("-", "--format", "jinja", stdin="{% include 'head.jinja' %}")[:2], (1, ""))
        self.assertEqual(self.run_it(self.file("t.jinja", "{% include 'head.jinja' %}"), "--check", "x=1"), (0, "", ""))

    def test_renders_prompt_files(self):
        chat = self.file("c.prompt", "---\nformat: fstring\ninput: {default: {dil: Türkçe}}\n---\n--- system\nWrite {dil}.\n--- messages past?\n--- user\n{q}\n")
        self.assertEqual(self.run_it(chat, "q=Why?"), (0, "System: Write Türkçe.\nHuman: Why?", ""))
        values = self.file("v.json", json.dumps({"q": "ş", "past": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}))
        status, out, err = self.run_it(chat, "--messages", "--values", values, "dil=C++")
        self.assertEqual((status, json.loads(out), err), (0, [{"role": "system", "content": "Write C++."}, {"role": "user", "content": "a"},
                                                              {"role": "assistant", "content": "b"}, {"role": "user", "content": "ş"}], ""))
        status, out, err = self.run_it(chat, "--check", "q=1", "dil=x", "z=1")
        self.assertEqual((status, out), (0, "dil\nq\n"))
        self.assertEqual(err, 'warning: the template does not use the value "z"\n')
        saved = self.file("p.json", json.dumps({"_type": "prompt", "template": "Merhaba {ad}\n"}))
        self.assertEqual(self.run_it(saved, "ad=Ali"), (0, "Merhaba Ali\n", ""))
        self.assertEqual(self.run_it(saved, "--format", "mustache")[1], pathlib.Path(saved).read_text())
        status, out, err = self.run_it(self.file("bad.prompt", "---\nmodel: x\nmodle: y\n---\nhi"))
        self.assertEqual((status, out), (1, ""))
        self.assertIn('template "bad.prompt", line 3, column 1', err)

    def test_writes_pictures_and_calls_as_messages(self):
        url = "data:image/png;base64,iVBORw0KGgo="
        human = {"lc": 1, "type": "constructor", "id": ["HumanMessage"], "kwargs": {"content": [{"type": "text", "text": "{x}"}, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]}}
        ai = {"lc": 1, "type": "constructor", "id": ["AIMessage"], "kwargs": {"content": "", "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c1"}]}}
        tool = {"lc": 1, "type": "constructor", "id": ["ToolMessage"], "kwargs": {"content": "r", "tool_call_id": "c1"}}
        chat = {"lc": 1, "type": "constructor", "id": ["ChatPromptTemplate"], "kwargs": {"messages": [human, ai, tool]}}
        status, out, err = self.run_it(self.file("c.json", json.dumps(chat)), "--messages")
        self.assertEqual((status, json.loads(out), err), (0, [
            {"role": "user", "content": [{"type": "text", "text": "{x}"}, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]},
            {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "id": "c1", "function": {"name": "f", "arguments": '{"a":1}'}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "r"}], ""))

    def test_ends_with_a_fault_where_the_output_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, self.file("t.txt", "x")], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot be written", done.stderr)

    def test_knows_mustache_with_partials(self):
        self.file("item.mustache", "- {{name}}\n")
        values = self.file("v.json", json.dumps({"items": [{"name": "elma"}, {"name": "incir"}]}))
        self.assertEqual(self.run_it("-", "--format", "mustache", "--partials", self.folder.name, "--values", values,
                                     stdin="{{#items}}\n{{>item}}\n{{/items}}\n"), (0, "- elma\n- incir\n", ""))

    def test_knows_jinja(self):
        values = self.file("v.json", json.dumps({"items": ["elma", "incir"]}))
        self.assertEqual(self.run_it("-", "--format", "jinja", "--values", values, stdin="{% for i in items %}{{ loop.index }} {{ i|upper }};{% endfor %}"),
                         (0, "1 ELMA;2 INCIR;", ""))

    def test_renders_chat_templates(self):
        template = self.file("chat.jinja", "{%- for m in messages %}\n  {%- if m.role == 'user' %}\n<{{ m.content }}>\n  {%- endif %}\n"
                             "{%- endfor %}\n{%- if add_generation_prompt %}\n{{ bos_token }}{{ tools | tojson }}{{ nothing }}\n{%- endif %}\n")
        values = self.file("v.json", json.dumps({"messages": [{"role": "user", "content": "Iğdır \"q\""}, {"role": "assistant", "content": "x"}],
                                                 "tools": [{"b": "ç", "a": 1.0}], "add_generation_prompt": True, "bos_token": "<s>"}))
        self.assertEqual(self.run_it(template, "--chat-template", "--values", values), (0, '<Iğdır "q"><s>[{"b": "ç", "a": 1.0}]', ""))
        status, out, err = self.run_it("-", "--chat-template", stdin="{{ raise_exception('roles must alternate') }}")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("roles must alternate", err)
        self.assertEqual(self.run_it("-", "--chat-template", "--format", "mustache", stdin="x")[0], 2)

    def test_takes_the_time(self):
        text = "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}"
        for now, shown in (("2026-11-24", "2026-11-24 00:00:00"), ("2026-11-24T09:30", "2026-11-24 09:30:00"),
                           ("2026-11-24T09:30:15Z", "2026-11-24 09:30:15"), ("2026-11-24 09:30:15+03:00", "2026-11-24 06:30:15"),
                           ("2026-11-24T23:30:15-01:30", "2026-11-25 01:00:15"), ("2026-11-24T09:30:15.999999+00:00", "2026-11-24 09:30:15"),
                           ("2026-11-24T09:30-0130", "2026-11-24 11:00:00"), ("2026-11-24T09:30+03", "2026-11-24 06:30:00")):
            self.assertEqual(self.run_it("-", "--format", "jinja", "--now", now, stdin=text), (0, shown, ""))
        for now in ("today", "2026-02-30", "2026-11-24T", "2026-11-24T9", "2026-11-24T24:00", "2026-11-24T09:30:15X", "2026-11-24T09:30+3", "2026-11-24T09:30:15.", "2026-11- 4",
                    "2026-1-24", "2026-11-24T09:30:+1", "2026-11-24T09:30Zx", "-026-11-24", ""):
            status, out, err = self.run_it("-", "--format", "jinja", "--now", now, stdin=text)
            self.assertEqual((status, out), (1, ""), now)
            self.assertIn("is no time", err)

    def test_writes_messages(self):
        status, out, _ = self.run_it("-", "--messages", "x=\"", stdin="say {x}")
        self.assertEqual((status, json.loads(out)), (0, [{"role": "user", "content": "say \""}]))

    def test_shows_the_place_of_a_fault(self):
        status, out, err = self.run_it("-", stdin="one\ntwo {x")
        self.assertEqual((status, out), (1, ""))
        self.assertIn('template "standard input", line 2, column 5', err)
        status, out, err = self.run_it("-", "topci=1", stdin="{topic}")
        self.assertEqual((status, out), (1, ""))
        self.assertIn('did you mean "topci"', err)

    def test_has_gentler_ways_with_missing_values(self):
        self.assertEqual(self.run_it("-", "--undefined", "empty", stdin="[{x}]"), (0, "[]", ""))
        self.assertEqual(self.run_it("-", "--undefined", "keep", stdin="[{x}]"), (0, "[{x}]", ""))

    def test_checks(self):
        self.assertEqual(self.run_it("-", "--check", "b=1", stdin="{b}{a}"), (0, "a\nb\n", ""))
        status, out, err = self.run_it("-", "--check", "c=1", stdin="{a}")
        self.assertEqual((status, out), (0, "a\n"))
        self.assertIn('does not use the value "c"', err)
        self.assertEqual(self.run_it("-", "--check", stdin="{a")[0], 1)

    def test_refuses_what_it_cannot_read(self):
        for words, said in ((["/nowhere/t.txt"], "cannot be read"), (["-", "novalue"], "write name=text"),
                            (["-", "--values", self.file("v.json", "[1]")], "holds no JSON object"),
                            (["-", "--values", self.file("w.json", "{")], "w.json"),
                            (["-", "--values", self.file("x.json", '{"a": 1,\n "ş": tru}')], "x.json: not JSON at line 2, column 7"),
                            (["-", "--values", self.file("y.json", b'{"a": "\xff"}')], "y.json is not UTF-8: byte 7"), (["-", "--values", "-"], "not both"),
                            ([self.folder.name], "cannot be read"), (["-", "--values", self.folder.name], "cannot be read"),
                            (["-", b"x=ab\xff"], "a value is not UTF-8: byte 4"), ([self.file("t.txt", b"ab\xff")], "is not UTF-8: byte 2")):
            status, out, err = self.run_it(*words)
            self.assertEqual((status, out), (1, ""), words)
            self.assertIn(said, err)

    def test_explains_itself(self):
        status, out, _ = self.run_it("--help")
        self.assertEqual(status, 0)
        self.assertIn("zincir-render", out)
        status, out, _ = self.run_it("--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"^zincir-render \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_it()[0], 2)
        self.assertEqual(self.run_it("-", "--chat-template", "--messages")[0], 2)
        self.assertEqual(self.run_it("-", "--format", "erb")[0], 2)


unittest.main(verbosity=0)
