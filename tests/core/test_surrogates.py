"""Halves of surrogate pairs: joined where they meet, replaced where they are alone."""

from __future__ import annotations

from itertools import product

import pytest

from workbench import surrogates

HIGH, LOW = "\ud83d", "\ude00"


@pytest.mark.parametrize(
    ("text", "joined", "sendable"),
    [
        ("", "", ""),
        ("plain é 😀", "plain é 😀", "plain é 😀"),
        (f"a{HIGH}{LOW}b", "a😀b", "a😀b"),
        (f"{HIGH}a", f"{HIGH}a", "\ufffda"),
        (f"a{HIGH}", f"a{HIGH}", "a\ufffd"),
        (f"{LOW}{HIGH}", f"{LOW}{HIGH}", "\ufffd\ufffd"),
        (f"{HIGH}{HIGH}{LOW}", f"{HIGH}😀", "\ufffd😀"),
        (f"\ufeff{LOW}", f"\ufeff{LOW}", "\ufeff\ufffd"),
    ],
)
def test_halves(text: str, joined: str, sendable: str) -> None:
    assert surrogates.joined(text) == joined
    assert surrogates.sendable(text) == sendable
    assert surrogates.sendable(joined) == sendable


def test_a_place_in_the_joined_text_is_as_many_characters_earlier_as_pairs_end_before_it() -> None:
    for parts in product((HIGH, LOW, "a", "😀"), repeat=5):
        text = "".join(parts)
        assert len(surrogates.joined(text)) == len(text) - len(surrogates.ends_of_pairs(text))
