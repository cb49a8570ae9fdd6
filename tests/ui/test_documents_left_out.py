"""What of a folder of documents could not be used is a note of the app, which opens all the same."""

from __future__ import annotations

from pathlib import Path

from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan


async def test_a_bad_file_of_a_folder_is_a_note_and_the_app_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("The library opens at nine.")
    for number in range(9):
        (folder / f"b{number}.txt").write_bytes(b"\xff\xfe\xfd" * 9)
    environ = {"HOME": str(tmp_path)}
    plan = read_plan(parse(["--offline", "--no-session", "--docs", str(folder)], environ), environ, docs_later=True)
    app = screen(plan, environ)
    async with app.run_test(size=(100, 30)) as pilot:
        await app.asking.ready.wait()
        await pilot.pause()
        (note,) = app.stage.said
        assert note.severity == "warning"
        assert f"{folder}/b0.txt: warning: is not text; the file is left out" in note.text
        assert note.text.count("\n") == 4
        assert note.text.endswith("and 6 more notes on documents; workbench check names them")
        assert app.conversation.library is not None
        described = app.conversation.library.describe()
        assert described.startswith("notes (1 passage") and "1 of 10 files; 9 left out" in described
        assert app.is_running
