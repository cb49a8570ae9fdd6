"""The trust store: what is remembered, where, and that nothing about it can crash."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from workbench.tools.trust import TrustStore


@pytest.fixture
def tools_file(tmp_path: Path) -> Path:
    file = tmp_path / "tools.yaml"
    file.write_text("tools: []\n")
    return file


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "workbench" / "trust.json"


def test_trust_lasts_and_is_private(tools_file: Path, store_file: Path) -> None:
    store = TrustStore(store_file)
    assert not store.trusted(tools_file)
    store.trust(tools_file)
    assert store.trusted(tools_file)
    assert TrustStore(store_file).trusted(tools_file)
    assert stat.S_IMODE(store_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(store_file.parent.stat().st_mode) == 0o700
    assert [file.name for file in store_file.parent.iterdir()] == ["trust.json"]
    assert store.problem == ""


def test_another_content_is_not_trusted(tools_file: Path, store_file: Path) -> None:
    TrustStore(store_file).trust(tools_file)
    tools_file.write_text("tools: [changed]\n")
    assert not TrustStore(store_file).trusted(tools_file)
    tools_file.write_text("tools: []\n")
    assert TrustStore(store_file).trusted(tools_file)


def test_the_same_content_elsewhere_is_not_trusted(tools_file: Path, store_file: Path) -> None:
    TrustStore(store_file).trust(tools_file)
    copy = tools_file.with_name("copy.yaml")
    copy.write_bytes(tools_file.read_bytes())
    assert not TrustStore(store_file).trusted(copy)


def test_a_relative_name_is_the_same_file(tools_file: Path, store_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TrustStore(store_file).trust(tools_file)
    monkeypatch.chdir(tools_file.parent)
    assert TrustStore(store_file).trusted(Path("tools.yaml"))


def test_trust_is_for_the_content_that_was_shown(tools_file: Path, store_file: Path) -> None:
    store = TrustStore(store_file)
    shown = store.fingerprint(tools_file)
    tools_file.write_text("tools: [swapped]\n")
    store.trust(tools_file, shown)
    assert not store.trusted(tools_file)


def test_trust_of_two_files_adds_up(tools_file: Path, store_file: Path) -> None:
    other = tools_file.with_name("other.yaml")
    other.write_text("x")
    TrustStore(store_file).trust(tools_file)
    TrustStore(store_file).trust(other)
    assert TrustStore(store_file).trusted(tools_file)
    assert TrustStore(store_file).trusted(other)


def test_in_memory(tools_file: Path) -> None:
    store = TrustStore()
    store.trust(tools_file)
    assert store.trusted(tools_file)
    assert not TrustStore().trusted(tools_file)


def test_a_missing_file_is_never_trusted(tmp_path: Path, store_file: Path) -> None:
    store = TrustStore(store_file)
    store.trust(tmp_path / "missing")
    assert not store.trusted(tmp_path / "missing")
    assert not store.trusted(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"files": 5}', b'{"files": []}', b"[" * 100_000],
)
def test_an_unreadable_store_trusts_nothing_and_is_replaced(tools_file: Path, store_file: Path, content: bytes) -> None:
    store_file.parent.mkdir(parents=True)
    store_file.write_bytes(content)
    store_file.chmod(0o600)
    store = TrustStore(store_file)
    assert not store.trusted(tools_file)
    assert "cannot be used" in store.problem
    store.trust(tools_file)
    assert TrustStore(store_file).trusted(tools_file)


def test_a_store_that_others_may_write_is_not_believed(tools_file: Path, store_file: Path) -> None:
    TrustStore(store_file).trust(tools_file)
    store_file.chmod(0o666)
    store = TrustStore(store_file)
    assert not store.trusted(tools_file)
    assert "others may write it" in store.problem


def test_a_fifo_in_its_place_does_not_block(tools_file: Path, store_file: Path) -> None:
    store_file.parent.mkdir(parents=True)
    os.mkfifo(store_file)
    store = TrustStore(store_file)
    assert not store.trusted(tools_file)
    assert "not a regular file" in store.problem


def test_an_unwritable_store_is_remembered_in_memory(tools_file: Path, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file where the folder should be")
    store = TrustStore(tmp_path / "occupied" / "trust.json")
    store.trust(tools_file)
    assert store.trusted(tools_file)
    assert "until the program ends" in store.problem


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"XDG_STATE_HOME": "{root}/state", "HOME": "{root}/home"}, "state/workbench/trust.json"),
        ({"HOME": "{root}/home"}, "home/.local/state/workbench/trust.json"),
        ({"XDG_STATE_HOME": "relative", "HOME": "{root}/home"}, "home/.local/state/workbench/trust.json"),
        ({}, None),
    ],
)
def test_the_place_of_the_users_store(
    tmp_path: Path, tools_file: Path, environ: dict[str, str], place: str | None
) -> None:
    store = TrustStore.of_user({name: value.format(root=tmp_path) for name, value in environ.items()})
    store.trust(tools_file)
    assert store.trusted(tools_file)
    written = [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("trust.json")]
    assert written == ([place] if place else [])
    if place:
        assert list(json.loads((tmp_path / place).read_text())["files"]) == [os.path.realpath(tools_file)]
