"""What there is to run, by name: `pipx run nox -s quick`, or `uvx nox -s quick`; `nox -l` lists them.

nox and not just, for it comes from where all else comes from: whoever has Python has pip, and few have just. What is
run is run in .venv, which `setup` makes as CI does, and not in environments of nox.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

PROGRAMS = Path(".venv") / ("Scripts" if sys.platform == "win32" else "bin")

nox.options.default_venv_backend = "none"
nox.options.sessions = ["quick", "check"]


def run(session: nox.Session, program: str, *arguments: str) -> None:
    """Run a program of .venv with these arguments, and with those of the command line behind them."""
    if not PROGRAMS.is_dir():
        session.error("there is no .venv yet: nox -s setup")
    session.run(str(PROGRAMS / program), *arguments, *session.posargs, external=True)


@nox.session
def setup(session: nox.Session) -> None:
    """Make .venv with the versions of constraints.txt."""
    session.run(sys.executable, "-m", "venv", ".venv", external=True)
    run(session, "pip", "install", "--constraint", "constraints.txt", "--editable", ".[test]")


@nox.session
def quick(session: nox.Session) -> None:
    """The tests that take about a minute."""
    run(session, "pytest", "-m", "quick")


@nox.session
def test(session: nox.Session) -> None:
    """All tests, the thorough ones too; what stands behind -- is for pytest."""
    run(session, "pytest", "tests")


@nox.session
def check(session: nox.Session) -> None:
    """Style, types and import directions."""
    for program, *arguments in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
        ["python", "-m", "tests.architecture"],
    ):
        run(session, program, *arguments)


@nox.session
def bench(session: nox.Session) -> None:
    """What things cost; -- -h names the tables."""
    run(session, "python", "-m", "tests.benchmarks")


@nox.session
def screenshots(session: nox.Session) -> None:
    """The pictures of the README and the recording of its tour, from a real terminal."""
    for module in ("tests.screenshots", "tests.demo"):
        run(session, "python", "-m", module)
