"""A module of a tool that tries to outlive its call; tests copy it beside a tools file.

`stay` and `leave` do what `how` names. `leave` then returns; `stay` never does, and touches the file `note`, or the one
that TEST_NOTE names, as the sign that it is done.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

IGNORED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stay(how: str, note: str = "") -> None:
    _ignore_signals()
    WAYS[how]()
    if note := note or os.environ.get("TEST_NOTE", ""):
        Path(note).touch()
    _wait()


def stop(how: str, note: str) -> None:
    """Stops itself in place of staying."""
    WAYS[how]()
    Path(note).touch()
    os.kill(os.getpid(), signal.SIGSTOP)


def leave(how: str) -> str:
    WAYS[how]()
    return how


def _wait() -> None:
    while True:
        time.sleep(600)


def _ignore_signals() -> None:
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)


def _child(*before: Callable[[], object]) -> int:
    """A child that does this, then says so by a pipe, and waits for ever."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        os.read(read, 1)
        os.close(read)
        return pid
    try:
        _ignore_signals()
        for step in before:
            step()
        os.write(write, b"x")
        _wait()
    finally:
        os._exit(1)


def _forks_in_forks(*before: Callable[[], object], depth: int = 3) -> None:
    if depth:
        for _ in range(2):
            _child(*before, lambda: _forks_in_forks(*before, depth=depth - 1))


def _orphan(*before: Callable[[], object]) -> None:
    """A child whose parent ends at once, as daemons are made."""
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        return
    try:
        os.setsid()
        _child(*before)
    finally:
        os._exit(0)


def _daemon() -> None:
    _orphan(os.setsid, lambda: os.chdir("/"))


def _daemon_without_streams() -> None:
    _orphan(os.setsid, lambda: [os.dup2(os.open(os.devnull, os.O_RDWR), stream) for stream in (0, 1, 2)])


def _close_everything() -> None:
    middle = os.fork()
    if middle == 0:
        os.setsid()
        os.closerange(0, 70_000)
        _ignore_signals()
        if os.fork() == 0:
            os.setsid()
        _wait()
    os.closerange(0, 70_000)


def _program(*, start_new_session: bool = False, env: Mapping[str, str] | None = None) -> None:
    mark = os.environ["TEST_MARK"]
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(end='x', flush=True); signal.pause()"
    command = [sys.executable, "-I", "-c", code, mark]
    # Its end of our output stays open, as that of a server which is left running.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=start_new_session, env=env)
    assert process.stdout is not None
    process.stdout.read(1)


def _become_subreaper() -> None:
    prctl = ctypes.CDLL(None).prctl
    for option, value in ((36, 1), (1, 0), (4, 0), (1, int(signal.SIGCONT))):
        prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3)
    _orphan(os.setsid)


def _comet() -> None:
    """A process that is never the same for longer than it takes to fork, nor of the same group or session."""
    _orphan(_fly)


def _fly() -> None:
    if os.fork() == 0:
        while True:
            if os.fork():
                os._exit(0)
            os.setsid()


def _swarm() -> None:
    """Many processes that start others as fast as they can, in sessions of their own."""
    for _ in range(3):
        _child(_breed)


def _breed() -> None:
    if os.fork() == 0:
        os.setsid()
        while True:
            child = os.fork()
            if child == 0:
                os.setsid()
                time.sleep(0.05)
                if os.fork():
                    time.sleep(0.2)
                    os._exit(0)
                os._exit(0)
            time.sleep(0.005)
            os.waitpid(-1, os.WNOHANG)


def _flood() -> None:
    if os.fork() == 0:
        os.setsid()
        while True:
            os.write(2, b"x" * 65_536)


def _kill_the_keeper() -> None:
    _forks_in_forks(os.setsid, depth=2)
    _daemon()
    os.kill(os.getppid(), signal.SIGKILL)


def _kill_both_keepers() -> None:
    """Nobody adopts then; the tool and its process group are still within reach."""
    status = Path(f"/proc/{os.getppid()}/stat").read_text()
    _forks_in_forks(depth=2)
    for keeper in (int(status.rpartition(")")[2].split()[1]), os.getppid()):
        os.kill(keeper, signal.SIGKILL)


def _stop_the_keeper() -> None:
    _forks_in_forks(os.setsid, depth=2)
    os.kill(os.getppid(), signal.SIGSTOP)


def _annoy_the_keeper() -> None:
    _forks_in_forks(os.setsid, depth=1)
    for number in (*IGNORED, signal.SIGQUIT, signal.SIGUSR1, signal.SIGCHLD):
        os.kill(os.getppid(), number)


def _a_child_kills_the_keeper() -> None:
    keeper = os.getppid()
    _child(os.setsid, lambda: os.kill(keeper, signal.SIGKILL))


def _kill_the_outer_keeper() -> None:
    status = Path(f"/proc/{os.getppid()}/stat").read_text()
    _forks_in_forks(os.setsid, depth=2)
    os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)


WAYS: dict[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "forks": _forks_in_forks,
    "groups": lambda: _forks_in_forks(lambda: os.setpgid(0, 0)),
    "sessions": lambda: _forks_in_forks(os.setsid),
    "daemon": _daemon,
    "quiet daemon": _daemon_without_streams,
    "daemons in daemons": lambda: _orphan(os.setsid, _daemon, _daemon),
    "closed": _close_everything,
    "program": _program,
    "program in a session": lambda: _program(start_new_session=True),
    "program without environment": lambda: _program(start_new_session=True, env={}),
    "subreaper": _become_subreaper,
    "comet": _comet,
    "swarm": _swarm,
    "flood": _flood,
    "keeper killed": _kill_the_keeper,
    "keeper killed by a child": _a_child_kills_the_keeper,
    "outer keeper killed": _kill_the_outer_keeper,
    "both keepers killed": _kill_both_keepers,
    "keeper stopped": _stop_the_keeper,
    "keeper annoyed": _annoy_the_keeper,
    "stopped children": lambda: os.kill(_child(os.setsid, _forks_in_forks), signal.SIGSTOP),
}
