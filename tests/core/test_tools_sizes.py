"""How much of a result the model gets, and that what it gets can be cited as the whole could."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.events import ToolResult
from workbench.tools.result_documents import result_documents
from workbench.tools.result_sizes import LEFT_OUT, MOST_FOR_MODEL, for_model, shortened


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


LONG: dict[str, Any] = {
    "text": "word " * 40_000,
    "one word": "x" * 200_000,
    "line breaks": "\n" * 100_000,
    "accents": "é" * 100_000,
    "halves": "\ud83d" * 100_000,
    "numbers": list(range(50_000)),
    "objects": [{"n": number, "text": "word " * 20} for number in range(1_000)],
    "one object in a list": [{"text": "word " * 40_000}],
    "map of a long text": {"title": "A page", "text": "word " * 40_000, "lines": 7},
    "map of two": {"a": "word " * 40_000, "b": ["word " * 10] * 10_000, "c": 1},
    "map of many": {f"key {number}": number for number in range(20_000)},
    "map of many texts": {f"key {number}": "word " * 50 for number in range(2_000)},
    "long key": {"k" * 100_000: 1, "b": 2},
    "deep": [[[[[[[[[[{"a": ["word " * 40_000]}]]]]]]]]]],
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_too_long_is_cut_to_what_a_model_is_given(name: str) -> None:
    kept = for_model(LONG[name])
    assert MOST_FOR_MODEL // 2 < size(kept) <= MOST_FOR_MODEL or name == "long key"
    assert LEFT_OUT in json.dumps(kept)
    assert type(kept) is type(LONG[name])


@pytest.mark.parametrize("value", [None, 5, "", [], {}, {"a": ["é" * 30_000]}, ["\ud83d", {"b": 1.5}]])
def test_what_is_short_is_as_it_is(value: Any) -> None:
    assert for_model(value) is value


def test_a_list_keeps_its_first_items_and_says_how_many_there_were() -> None:
    items = LONG["objects"]
    *kept, last = for_model(items)
    assert kept[:-1] == items[: len(kept) - 1]
    assert last == {LEFT_OUT: f"{1_000 - len(kept):,} more of 1,000 items"}
    documents = result_documents(ToolResult(id="c", name="t", result=items))
    assert [block["document"]["id"] for block in documents] == [f"c:{number}" for number in range(len(kept) + 1)]


def test_a_map_keeps_its_keys_and_what_is_short() -> None:
    kept = for_model(LONG["map of two"])
    assert (list(kept), kept["c"]) == (["a", "b", "c"], 1)
    assert kept["a"].endswith(f" bytes {LEFT_OUT} …")
    assert kept["b"][0] == "word " * 10
    assert abs(size(kept["a"]) - size(kept["b"])) < 1_000


def test_a_text_says_how_much_is_left_out() -> None:
    kept, _, note = for_model("word " * 40_000).rpartition("\n")
    assert note == f"… {200_000 - len(kept):,} bytes {LEFT_OUT} …"
    assert kept.endswith("word ")


@pytest.mark.parametrize("most", range(3, 12))
def test_no_part_of_a_word_is_kept(most: int) -> None:
    assert shortened("é a-key_1", most) == ("é a-key_1" if most >= 10 else "é ")


def test_a_long_error_is_cut_too() -> None:
    (block,) = result_documents(ToolResult(id="c", name="t", error="word " * 40_000))
    assert size(block["document"]["data"]["error"]) <= MOST_FOR_MODEL + 2
