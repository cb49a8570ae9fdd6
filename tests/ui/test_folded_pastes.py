"""What marks of pasted texts stand for, and how long that is kept."""

from __future__ import annotations

from workbench.ui.widgets.folded_pastes import MOST_KEPT, FoldedPastes


def paste(number: int) -> str:
    return f"{number:03}" * 30_000  # so that a dozen of them are too many


def test_what_stands_in_a_text_is_kept_whatever_is_pasted() -> None:
    pastes = FoldedPastes()
    first = pastes.folded(paste(0))
    for number in range(1, 40):
        last = pastes.folded(paste(number))
        pastes.forget(("", f"see {first} {last}"))
    assert pastes.opened(f"see {first}") == f"see {paste(0)}"
    assert pastes.opened(last) == paste(39)


def test_all_that_stands_in_a_text_is_kept_though_it_is_much() -> None:
    pastes, text = FoldedPastes(), ""
    for number in range(20):
        text += pastes.folded(paste(number))
        assert not pastes.forget((text,))
    assert len(pastes.opened(text)) == 20 * 90_000 > MOST_KEPT
    assert pastes.opened(text) == "".join(map(paste, range(20)))


def test_of_what_stands_nowhere_the_oldest_is_forgotten_once_it_is_too_much() -> None:
    pastes = FoldedPastes()
    first = pastes.folded(paste(0))
    for number in range(1, 11):
        assert not pastes.forget((pastes.folded(paste(number)),))
    assert pastes.opened(first) == paste(0)
    last = pastes.folded(paste(11))
    assert pastes.forget((last,))
    assert pastes.opened(first) == first
    assert pastes.opened(last) == paste(11)
