"""Splitting: bounded passages, cut where a reader would, and no character lost or repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents.passages import SplitSpec
from workbench.documents.source_lines import SourceBlock
from workbench.documents.split import split
from workbench.language.words import count_words


def texts(blocks: list[SourceBlock], max_words: int) -> list[str]:
    return [piece.text for piece in split(blocks, SplitSpec(max_words=max_words))]


def test_paragraphs_fill_a_passage_and_are_not_cut() -> None:
    blocks = [SourceBlock("one two"), SourceBlock("three four"), SourceBlock("five six seven")]
    assert texts(blocks, 4) == ["one two\n\nthree four", "five six seven"]
    assert texts(blocks, 7) == ["one two\n\nthree four\n\nfive six seven"]


def test_a_heading_begins_a_passage_and_is_never_left_alone() -> None:
    blocks = [
        SourceBlock("intro", title="T"),
        SourceBlock("# A", title="T › A", heading=True),
        SourceBlock("## B", title="T › A › B", heading=True),
        SourceBlock("one two. three four. five six.", title="T › A › B"),
    ]
    found = split(blocks, SplitSpec(max_words=6))
    assert [(piece.title, piece.text) for piece in found] == [
        ("T", "intro"),
        ("T › A › B", "# A\n\n## B\n\none two."),
        ("T › A › B", "three four. five six."),
    ]


def test_a_long_paragraph_is_cut_at_sentences_and_a_long_sentence_at_words() -> None:
    assert texts([SourceBlock("One two. Three four five. Six.")], 3) == ["One two.", "Three four five.", "Six."]
    assert texts([SourceBlock("a b c d e f g")], 3) == ["a b c", "d e f", "g"]
    assert texts([SourceBlock("字" * 5)], 2) == ["字字", "字字", "字"]


def test_lines_follow_the_cuts() -> None:
    block = SourceBlock("a b.\nc d.\n\ne f. g\nh.", lines=(11, 15), exact=True)
    found = split([block], SplitSpec(max_words=2))
    assert [(piece.text, piece.lines) for piece in found] == [
        ("a b.", (11, 11)),
        ("c d.", (12, 12)),
        ("e f.", (14, 14)),
        ("g\nh.", (14, 15)),
    ]
    whole = split([SourceBlock("a b.\nc d.", lines=(3, 9))], SplitSpec(max_words=2))
    assert [piece.lines for piece in whole] == [(3, 9), (3, 9)]


def test_mode_none_keeps_the_document_whole() -> None:
    blocks = [SourceBlock("one"), SourceBlock("two", heading=True), SourceBlock("three")]
    assert [p.text for p in split(blocks, SplitSpec(mode="none", max_words=1))] == ["one\n\ntwo\n\nthree"]


@pytest.mark.parametrize("mode", ["none", "passages"])
def test_no_text_gives_no_passage(mode: str) -> None:
    spec = SplitSpec(mode="none" if mode == "none" else "passages")
    assert split([], spec) == []
    assert split([SourceBlock(" \n"), SourceBlock("")], spec) == []


BLOCKS = st.lists(
    st.builds(
        SourceBlock,
        text=st.text(alphabet=st.sampled_from("ab. 。字\n-#`|!x"), max_size=60),
        heading=st.booleans(),
        introduces=st.booleans(),
        gap=st.integers(1, 2),
    ),
    max_size=8,
)


@given(BLOCKS, st.integers(0, 12))
def test_nothing_is_lost_or_repeated_and_passages_are_bounded(blocks: list[SourceBlock], max_words: int) -> None:
    found = texts(blocks, max_words)
    assert "".join("".join(found).split()) == "".join("".join(block.text for block in blocks).split())
    assert all(0 < count_words(text) <= max(1, max_words) for text in found)


@given(st.text(), st.integers(1, 5))
def test_any_paragraph_splits(text: str, max_words: int) -> None:
    assert "".join("".join(texts([SourceBlock(text)], max_words)).split()) == "".join(text.split())


@pytest.mark.parametrize("unit", ["x", "word ", "Short. ", "a\n"])
def test_a_megabyte_is_cut_into_bounded_passages(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    found = texts([SourceBlock(text, lines=(1, text.count("\n") + 1), exact=True)], 300)
    assert len(found) > 50
    assert all(count_words(part) <= 300 and len(part) <= 12_600 for part in found)
