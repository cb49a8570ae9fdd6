"""On the far side of a Python tool: one call of a function, as one JSON object.

Part of `child.py`, imports nothing of ours. Owns what a function may be (plain, async, a generator, an async one), what
it yields on the way, and what its result may be. Refuses results that JSON cannot hold, naming the type and the place.
"""

from __future__ import annotations

import contextvars
import inspect
import json
import math
import os
import sys
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first call of a tool waits for what is imported here
    import asyncio
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Mapping
    from typing import Any

    from workbench.tools.runners.child_code import Refused

    Tell = Callable[[dict[str, Any]], None]
    """Passes on what a call tells of itself: an object with `text`, `done` or `total`."""
else:
    Refused = sys.modules["_workbench_child_code"].Refused  # `child.py` has loaded it by that name

_MAX_TEXT = 2_000  # characters of an error, or of what was yielded
_MAX_TRACE = 32_000
_TOLD = {"text": (str,), "done": (int, float), "total": (int, float)}
_HERE = os.path.dirname(__file__)  # noqa: PTH120 - pathlib does not know the names that frames have


class Calls:
    """Calls functions one after another. Async ones share an event loop, to which what they keep may be bound."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def result(self, function: Callable[..., Any], arguments: Mapping[str, Any], tell: Tell) -> Any:
        """What the function gives for these keyword arguments: what it returns, else what it yielded last.

        Raises Refused for arguments that it does not take, and whatever the function raises.
        """
        signature = _signature(function)
        if signature is not None:
            try:
                signature.bind(**arguments)
            except TypeError as error:
                name = getattr(function, "__name__", "the function")
                raise Refused(f"{name}{signature} does not accept these arguments: {error}", "arguments") from None
        # What a call sets for itself alone, such as the precision of decimals, is not there for the next.
        return contextvars.copy_context().run(self._carried_out, function, arguments, tell)

    def _carried_out(self, function: Callable[..., Any], arguments: Mapping[str, Any], tell: Tell) -> Any:
        result = function(**arguments)
        if inspect.isgenerator(result):
            return _to_its_end(result, tell)
        if inspect.isasyncgen(result) or inspect.isawaitable(result):
            return self._run(_awaited(result, tell))
        return result

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        import asyncio  # only here, both: most tools do not need their start-up time
        from concurrent.futures import ThreadPoolExecutor

        if self._runner is None or self._runner.get_loop().is_closed():
            self._runner = asyncio.Runner()
        runner, loop = self._runner, self._runner.get_loop()
        with ThreadPoolExecutor(thread_name_prefix="asyncio") as threads:
            loop.set_default_executor(threads)
            try:
                return runner.run(work, context=contextvars.copy_context())
            finally:
                if left := asyncio.all_tasks(loop):
                    runner.run(_ended(left))


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    """What a call has left under way ends with it."""
    import asyncio

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _awaited(work: AsyncGenerator[Any, Any] | Awaitable[Any], tell: Tell) -> Any:
    result: Any = work if inspect.isasyncgen(work) else await work  # type: ignore[misc]
    if inspect.isgenerator(result):
        return _to_its_end(result, tell)
    if not inspect.isasyncgen(result):
        return result
    last = None
    async for last in result:
        tell(told(last))
    return last


def _to_its_end(steps: Generator[Any, Any, Any], tell: Tell) -> Any:
    last = None
    while True:
        try:
            last = next(steps)
        except StopIteration as end:
            return last if end.value is None else end.value
        tell(told(last))


def told(value: Any) -> dict[str, Any]:
    """What a yielded value says: text, a part of the whole (from 0 to 1), both by name, or else itself as JSON."""
    if isinstance(value, str):
        return {"text": value[:_MAX_TEXT]}
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return {"done": value, "total": 1}
    if isinstance(value, dict) and value and all(_is_told(name, item) for name, item in value.items()):
        return {name: item[:_MAX_TEXT] if isinstance(item, str) else item for name, item in value.items()}
    try:
        return {"text": json.dumps(value, ensure_ascii=False)[:_MAX_TEXT]}
    except Exception:  # noqa: BLE001 - an object of the tool's; whether it can be the result is seen at the end
        return {"text": type(value).__name__}


def _is_told(name: Any, value: Any) -> bool:
    if not isinstance(name, str) or not isinstance(value, _TOLD.get(name, ())) or isinstance(value, bool):
        return False
    return isinstance(value, str) or math.isfinite(value)


def encode(result: Any, max_bytes: int) -> str:
    """`result` as ASCII JSON. Raises Refused when JSON cannot hold it or it is over `max_bytes` in UTF-8."""
    try:
        text = json.dumps(result, allow_nan=False)
        size = len(text)
        if size > max_bytes:
            size = len(json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except RecursionError:
        raise Refused("it returned a value that is nested too deeply", "too-large") from None
    except (TypeError, ValueError) as error:
        raise Refused(f"it returned what JSON cannot hold: {_fault(result) or error}") from None
    if size > max_bytes:
        raise Refused(f"it returned {size:,} bytes of JSON; the limit is {max_bytes:,}, return less", "too-large")
    return text


def describe(error: BaseException) -> str:
    """ "ValueError: text", cut to a length that a person reads."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a class of the tool's, whose __str__ may do anything
        text = "(its text cannot be shown)"
    text = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def trace(error: BaseException) -> str:
    """The traceback from where the tool's own code begins."""
    frames = error.__traceback__
    first = frames
    while frames is not None:
        is_ours = os.path.dirname(frames.tb_frame.f_code.co_filename) == _HERE  # noqa: PTH120 - as above
        frames = frames.tb_next
        first = frames if is_ours else first
    return "".join(traceback.format_exception(type(error), error, first))[-_MAX_TRACE:]


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _fault(result: Any) -> str:
    """The first part of `result` that is no JSON value, "" when there is none."""
    waiting: list[tuple[str, Any]] = [("result", result)]
    seen: set[int] = set()
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return f"{value} at {place}"
        if value is None or isinstance(value, (str, int, float)):
            continue
        if id(value) in seen:
            return f"{place} contains itself"
        seen.add(id(value))
        if isinstance(value, dict):
            waiting += [(f"{place}[{str(key)[:40]!r}]", item) for key, item in reversed(value.items())]
        elif isinstance(value, (list, tuple)):
            waiting += [(f"{place}[{index}]", item) for index, item in reversed([*enumerate(value)])]
        else:
            return f"{type(value).__name__} at {place} (return dict, list, str, int, float, bool or None)"
    return ""
