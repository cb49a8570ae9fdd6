"""How deep values are nested: counted without recursion, and cut where it is too much."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.json_depth import TOO_DEEP, cut, is_deeper


def nested(levels: int, inner: Any, *, objects: bool = False) -> Any:
    for _ in range(levels):
        inner = {"a": inner} if objects else [0, inner, 1]
    return inner


@pytest.mark.parametrize("objects", [False, True])
@pytest.mark.parametrize("levels", [1, 2, 50, 10_000])
def test_levels_are_counted(levels: int, objects: bool) -> None:
    value = nested(levels, "text", objects=objects)
    assert not is_deeper(value, levels)
    assert is_deeper(value, levels - 1)


@pytest.mark.parametrize("value", ["[[]]", 1, None, True, 1.5])
def test_what_holds_nothing_has_no_level(value: Any) -> None:
    assert not is_deeper(value, 0)


def test_an_empty_list_is_a_level() -> None:
    assert is_deeper([[]], 1)
    assert not is_deeper([[]], 2)


def test_what_is_below_is_cut_and_all_else_stays() -> None:
    holder = {"flat": 1, "deep": [[1, {"x": [2]}], "text"], "empty": []}
    cut(holder, 3)
    assert holder == {"flat": 1, "deep": [[1, TOO_DEEP], "text"], "empty": []}


def test_what_is_very_deep_is_cut_without_recursion() -> None:
    holder = {"a": nested(10_000, "text")}
    cut(holder, 200)
    assert not is_deeper(holder, 200)
    assert is_deeper(holder, 199)
