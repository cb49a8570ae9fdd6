"""The far side of a Python tool: imports one function, calls it once, answers with one line of JSON.

Runs as a script in a process of its own and imports nothing of ours, so that it needs nothing installed. One line
`{"nonce", "target", "path", "modules", "arguments", "max_bytes"}` comes in on stdin; one line, the nonce and
`{"result"}` or `{"error", "traceback"}`, goes out on what was stdout. The tool's own output goes to stderr, its stdin
is empty, and no program that it starts inherits the descriptor of the answer. What is written there without the nonce
is no answer. Refuses results that JSON cannot hold, naming the type and the place, and code in `path` that is not among
`modules` (names with their file and its SHA-256) as it was; without `modules`, any code.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import inspect
import io
import json
import math
import os
import sys
import traceback
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import spec_from_file_location
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:  # every call of a tool waits for what is imported here
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from types import ModuleType
    from typing import Any

_MAX_TEXT = 2_000


class Refused(Exception):
    """The call cannot be made, or its result cannot be sent; the text is for the user."""


class Changed(ImportError):
    """Code is not what was allowed to run."""


def main() -> None:
    """Read the request from stdin, call the function, write the answer; exit without one in a fork of the tool's."""
    answers = _out_of_the_way(1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.readline())
    nonce = request.pop("nonce")
    _make_streams_harmless()
    owner = os.getpid()
    line = respond(request)
    if os.getpid() != owner:
        # The tool forked and its child came back through here: the answer is the parent's to give.
        os._exit(0)
    with os.fdopen(answers, "wb") as pipe:
        # A line of its own, whatever has been written there before.
        pipe.write(f"\n{nonce} {line}\n".encode("ascii"))


def respond(request: dict[str, Any]) -> str:
    """The line that answers `request`, without its newline."""
    try:
        if request.get("modules") is not None:
            sys.meta_path.insert(_place_of_path_finder(), Allowed(request["path"], request["modules"]))
        function = find(request["path"], request["target"])
        result = call(function, request["arguments"])
        return f'{{"result": {encode(result, request["max_bytes"])}}}'
    except Refused as refusal:
        return json.dumps({"error": str(refusal)})
    except Changed as refusal:
        return json.dumps({"error": str(refusal), "changed": True})
    except BaseException as error:  # noqa: BLE001 - whatever the tool raises, sys.exit() too, is its answer
        return json.dumps({"error": describe(error), "traceback": _trace(error)})


def find(folder: str, target: str) -> Callable[..., Any]:
    """The function that `module:function` names, with `folder` first among the places to import from."""
    module_name, _, path = target.partition(":")
    found: Any = _load(folder, module_name)
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            hint = _did_you_mean(name, (key for key, value in vars(found).items() if callable(value)))
            raise Refused(f'the module "{module_name}" has no function "{path}"{hint}') from None
    if not callable(found):
        raise Refused(f'"{path}" of the module "{module_name}" is not a function but {type(found).__name__}')
    function: Callable[..., Any] = found
    return function


def call(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What the function returns for these keyword arguments; a coroutine is run to its end."""
    signature = _signature(function)
    if signature is not None:
        try:
            signature.bind(**arguments)
        except TypeError as error:
            name = getattr(function, "__name__", "the function")
            raise Refused(f"{name}{signature} does not accept these arguments: {error}") from None
    result = function(**arguments)
    if inspect.isawaitable(result):
        import asyncio  # only here: most tools do not need its start-up time

        return asyncio.run(_awaited(result))
    return result


def encode(result: Any, max_bytes: int) -> str:
    """`result` as ASCII JSON. Raises Refused when JSON cannot hold it or it is over `max_bytes` in UTF-8."""
    try:
        text = json.dumps(result, allow_nan=False)
        size = len(text)
        if size > max_bytes:
            size = len(json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except RecursionError:
        raise Refused("it returned a value that is nested too deeply") from None
    except (TypeError, ValueError) as error:
        raise Refused(f"it returned what JSON cannot hold: {_fault(result) or error}") from None
    if size > max_bytes:
        raise Refused(f"it returned {size:,} bytes of JSON; the limit is {max_bytes:,}, return less")
    return text


def describe(error: BaseException) -> str:
    """ "ValueError: text", cut to a length that a person reads."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a class of the tool's, whose __str__ may do anything
        text = "(its text cannot be shown)"
    text = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Allowed:
    """Finds the modules of `folder` in the place of Python's own finder: those allowed, from bytes that were compared.

    No bytecode beside them is read. What is not among them is looked for elsewhere, as if it were not there.
    """

    def __init__(self, folder: str, modules: dict[str, tuple[str, str]]) -> None:
        self._folder = folder
        self._modules = modules

    def find_spec(self, name: str, path: Sequence[str] | None = None, _: object = None) -> ModuleSpec | None:
        """Where the module is found: among the allowed ones of `folder`, or elsewhere; None when nowhere.

        `path` is a package's, None for sys.path. Raises Changed for a module of `folder` that is not allowed.
        """
        *above, last = name.split(".")
        home = str(Path(self._folder, *above))
        places = sys.path if path is None else list(path)
        elsewhere = [place for place in places if os.path.realpath(place) != os.path.realpath(home)]
        if len(elsewhere) == len(places):
            return None
        if name in self._modules:
            return self._spec(name, *self._modules[name])
        found = PathFinder.find_spec(name, elsewhere)
        if found is not None and found.loader is not None:
            return found
        if any(module.startswith(f"{name}.") for module in self._modules):
            namespace = ModuleSpec(name, None, is_package=True)
            further = found.submodule_search_locations if found else None
            namespace.submodule_search_locations = [str(Path(home, last)), *(further or ())]
            return namespace
        if found is None and PathFinder.find_spec(name, [home]) is not None:
            hint = "write an `import` of it, so that it can be seen"
            raise Changed(f'the module "{name}" in {home} was not among the code that was allowed to run; {hint}')
        return found

    def _spec(self, name: str, file: str, digest: str) -> ModuleSpec | None:
        path = str(Path(self._folder, file))
        loader: SourceFileLoader | SourcelessFileLoader | ExtensionFileLoader
        if path.endswith(tuple(EXTENSION_SUFFIXES)):
            _read_as_allowed(path, digest)
            loader = ExtensionFileLoader(name, path)
        elif path.endswith(".pyc"):
            loader = _Bytecode(name, path, digest)
        else:
            loader = _Source(name, path, digest)
        is_package = Path(path).name.partition(".")[0] == "__init__" and not name.endswith(".__init__")
        folders = [str(Path(path).parent)] if is_package else None
        return spec_from_file_location(name, path, loader=loader, submodule_search_locations=folders)


class _Source(SourceFileLoader):
    def __init__(self, name: str, path: str, digest: str) -> None:
        super().__init__(name, path)
        self._digest = digest

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(_read_as_allowed(self.path, self._digest), self.path)


class _Bytecode(SourcelessFileLoader):
    def __init__(self, name: str, path: str, digest: str) -> None:
        super().__init__(name, path)
        self._digest = digest

    def get_data(self, path: str) -> bytes:
        return _read_as_allowed(path, self._digest)


def _read_as_allowed(path: str, digest: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise Changed(f"{path} changed after it was allowed to run; call it again to be asked")
    return data


def _place_of_path_finder() -> int:
    finders: list[object] = list(sys.meta_path)
    return finders.index(PathFinder) if PathFinder in finders else len(finders)


def _out_of_the_way(descriptor: int) -> int:
    """A copy with a number that no tool hits by counting from 3, and that no program inherits."""
    highest = min(os.sysconf("SC_OPEN_MAX"), 1024)
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(3, highest - 1 - os.urandom(1)[0]))


def _make_streams_harmless() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _load(folder: str, name: str) -> ModuleType:
    top = name.partition(".")[0]
    if top in sys.modules and (Path(folder) / f"{top}.py").exists():
        raise Refused(f"the file {top}.py in {folder} has the name of a module of Python's own; rename it")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise Refused(f'no module "{name}" in {folder}{_did_you_mean(name, _modules(folder))}') from None
        raise


def _modules(folder: str) -> list[str]:
    try:
        return sorted(entry.stem for entry in Path(folder).iterdir() if entry.suffix == ".py" or entry.is_dir())
    except OSError:
        return []


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    import difflib  # only here: a call that goes well does not need its start-up time

    close = difflib.get_close_matches(name, list(candidates), 1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


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


def _trace(error: BaseException) -> str:
    """The traceback without the frames of this file."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))[-32_000:]


if __name__ == "__main__":
    main()
