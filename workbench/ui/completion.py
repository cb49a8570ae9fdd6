"""What may be typed next in the prompt: a command, what stands behind it, or a file behind an `@`.

Owns where such a word begins, and in which order its completions are offered. Reads no disk: what a folder holds is
asked of `folders`, who may not know yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.ui.actions import Action
from workbench.ui.attachments import token_before
from workbench.ui.document_choosing import CITATION_MODES
from workbench.ui.folders import Listing
from workbench.ui.found_files import FoundPath
from workbench.ui.slash import BY_NAME
from workbench.ui.widgets.choices import Choice, Offer

MOST: Final = 50  # choices

Listed = Callable[[Path, str], Listing | None]


@dataclass(frozen=True, slots=True)
class Completer:
    """`models` gives the names of models that are known; `folders` what is in one, None while it is being read.

    `files` gives those anywhere below the folder one works in that some letters of their paths may mean.
    `settings` gives what may stand behind `/set`, of what has been typed there, and `presets` behind `/preset`. `kinds`
    are those of the events of the recording that is played, None where none is. `tools` gives the names of tools, each
    with whether it is switched on, and `documents` what may stand behind `/docs`.
    """

    models: Callable[[], Sequence[str]]
    folders: Listed
    files: Callable[[str], Sequence[FoundPath]] = lambda _: ()
    settings: Callable[[str], Sequence[Choice]] = lambda _: ()
    presets: Callable[[str], Sequence[Choice]] = lambda _: ()
    kinds: Sequence[str] | None = None
    tools: Callable[[], Sequence[tuple[str, bool]]] = tuple
    documents: Callable[[str], Sequence[Choice]] = lambda _: ()

    def offer(self, before: str, *, is_all: bool) -> Offer | None:
        """What may stand in place of the last word of `before`, a line up to the cursor; None for nothing.

        `is_all` tells that nothing else stands in the prompt.
        """
        if is_all and before.startswith("/"):
            name, blank, argument = before[1:].partition(" ")
            return self._of_argument(name, argument, len(before)) if blank else self._of_commands(name)
        token = token_before(before)
        if token is None:
            return None
        choices = [
            Choice(token.written(path), label, note, hits)
            for path, label, note, hits in self._paths(token.path, folders_only=False)
        ]
        there = {choice.text for choice in choices}
        choices += [
            Choice(written, found.path, hits=found.hits)
            for found in self.files(token.path)
            if (written := token.written(found.path)) not in there
        ]
        return Offer(token.start, choices[:MOST], _title("files", choices)) if choices else None

    def _of_commands(self, typed: str) -> Offer | None:
        """The commands whose names begin so, the one that is spelled out first; those of a replay in one alone."""
        small = typed.lower()
        named = [
            (name, action)
            for name, action in BY_NAME.items()
            if name.startswith(small) and _is_shown(name, action, small) and self._is_of_here(action)
        ]
        named.sort(key=lambda each: each[0] != small)
        choices = [
            Choice(
                f"/{name} " if action.argument else f"/{name}",
                f"/{name} {action.argument}".rstrip(),
                action.meaning,
                _head(1, typed),
            )
            for name, action in named
        ]
        return Offer(0, choices, "commands") if choices else None

    def _is_of_here(self, action: Action) -> bool:
        return action.place != "replay" or self.kinds is not None

    def _of_argument(self, name: str, typed: str, end: int) -> Offer | None:
        action = BY_NAME.get(name.lower())
        start = end - len(typed)
        if action is None or typed != typed.lstrip():
            return None
        if action.id == "model":
            names = [model for model in self.models() if model.startswith(typed) and model != typed]
            choices = [Choice(model, hits=_head(0, typed)) for model in names]
            return Offer(start, choices, "models", is_free=True) if choices else None
        if action.id == "again":
            typed = typed.rpartition(" ")[2]
            start = end - len(typed)
        if action.id == "preset":
            presets = self.presets(typed)
            return Offer(start, presets[:MOST], "presets", is_free=True) if presets else None
        if action.id == "break":
            kinds = [kind for kind in self.kinds or () if kind.startswith(typed) and kind != typed]
            return Offer(start, [Choice(kind, hits=_head(0, typed)) for kind in kinds], "events") if kinds else None
        if action.id == "docs":
            documents = self.documents(typed)
            return Offer(start, documents[:MOST], "documents", is_free=True) if documents else None
        if action.id == "citations":
            modes = [Choice(each, hits=_head(0, typed)) for each in CITATION_MODES if each.startswith(typed)]
            return Offer(start, modes, "modes", is_free=True) if modes and typed not in CITATION_MODES else None
        if action.id in ("tools", "run-tool"):
            return self._of_tools(action, typed, end)
        if action.id in ("set", "settings-panel", "reset", "again"):
            return self._of_setting(action, typed, start)
        if action.id == "grid":
            return self._of_grid(typed, end)
        if action.argument.endswith("FILE]") and not typed.startswith(("'", '"')):
            folders = [
                Choice(path, label, note, hits)
                for path, label, note, hits in self._paths(typed, folders_only=True)
                if not any(map(str.isspace, path))
            ]
            return Offer(start, folders[:MOST], _title("folders", folders), is_free=True) if folders else None
        return None

    def _of_tools(self, action: Action, typed: str, end: int) -> Offer | None:
        """What is done about tools, then those of which it can be done; or the name of one that is run."""
        before, blank, begun = typed.rpartition(" ")
        how, *named = before.replace(",", " ").split()[:50] if blank else ("",)
        if action.id == "tools" and not blank:
            words = [Choice(each) for each in ("on", "off", "only", "all", "force", "forbid", "free")]
        elif action.id == "run-tool" and blank:
            return None
        else:
            wanted = {"on": (False,), "off": (True,)}.get(how, (True, False))
            words = [Choice(name) for name, is_on in self.tools() if is_on in wanted and name not in named]
        choices = [
            replace(each, hits=_head(0, begun)) for each in words if each.text.startswith(begun) and each.text != begun
        ]
        return Offer(end - len(begun), choices[:MOST], "tools", is_free=True) if choices else None

    def _of_setting(self, action: Action, typed: str, start: int) -> Offer | None:
        choices = self.settings(typed)
        if action.id == "reset":
            choices = [replace(each, text=each.label) for each in choices if each.label != typed and "=" not in typed]
        title = "values" if "=" in typed else "settings"
        return Offer(start, choices[:MOST], title, is_free="=" in typed) if choices else None

    def _of_grid(self, typed: str, end: int) -> Offer | None:
        """The name of a setting, or one more of its values."""
        word = typed.rpartition(" ")[2]
        name, assigns, values = word.partition("=")
        before, _, begun = values.rpartition(",")
        there = before.split(",")
        choices = [
            replace(each, text=f"{word[: len(word) - len(begun)]}{each.shown}" if assigns else each.text)
            for each in self.settings(f"{name}={begun}" if assigns else word)
            if not word.isdecimal() and each.shown not in there and each.shown != "null"
        ]
        title = "values" if assigns else "settings"
        return Offer(end - len(word), choices[:MOST], title, is_free=True) if choices else None

    def _paths(self, typed: str, *, folders_only: bool) -> Iterator[tuple[str, str, str, tuple[tuple[int, int], ...]]]:
        """The paths that go on from what was typed, how each is shown, and what of that was typed.

        One more than are offered, where there are more.
        """
        head, slash, begun = typed.rpartition("/")
        folder = head + slash
        listing = self.folders(Path(folder).expanduser() if folder else Path(), begun)
        count = 0
        for entry in listing.entries if listing else ():
            if not entry.name.lower().startswith(begun.lower()) or (entry.name.startswith(".") and not begun):
                continue
            if folders_only and not entry.is_folder:
                continue
            name = entry.name + "/" * entry.is_folder
            yield folder + name, name, "", _head(0, begun)
            count += 1
            if count > MOST:
                return


def _is_shown(name: str, action: Action, typed: str) -> bool:
    """Another name of a command is offered to those alone whom its own does not reach."""
    return name == action.command or not action.command.startswith(typed)


def _title(what: str, choices: Sequence[Choice]) -> str:
    return f"the first {MOST} {what}" if len(choices) > MOST else what


def _head(start: int, typed: str) -> tuple[tuple[int, int], ...]:
    return ((start, start + len(typed)),) if typed else ()
