"""Every character that a terminal would obey or a reader could not see has a visible stand-in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.safe_text import safe_line, safe_text


@pytest.mark.parametrize(
    ("name", "raw", "shown"),
    [
        ("plain text stays", "Grüße, 日本語, ẞ 20°C", "Grüße, 日本語, ẞ 20°C"),
        ("newline and tab stay", "a\nb\tc", "a\nb\tc"),
        ("a colour sequence", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("an operating system command", "\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("carriage return and backspace", "a\rb\x08", "a␍b␈"),
        ("null and delete", "\x00\x7f", "␀␡"),
        ("C1 control sequence introducer", "\x9b2J", "�2J"),
        ("bidi override", "user\u202etxt.exe", "user·txt.exe"),
        ("bidi isolates", "\u2066a\u2069", "·a·"),
        ("zero-width space, non-joiner, word joiner", "a\u200bb\u200cc\u2060d", "a·b·c·d"),
        ("byte order mark and soft hyphen", "\ufeffa\xadb", "·a·b"),
        ("tag characters", "a\U000e0041\U000e007f", "a··"),
        ("hidden bytes in variation selectors", "a\ufe00\U000e0100", "a··"),
        ("line and paragraph separator", "a\u2028b\u2029c", "a␤b␤c"),
        ("lone surrogates", "\ud83d \udc00", "� �"),
        ("noncharacters", "\ufffe\U0001ffff", "��"),
        ("blank letters", "\u3164\u115f", "··"),
        ("an emoji sequence stays whole", "👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("markup is text", "[bold]x[/] [@click=app.quit]", "[bold]x[/] [@click=app.quit]"),
    ],
)
def test_safe_text(name: str, raw: str, shown: str) -> None:
    assert safe_text(raw) == shown, name


def test_every_control_and_invisible_format_character_is_replaced_by_one_cell() -> None:
    kept = {"\n", "\t", "\u200d"}
    for character in map(chr, range(0x110000)):
        category = unicodedata.category(character)
        invisible = category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and not cell_len(character))
        if invisible and character not in kept:
            shown = safe_text(character)
            assert shown != character
            assert cell_len(shown) == 1


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters()))
def test_as_many_code_points_go_out_as_come_in_and_they_can_be_encoded(text: str) -> None:
    shown = safe_text(text)
    assert len(shown) == len(text)
    shown.encode("utf-8")
    assert safe_text(shown) == shown


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters()), st.integers(0, 50))
def test_a_split_changes_nothing(text: str, at: int) -> None:
    assert safe_text(text[:at]) + safe_text(text[at:]) == safe_text(text)


def test_a_line_has_no_breaks() -> None:
    assert safe_line("a\nb\tc\x1b") == "a␤b c␛"
