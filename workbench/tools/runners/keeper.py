"""Starts one program, and ends it with everything that it started.

Runs as a script in a process of its own, imports nothing of ours and knows nothing of what it runs:
`keeper.py ASK END REPORT PROGRAM ARGUMENT...`. ASK and END are the reading ends of two pipes whose writing ends the
owner alone holds: nothing is ever written to them, they are closed, by the owner or by its death. ASK closed means
SIGTERM for the program's process group; END closed means that nothing may be left. What happens is told in lines on
REPORT: `started PID`, `refused ERRNO`, `ended STATUS` (negative for a signal), and `gone 0` when nothing is left.

On Linux the keeper adopts whatever loses its parent, so that no descendant can leave its sight by `setsid` or by a
double fork, and its work is done when the kernel knows no child of it any more. There are two keepers, one within
the other, since a program can kill its parent: what the inner one has kept then falls to the outer one. Where the
system knows no adoption, the program's process group is what is ended.
"""

from __future__ import annotations

import os
import select
import sys
import time

# Every call of a tool waits for this script to start, so it imports only what it cannot do without. `_signal` is what
# `signal` itself takes everything from, without the enumerations that cost as much as the start of Python.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from typing import Any

    Prctl = Callable[[int, int], object]
else:
    import _signal as signal

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
# What may reach a keeper by mistake, from a program that signals its parent or all that has the name of Python.
_NOT_FOR_KEEPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# Python ignores these by itself; a program expects them to be as the system has them.
_SET_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_LONGEST_PAUSE = 0.25


def main() -> None:
    """Start the program of the command line below two keepers; return when nothing of it is left."""
    ask, end, report = (int(number) for number in sys.argv[1:4])
    for descriptor in (ask, end, report):
        os.set_inheritable(descriptor, False)
    heard = {number: signal.signal(number, signal.SIG_IGN) for number in _NOT_FOR_KEEPERS}
    heard |= dict.fromkeys(_SET_BY_PYTHON, signal.SIG_DFL)
    prctl = _find_prctl()
    prctl(_PR_SET_DUMPABLE, 0)  # the program shall not reach the report by way of /proc/PID/fd
    outer = _Keeper(report, prctl)
    if inner := os.fork():
        outer.keep(inner, end)
        return
    keeper = _Keeper(report, prctl)
    if program := os.fork():
        keeper.keep(program, end, ask)
    else:
        _become(sys.argv[4:], report, prctl, parent=keeper.pid, heard=heard)


class _Keeper:
    """This process, as the one that adopts; to be made before the child that it keeps."""

    def __init__(self, report: int, prctl: Prctl) -> None:
        self.pid = os.getpid()
        self._report = report
        self._child = 0
        self._is_program = False
        prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._woken, wake = os.pipe()
        for descriptor in (self._woken, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def keep(self, child: int, end: int, ask: int | None = None) -> None:
        """Wait for the end of `child` or of the owner's wish, then end what is left. With `ask`, it is the program."""
        self._child, self._is_program = child, ask is not None
        _let_go_of_streams()
        self._wait(end, ask)
        if self._is_program:
            _send(os.killpg, child, signal.SIGKILL)
        self._sweep()
        _tell(self._report, "gone", 0)

    def _wait(self, end: int, ask: int | None) -> None:
        waiting = select.poll()
        waiting.register(self._woken, select.POLLIN)
        waiting.register(end, select.POLLIN)
        if ask is not None:
            waiting.register(ask, select.POLLIN)
        while self._reap() and self._child:
            ready = [descriptor for descriptor, _ in waiting.poll()]
            if end in ready:
                return
            if self._woken in ready:
                os.read(self._woken, 4096)
            if ask is not None and ask in ready:
                waiting.unregister(ask)
                _send(os.killpg, self._child, signal.SIGTERM)

    def _reap(self) -> bool:
        """Take leave of the children that have ended; whether there are others."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return True
                if pid == self._child:
                    self._child = 0
                    if self._is_program:
                        _tell(self._report, "ended", os.waitstatus_to_exitcode(status))
        except ChildProcessError:
            return False

    def _sweep(self) -> None:
        """Kill all that descends from this process until nothing does, however fast it forks."""
        pause, before = 0.0, set[int]()
        while self._stop_all():
            found = descendants(self.pid)
            for pid in found:
                _signal(pid, signal.SIGKILL)
            # What is as it was takes its time to end, or may not be killed by this user.
            pause = min(2 * pause + 0.001, _LONGEST_PAUSE) if found == before else 0.0
            before = found
            time.sleep(pause)

    def _stop_all(self) -> bool:
        """Stop every descendant; whether there is any. Stopped, they neither fork nor make room for others to."""
        stopped = set[int]()
        while self._reap():
            new = descendants(self.pid) - stopped
            if not new:
                return True
            for pid in new:
                _signal(pid, signal.SIGSTOP)
            stopped |= new
        return False


def descendants(pid: int) -> set[int]:
    """The processes that descend from `pid`, as far as /proc shows them."""
    found = set[int]()
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop()) - found
        found |= children
        waiting += children
    return found


def _children(pid: int) -> set[int]:
    children = set[int]()
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - pathlib takes long to import
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:  # noqa: PTH123 - see above
                children.update(map(int, file.read().split()))
    except OSError:  # it has ended meanwhile, or this system shows nothing
        return children
    return children


def _signal(pid: int, number: int) -> None:
    """Signal a descendant with its process group, in which no fork can slip through in between."""
    try:
        group = os.getpgid(pid)
    except OSError:
        return
    if group != os.getpgrp():
        _send(os.killpg, group, number)
    _send(os.kill, pid, number)


def _become(program: list[str], report: int, prctl: Prctl, *, parent: int, heard: dict[signal.Signals, Any]) -> None:
    """Turn this process, a child of the inner keeper, into the program."""
    try:
        os.setsid()
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        for number, handler in heard.items():
            signal.signal(number, signal.SIG_IGN if handler == signal.SIG_IGN else signal.SIG_DFL)
        _tell(report, "started", os.getpid())
        os.execvp(program[0], program)
    except OSError as error:
        _tell(report, "refused", error.errno or 0)
    finally:
        os._exit(127)


def _let_go_of_streams() -> None:
    """The program's pipes are its own: they close when it closes them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _tell(report: int, word: str, number: int) -> None:
    try:
        os.write(report, f"{word} {number}\n".encode("ascii"))
    except OSError:  # the owner is gone
        return


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        kill(pid, number)
    except OSError:  # it has ended, or belongs to another user
        return


def _find_prctl() -> Prctl:
    """The system call of that name, or what stands for it where there is none."""
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return lambda option, value: None
    return lambda option, value: prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3)


if __name__ == "__main__":
    main()
    os._exit(0)  # what Python does at its end would only take time
