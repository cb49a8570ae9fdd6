"""What may be typed next: commands, what stands behind them, and files behind an `@`, offered over the prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.harness import AppPilot, in_focus, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import ESC, write
from workbench.ui.actions import ACTIONS
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import KEYS
from workbench.ui.completion import Completer
from workbench.ui.folders import Entry, Listing
from workbench.ui.screens.help import HelpScreen
from workbench.ui.widgets.choices import Offer

FILES = (Entry(".hidden", False), Entry("a file.md", False), Entry("guide.md", False), Entry("Guides", True))


def offered(before: str, *, is_all: bool = True) -> Offer | None:
    guides = (Entry("one two", True), Entry("x.md", False))
    many = tuple(Entry(f"{number:02}", False) for number in range(60))
    known = {Path(): Listing(FILES), Path("Guides"): Listing(guides), Path("many"): Listing(many)}
    return Completer(lambda: ["command-a", "command-r"], lambda folder, begun: known.get(folder)).offer(
        before, is_all=is_all
    )


@pytest.mark.parametrize(
    ("before", "title"), [("@Guides/", "files"), ("@many/", "the first 50 files"), ("@many/1", "files")]
)
def test_it_is_said_when_there_are_more_than_are_offered(before: str, title: str) -> None:
    offer = offered(before)
    assert offer is not None
    assert offer.title == title


@pytest.mark.parametrize(
    ("before", "texts"),
    [
        ("/he", ["/help"]),
        ("/HE", ["/help"]),
        ("/c", ["/citations ", "/copy ", "/copy-turn ", "/copy-as ", "/compare ", "/clear"]),
        ("/n", ["/new"]),
        ("/xyz", []),
        ("/etc/h", []),
        ("/model ", ["command-a", "command-r"]),
        ("/model command-r", []),
        ("/model com", ["command-a", "command-r"]),
        ("/copy G", ["Guides/"]),
        ("/copy Guides/", []),
        ("/help ", []),
        ("see @g", ["@guide.md", "@Guides/"]),
        ("see @", ['@"a file.md"', "@guide.md", "@Guides/"]),
        ("see @.", ["@.hidden"]),
        ("see @Guides/", ['@"Guides/one two/', "@Guides/x.md"]),
        ('see @"a ', ['@"a file.md"']),
        ("me@g", []),
        ("see @elsewhere/", []),
        ("plain words", []),
    ],
)
def test_what_is_offered(before: str, texts: list[str]) -> None:
    offer = offered(before)
    assert sorted(each.text for each in offer.choices) == sorted(texts) if offer else not texts
    for each in offer.choices if offer else ():
        for start, end in each.hits:
            assert before.lower().endswith(each.shown[start:end].lower())


def test_every_command_of_the_table_is_offered_with_what_it_means_and_takes() -> None:
    offer = offered("/")
    assert offer is not None
    assert [(each.label, each.note) for each in offer.choices] == [
        (f"/{action.slash}", action.meaning) for action in ACTIONS if action.slash and action.place != "replay"
    ]


def test_in_a_replay_its_commands_are_offered_too_and_the_kinds_of_its_events() -> None:
    completer = Completer(list, lambda folder, begun: None, kinds=("request", "cited", "turn-end"))
    commands, kinds = (completer.offer(typed, is_all=True) for typed in ("/", "/break c"))
    assert commands is not None and kinds is not None
    assert {f"/{action.slash}" for action in ACTIONS if action.slash} == {each.label for each in commands.choices}
    assert [each.text for each in kinds.choices] == ["cited"]
    assert offered("/break c") is None


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("/tools o", ["on", "off", "only"]),
        ("/tools off ", ["tides"]),
        ("/tools on tr", ["trains"]),
        ("/tools only tides, ", ["trains"]),
        ("/run-tool t", ["tides", "trains"]),
        ("/run-tool tides {", None),
    ],
)
def test_tools_are_offered_that_can_be_switched_or_run(typed: str, texts: list[str] | None) -> None:
    completer = Completer(list, lambda folder, begun: None, tools=lambda: [("tides", True), ("trains", False)])
    offer = completer.offer(typed, is_all=True)
    assert (None if offer is None else [each.text for each in offer.choices]) == texts


def test_within_other_text_a_slash_begins_no_command() -> None:
    assert offered("/he", is_all=False) is None


async def shown(pilot: AppPilot, app: WorkbenchApp, *texts: str) -> None:
    await until_shown(pilot, *texts)
    assert in_focus(app) is app.prompt


async def test_a_command_is_taken_with_tab_or_enter_and_sent_by_the_next() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"/he")
        await shown(pilot, app, "▸ /help", "every key and command", "commands · Tab takes")
        write(app, b"\r")
        await until(pilot, lambda: app.prompt.text == "/help")
        assert not app.prompt.choices.display
        write(app, b"\r")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        write(app, ESC + b"/mo\t")
        await until(pilot, lambda: app.prompt.text == "/model ")
        write(app, b"\x1f")
        await until(pilot, lambda: app.prompt.text == "/mo")


async def test_the_list_is_walked_and_escape_closes_it() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"/c")
        await shown(pilot, app, "▸ /clear", "  /citations [MODE]")
        write(app, b"\x1b[B")
        await shown(pilot, app, "  /clear", "▸ /citations [MODE]")
        write(app, ESC)
        await until(pilot, lambda: not app.prompt.choices.display)
        write(app, b"l")
        await settled(pilot)
        assert not app.prompt.choices.display
        assert app.prompt.text == "/cl"
        write(app, b"\x7f\x7fc")
        await shown(pilot, app, "▸ /clear")
        await pilot.press(KEYS["events"])
        await until(pilot, lambda: not app.prompt.choices.display)


async def test_the_list_goes_with_the_word_that_it_is_for() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"/he")
        await shown(pilot, app, "▸ /help")
        write(app, b"\n")
        await until(pilot, lambda: not app.prompt.choices.display)
        write(app, b"\x7f")
        await shown(pilot, app, "▸ /help")
        await pilot.click(app.prompt, offset=(1, 0))
        await until(pilot, lambda: not app.prompt.choices.display)
        assert app.prompt.text == "/he"


async def test_a_name_that_was_typed_is_sent_as_it_is_unless_one_is_chosen() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"/model comm")
        await shown(pilot, app, "▸ command-test", "models")
        write(app, b"\r")
        await until(pilot, lambda: app.conversation.options.model == "comm")
        app.conversation.options = type(app.conversation.options)(model="command-test")
        write(app, b"/model comm\x1b[B\r")
        await until(pilot, lambda: app.prompt.text == "/model command-test")


async def test_files_are_offered_behind_an_at_and_names_are_hostile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "harbour guide").mkdir()
    (tmp_path / "harbour guide" / "tides.md").write_text("The tide turns.")
    (tmp_path / "hostile\x1b]0;x\x07[red].md").write_text("")
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"what is in @h")
        await shown(pilot, app, "▸ harbour guide/", "  hostile␛]0;x␇[red].md")
        write(app, b"\t")
        await shown(pilot, app, "▸ tides.md")
        write(app, b"\t?")
        await until(pilot, lambda: app.prompt.text == 'what is in @"harbour guide/tides.md"?')
        assert not app.prompt.choices.display


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 15), (30, 8), (13, 5)])
async def test_the_list_leaves_room_on_every_screen(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        write(app, b"/")
        await until(pilot, lambda: app.prompt.choices.display)
        await settled(pilot)
        lines = screen_text(app).split("\n")
        assert any("/" in line and "▸" in line for line in lines)
        assert any(line.strip().startswith(("> /", "/")) for line in lines)
        assert app.prompt.region.height >= 1
