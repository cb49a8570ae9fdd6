"""What was trusted is what runs: tools files by their real place, and the code beside them by its content."""

from __future__ import annotations

import json
import os
import py_compile
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from workbench.config.load import load_configuration
from workbench.events import ToolResult
from workbench.tools.decisions import Decision
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

TOOLS = 'tools: [{name: lookup, description: Looks up., run: {python: "helper:lookup"}}]\n'
MINE, STRANGER = "def lookup(): return 'mine'\n", "def lookup(): return 'a stranger'\n"


class Person:
    """Says yes or no, and does `then` while it is asked."""

    def __init__(self, *, yes: bool = True, then: Callable[[], object] = lambda: None) -> None:
        self.asked: list[ApprovalRequest] = []
        self._yes, self._then = yes, then

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        self._then()
        return Decision(request.offers[0].scope if self._yes else None)

    async def answer(self, request: AnswerRequest) -> str:
        raise AssertionError("no tool here is typed")


def put(folder: Path, **files: str) -> Path:
    """The tools file of a folder with these files; `__` in a name is a slash."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py".replace("/init.py", "/__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "t.yaml").write_text(TOOLS)
    return folder / "t.yaml"


class Bench:
    """One person's trust store, and sessions that use it."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def toolbox(self, file: Path, person: Person) -> Toolbox:
        tools = load_configuration((), [file], {}).tools
        return Toolbox(tools, people=person, trust=TrustStore(self.state), environ=dict(os.environ))

    async def call(self, file: Path, person: Person, name: str = "lookup") -> ToolResult:
        return await self.toolbox(file, person).run(call_id="c", name=name, arguments="")

    async def trust(self, file: Path) -> None:
        person = Person()
        result = await self.call(file, person)
        assert (result.error, len(person.asked)) == (None, 1)

    async def asks(self, file: Path) -> bool:
        """Whether a call asks first; a no is the answer, and then nothing runs."""
        person = Person(yes=False)
        result = await self.call(file, person)
        assert (result.error_kind == "denied") == bool(person.asked)
        return bool(person.asked)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "state" / "trust.json")


def linked_file(stranger: Path, mine: Path) -> Path:
    (stranger / "tools.yaml").symlink_to(mine)
    return stranger / "tools.yaml"


def relative_link(stranger: Path, mine: Path) -> Path:
    (stranger / "tools.yaml").symlink_to(os.path.relpath(mine, stranger))
    return stranger / "tools.yaml"


def link_of_links(stranger: Path, mine: Path) -> Path:
    (stranger / "one").symlink_to(mine)
    (stranger / "two").symlink_to("one")
    (stranger / "tools.yaml").symlink_to("two")
    return stranger / "tools.yaml"


def linked_folder(stranger: Path, mine: Path) -> Path:
    (stranger / "folder").symlink_to(mine.parent)
    return stranger / "folder" / mine.name


def up_from_a_linked_folder(stranger: Path, mine: Path) -> Path:
    (mine.parent / "deep").mkdir()
    (stranger / "deep").symlink_to(mine.parent / "deep")
    return stranger / "deep" / ".." / mine.name


LINKS = [linked_file, relative_link, link_of_links, linked_folder, up_from_a_linked_folder]


@pytest.mark.parametrize("link", LINKS)
async def test_a_link_runs_the_code_beside_the_real_file(
    bench: Bench, tmp_path: Path, link: Callable[[Path, Path], Path]
) -> None:
    mine = put(tmp_path / "mine", helper=MINE)
    put(tmp_path / "stranger", helper=STRANGER)
    await bench.trust(mine)
    person = Person(yes=False)
    result = await bench.call(link(tmp_path / "stranger", mine), person)
    assert (result.result, person.asked) == ("mine", [])


@pytest.mark.parametrize("link", LINKS)
async def test_the_question_about_a_link_names_the_real_place(
    bench: Bench, tmp_path: Path, link: Callable[[Path, Path], Path]
) -> None:
    mine = put(tmp_path / "mine", helper=MINE)
    put(tmp_path / "stranger", helper=STRANGER)
    person = Person()
    await bench.call(link(tmp_path / "stranger", mine), person)
    assert person.asked[0].file == mine
    assert str(mine.parent) in person.asked[0].what
    assert "helper.py" in person.asked[0].what
    assert "stranger" not in person.asked[0].what


async def test_the_same_content_in_another_place_asks(bench: Bench, tmp_path: Path) -> None:
    await bench.trust(put(tmp_path / "mine", helper=MINE))
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "mine", other)
    assert await bench.asks(other / "t.yaml")
    hard = put(tmp_path / "hard", helper=STRANGER)
    hard.unlink()
    os.link(tmp_path / "mine" / "t.yaml", hard)
    assert await bench.asks(hard)


async def test_a_folder_that_is_swapped_asks(bench: Bench, tmp_path: Path) -> None:
    mine = put(tmp_path / "mine", helper=MINE)
    put(tmp_path / "stranger", helper=STRANGER)
    person = Person()
    box = bench.toolbox(mine, person)
    assert (await box.run(call_id="1", name="lookup", arguments="")).result == "mine"
    (tmp_path / "mine").rename(tmp_path / "gone")
    (tmp_path / "stranger").rename(tmp_path / "mine")
    await box.run(call_id="2", name="lookup", arguments="")
    assert len(person.asked) == 2


async def test_trust_belongs_to_the_content_that_was_loaded(bench: Bench, tmp_path: Path) -> None:
    """A file that changes after it was read: the definitions that run are those that were asked about."""
    file = put(tmp_path / "mine", helper=MINE + "def other(): return 'other'\n")
    person = Person()
    box = bench.toolbox(file, person)
    file.write_text(TOOLS.replace("helper:lookup", "helper:other"))
    assert (await box.run(call_id="1", name="lookup", arguments="")).result == "mine"
    assert (await box.run(call_id="2", name="lookup", arguments="")).result == "mine"
    assert len(person.asked) == 1
    assert await bench.asks(file), "what lies there now was never shown to anybody"
    file.write_text(TOOLS)
    assert not await bench.asks(file)


def edited(folder: Path) -> None:
    (folder / "helper.py").write_text(STRANGER)


def made_a_link(folder: Path) -> None:
    (folder / "elsewhere.txt").write_text(STRANGER)
    (folder / "helper.py").unlink()
    (folder / "helper.py").symlink_to("elsewhere.txt")


def shadowed_by_a_package(folder: Path) -> None:
    (folder / "helper").mkdir()
    (folder / "helper" / "__init__.py").write_text(STRANGER)


def shadowed_by_an_extension(folder: Path) -> None:
    (folder / "helper.abi3.so").write_bytes(b"\x7fELF")


def an_import_changed(folder: Path) -> None:
    (folder / "used.py").write_text("WORD = 'else'\n")


def an_import_of_an_import_changed(folder: Path) -> None:
    (folder / "deeper.py").write_text("WORD = 'else'\n")


def an_import_appeared(folder: Path) -> None:
    (folder / "colorsys.py").write_text("WORD = 'else'\n")


def a_module_of_the_package_changed(folder: Path) -> None:
    (folder / "package" / "plugin.py").write_text("WORD = 'else'\n")


def a_module_of_the_package_appeared(folder: Path) -> None:
    (folder / "package" / "new.py").write_text("")


def a_namespace_changed(folder: Path) -> None:
    (folder / "space" / "inner.py").write_text("WORD = 'else'\n")


CHANGES = [
    edited, made_a_link, shadowed_by_a_package, shadowed_by_an_extension, an_import_changed,
    an_import_of_an_import_changed, an_import_appeared, a_module_of_the_package_changed,
    a_module_of_the_package_appeared, a_namespace_changed,
]  # fmt: skip
HELPER = (
    "import colorsys\nimport used\nimport package\nfrom space import inner\n"
    "def lookup(): return [used.WORD, package.WORD, inner.WORD]\n"
)


def with_imports(folder: Path) -> Path:
    return put(
        folder,
        helper=HELPER,
        used="from deeper import WORD\n",
        deeper="WORD = 'one'\n",
        package__init="import importlib\nWORD = importlib.import_module('package.' + 'plugin').WORD\n",
        package__plugin="WORD = 'two'\n",
        space__inner="WORD = 'three'\n",
    )


@pytest.mark.parametrize("change", CHANGES)
async def test_code_that_changed_asks_again(bench: Bench, tmp_path: Path, change: Callable[[Path], None]) -> None:
    file = with_imports(tmp_path / "mine")
    person = Person()
    box = bench.toolbox(file, person)
    first = await box.run(call_id="1", name="lookup", arguments="")
    assert (first.error, first.result) == (None, ["one", "two", "three"])
    assert not await bench.asks(file)
    change(tmp_path / "mine")
    assert await bench.asks(file), "in another session"
    await box.run(call_id="2", name="lookup", arguments="")
    assert len(person.asked) == 2, "in the middle of a session"


@pytest.mark.parametrize("change", [edited, an_import_changed, a_module_of_the_package_changed, a_namespace_changed])
async def test_code_that_changes_while_the_person_thinks_does_not_run(
    bench: Bench, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    file = with_imports(tmp_path / "mine")
    result = await bench.call(file, Person(then=lambda: change(tmp_path / "mine")))
    assert result.error_kind == "untrusted"
    assert "changed after it was allowed" in (result.error or "")
    assert await bench.asks(file)


async def test_planted_bytecode_is_not_run(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper=MINE)
    await bench.trust(file)
    source = tmp_path / "mine" / "helper.py"
    written = source.stat()
    planted = tmp_path / "planted.py"
    planted.write_text(STRANGER)
    for mode in (py_compile.PycInvalidationMode.TIMESTAMP, py_compile.PycInvalidationMode.UNCHECKED_HASH):
        os.utime(planted, ns=(written.st_atime_ns, written.st_mtime_ns))
        cached = Path(py_compile.compile(str(planted), dfile=str(source), invalidation_mode=mode) or "")
        data = bytearray(cached.read_bytes())
        if mode is py_compile.PycInvalidationMode.TIMESTAMP:
            data[12:16] = len(MINE).to_bytes(4, "little")
        target = tmp_path / "mine" / "__pycache__" / cached.name.replace("planted", "helper")
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
        person = Person(yes=False)
        assert ((await bench.call(file, person)).result, person.asked) == ("mine", [])


async def test_what_could_not_be_seen_does_not_run(bench: Bench, tmp_path: Path) -> None:
    """A name made at run time leads to code that nobody was asked about."""
    helper = "def lookup():\n    import importlib\n    return importlib.import_module('hid' + 'den').WORD\n"
    file = put(tmp_path / "mine", helper=helper, hidden="WORD = 'hidden'\n")
    result = await bench.call(file, Person())
    assert result.error_kind == "untrusted"
    assert '"hidden"' in (result.error or "")


async def test_a_module_that_appears_does_not_shadow_an_installed_one(bench: Bench, tmp_path: Path) -> None:
    """Of what an installed module imports in turn, nothing is looked for beside the tools file."""
    file = put(tmp_path / "mine", helper="import textwrap, csv\ndef lookup(): return csv.reader is not None\n")
    await bench.trust(file)
    for name in ("_csv", "io", "types", "collections"):
        (tmp_path / "mine" / f"{name}.py").write_text("raise SystemExit('a stranger')\n")
    person = Person(yes=False)
    assert ((await bench.call(file, person)).result, person.asked) == (True, [])


async def test_one_question_for_all_tools_of_a_file(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper=MINE, second="def find(): return 2\n")
    file.write_text(
        'tools:\n  - {name: lookup, run: {python: "helper:lookup"}}\n  - {name: find, run: {python: "second:find"}}\n'
    )
    person = Person()
    box = bench.toolbox(file, person)
    results = [await box.run(call_id=name, name=name, arguments="") for name in ("lookup", "find")]
    assert [result.result for result in results] == ["mine", 2]
    assert len(person.asked) == 1
    (tmp_path / "mine" / "second.py").write_text("def find(): return 3\n")
    assert await bench.asks(file)


async def test_every_call_of_approve_ask_is_for_the_code_as_it_was_shown(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper=MINE)
    file.write_text(TOOLS.replace("run:", "approve: ask, run:"))
    result = await bench.call(file, Person(then=lambda: edited(tmp_path / "mine")))
    assert result.error_kind == "untrusted"
    assert (await bench.call(file, Person())).result == "a stranger"


async def test_a_store_of_the_version_before_asks_again(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper=MINE)
    digest = TrustStore().fingerprint(file)
    bench.state.parent.mkdir()
    bench.state.write_text(json.dumps({"version": 1, "files": {str(file): digest, "/else": "0" * 64}}))
    bench.state.chmod(0o600)
    assert await bench.asks(file)
    await bench.trust(file)
    assert not await bench.asks(file)
    assert json.loads(bench.state.read_text())["files"]["/else"] == "0" * 64


@pytest.mark.parametrize(
    ("files", "result"),
    [
        ({"helper__init": "from .inner import lookup\n", "helper__inner": "def lookup(): return 1\n"}, 1),
        ({"helper__init": "from . import a\nlookup = a.lookup\n", "helper__a": "from .b.c import lookup\n",
          "helper__b__c": "from .. import word\ndef lookup(): return word.W\n", "helper__word": "W = 2\n"}, 2),
        ({"helper": "try:\n    import missing\nexcept ImportError:\n    missing = 3\ndef lookup(): return missing"}, 3),
        ({"helper": "from stars import *\n", "stars": "def lookup(): return 4\n"}, 4),
        ({"helper": "import a.b as x\ndef lookup(): return x.V\n", "a__b": "V = 5\n"}, 5),
        ({"helper": "import importlib\nm = importlib.import_module('later')\ndef lookup(): return m.V\n",
          "later": "V = 6\n"}, 6),
        ({"helper": "import inspect\ndef lookup(): return inspect.getsource(lookup)[:3], __file__[-9:]\n"},
         ["def", "helper.py"]),
    ],
)  # fmt: skip
async def test_local_code_is_imported_as_before(
    bench: Bench, tmp_path: Path, files: dict[str, str], result: Any
) -> None:
    answer = await bench.call(put(tmp_path / "mine", **files), Person())
    assert (answer.error, answer.result) == (None, result)


async def test_compiled_modules_are_code_too(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper=MINE)
    folder = tmp_path / "mine"
    py_compile.compile(str(folder / "helper.py"), cfile=str(folder / "helper.pyc"))
    (folder / "helper.py").unlink()
    await bench.trust(file)
    (folder / "other.py").write_text(STRANGER)
    py_compile.compile(str(folder / "other.py"), cfile=str(folder / "helper.pyc"))
    assert await bench.asks(file)


def many(folder: Path) -> None:
    for number in range(1_100):
        (folder / "helper" / f"m{number}.py").write_text("")


def a_circle(folder: Path) -> None:
    (folder / "helper" / "again").symlink_to(folder / "helper")


async def test_code_without_end_is_refused_or_ends(bench: Bench, tmp_path: Path) -> None:
    file = put(tmp_path / "mine", helper__init=MINE)
    a_circle(tmp_path / "mine")
    await bench.trust(file)
    many(tmp_path / "mine")
    person = Person()
    result = await bench.call(file, person)
    assert (result.error_kind, person.asked) == ("untrusted", [])
    assert "too much to be checked" in (result.error or "")


def run(argv: Sequence[str]) -> int:
    from workbench.cli import run as command

    return command(argv)


@pytest.mark.parametrize("named", ["flag", "settings"])
def test_the_command_does_not_run_a_strangers_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Without a terminal nobody can be asked: what is not trusted is denied, beside a link to what is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    marker = tmp_path / "ran"
    mine = put(tmp_path / "mine", helper="def lookup(query: str = ''): return 'mine'\n")
    trust = TrustStore.of_user(os.environ)
    put(tmp_path / "stranger", helper=f"open({str(marker)!r}, 'w')\ndef lookup(query: str = ''): return 'stranger'\n")
    (tmp_path / "stranger" / "tools.yaml").symlink_to("../mine/t.yaml")
    (tmp_path / "stranger" / "config.yaml").write_text("tools: [tools.yaml]\n")
    trust.trust(mine)
    argv = {"flag": "--tools", "settings": "--config"}[named]
    name = {"flag": "tools.yaml", "settings": "config.yaml"}[named]
    code = run(["ask", "--offline", argv, str(tmp_path / "stranger" / name), "Use lookup: what is there?"])
    assert code in ((0, 1) if named == "flag" else (2,))  # settings may not name tools elsewhere unasked, either
    assert not marker.exists()
    assert "stranger'" not in capsys.readouterr().out
