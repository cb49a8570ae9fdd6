"""Which theme a person has: named, remembered, chosen in the list, or as the terminal is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.ui.harness import AppPilot, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_theming import strangers
from workbench.ui.app import WorkbenchApp
from workbench.ui.terminal.ground import GroundTold
from workbench.ui.themes.contrast import rgb
from workbench.ui.themes.memory import ThemeMemory
from workbench.ui.themes.own import AUTO, CONTRAST_DARK, DARK, LIGHT
from workbench.ui.themes.roles import BY_NAME

WIDE = (120, 40)


@pytest.fixture(name="memory")
def kept(tmp_path: Path) -> ThemeMemory:
    return ThemeMemory.of_user({"XDG_STATE_HOME": str(tmp_path / "state")})


async def open_list(app: WorkbenchApp, pilot: AppPilot) -> None:
    await app.run_action("app.change_theme")
    await until_shown(pilot, "Search for themes", "workbench-dark")
    await settled(pilot)


async def test_the_theme_under_the_cursor_is_shown_and_esc_goes_back(memory: ThemeMemory) -> None:
    app = workbench_app(remembered=memory)
    async with app.run_test(size=WIDE) as pilot:
        await open_list(app, pilot)
        assert app.theme == AUTO.name  # the list begins with the one that is chosen
        await pilot.press("down", "down")
        await until(pilot, lambda: app.theme == LIGHT.name)
        await pilot.press(*"nord")
        await until(pilot, lambda: app.theme == "nord")
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == AUTO.name and len(app.screen_stack) == 1)
    assert memory.recalled() is None


async def test_the_list_itself_follows_the_theme_that_it_shows(memory: ThemeMemory) -> None:
    app = workbench_app(remembered=memory)
    async with app.run_test(size=WIDE) as pilot:
        await open_list(app, pilot)
        assert "as the terminal is" in screen_text(app)
        for theme in (DARK.name, LIGHT.name, CONTRAST_DARK.name):
            await pilot.press("down")
            await settled(pilot)
            assert app.theme == theme
            assert not strangers(app), theme


async def test_a_theme_that_is_chosen_is_the_one_of_the_next_start(memory: ThemeMemory, tmp_path: Path) -> None:
    app = workbench_app(remembered=memory)
    async with app.run_test(size=WIDE) as pilot:
        await open_list(app, pilot)
        await pilot.press(*"drac")
        await until(pilot, lambda: app.theme == "dracula")
        await pilot.press("enter")
        await until(pilot, lambda: memory.recalled() == "dracula" and len(app.screen_stack) == 1)
        assert app.theme == "dracula"
    file = tmp_path / "state" / "workbench" / "theme.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert workbench_app(remembered=memory).theme == "dracula"
    assert workbench_app(remembered=memory, theme="nord").theme == "nord"


@pytest.mark.parametrize(
    "written",
    ["", "{", "[]", '"x"', '{"theme": 1}', '{"theme": "gone"}', '{"theme": "\\u001b[2J"}', "[" * 3000, "x" * 9000],
)
async def test_a_theme_that_vanished_is_no_error(memory: ThemeMemory, tmp_path: Path, written: str) -> None:
    assert memory.keep("nord") == ""
    (tmp_path / "state" / "workbench" / "theme.json").write_text(written)
    app = workbench_app(remembered=memory)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert app.theme == AUTO.name
        assert "theme" not in screen_text(app)


async def test_what_others_may_write_was_not_chosen(memory: ThemeMemory, tmp_path: Path) -> None:
    assert memory.keep("nord") == ""
    assert memory.recalled() == "nord"
    (tmp_path / "state" / "workbench" / "theme.json").chmod(0o666)
    assert memory.recalled() is None


async def test_a_choice_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    app = workbench_app(remembered=ThemeMemory.of_user({"XDG_STATE_HOME": str(tmp_path / "state")}))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        app.choose_theme("nord")
        await until_shown(pilot, "the theme is not kept")


async def test_a_choice_against_the_settings_says_until_when(memory: ThemeMemory) -> None:
    app = workbench_app(remembered=memory, theme="nord")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        app.choose_theme("dracula")
        await until_shown(pilot, "until the end", "'nord'")


def text_ink(app: WorkbenchApp, role: str) -> str:
    value = rgb(AUTO.shades[role].true)
    inks = app.inks()
    return (inks.letters if BY_NAME[role].kind == "text" else inks.grounds)[value].code


async def test_the_default_theme_goes_by_what_the_terminal_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORFGBG", raising=False)
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        assert text_ink(app, "text") == text_ink(app, "background") == ""
        for is_dark, palette in ((False, LIGHT), (True, DARK), (False, LIGHT)):
            app.post_message(GroundTold(is_dark=is_dark))
            await pilot.pause()
            assert app.theme == AUTO.name
            told = palette.inks(app._depth())
            assert text_ink(app, "cite") == told.letters[rgb(palette.shades["cite"].true)].code
            assert text_ink(app, "background") == told.grounds[rgb(palette.shades["background"].true)].code


async def test_a_theme_that_was_chosen_stays_whatever_the_terminal_says() -> None:
    app = workbench_app(theme="workbench-dark")
    async with app.run_test(size=WIDE) as pilot:
        before = app.inks()
        app.post_message(GroundTold(is_dark=False))
        await pilot.pause()
        assert app.inks() == before


@pytest.mark.parametrize(("hint", "palette"), [("15;0", DARK), ("0;15", LIGHT)])
def test_until_the_terminal_says_it_the_environment_is_believed(
    hint: str, palette: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORFGBG", hint)
    app = workbench_app()
    assert isinstance(palette, type(DARK))
    assert app.inks() == palette.inks(app._depth(), known_as=AUTO)
