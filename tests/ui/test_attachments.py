"""`@file` in a question: named above the prompt, sent with that turn alone, in the ledger, and cited."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.harness import said, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import write
from workbench.ui.app import WorkbenchApp


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pump.md").write_text("The pump runs at night.\nIt was built in 1911.\nNobody likes it.\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0" + bytes(range(256)))
    (tmp_path / "evil\x1b]0;x\x07.md").write_text("evil text")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def attaching_app() -> WorkbenchApp:
    from workbench.ui.attachments import attach

    app = workbench_app()
    app._startup.attaches = True
    app.asking.attach = attach
    return app


async def test_a_file_is_named_sent_with_its_turn_and_cited() -> None:
    app = attaching_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        write(app, b"When does the pump run? @pump.md")
        await until_shown(pilot, "attached: pump.md")
        write(app, b"\r")
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        assert "attached:" not in screen_text(app)
        turn = app.conversation.turns[-1]
        assert "The pump runs at night." in turn.text
        cited = [entry for entry in turn.ledger.entries() if entry.cited]
        assert [(entry.path, entry.set) for entry in cited] == [("pump.md", "attached")]
        documents = turn.steps[0].request["documents"]
        assert documents[0]["data"]["text"].startswith("The pump runs at night.")
        assert len(documents) == 5

        write(app, b"When does the tide turn?\r")
        await until(pilot, lambda: len(app.conversation.turns) == 2 and not app.busy)
        assert len(app.conversation.turns[-1].steps[0].request["documents"]) == 4
        app.commands.perform("retry")
        await until(pilot, lambda: app.conversation.turns[-1].number == 3 and not app.busy)


async def test_lines_of_a_file_are_sent_alone() -> None:
    app = attaching_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        write(app, b"When was the pump built? @pump.md#2-3")
        await until_shown(pilot, "attached: pump.md#2-3")
        write(app, b"\r")
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        [document] = [
            each for each in app.conversation.turns[-1].steps[0].request["documents"] if each["id"].startswith("@")
        ]
        assert document["data"]["text"] == "It was built in 1911.\nNobody likes it."
        assert [entry.lines for entry in app.conversation.turns[-1].ledger.entries() if entry.set == "attached"] == [
            (2, 3)
        ]


async def test_what_cannot_be_read_is_said_and_the_question_is_asked() -> None:
    app = attaching_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        write(app, b"When does the tide turn? @picture.png me@pump.md @nobody\r")
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        assert "@picture.png is not attached: it is not text" in said(app)
        assert len(app.conversation.turns[-1].steps[0].request["documents"]) == 4


async def test_a_hostile_name_is_shown_safely_and_the_line_goes_with_the_draft() -> None:
    app = attaching_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.prompt.insert("see @evil\x1b]0;x\x07.md and @pump.md")
        await until_shown(pilot, "attached: evil␛]0;x␇.md · pump.md")
        await pilot.press("ctrl+c")
        await settled(pilot)
        assert "attached:" not in screen_text(app)


async def test_what_will_not_be_sent_is_not_shown_as_attached_and_the_reason_is(folder: Path) -> None:
    (folder.parent / "outside.md").write_text("secret")
    (folder / "link.md").symlink_to(folder.parent / "outside.md")
    app = attaching_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        write(app, b"see @pump.md and @../outside.md ")
        await until_shown(pilot, "attached: pump.md", "not attached: ../outside.md lies outside of this folder")
        write(app, b"\x15and @pump.md#2 @pump.md#99 @picture.png @link.md ")
        await until_shown(
            pilot,
            "attached: pump.md#2",
            "not attached: pump.md#99 has lines 1 to 3 · picture.png is not text · link.md lies outside of this folder",
        )
        write(app, b"\x15@pump.md#99 ")
        await until(pilot, lambda: " attached: pump" not in screen_text(app).replace("not attached", ""))
        await until_shown(pilot, "not attached: pump.md#99 has lines 1 to 3")


async def test_of_many_that_are_not_sent_the_first_are_told(folder: Path) -> None:
    for number in range(9):
        (folder / f"{number}.md").touch()
    app = attaching_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        write(app, b" ".join(b"@%d.md" % number for number in range(9)))
        told = " · ".join(f"{number}.md has no text" for number in range(3))
        await until_shown(pilot, f"not attached: {told} · … and 6 more")
