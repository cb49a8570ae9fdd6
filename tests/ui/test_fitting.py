"""Lines that are too narrow for all that they have to say: what is left of them, and that it is whole."""

from __future__ import annotations

import pytest
from textual import events
from textual.content import Content
from textual.geometry import Size

from tests.ui.harness import ask, screen_text, settled, workbench_app
from workbench.ui.about import About
from workbench.ui.arrangement import KEYS, SIDE_PANELS
from workbench.ui.keymap import Keymap
from workbench.ui.screens.help import HelpScreen
from workbench.ui.widgets.fitting import beginning_of, ending_with_a_word, most_worth
from workbench.ui.widgets.pane_tabs import PaneTabs
from workbench.ui.widgets.row import cut

ENDED = "✓ complete · coverage 7/8 · first 0.76 s · 2386 → 41 tok"


@pytest.mark.parametrize(
    ("text", "room", "left"),
    [
        (ENDED, 60, ENDED),
        (ENDED, len(ENDED), ENDED),
        (ENDED, len(ENDED) - 1, "✓ complete · coverage 7/8 · first 0.76 s"),
        (ENDED, 39, "✓ complete · coverage 7/8"),
        (ENDED, 10, "✓ complete"),
        (ENDED, 9, "✓…"),
        ("5.0 s  model 4.9 tools 0.9", 20, "5.0 s"),
        ("2 cited of 3", 8, "2 cited…"),
        ("ununterbrochen", 5, "unun…"),
        ("漢字かな", 5, "漢字…"),
        ("one", 0, ""),
        ("", 5, ""),
    ],
)
def test_whole_parts_are_left_of_a_line(text: str, room: int, left: str) -> None:
    assert beginning_of(text, room) == left


@pytest.mark.parametrize(
    ("text", "room", "left"),
    [
        ("the tide turns at noon", 22, "the tide turns at noon"),
        ("the tide turns at noon", 21, "the tide turns at…"),
        ("the tide turns at noon", 18, "the tide turns at…"),
        ("the tide turns at noon", 17, "the tide turns…"),
        ("the tideturnsatnoon", 12, "the tidetur…"),
        ("漢字かな交じり", 7, "漢字か…"),
        ("one", 0, ""),
        ("one", 1, "…"),
        ("", 5, ""),
    ],
)
def test_a_line_is_cut_behind_a_word_unless_that_is_too_little(text: str, room: int, left: str) -> None:
    assert ending_with_a_word(text, room) == left


def test_a_row_is_cut_behind_a_word_and_counts_what_is_hidden() -> None:
    assert cut(Content("the tide turns at noon"), 20).plain == "the tide turns … +7"
    assert cut(Content("the tideturnsatnoon"), 16).plain == "the tideturn… +7"
    assert cut(Content('4.781  +0.021  " character"  content-delta'), 41).plain.endswith("content-… +5")


@pytest.mark.parametrize(
    ("width", "tabs"),
    [
        (53, " F3 Tools   F4 Sources  [F5 Events]  F6 Request "),
        (46, "F3 Tools F4 Sources [F5 Events] F6 Request"),
        (42, "F3 Tools F4 Sources [F5 Events] F6 Request"),
        (41, " F3   F4  [F5 Events]  F6 "),
        (20, "F3 F4 [F5 Events] F6"),
        (17, "F3 F4 [Events] F6"),
    ],
)
def test_tabs_move_together_before_they_lose_their_names(
    monkeypatch: pytest.MonkeyPatch, width: int, tabs: str
) -> None:
    monkeypatch.setattr(PaneTabs, "content_size", Size(width, 1))
    line = PaneTabs([(name, name.title(), KEYS[name].upper()) for name in SIDE_PANELS])
    line.set_reactive(PaneTabs.active, "events")
    chosen: list[str] = []
    monkeypatch.setattr(line, "post_message", lambda message: chosen.append(message.name))
    assert str(line.render()) == f"{tabs:{width}}"
    for at in (1, tabs.index("[") + 1, tabs.index("F6") + 1):
        line.on_click(events.Click(line, at + 1, 0, 0, 0, 1, False, False, False))
    assert chosen == ["tools", "events", "request"]


def test_what_is_worth_least_goes_first() -> None:
    parts = [("command-a", 5), ("api.cohere.com", 2), ("handbook 31", 3), ("4 tools", 1), ("", 9), ("not kept", 4)]
    assert most_worth(parts, 80) == "command-a · api.cohere.com · handbook 31 · 4 tools · not kept"
    assert most_worth(parts, 52) == "command-a · api.cohere.com · handbook 31 · not kept"
    assert most_worth(parts, 40) == "command-a · handbook 31 · not kept"
    assert most_worth(parts, 20) == "command-a · not kept"
    assert most_worth(parts, 12) == "command-a"
    assert most_worth(parts, 6) == "comma…"


@pytest.mark.parametrize(
    ("size", "status", "keys"),
    [
        ((60, 20), "✓ complete · coverage ", ("] citations", "F1 help", "Tab panes")),
        ((80, 24), "✓ complete · coverage ", ("] citations", "F1 help", "^P palette")),
        ((120, 40), "✓ complete · coverage ", ("] citations", "F1 help", "^P palette", "Tab panes", "^J newline")),
    ],
)
async def test_the_last_row_names_how_it_ended_and_the_keys(
    size: tuple[int, int], status: str, keys: tuple[str, ...]
) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        last = screen_text(app).split("\n")[-1]
        assert last.startswith(f" {status}"), last
        assert all(key in last for key in keys), last
        assert "…" not in last
        assert not last.split("  ")[0].rstrip().endswith("·")


async def test_the_title_drops_whole_parts_and_the_name_before_them() -> None:
    app = workbench_app(tools=True, about=About("command-a-plus-05-2026", "workbench.example.com", ()))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        app.stage.title.about = (
            ("command-a-plus-05-2026", 5), ("workbench.example.com", 2), ("handbook 102", 3), ("14 tools", 1),
        )  # fmt: skip
        app.stage.title.where = "turn 1 of 1"
        await settled(pilot)
        about = screen_text(app).split("\n")[0].removesuffix("turn 1 of 1").strip()
        assert about == "command-a-plus-05-2026 · workbench.example.com · handbook 102"


@pytest.mark.parametrize("width", [60, 70, 80])
async def test_tabs_keep_their_keys_whatever_the_pane_has_to_say(width: int) -> None:
    app = workbench_app()
    async with app.run_test(size=(width, 24)) as pilot:
        app.stage.tabs.summary = "turn 1 of 3 · 10.7 s  model 1.5 tools 0.9 asked you 8.2"
        await settled(pilot)
        tabs = next(line for line in screen_text(app).split("\n") if "[F3 Tools]" in line)
        for key in ("F3 Tools", "F4 Sources", "F5 Events", "F6 Request"):
            assert key in tabs
        assert tabs.endswith({60: "turn 1…", 70: "turn 1 of 3", 80: "turn 1 of 3 · 10.7 s"}[width])


def test_each_action_has_a_line_of_its_own_in_the_help() -> None:
    """But those that mean the same."""
    lines = {pair for _, table in HelpScreen(Keymap())._tables for pair in table}
    assert lines >= {
        ("Up", "on the first line, the question before"),
        ("]", "the next citation"),
        ("[", "the previous citation"),
        ("F4", "go to Sources"),
        ("Alt+1, Alt+2, Alt+3", "the questions that an empty chat suggests"),
    }
