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
        path.write_bytes(text.encode())
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
                           ("2026-11-24T23:30:15-01:30", "2026-11-25 01:00:15")):
            self.assertEqual(self.run_it("-", "--format", "jinja", "--now", now, stdin=text), (0, shown, ""))
        for now in ("today", "2026-02-30", "2026-11-24T", "2026-11-24T9", "2026-11-24T24:00", "2026-11-24T09:30:15X", "2026-11-24T09:30+3"):
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
                            (["-", "--values", self.file("w.json", "{")], "w.json")):
            status, out, err = self.run_it(*words)
            self.assertEqual((status, out), (1, ""), words)
            self.assertIn(said, err)

    def test_explains_itself(self):
        status, out, _ = self.run_it("--help")
        self.assertEqual(status, 0)
        self.assertIn("zincir-render", out)
        self.assertEqual(self.run_it()[0], 2)
        self.assertEqual(self.run_it("-", "--format", "erb")[0], 2)


unittest.main(verbosity=0)
