"""The slash commands, from the table of actions: what a typed line means, and how one that is no command is met.

Owns where a command ends and prose begins: prose that happens to begin with a slash is a question, and never does
what a command does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workbench.ui.actions import ACTIONS, Action
from workbench.ui.document_choosing import CITATION_MODES
from workbench.ui.document_choosing import TAKES as DOCUMENT_TAKES
from workbench.ui.document_choosing import WORDS as DOCUMENT_WORDS
from workbench.ui.tool_choosing import WORDS as TOOL_WORDS
from workbench.ui.wished_export import SUFFIXES, form_of, wished

BY_NAME: Final[Mapping[str, Action]] = MappingProxyType(
    {name: action for action in ACTIONS if action.slash for name in (action.command, *action.aliases)}
)

_MODEL = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./~:@+=-]*(?<![.:/~])")
_ASSIGNMENT = re.compile(r"\w+(\s*=.*)?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}")
_TURN = re.compile(r"(?:\S+:)?[0-9]{1,9}")
_VARIED = re.compile(r"\w+=")
_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|\S)+""")
_AGAIN = re.compile(r"\d{1,9}(\s+\w+\s*=.*)?|\w+\s*=.*", re.DOTALL)
_NEXT_ASSIGNMENT = re.compile(r"\s+(?=\w+=)")
_QUOTED = re.compile(r"""(["'])(.+)\1""")
_SPEED = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?x?|max")
_SPOT_IN_TURN = re.compile(r"[0-9]{1,9}|[0-9]{1,9}(\.[0-9]{1,6})?s|start|end")
_ENDS_PROSE = frozenset(".,:;?!…¿¡。、，：；？！")
_MISTYPED = 0.7  # so like the name of a command, as difflib counts, that it may be meant
_SURELY_MISTYPED = 0.75  # so like it that an argument may follow
_SHOWN = 40  # characters of a name that does not exist


_COPIES = "/copy FILE writes the last answer to a file, and /export FILE the conversation"
_GOES_ON = "/sessions lists the conversations, and Enter there goes on with one"
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "save": _COPIES,
        "resume": _GOES_ON,
        "config": "workbench check FILE reads a settings file, and /set lists the settings",
    }
)
"""Commands that other programs have, with what there is here in their place."""


@dataclass(frozen=True, slots=True)
class Command:
    """An action to perform; `rest` is its argument, "" without one."""

    action: Action
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is neither a command nor clearly a question: `reason` says why."""

    reason: str


def read(text: str, help_key: str) -> Command | Refusal | None:
    """What a line that begins with a slash means: None for a question.

    `help_key` shows the help, "" when no key does.
    """
    name, rest = _divided(text)
    action = BY_NAME.get(name.lower())
    if action is None:
        if (elsewhere := _ELSEWHERE.get(name.lower())) and (not rest or _file(rest)):
            return Refusal(f"there is no command /{name}; {elsewhere}")
        is_question = "/" in name or (rest and not _is_mistyped(name, rest))
        return None if is_question else Refusal(_unknown(name, help_key))
    if not rest:
        return Command(action)
    takes = _ARGUMENTS.get(action.argument)
    if takes is None:
        return Refusal(f"/{name} takes no words behind it, so nothing was done")
    argument = takes.read(rest)
    return (
        Refusal(f"/{name} takes {takes.words}, so nothing was done") if argument is None else Command(action, argument)
    )


def _divided(text: str) -> tuple[str, str]:
    """The first word without its slash, and all that follows it; no word when a blank follows the slash."""
    line = text[1:].rstrip()
    if not line or line[0].isspace():
        return "", line.strip()
    name, *rest = line.split(None, 1)
    return name, rest[0] if rest else ""


def _is_mistyped(name: str, rest: str) -> bool:
    """Whether this is a command with an argument, but for a slip in its name."""
    close = _closest(name, _SURELY_MISTYPED)
    takes = _ARGUMENTS.get(BY_NAME[close].argument) if close else None
    return takes is not None and takes.read(rest) is not None


def _unknown(name: str, help_key: str) -> str:
    close = _closest(name)
    hint = f"did you mean /{close}?" if close else f"{help_key or '/help'} lists the commands"
    return f"there is no command /{name[:_SHOWN]}; {hint}"


def _closest(name: str, cutoff: float = _MISTYPED) -> str:
    """The command whose name is most like `name`, "" when none is like it."""
    import difflib  # not for the first paint

    return next(iter(difflib.get_close_matches(name.lower(), BY_NAME, n=1, cutoff=cutoff)), "")


# -- arguments ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Argument:
    """What may follow a command: `words` say it, `read` gives it as it is meant, None for what it cannot be."""

    words: str
    read: Callable[[str], str | None]


def _call(rest: str) -> str | None:
    """The name of a tool, alone or with what may be its arguments: an object in braces."""
    name, _, typed = rest.partition(" ")
    return rest if _MODEL.fullmatch(name) and typed.strip()[:1] in ("", "{") else None


def _of_documents(rest: str) -> str | None:
    """What is done with documents; a name ends as no sentence does."""
    return rest if DOCUMENT_WORDS.fullmatch(rest) and rest[-1] not in _ENDS_PROSE else None


def _model(rest: str) -> str | None:
    return rest if _MODEL.fullmatch(rest) else None


def _assignment(rest: str) -> str | None:
    """A name, alone or with a value behind it, which may have any blanks in it."""
    return rest if _ASSIGNMENT.fullmatch(rest) else None


def _number(rest: str) -> str | None:
    return rest if _NUMBER.fullmatch(rest) else None


def _turn_and_assignments(rest: str) -> str | None:
    """A number, assignments, or both, in this order."""
    return rest if _AGAIN.fullmatch(rest) else None


def turn_and_assignments(rest: str) -> tuple[int | None, list[str]]:
    """The number of a turn, None where none is named, and each `NAME=VALUE` behind it: a value ends at the next."""
    number, _, more = rest.partition(" ") if rest[:1].isdecimal() else ("", "", rest)
    assigned = [text.strip() for text in _NEXT_ASSIGNMENT.split(more.strip()) if text.strip()]
    return int(number) if number else None, assigned


def _words(rest: str) -> str | None:
    """Words in a line, unless they are prose."""
    return None if rest[-1] in _ENDS_PROSE else " ".join(rest.split())


def _file(rest: str) -> str | None:
    """The name of a file: one word that does not end as a sentence does, or anything between quotes."""
    if quoted := _QUOTED.fullmatch(rest):
        return quoted[2]
    return None if any(map(str.isspace, rest)) or rest[-1] in _ENDS_PROSE else rest


def _turns(rest: str) -> str | None:
    """Numbers of turns, and turns of other sessions by SESSION:TURN."""
    return rest if all(map(_TURN.fullmatch, rest.split())) else None


def _grid(rest: str) -> str | None:
    """The number of a turn, and settings with their values."""
    first, *others = parted(rest)
    is_one = _NUMBER.fullmatch(first) or _VARIED.match(first)
    return rest if is_one and all(map(_VARIED.match, others)) else None


def parted(rest: str) -> list[str]:
    """The words of a line, blanks within quotes being of a word."""
    return _WORD.findall(rest)


def _speed(rest: str) -> str | None:
    """How many times as fast: a number, which may have an x behind it, or `max`."""
    return rest if _SPEED.fullmatch(rest) else None


def _spot_in_turn(rest: str) -> str | None:
    """The number of an event, a time in seconds behind which an s stands, or one of the ends."""
    return rest if _SPOT_IN_TURN.fullmatch(rest) else None


_COPIED: Final = tuple(form for form in SUFFIXES if form != "recording")


def _export(rest: str) -> str | None:
    """What is to be exported, and a file that has a form: by its ending, where none is named."""
    wish = wished(rest)
    file = _file(wish.file) if wish.file else ""
    if file is None or (file and not (wish.form or wished(file).form)):
        return None
    return " ".join(filter(None, ("turn" if wish.of_turn else "", wish.form or wished(file).form, file)))


_ARGUMENTS: Final[Mapping[str, _Argument]] = MappingProxyType(
    {
        "[NAME]": _Argument("the name of a model, which is one word", _model),
        "[NAME=VALUE]": _Argument("the name of a setting, and its value behind an =", _assignment),
        "[TURN] [NAME=VALUE ...]": _Argument(
            "the number of a turn, and settings with their values behind an =", _turn_and_assignments
        ),
        "[PRESET]": _Argument("the name of a preset, which is one word", _model),
        "[SETTING]": _Argument("the name of a setting, which is one word", _model),
        "[WORDS]": _Argument("words to look for, which end as no sentence does", _words),
        "[THEME]": _Argument("the name of a theme, which is one word", _model),
        "[N|FILE]": _Argument("a number, or the name of one file, in quotes if blanks are in it", _file),
        "[TURN]": _Argument("the number of a turn", _number),
        "[A] [B]": _Argument("turns, each a number or SESSION:TURN", _turns),
        "[TURN] [NAME=V1,V2,…]": _Argument("the number of a turn, and settings with their values", _grid),
        "[KIND]": _Argument("the kind of an event, which is one word", _model),
        "[N|max]": _Argument("how many times as fast, or max", _speed),
        "[N|SECONDS]": _Argument("the number of an event, a time as 1.5s, start or end", _spot_in_turn),
        "[FORM]": _Argument(f"a form: {', '.join(_COPIED)}", lambda rest: rest if form_of(rest) in _COPIED else None),
        "[turn] [FORM] [FILE]": _Argument(
            f"the word turn or not, a form ({', '.join(SUFFIXES)}), and the name of one file", _export
        ),
        "[on|off|only NAME]": _Argument(
            "on, off or only with names of tools, or all, free, force or forbid",
            lambda rest: rest if TOOL_WORDS.fullmatch(rest) else None,
        ),
        "[on|off|only|add NAME]": _Argument(DOCUMENT_TAKES, _of_documents),
        "[MODE]": _Argument("fast, accurate or off", lambda rest: rest if rest in CITATION_MODES else None),
        "NAME [JSON]": _Argument("the name of a tool, and its arguments as an object of JSON", _call),
        "[FILE]": _Argument("the name of one file, in quotes if blanks are in it", _file),
    }
)
"""By what the table of actions calls them."""
