"""The redactor: every spelling of a key, in values and in pieces, and nothing else."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.json_depth import DEEPEST, TOO_DEEP
from workbench.secrets.keys import ApiKey, known_keys
from workbench.secrets.redactor import Redactor

KEY = "Zk7/qW+e&r9\"x'<tV2"
PLAIN = "ZkqWer9xtV2Lm4Pq0s"


def redactor(key: str = KEY) -> Redactor:
    return Redactor([ApiKey(key, "CO_API_KEY")])


SPELLINGS = {
    "itself": KEY,
    "Bearer": f"Bearer {KEY}",
    "JSON": json.dumps(KEY)[1:-1],
    "JSON with \\/": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "Python": repr(KEY)[1:-1],
    "URL": urllib.parse.quote(KEY, safe=""),
    "path": urllib.parse.quote(KEY),
    "URL in lower case": re.sub("%..", lambda match: match[0].lower(), urllib.parse.quote(KEY, safe="")),
    "HTML": html.escape(KEY, quote=False),
    "lower case": KEY.lower(),
    "upper case": KEY.upper(),
    "backwards": KEY[::-1],
    "URL, each character": "".join(f"%{ord(each):02X}" for each in KEY),
    "URL, each character, in lower case": "".join(f"%{ord(each):02x}" for each in KEY),
    "JSON by number": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "JSON by number, in upper case": "".join(f"\\u{ord(each):04X}" for each in KEY),
    "JSON in JSON by number": "".join(f"\\\\u{ord(each):04X}" for each in KEY),
    "Python by number": "".join(f"\\x{ord(each):02x}" for each in KEY),
    "backwards, in lower case": KEY[::-1].lower(),
    "backwards, in upper case": KEY[::-1].upper(),
    "URL in lower case, then escaped": urllib.parse.quote(KEY.lower(), safe=""),
    "URL backwards": urllib.parse.quote(KEY[::-1], safe=""),
    "URL in a URL": urllib.parse.quote(urllib.parse.quote(KEY, safe=""), safe=""),
    "JSON, what is no letter": re.sub(r"\W", lambda match: f"\\u{ord(match[0]):04X}", KEY),
    "HTML, what is no letter": re.sub(r"\W", lambda match: f"&#x{ord(match[0]):X};", KEY),
    "HTML, what is no letter, in decimals": re.sub(r"\W", lambda match: f"&#{ord(match[0])};", KEY),
    "HTML by number": "".join(f"&#{ord(each)};" for each in KEY),
    "HTML by number in hex": "".join(f"&#x{ord(each):x};" for each in KEY),
    "hex": KEY.encode().hex(),
    **{f"base64 behind {before!r}": base64.b64encode(before + KEY.encode() + b":").decode()
       for before in (b"", b"a", b"me", b"me:", b"token ")},
    "base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_masked(name: str) -> None:
    text = f"<{SPELLINGS[name]}>"
    masked = redactor().text(text)
    assert "***" in masked
    assert len(masked) < 20
    assert redactor().data_in_pieces().feed(text.encode()) == masked.encode()


def test_masking_reaches_all_of_a_value() -> None:
    value: Any = {PLAIN: [f"a {PLAIN} b", 1, None, {"x": PLAIN}], "t": (PLAIN,)}
    assert redactor(PLAIN).value(value) == {"***": ["a *** b", 1, None, {"x": "***"}], "t": ("***",)}


@pytest.mark.parametrize("levels", [DEEPEST + 1, 900, 100_000])
def test_what_is_nested_too_deeply_is_left_out_and_the_rest_is_there(levels: int) -> None:
    deep: Any = PLAIN
    for _ in range(levels):
        deep = [deep]
    masked = redactor(PLAIN).value({"kind": "x", PLAIN: deep, "other": [PLAIN]})
    assert (masked["kind"], masked["other"]) == ("x", ["***"])
    inner = masked["***"]
    for _ in range(DEEPEST - 1):
        [inner] = inner
    assert inner == TOO_DEEP


def test_without_a_key_a_value_stays_what_it_is() -> None:
    value = {"a": [1]}
    assert Redactor().value(value) is value
    assert not Redactor()
    assert not redactor("secret")  # a word, as servers of one's own take it
    assert redactor("secret").text("a secret") == "a secret"


def test_every_key_of_the_environment_is_known() -> None:
    environ = {"CO_API_KEY": "first-canary", "COHERE_API_KEY": "Bearer second-canary\n", "MINE": "third-canary"}
    assert Redactor.of(environ).text("first-canary second-canary third-canary") == "*** *** third-canary"
    assert Redactor.of(environ, "MINE").text("first-canary second-canary third-canary") == "*** *** ***"
    assert {key.source for key in known_keys(environ, "MINE")} == {"CO_API_KEY", "COHERE_API_KEY", "MINE"}


def test_a_redactor_does_not_show_what_it_looks_for() -> None:
    assert PLAIN not in repr(redactor(PLAIN))
    assert PLAIN not in repr(redactor(PLAIN).texts_in_pieces())


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_a_key_in_two_pieces_is_masked(cut: int) -> None:
    pieces = redactor(PLAIN).data_in_pieces()
    text = f"data: {PLAIN}\n\n".encode()
    at = len(b"data: ") + cut
    first, second = pieces.feed(text[:at]), pieces.feed(text[at:])
    shown = first + second + pieces.close()
    assert shown in (b"data: ***\n\n", b"data: " + PLAIN[:cut].encode() + b"***\n\n")
    assert PLAIN[:4].encode() not in shown


def test_what_only_begins_as_a_key_comes_out_whole() -> None:
    pieces = redactor(PLAIN).texts_in_pieces()
    beginning = PLAIN[:7]
    assert pieces.feed(f"so {beginning}") == "so "
    assert pieces.feed("!") == f"{beginning}!"
    assert pieces.feed(beginning) + pieces.close() == beginning
    assert pieces.feed("it") == "it"


def test_a_text_that_is_cut_off_within_a_key_does_not_end_with_it() -> None:
    pieces = redactor(PLAIN).texts_in_pieces()
    assert pieces.feed(f"so {PLAIN[:8]}") + pieces.close() == "so ***"
    assert pieces.feed(PLAIN[:3]) + pieces.feed(PLAIN[3:12]) + pieces.close() == f"{PLAIN[:3]}***"


@given(st.lists(st.one_of(st.text("aAbB", max_size=6), st.just("aabaab"), st.just("aabaababb"), st.just("aaba"))))
def test_pieces_never_show_the_key_and_lose_nothing_else(parts: list[str]) -> None:
    """Also for a key that begins again within itself."""
    key = "aabaababb"
    pieces = redactor(key).texts_in_pieces()
    shown = "".join([*(pieces.feed(part) for part in parts), pieces.close()])
    assert key not in shown
    whole = "".join(parts).lower()
    if key not in whole and key[::-1] not in whole and "".join(parts)[-8:] not in key:
        assert shown == "".join(parts)


@given(st.text(max_size=40), st.text(max_size=40), st.lists(st.integers(0, 100), max_size=8))
def test_a_key_in_any_pieces_leaves_at_most_three_of_its_characters(before: str, after: str, cuts: list[int]) -> None:
    text = f"{before}{PLAIN}{after}"
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = redactor(PLAIN).texts_in_pieces()
    parts = [text[start:end] for start, end in itertools.pairwise(places)]
    shown = "".join([*map(pieces.feed, parts), pieces.close()])
    assert shown in {f"{before}{PLAIN[:length]}***{after}" for length in range(4)}


WRITERS = {
    "itself": lambda each: json.dumps(each, ensure_ascii=False)[1:-1],
    "in ASCII": lambda each: json.dumps(each)[1:-1],
    "by number": lambda each: f"\\u{ord(each):04x}",
    "with a slash escaped": lambda each: "\\/" if each == "/" else json.dumps(each)[1:-1],
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-be", "utf-16-le", "utf-16", "utf-32-be", "utf-32"])
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("key", [KEY, PLAIN, "naïve-key-of-a-server", "slash/key/of/a/server"])
@pytest.mark.parametrize("at", range(0, 18, 5))
def test_a_key_is_seen_in_json_however_that_is_written(key: str, writer: str, encoding: str, at: int) -> None:
    """One of its characters in that way, all others as they are."""
    written = "".join(WRITERS[writer if place == at else "itself"](each) for place, each in enumerate(key))
    data = f'{{"a": ["so {written} it is"]}}'.encode(encoding)
    assert json.loads(data) == {"a": [f"so {key} it is"]}
    assert not redactor(key).is_in_no_text_of(data)


def test_json_without_a_key_is_known_by_a_glance_at_it() -> None:
    data = json.dumps({"frames": ['data: {"text":"a\\n \u20ac/"}\n\n'], "n": 1.5}).encode()
    assert redactor(PLAIN).is_in_no_text_of(data)
    assert redactor(PLAIN).is_in_no_text_of(bytearray(data))
