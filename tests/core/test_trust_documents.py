"""A documents file that reaches outside of its folder: only when it is trusted, or the person named the documents."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from workbench.cli import run
from workbench.commands.check import check
from workbench.config.load import load_documents_files
from workbench.documents.load import load_sets
from workbench.tools.trust import TrustStore

SECRET = "The treasure lies under the old lighthouse."
QUESTION = "Where does the treasure lie?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stranger's folder, beside what is the person's own."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.md").write_text(SECRET)
    (tmp_path / "private" / "docs.yaml").write_text("files: secret.md\n")
    stranger = tmp_path / "stranger"
    (stranger / "deep").mkdir(parents=True)
    (stranger / "inside.md").write_text("The library opens at nine.")
    (stranger / "link.md").symlink_to("../private/secret.md")
    (stranger / "chain.md").symlink_to("link.md")
    (stranger / "linked").symlink_to(tmp_path / "private")
    (stranger / "deep" / "again").symlink_to("../linked")
    monkeypatch.setenv("HOME", str(tmp_path / "private"))
    monkeypatch.setenv("WHERE", str(tmp_path / "private"))
    return stranger


OUTSIDE = [
    "{private}/secret.md",
    "{private}",
    "{private}/*.md",
    "../private/secret.md",
    "../private/*.md",
    "../*/secret.md",
    "deep/../../private/secret.md",
    "./deep/./.././../private/secret.md",
    "link.md",
    "chain.md",
    "l*.md",
    "linked/secret.md",
    "linked/*.md",
    "linked",
    "deep/again/secret.md",
    "deep/**/*.md",
    "*/secret.md",
    "~/secret.md",
    "~/*.md",
    "${{WHERE}}/secret.md",
    "${{NOWHERE:-..}}/private/secret.md",
]


def written(folder: Path, pattern: str) -> Path:
    file = folder / "docs.yaml"
    file.write_text(f"files: ['{pattern.format(private=folder.parent / 'private')}']\n")
    return file


def ask(*argv: str) -> int:
    return run(["ask", "--offline", *argv, QUESTION])


@pytest.mark.parametrize("pattern", OUTSIDE)
def test_outside_of_the_folder_is_not_read_without_trust(
    folder: Path, pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(folder, pattern)
    assert ask("--docs", str(file)) == 2
    out, err = capsys.readouterr()
    assert SECRET not in out + err
    assert f"{file}:1:9: " in err
    assert str(folder.parent / "private" / "secret.md") in err
    assert "--yes" in err
    assert ask("--docs", str(file), "--yes") == 0
    assert "lighthouse" in capsys.readouterr().out
    assert ask("--docs", str(file)) == 2, "--yes is for one run"
    TrustStore.of_user(os.environ).trust(file)
    assert ask("--docs", str(file)) == 0
    file.write_text(f"{file.read_text()}# changed\n")
    assert ask("--docs", str(file)) == 2


@pytest.mark.parametrize("pattern", ["inside.md", "*.md", "deep/../inside.md", "{private}/../stranger/inside.md", "."])
def test_inside_of_the_folder_is_read(folder: Path, pattern: str, capsys: pytest.CaptureFixture[str]) -> None:
    for link in (folder / "link.md", folder / "chain.md", folder / "linked", folder / "deep" / "again"):
        link.unlink()
    (folder / "other.md").symlink_to("inside.md")
    assert ask("--docs", str(written(folder, pattern))) == 0


def test_a_link_to_a_documents_file_is_the_file_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It reads beside the real file; and trust in that is no trust in what lies beside the link."""
    (folder.parent / "mine").mkdir()
    mine = folder.parent / "mine" / "docs.yaml"
    mine.write_text("files: [own.md, ../private/secret.md]\n")
    (folder.parent / "mine" / "own.md").write_text("The tide turns at noon.")
    (folder / "own.md").write_text("The tide turns at midnight.")
    TrustStore.of_user(os.environ).trust(mine)
    (folder / "docs.yaml").symlink_to("../mine/docs.yaml")
    assert run(["ask", "--offline", "--docs", str(folder / "docs.yaml"), "When does the tide turn?"]) == 0
    out = capsys.readouterr().out
    assert "noon" in out
    assert "midnight" not in out


def test_what_the_command_line_names_is_the_persons_own_choice(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = folder.parent / "private"
    for given in (private / "secret.md", private, folder / "link.md"):
        assert ask("--docs", str(given)) == 0
        assert "lighthouse" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("docs", "asked"),
    [
        ("../private/secret.md", True),
        ("../private", True),
        ("../private/docs.yaml", True),
        ("{private}/secret.md", True),
        ("link.md", True),
        ("linked", True),
        ("linked/docs.yaml", True),
        ("~/secret.md", True),
        ("deep", True),
        ("own.yaml", True),
        ("inside.md", False),
    ],
)
def test_documents_of_settings_come_under_the_same_rule(
    folder: Path, docs: str, asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own.yaml").write_text("files: ../private/secret.md\n")
    (folder / "deep" / "secret.md").symlink_to("../../private/secret.md")
    file = folder / "c.yaml"
    file.write_text(f"docs: ['{docs.format(private=folder.parent / 'private')}']\n")
    assert ask("--config", str(file)) == (2 if asked else 0)
    out, err = capsys.readouterr()
    assert SECRET not in out + err
    assert ask("--config", str(file), "--yes") == 0
    assert ("lighthouse" in capsys.readouterr().out) is asked
    home = Path(os.environ["XDG_CONFIG_HOME"]) / "workbench" / "config.yaml"
    home.parent.mkdir(parents=True)
    home.write_text(
        f"docs: ['{folder / docs.format(private=folder.parent / 'private')}']\n".replace(f"{folder}/~", "~")
    )
    assert ask() == (2 if docs == "own.yaml" else 0), "a person's own settings name what they like"


@pytest.mark.parametrize("pattern", OUTSIDE)
def test_check_warns_and_reads_nothing_outside(folder: Path, pattern: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert check([written(folder, pattern)], os.environ, out, err) == 0
    assert "warning: " in err.getvalue()
    assert "secret.md" in err.getvalue()
    assert "0 passages" in out.getvalue() or "1 passage" in out.getvalue()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("base_url: https://gateway.example", "1:1: warning: it sends the API key"),
        ("base_url: http://gateway.example", "1:1: warning: gateway.example would get the API key over plain http"),
        ("api_key_env: DATABASE", "1:1: warning: it sends what the variable DATABASE holds"),
        ("docs: [../private/secret.md]", "1:1: warning: it reads documents outside"),
        ("log: ../x.log", "1:1: warning: it appends log records to"),
    ],
)
def test_check_warns_of_settings_that_will_be_asked_about(folder: Path, settings: str, says: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    file = folder / "c.yaml"
    file.write_text(f"{settings}\n")
    assert check([file], {}, out, err) == 0
    assert says in err.getvalue()
    assert out.getvalue() == f"{file}: settings for command-a-03-2025\n"


def test_the_rule_holds_for_the_library_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_sets(load_documents_files([written(folder, "*.md")], {}))
    texts = [passage.text for each in loaded.sets for passage in each.passages]
    assert texts == ["The library opens at nine."]
    (problem,) = loaded.problems
    assert "outside of the folder" in problem.message


def test_many_files_outside_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(50):
        (folder.parent / "private" / f"{number:02}.md").write_text("A word.")
    assert ask("--docs", str(written(folder, "../private/*.md"))) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "and 41 more" in line


def test_the_file_that_was_read_counts(folder: Path) -> None:
    file = written(folder, "link.md")
    sets = load_documents_files([file], {})
    file.unlink()
    assert load_sets(sets).outside
