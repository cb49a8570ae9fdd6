"""`keys:` of the settings: what is wrong with them is told with its place, before anything is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cli import parse, run
from workbench.errors import ConfigurationError
from workbench.startup.setup import read_plan
from workbench.ui.wrong_keys import refuse_wrong_keys, wrong_keys

WRONG = """model: m
keys:
  quti: f12
  help: [ctrl+r, f99]
  new: ctrl+p
  edit: left
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(WRONG)
    return path


def test_check_tells_every_wrong_key_in_its_place(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(wrong)], {}) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.removeprefix(str(wrong)).split(" ")[0] for line in told] == [":3:3:", ":4:18:", ":6:9:", ":5:8:"]
    assert "did you mean 'quit'?" in told[0]
    assert "'ctrl+p' already means 'palette'" in told[3]


def test_nothing_begins_with_wrong_keys(wrong: Path) -> None:
    plan = read_plan(parse(["--config", str(wrong)]), {})
    with pytest.raises(ConfigurationError) as raised:
        refuse_wrong_keys(plan.settings.keys)
    assert len(raised.value.problems) == 4


def test_keys_of_the_command_line_are_told_as_such() -> None:
    plan = read_plan(parse(["--set", "keys={quti: f12}"]), {})
    [problem] = wrong_keys(plan.settings.keys)
    assert "quti" in str(problem)
    assert wrong_keys(read_plan(parse(["--set", "keys={quit: f12}"]), {}).settings.keys) == []
