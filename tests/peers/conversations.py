"""Conversations for chat templates, as apply_chat_template takes them: (name, values). What is not given is null, as transformers passes it."""
import json

SYSTEM = {"role": "system", "content": "You are çok yardımcı <b>."}
USER = {"role": "user", "content": "  Hello İstanbul \"q\" 'ğ' "}
ANSWER = {"role": "assistant", "content": "Merhaba!"}
TOOL = {"type": "function", "function": {
    "name": "get_weather", "description": "Weather & 'more'",
    "parameters": {"type": "object", "required": ["city"],
                   "properties": {"city": {"type": "string", "description": "İl"}, "unit": {"type": "string", "enum": ["c", "f"]}}}}}
# What JSON Schema has, and what JSON can hold.
DEEP = {"type": "function", "function": {
    "name": "ara_bul", "description": "Çok satırlı\naçıklama: \"tırnak\", \\ters bölü\\, </tools> ve 🙂.",
    "parameters": {
        "type": "object", "additionalProperties": False, "required": ["soru", "filtre"],
        "$defs": {"nokta": {"type": "object", "properties": {"en": {"type": "number"}, "boy": {"type": "number"}}}},
        "properties": {
            "soru": {"type": "string", "description": "Aranan", "minLength": 1, "default": "İğne"},
            "sayı": {"type": ["integer", "null"], "default": 10, "minimum": -1, "maximum": 9007199254740993},
            "oran": {"type": "number", "default": 0.1, "multipleOf": 1e-07, "exclusiveMaximum": 1e+16},
            "kesin": {"type": "boolean", "default": False},
            "dil": {"type": "string", "enum": ["tr", "en", None], "description": ""},
            "filtre": {"type": "object", "description": "İç içe", "required": ["etiketler"],
                       "properties": {"etiketler": {"type": "array", "items": {"type": "string", "enum": ["a", "ğ"]}, "minItems": 1},
                                      "yerler": {"type": "array", "items": {"$ref": "#/$defs/nokta"}},
                                      "aralık": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}}},
            "seçim": {"oneOf": [{"type": "string", "description": "metin"}, {"type": "integer", "default": 3}], "nullable": True}}}}}
BARE = {"type": "function", "function": {"name": "now", "description": "Time", "parameters": {"type": "object", "properties": {}}}}
IMAGE = [{"type": "text", "text": "What is this?"}, {"type": "image", "image": "x.png"}]
IMAGE_URL = [{"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}, {"type": "text", "text": "And this?"}]
THOUGHT = {"role": "assistant", "content": "Hi", "reasoning_content": "think", "thinking": "think", "reasoning": "think"}


def said(role, content, **more):
    return {"role": role, "content": content, **more}


def called(number, city, as_text, name="get_weather"):
    arguments = {"city": city, "n": 1.5, "ok": True, "x": None}
    return {"id": f"call0000{number}", "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments) if as_text else arguments}}


def with_arguments(arguments, name="ara_bul"):
    return {"id": "call00001", "type": "function", "function": {"name": name, "arguments": arguments}}


def told(number, content="{\"t\": 21}", **more):
    return {"role": "tool", "tool_call_id": f"call0000{number}", "name": "get_weather", "content": content, **more}


def calling(*calls, content="", **more):
    return {"role": "assistant", "content": content, "tool_calls": list(calls), **more}


def values(*messages, **more):
    return {"messages": list(messages), "tools": None, "documents": None, "add_generation_prompt": True, "bos_token": "<s>",
            "eos_token": "</s>", **more}


def plain():
    yield "plain", values(USER)
    yield "system", values(SYSTEM, USER)
    yield "several turns", values(SYSTEM, USER, ANSWER, said("user", "More?"))
    yield "no generation prompt", values(SYSTEM, USER, ANSWER, add_generation_prompt=False)
    yield "generation prompt behind a reply", values(USER, ANSWER)
    yield "unanswered, no generation prompt", values(SYSTEM, USER, add_generation_prompt=False)
    yield "assistant first", values(ANSWER, USER, USER)
    yield "empty", values()
    yield "system only", values(SYSTEM)
    yield "two systems", values(SYSTEM, said("system", "Be brief."), USER)
    yield "system later", values(USER, ANSWER, said("system", "Be brief."), USER)
    yield "developer", values(said("developer", "Be brief."), USER)
    yield "users in a row", values(USER, said("user", "Hem de?"), ANSWER, USER)
    yield "replies in a row", values(USER, ANSWER, said("assistant", "Dahası…"), USER)
    yield "unknown role", values(said("narrator", "Once."), USER)
    yield "names", values(said("user", "Ben kimim?", name="Ayşe"), said("assistant", "Ayşe.", name="Bot"), USER)
    yield "long", values(SYSTEM, *([USER, ANSWER] * 40), USER)


def texts():
    yield "Turkish", values(said("system", "İĞÜŞÖÇ ığüşöç"), said("user", "I i İ ı: ISPARTA, istanbul, İZMİR?"), said("assistant", "ıI"), USER)
    yield "emoji", values(said("user", "👩‍👩‍👧‍👦 🇹🇷 🙂‍↔️ é e\u0301 \U00010348"), said("assistant", "🫠"), said("user", "🏳️‍🌈"))
    yield "right to left", values(said("system", "أجب بالعربية"), said("user", "שלום \u202eabc\u202c مرحبا ‏"), ANSWER, USER)
    yield "Asian", values(said("system", "你是助手。"), said("user", "こんにちは　世界"), said("assistant", "안녕하세요"), USER)
    yield "blanks", values(said("system", " \n\t "), said("user", "\n\n  a\u00a0b\u2003c \u3000\n"), said("assistant", "\n x \n"), said("user", " "))
    yield "line ends", values(said("user", "a\r\nb\rc\u2028d\u0085e\x0bf\x0cg"), ANSWER, USER)
    yield "controls", values(said("user", "\x00\x01\x1f\x7f\ufeff\ufffd\ue000"), ANSWER, USER)
    yield "markup", values(said("system", "<|im_end|>{{ x }}{% if %}{# #}"), said("user", "<s></s>[INST] &amp; <think>x</think> {}"), ANSWER, USER)
    yield "quotes", values(said("user", "'\"`\\ \\n \\u0131 %s {0} $x"), said("assistant", "\"'"), USER)
    yield "no text", values(said("system", ""), said("user", ""), said("assistant", ""), USER)
    yield "empty reply", values(USER, said("assistant", ""), said("user", "?"))
    yield "null text", values(USER, said("assistant", None), USER)
    yield "number as text", values(said("user", 7), ANSWER, USER)
    yield "no content", values({"role": "user"}, USER)


def tools():
    yield "tools given", values(SYSTEM, USER, tools=[TOOL])
    yield "deep schema", values(SYSTEM, USER, tools=[DEEP, TOOL])
    yield "tool without parameters", values(USER, tools=[BARE])
    yield "no tools", values(SYSTEM, USER, tools=[])
    yield "a tool as plain function", values(USER, tools=[TOOL["function"]])
    for as_text in (False, True):
        kind = "arguments as text" if as_text else "arguments as object"
        one, two = called(1, "Iğdır", as_text), called(2, "Bonn", as_text)
        yield f"one call, {kind}", values(SYSTEM, USER, calling(called(1, "Van", as_text)), told(1), tools=[TOOL])
        yield f"parallel calls, {kind}", values(USER, calling(one, two, content=None), told(1), told(2), ANSWER, USER, tools=[TOOL, TOOL])
        yield f"call without content, {kind}", values(
            USER, {"role": "assistant", "tool_calls": [one]}, told(1), tools=[TOOL])
        yield f"text beside a call, {kind}", values(SYSTEM, USER, calling(one, content="Bakıyorum."), told(1), ANSWER, USER, tools=[TOOL])
        yield f"calls in turn, {kind}", values(USER, calling(one), told(1), calling(two), told(2), ANSWER, USER, tools=[TOOL])
        yield f"call last, {kind}", values(USER, calling(one), tools=[TOOL], add_generation_prompt=False)
        yield f"results out of order, {kind}", values(USER, calling(one, two), told(2, "B"), told(1, "I"), tools=[TOOL])
        yield f"call without tools, {kind}", values(USER, calling(one), told(1), ANSWER, USER)
        yield f"reasoning with a call, {kind}", values(
            USER, calling(one, reasoning_content="bak", thinking="bak", reasoning="bak"), told(1), tools=[TOOL])
    deep = {"soru": "İ\n\"ğ\"\\", "sayı": 9007199254740993, "oran": 1e-07, "büyük": 1e+16, "kesin": False, "yok": None,
            "liste": [1, -0.0, 2.0, "x", [], {}], "filtre": {"ğ": {"a": [True]}}, "": "boş ad"}
    yield "deep arguments as object", values(USER, calling(with_arguments(deep)), told(1), tools=[DEEP])
    yield "deep arguments as text", values(USER, calling(with_arguments(json.dumps(deep, ensure_ascii=False))), told(1), tools=[DEEP])
    yield "no arguments", values(USER, calling(with_arguments({}, "now")), told(1), tools=[BARE])
    yield "no arguments as text", values(USER, calling(with_arguments("{}", "now")), told(1), tools=[BARE])
    yield "empty arguments", values(USER, calling(with_arguments("", "now")), told(1), tools=[BARE])
    yield "arguments that are a list", values(USER, calling(with_arguments([1, "a"])), told(1), tools=[DEEP])
    yield "arguments that are no JSON", values(USER, calling(with_arguments("{\"city\": ")), told(1), tools=[DEEP])
    yield "result without call", values(USER, told(1), USER, tools=[TOOL])
    yield "empty result", values(USER, calling(called(1, "Van", False)), told(1, ""), ANSWER, tools=[TOOL])
    yield "result as object", values(USER, calling(called(1, "Van", False)), told(1, {"t": 21, "ğ": [1.0]}), tools=[TOOL])
    yield "result of parts", values(USER, calling(called(1, "Van", False)), told(1, [{"type": "text", "text": "21"}]), tools=[TOOL])
    yield "long id", values(USER, calling({**called(1, "Van", False), "id": "call_abcdefghijklmnop"}),
                            {**told(1), "tool_call_id": "call_abcdefghijklmnop"}, tools=[TOOL])
    yield "call without id", values(USER, calling({k: v for k, v in called(1, "Van", False).items() if k != "id"}), told(1), tools=[TOOL])
    yield "user behind a result", values(USER, calling(called(1, "Van", False)), told(1), USER, tools=[TOOL])
    yield "tool choice", values(USER, tools=[TOOL], tool_choice="required")


def parts():
    yield "image", values(said("user", IMAGE))
    yield "image in turns", values(SYSTEM, said("user", IMAGE), ANSWER, USER)
    yield "image by address", values(SYSTEM, said("user", IMAGE_URL), ANSWER, said("user", IMAGE + IMAGE_URL))
    yield "texts as parts", values(*(said(m["role"], [{"type": "text", "text": m["content"]}, {"type": "text", "text": " ve "}])
                                     for m in (SYSTEM, USER, ANSWER, USER)))
    yield "no parts", values(said("user", []), ANSWER, USER)
    yield "sound and video", values(said("user", [{"type": "audio", "audio": "x.wav"}, {"type": "video", "video": "x.mp4"}]))
    yield "unknown part", values(said("user", [{"type": "text", "text": "a"}, {"type": "smell", "smell": "rose"}]))


def reasoning():
    yield "reasoning kept", values(USER, THOUGHT, USER, enable_thinking=True)
    yield "reasoning last", values(USER, THOUGHT, add_generation_prompt=False)
    yield "reasoning in text", values(USER, said("assistant", "<think>a</think>Hi"), USER, enable_thinking=False)
    yield "reasoning in text, last", values(USER, said("assistant", "<think>\na\n</think>\n\nHi"), add_generation_prompt=False)
    yield "reasoning as a part", values(USER, said("assistant", [{"type": "thinking", "thinking": "a"}, {"type": "text", "text": "b"}]), USER)
    yield "empty reasoning", values(USER, {**THOUGHT, "reasoning_content": "", "thinking": None, "reasoning": ""}, USER)
    for name in ("enable_thinking", "thinking", "keep_past_thinking", "preserve_thinking"):
        for on in (True, False):
            yield f"{name} {on}", values(SYSTEM, USER, THOUGHT, USER, tools=[TOOL], **{name: on})
    for effort in ("low", "high", "none"):
        yield f"effort {effort}", values(USER, THOUGHT, USER, reasoning_effort=effort, thinking_effort=effort)
    yield "thoughts in text and member", values(
        USER, {**THOUGHT, "content": "<think>x</think>y"}, said("user", "a /no_think"), {**THOUGHT, "content": "</think>z"}, USER)


def variables():
    yield "documents", values(USER, ANSWER, USER, documents=[{"title": "T", "text": "x", "doc_id": 1}])
    yield "documents and tools", values(SYSTEM, USER, tools=[TOOL], documents=[{"title": "Ğ", "text": "\"x\"", "doc_id": 1}, {"text": "y"}])
    yield "date string", values(SYSTEM, USER, date_string="26 Jul 2024", current_date="2024-07-26", knowledge_cutoff="2024-01")
    yield "built-in tools", values(SYSTEM, USER, builtin_tools=["python", "browser", "brave_search"], tools=[TOOL])
    yield "custom tools", values(SYSTEM, USER, custom_tools=[TOOL], tools_in_user_message=False)
    yield "xml and python tools", values(USER, xml_tools=[TOOL], python_tools=[TOOL["function"]])
    yield "identity", values(USER, model_identity="You are Kedi.", add_vision_id=True, controls={"length": "short"})
    yield "continued reply", values(USER, said("assistant", "Bir varmış"), add_generation_prompt=False, continue_final_message=True)
    yield "prefix", values(USER, said("assistant", "Bir varmış", prefix=True), add_generation_prompt=False)
    yield "functions and datetime", values(SYSTEM, USER, functions=json.dumps([TOOL], indent=4), datetime="now")
    yield "no special tokens", values(SYSTEM, USER, ANSWER, USER, bos_token="", eos_token="")


def conversations():
    for group in (plain, texts, tools, parts, reasoning, variables):
        yield from group()
