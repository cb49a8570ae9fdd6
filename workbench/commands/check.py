"""`workbench check FILE|FOLDER...`: owns validating configuration files and folders of documents, and saying what is
wrong, or what they hold.

Refuses to run or import anything that a tools file names: what a tool needs is looked up, and parsed at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from workbench.cohere_client.endpoint import refuse_in_clear
from workbench.config.documents_file import documents_of
from workbench.config.findings import Findings
from workbench.config.given_documents import documents_at, is_pattern
from workbench.config.kind import kind_of
from workbench.config.lint import lint
from workbench.config.load import load_configuration
from workbench.config.mcp_servers import server_doubt, servers_of
from workbench.config.nodes import Tree
from workbench.config.reader import read_tree
from workbench.config.response_format import read_schema_file
from workbench.config.settings import settings_of
from workbench.config.settings_file import SettingsFile, places_of, variables_of
from workbench.config.settings_model import Settings
from workbench.config.tools_file import tools_of
from workbench.documents.conditions import values_of
from workbench.documents.converting import Converting
from workbench.documents.formats import CONFIGURATION, DOCUMENTS_ONLY
from workbench.documents.load import Loaded, load_sets
from workbench.documents.passages import FilePlace, SetSpec
from workbench.errors import ConfigurationError, OutputError, Problem, quoted
from workbench.paths import FoundPath, is_file, look_at, reason_of
from workbench.plural import plural
from workbench.printing.standard_output import make_lossless, printable, writing
from workbench.printing.streams import say, silence
from workbench.secrets.redactor import Redactor
from workbench.startup.wishes import all_wishes_of
from workbench.tools.runners.child_environment import scrubbed
from workbench.ui.wrong_keys import wrong_keys

YAML = (".yaml", ".yml")
OK = 0
UNTOLD = 1
WRONG = 2


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a file holds, in a few words, and what is wrong with it; warnings alone do not fail it."""

    holds: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def with_further(self, path: Path, problems: Sequence[Problem]) -> _Verdict:
        """The verdict with those of further `problems` that are of its file."""
        return replace(self, problems=(*self.problems, *(each for each in problems if each.file == str(path))))


def check(files: Sequence[Path], environ: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """Checks each file by itself; of a folder, the YAML files that lie directly in it, and its documents where none of
    these is a file of ours.

    Good ones are a line on `out`, problems and warnings lines on `err`.

    Returns 0, or 2 when any file has a problem or none was given, or 1 when all are good and not all could be said.
    """
    if not files:
        say("check: name at least one file or folder", err)
        return WRONG
    return _tell([verdict for path in files for verdict in _verdicts(path, environ)], environ, out, err)


def check_tools(files: Sequence[Path], environ: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """As `check`, of files that are to be tools files and to go together; one that is named twice counts once."""
    found = {path.absolute(): (path, _tools(read_tree(path), environ)) for path in files}
    told = {problem for _, verdict in found.values() for problem in verdict.problems}
    try:
        load_configuration((), files, environ)
        together: tuple[Problem, ...] = ()
    except ConfigurationError as error:
        together = tuple(each for each in error.problems if each not in told)
    verdicts = [(path, verdict.with_further(path, together)) for path, verdict in found.values()]
    return _tell(verdicts, environ, out, err)


def _tell(verdicts: Sequence[tuple[Path, _Verdict]], environ: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """Say what is to be said of each file; return the exit code."""
    make_lossless(out)
    masked = Redactor.of(environ).text
    told, lost = True, ""
    for path, verdict in verdicts:
        for line in (*map(str, verdict.problems), *(each.as_warning() for each in verdict.warnings)):
            told &= say(printable(masked(line)), err)
        if not verdict.problems and not lost:
            lost = _written(printable(masked(f"{path}: {verdict.holds}")), out)
    if lost:
        silence(out)
        say(f"workbench: {lost}", err)
    if any(verdict.problems for _, verdict in verdicts):
        return WRONG
    return OK if told and not lost else UNTOLD


def _written(line: str, out: TextIO) -> str:
    """Write the line of a good file; "", or why that is not possible: problems of other files are still to be said."""
    try:
        with writing():
            print(line, file=out, flush=True)
    except OutputError as error:
        return str(error)
    return ""


def _verdicts(path: Path, environ: Mapping[str, str]) -> Iterator[tuple[Path, _Verdict]]:
    """What is said of a file, or of each file of a folder."""
    if look_at(path).kind != "folder":
        yield path, _verdict(read_tree(path), environ)
        return
    hint = "name a file, or another folder; to have some written: workbench init"
    try:
        inside = sorted(each.name for each in path.iterdir() if each.name[0] != ".")
    except OSError as error:
        problem = f"the folder cannot be read: {reason_of(error)}"
        yield path, _Verdict("", (Problem(str(path), 0, 0, problem, "make it readable"),))
        return
    names = [name for name in inside if Path(name).suffix.lower() in YAML]
    if not names:
        empty = Problem(str(path), 0, 0, "the folder holds no .yaml and no .yml file, and no documents", hint)
        yield path, (_of_folder(path) if inside else None) or _Verdict("", (empty,))
    trees = [read_tree(path / name) for name in names]
    if 0 < len(names) < len(inside) and not any(kind_of(each, Findings(str(each.path))) for each in trees):
        documents = _of_folder(path)  # among which YAML may lie that is none of ours
        yield from () if documents is None else [(path, documents)]
    for tree in trees:
        yield tree.path, _verdict(tree, environ)


def _verdict(tree: Tree, environ: Mapping[str, str]) -> _Verdict:
    findings = Findings(str(tree.path), tree.problems)
    kind = kind_of(tree, findings)
    if kind == "documents":
        return _documents(tree, environ)
    if kind == "tools":
        return _tools(tree, environ)
    if kind == "settings":
        return _settings(tree, environ)
    if tree.path.suffix.lower() not in (*CONFIGURATION, *DOCUMENTS_ONLY) and tree.root is None and is_file(tree.path):
        hint = f"if it is text, list it under `files:` of a documents file: `files: {tree.path.name}`"
        findings.file_problem("configuration is YAML or JSON, in a file called .yaml, .yml or .json", hint)
    return _Verdict("", findings.problems())


def _of_folder(path: Path) -> _Verdict | None:
    """What a folder holds that `--docs` takes whole; None where there is none."""
    spec = documents_at(path, None, stays=True) if look_at(path).kind == "folder" else None
    return None if spec is None else _of_sets((spec,))


def _documents(tree: Tree, environ: Mapping[str, str]) -> _Verdict:
    return _of_sets(*documents_of(tree, environ))


def _of_sets(sets: Sequence[SetSpec], problems: Sequence[Problem] = ()) -> _Verdict:
    with Converting() as convert:
        loaded = load_sets(sets, convert)
    passages = sum(len(item.passages) for item in loaded.sets)
    elsewhere = sum(each.is_elsewhere for each in sets)
    holds = f"{plural(len(sets), 'set')}, {plural(passages, 'passage')}"
    holds += f" and what is in {plural(elsewhere, 'store')}" if elsewhere else ""
    # A set that is wrong here is often empty there: one place is reported once.
    places = {(problem.file, problem.line, problem.column) for problem in problems if problem.line}
    further = (item for item in loaded.problems if (item.file, item.line, item.column) not in places)
    asked = tuple(dict.fromkeys(each.problem for each in loaded.outside))
    notes = (*asked, *_of_stores(sets), *_of_conditions(sets, loaded), *loaded.left_out)
    return _Verdict(holds, (*problems, *(item for item in further if item not in asked)), notes)


def _of_conditions(sets: Sequence[SetSpec], loaded: Loaded) -> Iterator[Problem]:
    """A warning for each field of a `where:` that no document of its set has: nothing of the set is ever found."""
    held = {each.name: each for each in loaded.sets}
    for spec in sets:
        passages = held[spec.name].passages if spec.name in held else ()
        for condition in spec.retrieval.where if passages else ():
            if not any(True for each in passages for _ in values_of(each.data, condition.field)):
                message = f"no document of {spec.name} has the field {quoted(condition.field)}: nothing of it is found"
                hint = "correct the name under `where:`, or give the documents that field"
                yield Problem(spec.place.file, spec.place.line, spec.place.column, message, hint)


def _of_stores(sets: Sequence[SetSpec]) -> Iterator[Problem]:
    """What a person is asked, and what is lacking, before the stores of these sets can be used; what is in one is
    looked at where that is a folder, and nobody need be asked."""
    from workbench.documents.lance.faults import INSTALL, StoreUnusable
    from workbench.documents.lance.place import asked_of, is_installed
    from workbench.documents.lance.table import open_table

    for store in dict.fromkeys(each.store for each in sets if each.store is not None):
        place = store.place
        if asked := asked_of(store):
            yield Problem(place.file, place.line, place.column, asked, "only a file that you trust may do that")
        if not is_installed():
            message = "a store needs a package that is not installed"
            yield Problem(place.file, place.line, place.column, message, INSTALL)
        elif store.folder is not None and not asked:
            for each in (each for each in sets if each.store == store):
                try:
                    open_table(store, each.name, {})
                except StoreUnusable as unusable:
                    yield Problem(place.file, place.line, place.column, unusable.message, unusable.hint)


def _tools(tree: Tree, environ: Mapping[str, str]) -> _Verdict:
    tools, problems = tools_of(tree, environ)
    warnings: list[Problem] = []
    servers, of_servers = servers_of(tree, environ)
    for server in servers:
        if doubt := server_doubt(server.spec, environ):
            warnings.append(Problem(server.place.file, server.place.line, server.place.column, *doubt))
        warnings += _missing(server.spec.needs(), server.place, environ)
    for tool in tools:
        warnings += tool.notes
        if doubt := tool.spec.run.doubt():
            place = tool.run_place
            warnings.append(Problem(place.file, place.line, place.column, *doubt))
        warnings += _missing(tool.spec.run.needs(), tool.run_place, environ)
    parts = [plural(len(tools), "tool")] if tools or not servers else []
    parts += [plural(len(servers), "MCP server")] if servers else []
    return _Verdict(", ".join(parts), (*problems, *of_servers), tuple(warnings))


def _missing(needed: Set[str], place: FilePlace, environ: Mapping[str, str]) -> Iterator[Problem]:
    """A warning for each variable that a call of a tool needs, or the start of a server, and will not find."""
    given = scrubbed(environ)
    for name in sorted(needed - given.keys()):
        message = f"the environment variable {quoted(name)} is not set, and a call needs it"
        if name in environ:
            message = f"the environment variable {quoted(name)} holds the key to the chat API, which no tool is given"
        yield Problem(place.file, place.line, place.column, message, "set it before the tool is called")


def _settings(tree: Tree, environ: Mapping[str, str]) -> _Verdict:
    settings, problems = settings_of(tree, environ)
    missing = tuple(
        Problem(str(tree.path), 0, 0, _absence(path, found), f"correct the path under `{key}:`")
        for key, paths in (("docs", settings.docs), ("tools", settings.tools))
        for path in paths
        if (found := look_at(path)).kind != "file"
        and not (key == "docs" and (found.kind == "folder" or is_pattern(path)))
    )
    wrong = (*problems, *missing, *_of_schemas(tree, settings), *wrong_keys(settings.keys))
    notes = () if problems else (*_asked(tree, settings, environ), *_lint(tree, settings))
    return _Verdict(f"settings for {settings.model}", wrong, notes)


def _of_schemas(tree: Tree, settings: Settings) -> tuple[Problem, ...]:
    """What is wrong with each JSON Schema that the settings or their presets name, when it lies in their folder: others
    are asked for."""
    formats = [settings.response_format, *(values.get("response_format") for values in settings.presets.values())]
    inside = [
        each
        for each in formats
        if each is not None and not (each.file and tree.origin and not tree.origin.holds(each.file))
    ]
    return tuple(dict.fromkeys(problem for each in inside for problem in read_schema_file(each)[1]))


def _lint(tree: Tree, settings: Settings) -> tuple[Problem, ...]:
    """What a server may refuse of the settings, and of each preset besides."""
    places = places_of(tree)
    file, sent = str(tree.path), {"documents": bool(settings.docs), "tools": bool(settings.tools)}
    own = lint(settings, **sent)
    found = [(each.name, "", each) for each in own]
    for name, values in settings.presets.items():
        found += [("presets", f"preset {name}: ", each) for each in lint(replace(settings, **values), **sent)
                  if each not in own]  # fmt: skip
    problems = []
    for key, of_which, each in found:
        place = places.get(key)
        line, column = (place.line, place.column) if place is not None else (0, 0)
        problems.append(Problem(file, line, column, f"{of_which}{each.name} may be refused: {each.message}"))
    return tuple(problems)


def _asked(tree: Tree, settings: Settings, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """What the file would have to be trusted for, given with `--config` where there is a key."""
    file = SettingsFile(settings, tree.origin, places_of(tree), variables_of(tree), is_own=False)
    in_clear: tuple[Problem, ...] = ()
    if settings.base_url and not settings.offline:
        try:
            place = file.places["base_url"]
            refuse_in_clear(settings.base_url, f"{place.file}:{place.line}:{place.column}")
        except ConfigurationError as error:
            in_clear = error.problems
    return (*in_clear, *(wish.problem for wish in all_wishes_of(file, environ)))


def _absence(path: Path, found: FoundPath) -> str:
    return f"{path} cannot be reached: {found.reason}" if found.kind == "unreachable" else f"there is no file {path}"
