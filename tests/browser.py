"""A real browser for tests: Chromium without a window, driven over the pipes of its DevTools protocol.

Nothing is installed for it: `found()` is the program of the machine, `CHROMIUM` in the environment names another.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell")
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--mute-audio",
    "--disable-dev-shm-usage", "--no-default-browser-check", "--remote-debugging-pipe",
)  # fmt: skip
LONGEST: Final = 60.0  # seconds that an answer of the browser may take


def found() -> str | None:
    """The browser's program; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a browser. `events` are those that came and were not taken, each with `method` and `params`."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._numbers = itertools.count(1)
        self._pending = b""
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def attach(self) -> None:
        """Open the page. What it does is told from now on."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for name in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(f"{name}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Have the browser do something; what it gives back. Raises RuntimeError with its words."""
        number = next(self._numbers)
        session = {} if self._session is None else {"sessionId": self._session}
        self._write({"id": number, "method": method, "params": params, **session})
        while (said := self._read()).get("id") != number:
            self.events.append(said)
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error'].get('message')}")
        return said["result"]

    def wait_for(self, method: str) -> dict[str, Any]:
        """The next event of this name, one that has come already among them."""
        while True:
            for place, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(place)
            self.events.append(self._read())

    def open(self, file: Path, width: int, height: int = 800) -> None:
        """Show a file in a window of this size, until it is loaded."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=file.as_uri())
        self.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript is in the page. Raises RuntimeError where it raises."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise RuntimeError(str(said["exceptionDetails"]))
        return said["result"].get("value")

    def take(self, *methods: str) -> list[dict[str, Any]]:
        """The events of these names that came; they are taken away."""
        taken = [event for event in self.events if event.get("method") in methods]
        self.events = [event for event in self.events if event.get("method") not in methods]
        return taken

    def click(self, x: float, y: float) -> None:
        """Press the mouse there, in the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _write(self, said: dict[str, Any]) -> None:
        data = json.dumps(said).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + LONGEST
        while b"\0" not in self._pending:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self._from, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("the browser says nothing")
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\0")
        said: dict[str, Any] = json.loads(line)
        return said


@contextlib.contextmanager
def browsing(program: str, folder: Path) -> Iterator[Browser]:
    """A browser with nothing in its profile, which is in `folder`; it ends with the block."""
    # It reads from descriptor 3 and writes to 4, whatever else this process has open.
    command = ["sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1', "sh", program, *FLAGS]
    process = subprocess.Popen(
        [*command, f"--user-data-dir={folder}", "about:blank"],
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        browser = Browser(process.stdin.fileno(), process.stdout.fileno())
        browser.attach()
        yield browser
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()
