"""Lines that are too narrow for all that they have to say: what is left of them, and that it is whole."""

from __future__ import annotations

import pytest

from tests.ui.harness import ask, screen_text, settled, workbench_app
from workbench.ui.about import About
from workbench.ui.keymap import Keymap
from workbench.ui.screens.help import HelpScreen
from workbench.ui.widgets.fitting import beginning_of, most_worth

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
