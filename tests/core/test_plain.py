"""Plain lines: what may stand in one, whole words, and a turn of any stream."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.streams import CASSETTES
from tests.hostile import PAYLOADS
from workbench.cohere_client import ClientOptions, connect, play
from workbench.config.at_hand import SettingsAtHand
from workbench.config.settings_model import Settings
from workbench.conversation import Conversation
from workbench.plain.lines import Lines
from workbench.plain.performing import Performing
from workbench.plain.turn_lines import TurnLines, sources_of
from workbench.secrets.redactor import Redactor
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.actions import ACTIONS

KEY = "the-key-0123456789"


def lines(key: str = "") -> tuple[Lines, io.StringIO]:
    out = io.StringIO()
    return Lines(out, Redactor.of({"CO_API_KEY": key})), out


def controls(text: str) -> list[str]:
    return [each for each in text if each != "\n" and unicodedata.category(each) in ("Cc", "Cs")]


@given(st.lists(st.text(max_size=30), max_size=12))
def test_running_text_is_the_same_however_it_comes(pieces: list[str]) -> None:
    whole, at_once = lines()
    whole.piece("".join(pieces))
    whole.end_text()
    parted, in_pieces = lines()
    for piece in pieces:
        parted.piece(piece)
    parted.end_text()
    assert in_pieces.getvalue() == at_once.getvalue()
    assert controls(in_pieces.getvalue()) == []
    assert in_pieces.getvalue() in ("", "\n") or in_pieces.getvalue().endswith("\n")


def test_words_are_written_whole_and_at_once() -> None:
    written, out = lines()
    seen = []
    for piece in ("The li", "brary op", "ens at 0", "9:00", ".\nIt", " closes", "時間は", "x" * 41):
        written.piece(piece)
        seen.append(out.getvalue())
    assert seen == [
        "The ", "The library ", "The library opens at ", "The library opens at ", "The library opens at 09:00.\n",
        "The library opens at 09:00.\nIt ", "The library opens at 09:00.\nIt closes時間は",
        f"The library opens at 09:00.\nIt closes時間は{'x' * 41}",
    ]  # fmt: skip


def test_nothing_begins_in_the_middle_of_a_line() -> None:
    written, out = lines()
    written.piece("half a li")
    written.later("note: this waits")
    written.piece("ne")
    written.line("note: this ends it")
    written.prompt("> ")
    written.line("note: behind the prompt")
    written.prompt("> ")
    written.typed()
    written.piece("text\n")
    written.line("last")
    assert out.getvalue() == (
        "half a line\nnote: this waits\nnote: this ends it\n> \nnote: behind the prompt\n> text\nlast\n"
    )


def test_what_is_said_while_a_line_is_typed_asks_for_it_again() -> None:
    written, out = lines()
    written.prompt("> ")
    written.later("note: no longer kept")
    written.typed()
    written.line("next")
    assert out.getvalue() == "> \nnote: no longer kept\n> next\n"


@pytest.mark.parametrize("said", PAYLOADS.values(), ids=PAYLOADS)
def test_no_control_character_is_written(said: str) -> None:
    written, out = lines()
    written.line(said)
    written.piece(f"{said}\t{said}")
    written.later(said)
    written.prompt(said)
    assert controls(out.getvalue()) == []


def test_no_key_is_in_a_line() -> None:
    written, out = lines(KEY)
    written.line(f"note: {KEY}")
    written.prompt(f"{KEY}> ")
    assert KEY not in out.getvalue()


async def told(path: Path) -> tuple[str, Conversation]:
    """What is written of the turn that a stream is."""
    written, out = lines()
    client = connect(ClientOptions(replay=path, speed=0), {})
    conversation = Conversation(client)
    turn_lines = TurnLines(written)
    async for event in conversation.ask("What?"):
        turn_lines.event(event)
    turn_lines.finish(conversation.turns[-1], sources_of(conversation.turns[-1]))
    await client.aclose()
    return out.getvalue(), conversation


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.sse")), ids=lambda path: path.stem)
async def test_any_stream_is_lines(path: Path) -> None:
    text, conversation = await told(path)
    turn = conversation.turns[-1]
    assert controls(text) == []
    assert text.endswith("\n")
    assert text.splitlines()[-1].startswith(f"state: {turn.status}")
    shown = [each for each in turn.text.split() if each.isascii() and each.isprintable()]
    assert in_order(shown, text)
    for number in {number for cited in turn.citations for number in cited.numbers}:
        assert f"\n[{number}] " in text


def in_order(words: Sequence[str], text: str) -> bool:
    at = 0
    for word in words:
        at = text.find(word, at) + len(word)
        if at < len(word):
            return False
    return True


def test_what_can_be_done_is_of_the_table_of_actions() -> None:
    written, out = lines()
    performing = Performing(Conversation(play((), name="nothing")), written, SettingsAtHand(Settings()))
    performing.run("/help")
    commands = [line.split(":")[0].split(",")[0].split()[0] for line in out.getvalue().splitlines() if line[0] == "/"]
    assert commands and set(commands) <= {f"/{action.command}" for action in ACTIONS if action.slash}
    for command in commands:
        if command not in ("/exit", "/help"):
            assert performing.run(command) is None
            assert not performing.refused, command


def test_a_preset_is_changed_to_and_all_are_listed() -> None:
    written, out = lines()
    conversation = Conversation(play((), name="nothing"))
    settings = SettingsAtHand(Settings(presets={"strict": {"temperature": 0.0, "seed": 7}}))
    performing = Performing(conversation, written, settings)
    performing.run("/preset")
    performing.run("/preset strict")
    performing.run("/preset strct")
    performing.run("/settings seed=8")
    assert out.getvalue().splitlines() == [
        "preset strict: temperature 0, seed 7",
        "setting temperature: 0, seed: 7, from the next turn on",
        "note: there is no preset `strct` (did you mean `strict`?)",
        "setting seed: 8, from the next turn on",
    ]
    assert conversation.options.parameters == {"temperature": 0.0, "seed": 8}


def test_tools_are_listed_with_their_states_and_switched_off() -> None:
    written, out = lines()
    specs = [ToolSpec("tides", "The tide\n of a place.", CannedReply(1)), ToolSpec("trains", "", CannedReply(2))]
    toolbox = Toolbox(specs, people=NoPeople(), trust=TrustStore(), environ={})
    conversation = Conversation(play((), name="nothing"), toolbox=toolbox)
    performing = Performing(conversation, written, SettingsAtHand(Settings()))
    for command in ("/tools off tides", "/tools force", "/tools", "/tools off tide", "/tools only tides"):
        assert performing.run(command) is None
    assert out.getvalue().splitlines() == [
        "tools: 1 of 2 tools from the next turn on: without tides",
        "tools: from the next turn on force: the model must call a tool",
        "tool tides (off): The tide of a place.",
        "tool trains: ",
        "tools: 1 of 2 tools, force: the model must call a tool",
        "note: there is no tool `tide`; did you mean `tides`?",
        "tools: 1 of 2 tools from the next turn on: without trains",
    ]
    assert conversation.tools_off == {"trains"}
    assert conversation.options.parameters == {"tool_choice": "REQUIRED"}
    assert performing.run("/tools off the list, please!") is None
    assert performing.refused


def test_what_is_refused_is_a_question_the_second_time() -> None:
    written, out = lines()
    performing = Performing(Conversation(play((), name="nothing")), written, SettingsAtHand(Settings()))
    assert performing.run("/exit code 137 means what?") is None
    assert performing.refused and "so nothing was done" in out.getvalue()
    assert performing.run("/exit code 137 means what?") == "/exit code 137 means what?"
    assert performing.run("/etc/hosts, what is it?") == "/etc/hosts, what is it?"
