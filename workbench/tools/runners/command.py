"""Command: a program as a tool, started with a list of words and never through a shell.

Owns what the program is given (words, stdin, folder, environment), what of its output is the result, and what its end
means. Refuses a program that the model would choose, and to run a file beside the tools file that has changed since it
was approved.
"""

from __future__ import annotations

import asyncio
import errno
import json
import shlex
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from workbench.errors import ToolError, quoted
from workbench.tools import jsontext
from workbench.tools.in_words import argument_lines, quoted_words
from workbench.tools.modules import ModulesBeside
from workbench.tools.named_files import Words, find_files
from workbench.tools.result_sizes import shortened
from workbench.tools.runner import (
    ApprovedCall,
    CallOutcome,
    Progress,
    Runner,
    Surroundings,
    ToolKind,
    WrittenValue,
)
from workbench.tools.runners.command_words import Word
from workbench.tools.runners.endings import PRINTED, how_it_ended, last_words
from workbench.tools.runners.pipes import Head, Tail
from workbench.tools.runners.programs import run_program

MOST_RESULT: Final = jsontext.MAX_BYTES
MOST_OUTPUT: Final = 64_000
_STDIN = ("json", "none")
_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_ARGV: Final[Mapping[str, Any]] = {"type": "array", "minItems": 1, "items": _TEXT}
_LINE_HINT = 'write its words as a list, such as ["ls", "-l", "{folder}"]: no shell reads them'


@dataclass(frozen=True, slots=True)
class Command(ToolKind):
    """A program with its words. `base` is the tools file's real folder; `folder`, as written, is where it runs.

    With `is_told`, it gets the arguments as one object of JSON on stdin. `variables` are set in its environment.
    """

    argv: tuple[Word, ...]
    base: Path
    is_told: bool = False
    folder: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    written: ClassVar[str] = "[program, argument...]"
    meaning: ClassVar[str] = "A program, started with these words; `{argument}` is what the call gives."
    runs_code: ClassVar[bool] = True
    shown_by_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The command that a list of words is, or a map with `argv`; None once a problem is told."""
        if not isinstance(value.data(), Mapping):
            argv = _words(value)
            return cls(argv, folder) if argv else None
        fields = value.fields(["argv"], ["stdin", "cwd", "env"])
        argv = _words(fields["argv"]) if fields is not None else ()
        if fields is None or not argv:
            return None
        is_told = "stdin" in fields and _is_json(fields["stdin"])
        where = fields["cwd"].text() if "cwd" in fields else ""
        variables = _variables(fields["env"]) if "env" in fields else ()
        if where is None or is_told is None or variables is None:
            return None
        return cls(argv, folder, is_told, where, variables)

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """A list of texts, or a map with one, and how the program is started."""
        environment = {"type": "object", "additionalProperties": _TEXT}
        properties = {"argv": _ARGV, "stdin": {"enum": list(_STDIN)}, "cwd": _TEXT, "env": environment}
        whole = {"type": "object", "properties": properties, "required": ["argv"], "additionalProperties": False}
        return {"anyOf": [_ARGV, whole]}

    def what(self) -> str:
        """Say which command a call runs, as it is written, and where."""
        told = ", with its arguments as JSON on stdin" if self.is_told else ""
        names = ", ".join(name for name, _ in self.variables)
        command = quoted_words([word.written for word in self.argv])
        return f"runs the command {command} in {self._place()}{told}{f', with {names} set' if names else ''}"

    def what_of(self, arguments: Mapping[str, Any]) -> Sequence[str]:
        """The words that this call runs; a variable of the environment stands as it is written."""
        try:
            command = quoted_words([text for word in self.argv for text in word.shown(arguments)])
        except ToolError as error:
            return (self.what(), f"it will not run: {error}")
        return (self.what(), f"command: {command}", *(argument_lines(arguments) if self.is_told else ()))

    def names(self) -> frozenset[str]:
        """The arguments that its words have places for."""
        return frozenset(name for word in self.argv for name in word.names)

    @classmethod
    def code(cls, tools: Sequence[Self]) -> ModulesBeside | None:
        """The files beside the tools file that these commands name, as they are now. Raises ToolError."""
        return find_files(tools[0].base, [tool._named() for tool in tools if tool.base == tools[0].base])

    def doubt(self) -> tuple[str, str] | None:
        """A message and a hint when the program, or the folder to run it in, is not there."""
        if not self._place().is_dir():
            return f"there is no folder {quoted(self.folder)} in {self.base} to run the command in", "change `cwd`"
        program = self.argv[0].fixed
        if program is None or shutil.which(self._program(program)):
            return None
        if "/" in program:
            place = self.base / program
            if place.is_file():
                return f"{quoted(program)} may not be run", f"make it executable: chmod +x {shlex.quote(str(place))}"
            return f"there is no program {quoted(program)} in {self.base}", ""
        return f"there is no program {quoted(program)} on the PATH", "install it, or write where it lies"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What starts the program for each call, with the environment of `surroundings` and what is set here."""
        yield partial(self._run, {**surroundings.environ, **dict(self.variables)})

    async def _run(self, environ: Mapping[str, str], call: ApprovedCall) -> CallOutcome:
        argv = [text for word in self.argv for text in word.filled(call.arguments, environ)]
        await asyncio.to_thread(self._check, call.code)
        output = Tail(MOST_OUTPUT)
        stdout = Head(MOST_RESULT, output)
        stderr = Tail(MOST_OUTPUT, lambda line: call.report(Progress(line, level=PRINTED)), output)
        try:
            ended = await run_program(
                [self._program(argv[0]), *argv[1:]],
                json.dumps(dict(call.arguments)).encode("ascii") + b"\n" if self.is_told else b"",
                stdout=stdout,
                stderr=stderr,
                environ=environ,
                timeout=call.timeout,
                cwd=self._place(),
            )
        except OSError as error:
            raise self._not_started(argv[0], error) from None
        failure = None
        if ended.timed_out:
            failure = ToolError("timeout", f"timed out after {call.timeout:g} s")
        elif ended.status != 0:
            words = last_words(stderr.text) or last_words(output.text)
            failure = ToolError("exit", f"it ended without success: {how_it_ended(ended.status)}{words}")
        return CallOutcome(None if failure else _value(stdout), failure, output.text, output.left_out)

    def _place(self) -> Path:
        return self.base / self.folder

    def _program(self, name: str) -> str:
        """What is started: a path from the tools file's folder, or a name for the PATH."""
        return str(self.base / name) if "/" in name else name

    def _named(self) -> Words:
        words = [word.fixed if word.expanded is None else word.expanded for word in self.argv]
        return Words(words, self._place(), dict(self.variables))

    def _check(self, code: ModulesBeside | None) -> None:
        """Raises ToolError unless the files that this command names are those of `code`."""
        allowed = code.modules if code is not None else {}
        now = find_files(self.base, [self._named()])
        for name, file in (now.modules if now is not None else {}).items():
            if allowed.get(name) != file:
                place = self.base / name
                raise ToolError("untrusted", f"{place} changed after it was allowed to run; call it again to be asked")

    def _not_started(self, program: str, error: OSError) -> ToolError:
        if not self._place().is_dir():
            return ToolError("exit", f"there is no folder {quoted(str(self._place()))} to run the command in")
        if error.errno == errno.E2BIG:
            return ToolError(
                "arguments", "the arguments are too long for words of a command; it can read `stdin: json`"
            )
        reason = error.strerror or str(error)
        if error.errno == errno.ENOENT:
            where = f"in {self.base}" if "/" in program else "on the PATH"
            reason = f"there is no such program {where}, or not what it is run by"
        if error.errno == errno.ENOEXEC:
            reason = "it is no program: a script begins with `#!` and what runs it, such as #!/bin/sh"
        return ToolError("exit", f"{quoted(program)} could not be started: {reason}")


def _words(value: WrittenValue) -> tuple[Word, ...]:
    """The words of a command, the first a program; none once a problem is told."""
    if not isinstance(value.data(), list):
        value.problem("a command is a list of words", _LINE_HINT)
        return ()
    items = value.items() or ()
    words = [_word(item) for item in items]
    if not words or None in words:
        return ()
    found = tuple(word for word in words if word is not None)
    if found[0].names or not found[0].written.strip():
        items[0].problem("the first word is the program, and the model does not choose that", "write which one it is")
        return ()
    return found


def _word(value: WrittenValue) -> Word | None:
    if value.data() == "":
        return Word.read("")
    # Whether its variables are there, and no secrets, is seen by expanding them; they are filled in when it runs.
    expanded = value.text(lines=True, blank=True)
    if expanded is None:
        return None
    written = value.written_text(lines=True, blank=True)
    try:
        return None if written is None else Word.read(written, expanded)
    except ValueError as error:
        value.problem(str(error))
        return None


def _is_json(value: WrittenValue) -> bool | None:
    text = value.text()
    if text in _STDIN:
        return text == "json"
    if text is not None:
        value.problem(f"`stdin` is {quoted(text)}, which is not known", f"one of {', '.join(_STDIN)}")
    return None


def _variables(value: WrittenValue) -> tuple[tuple[str, str], ...] | None:
    """The variables of a map; None once a problem is told."""
    entries = value.entries()
    if entries is None:
        return None
    found = {name: each.text(lines=True, blank=True) for name, each in entries.items()}
    for name, each in entries.items():
        if not name or "=" in name or "\0" in name + (found[name] or ""):
            each.problem(f"{quoted(name)} cannot be set in an environment", "a name has no `=`, and no text has a NUL")
            return None
    if None in found.values():
        return None
    return tuple((name, text) for name, text in found.items() if text is not None)


def _value(stdout: Head) -> Any:
    """What was printed: the value of JSON, else the text, at most MOST_RESULT bytes of it."""
    text = stdout.received.decode("utf-8", "replace")
    if not stdout.left_out:
        try:
            return jsontext.parse(text)
        except jsontext.NotJson:
            pass
    kept = shortened(text, MOST_RESULT - 1 if stdout.left_out else MOST_RESULT)
    left_out = stdout.left_out + len(text.encode()) - len(kept.encode())
    return f"{kept}\n… {left_out:,} bytes left out …" if left_out else text
