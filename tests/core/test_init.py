"""`workbench init`: files that load as they are, and never in place of others."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
import yaml

from tests.loaded import LoadedProgram
from workbench.cli import run
from workbench.commands.check import check
from workbench.config.settings import read_settings
from workbench.config.settings_model import OF_NAME, SETTING_KEYS
from workbench.startup.starter_files import FILES, starter_files

ALL = [".workbench/documents.schema.json", ".workbench/settings.schema.json", ".workbench/tools.schema.json",
       "docs.yaml", "tools.yaml", "workbench.yaml"]  # fmt: skip


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_new_folder_is_good_and_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deep" / "new"
    assert run(["init", str(folder)]) == 0
    said = capsys.readouterr().out
    assert written(folder) == ALL
    assert f"Start with them: workbench --config {folder}/workbench.yaml\n" in said

    assert run(["check", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (3, "")

    assert run(["ask", "--offline", "--docs", f"{folder}/docs.yaml", "How do I add my own files?"], os.environ) == 0
    assert "list their paths or globs under files" in capsys.readouterr().out
    asked = ["ask", "--offline", "--config", f"{folder}/workbench.yaml", "What are the opening hours of the library?"]
    assert run(asked, os.environ) == 0
    assert "opens: 09:00" in capsys.readouterr().out


def test_without_a_folder_it_is_this_one(tmp_path: Path, loaded: LoadedProgram) -> None:
    done = loaded.run_text("init", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert written(tmp_path) == ALL
    assert (
        done.stdout
        == """\
docs.yaml       documents to ask about
tools.yaml      tools that the model may call
workbench.yaml  settings, which name these two
.workbench/     JSON Schemas, by which editors complete and check them

Start with them: workbench --config workbench.yaml
"""
    )
    again = loaded.run_text("init", folder=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert [line.partition(":")[0] for line in again.stderr.splitlines()] == [
        "docs.yaml", "tools.yaml", "workbench.yaml", *ALL[:1], ALL[2], ALL[1],
    ]  # fmt: skip


def test_each_file_names_its_schema_for_editors(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path)]) == 0
    for kind, name in FILES.items():
        head = (tmp_path / name).read_text(encoding="utf-8").splitlines()[0]
        assert head == f"# yaml-language-server: $schema=.workbench/{kind}.schema.json"
        assert (tmp_path / head.partition("$schema=")[2]).is_file()


@pytest.mark.parametrize("name", ["docs.yaml", "workbench.yaml", ".workbench/tools.schema.json"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_there_stays_and_nothing_is_written(
    name: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / name
    taken.parent.mkdir(exist_ok=True)
    if kind == "file":
        taken.write_text("mine")
    elif kind == "folder":
        taken.mkdir()
    else:
        taken.symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    assert run(["init", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{taken}: there is such a file already (nothing was written: ")
    assert sorted(tmp_path.rglob("*")) == before
    assert kind != "file" or taken.read_text() == "mine"


@pytest.mark.parametrize(
    ("fault", "code"), [(OSError(28, "No space left on device"), 2), (KeyboardInterrupt(), 130)], ids=["full", "Ctrl+C"]
)
def test_a_write_that_fails_in_the_middle_leaves_nothing(
    fault: BaseException,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole, opened = Path.open, []

    def full(self: Path, mode: str = "r", **more: object) -> io.TextIOWrapper:
        if mode == "x":
            opened.append(self)
            if len(opened) == 5:
                raise fault
        return whole(self, mode, **more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(Path, "open", full)
    assert run(["init", str(tmp_path / "new")]) == code
    said = f"{opened[-1]}: it cannot be written: No space left on device\n"
    assert capsys.readouterr().err == (said if code == 2 else "")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f").write_text("")
    assert run(["init", str(tmp_path / "f")]) == 2
    assert "this is no folder" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "f" / "below")]) == 2
    assert "it cannot be written: Not a directory" in capsys.readouterr().err
    assert run(["init", "a\0b"]) == 2
    assert "it cannot be reached: the name holds a NUL byte" in capsys.readouterr().err


def test_every_setting_stands_there_and_can_be_set(tmp_path: Path) -> None:
    text = starter_files(())["workbench.yaml"]
    names = re.findall(r"^#?([a-z_]+): ", text, re.M)
    assert sorted(names) == sorted(SETTING_KEYS)
    path = tmp_path / "all.yaml"
    path.write_text(re.sub(r"^#(?=[a-z_]+: )", "", text, flags=re.M))
    settings, problems = read_settings(path, {})
    assert problems == ()
    for row in OF_NAME.values():
        written_value = yaml.safe_load(row.example) if row.example else row.default
        assert getattr(settings, row.name) is not None or written_value is None


# -- what the folder is checked as ----------------------------------------------------------------------------------


def checked(path: Path) -> tuple[int, list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    return check([path], {}, out, err), out.getvalue().splitlines(), err.getvalue().splitlines()


def test_a_folder_is_checked_as_its_yaml_files(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("documents: [a]\n")
    (tmp_path / "a.yml").write_text("mdel: m\n")
    for name in (".hidden.yaml", "data.json", "notes.md"):
        (tmp_path / name).write_text("mdel: m\n")
    code, out, err = checked(tmp_path)
    assert code == 2
    assert out == [f"{tmp_path}/b.yaml: 1 set, 1 passage"]
    assert [line.partition(": ")[0] for line in err] == [f"{tmp_path}/a.yml:1:1"]


def test_a_folder_without_any_is_wrong(tmp_path: Path) -> None:
    code, out, (line,) = checked(tmp_path)
    assert (code, out) == (2, [])
    assert line.startswith(f"{tmp_path}: the folder holds no .yaml and no .yml file")


def test_a_folder_that_cannot_be_read_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    code, _, (line,) = checked(tmp_path)
    assert (code, line) == (2, f"{tmp_path}: the folder cannot be read: Permission denied (make it readable)")
