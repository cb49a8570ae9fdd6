"""Why a message ended, as servers spell it: what is whole, what was cut, and what asks for tools."""

from __future__ import annotations

import pytest

from tests.core.test_ask import printed
from tests.loopback import message, stream
from workbench.wire.finish_reasons import is_cut, is_failure, is_whole, known_as

CALL = ("c1", "hours", "{}")


@pytest.mark.parametrize(
    ("reason", "known"),
    [
        ("COMPLETE", "COMPLETE"),
        ("complete", "COMPLETE"),
        ("stop", "COMPLETE"),
        ("STOP", "COMPLETE"),
        ("end_turn", "COMPLETE"),
        ("stop-sequence", "STOP_SEQUENCE"),
        ("length", "MAX_TOKENS"),
        ("max_tokens", "MAX_TOKENS"),
        ("Tool_Calls", "TOOL_CALL"),
        ("tool_use", "TOOL_CALL"),
        ("error", "ERROR"),
        ("SPARKLE", "SPARKLE"),
        ("", ""),
    ],
)
def test_a_reason_is_known_however_it_is_spelled(reason: str, known: str) -> None:
    assert known_as(reason) == known


def test_what_was_cut_and_what_failed_are_told_from_what_is_whole() -> None:
    assert is_whole("stop") and not is_cut("stop") and not is_failure("stop")
    assert is_cut("length") and not is_whole("length")
    assert is_failure("error_toxic") and not is_whole("error_toxic")
    assert not is_whole("SPARKLE") and not is_cut("SPARKLE") and not is_failure("SPARKLE")


@pytest.mark.parametrize("reason", ["complete", "stop", "end_turn", "STOP"])
async def test_an_answer_that_ends_in_other_words_is_not_called_cut(reason: str) -> None:
    assert await printed(stream(message("Whole.", finish_reason=reason))) == ("Whole.\n", "")


async def test_a_reason_of_the_models_own_is_not_called_a_cut() -> None:
    _, notes = await printed(stream(message("Whole.", finish_reason="content_filter")))
    assert notes == "workbench: the model gave a reason of its own to stop: content_filter\n"


async def test_an_answer_cut_in_other_words_says_so() -> None:
    _, notes = await printed(stream(message("Half of", finish_reason="length")))
    assert notes == "workbench: the answer was cut short: length\n"
