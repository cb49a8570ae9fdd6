"""What .gitignore files name is left out of a folder where a set asks for that."""

from __future__ import annotations

import io
from pathlib import Path

from workbench.commands.check import check
from workbench.config.load import load_documents_files
from workbench.documents.load import load_sets


def names(folder: Path, yaml: str) -> list[str | None]:
    (folder / "docs.yaml").write_text(yaml)
    loaded = load_sets(load_documents_files([folder / "docs.yaml"], {}))
    assert loaded.fatal == ()
    return [passage.path for documents in loaded.sets for passage in documents.passages]


def test_the_nearest_rule_decides_and_only_on_request(tmp_path: Path) -> None:
    files = ("a.md", "a.log", "keep.log", "build/b.md", "src/c.md", "src/build/d.md", "src/e.log", "src/local.md")
    for name in files:
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(name)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.log\n!keep.log\n")
    (tmp_path / "docs" / ".gitignore").write_text("# made by a program\n/build/\n")
    (tmp_path / "docs" / "src" / ".gitignore").write_bytes(b"local.md\r\n!e.log\r\n")
    (tmp_path.parent / ".gitignore").write_text("*.md\n")  # beyond the repository
    assert names(tmp_path, "files: docs\n") == [
        f"docs/{name}" for name in ("a.log", "a.md", "keep.log", "build/b.md", "src/c.md", "src/e.log", "src/local.md",
                                    "src/build/d.md")
    ]  # fmt: skip
    kept = [f"docs/{name}" for name in ("a.md", "keep.log", "src/c.md", "src/e.log", "src/build/d.md")]
    assert names(tmp_path, "files: docs\ngitignore: true\n") == kept
    assert names(tmp_path, "files: docs/**/*\ngitignore: true\n") == kept
    assert names(tmp_path, "files: docs/a.log\ngitignore: true\n") == ["docs/a.log"]  # named outright
    (tmp_path.parent / ".gitignore").unlink()


def test_without_a_repository_the_rules_are_those_from_the_folder_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("in/a.md", "in/b.md"):
        (tmp_path / name).write_text(name)
    (tmp_path / "in" / ".gitignore").write_text("b.*\n")
    assert names(tmp_path, "files: in\ngitignore: true\n") == ["in/a.md"]


def test_it_is_a_yes_or_a_no(tmp_path: Path) -> None:
    (tmp_path / "docs.yaml").write_text("files: '*.md'\ngitignore: perhaps\n")
    err = io.StringIO()
    assert check([tmp_path / "docs.yaml"], {}, io.StringIO(), err) == 2
    assert "docs.yaml:2:12:" in err.getvalue()
