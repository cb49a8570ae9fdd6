"""Several files at once: every problem of all of them, and what may not repeat between files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.config.findings import Findings
from workbench.config.kind import Kind, kind_of
from workbench.config.load import load_configuration, load_documents_files
from workbench.config.reader import read_tree
from workbench.documents.load import load_sets
from workbench.errors import ConfigurationError, Problem


def write(folder: Path, **files: str) -> dict[str, Path]:
    paths = {name: folder / f"{name}.yaml" for name in files}
    for name, text in files.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


def kind_of_file(path: Path) -> tuple[Kind | None, tuple[Problem, ...]]:
    tree = read_tree(path)
    findings = Findings(str(path), tree.problems)
    return kind_of(tree, findings), findings.problems()


def test_files_are_loaded_in_order(tmp_path: Path) -> None:
    files = write(tmp_path, b="- one\n", a="sets: {x: [one], y: [two]}\n", t="- {name: f, run: ask}\n")
    loaded = load_configuration([files["b"], files["a"]], [files["t"]], {})
    assert [spec.name for spec in loaded.sets] == ["b", "x", "y"]
    assert [tool.name for tool in loaded.tools] == ["f"]


def test_all_problems_of_all_files_are_raised_in_order(tmp_path: Path) -> None:
    files = write(tmp_path, a="sets: {x: 1}\nfoo: 2\n", b="- {name: f, run: }\n")
    gone = tmp_path / "gone.yaml"
    with pytest.raises(ConfigurationError) as raised:
        load_configuration([files["a"], gone], [files["b"]], {})
    assert [(Path(problem.file).name, problem.line) for problem in raised.value.problems] == [
        ("a.yaml", 1), ("a.yaml", 2), ("gone.yaml", 0), ("b.yaml", 1),
    ]  # fmt: skip
    assert f"{files['a']}:1:11: expected a set" in str(raised.value)


def test_a_set_of_the_same_name_in_two_files_is_a_problem(tmp_path: Path) -> None:
    files = write(tmp_path, a="sets: {x: [one]}\n", b="sets:\n  y: [two]\n  x: [three]\n")
    with pytest.raises(ConfigurationError) as raised:
        load_documents_files([files["a"], files["b"]], {})
    (problem,) = raised.value.problems
    assert (problem.file, problem.line, problem.column) == (str(files["b"]), 3, 3)
    assert "a second set `x`" in problem.message
    assert f"{files['a']}:1:8" in problem.hint


def test_a_tool_of_the_same_name_in_two_files_is_a_problem(tmp_path: Path) -> None:
    files = write(tmp_path, a="- {name: f, run: ask}\n", b="- {name: g, run: ask}\n- {name: f, run: ask}\n")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration((), [files["a"], files["b"]], {})
    (problem,) = raised.value.problems
    assert (problem.line, problem.column) == (2, 10)
    assert "a second tool `f`" in problem.message


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    files = write(tmp_path, a="- one\n", t="- {name: f, run: ask}\n")
    assert len(load_documents_files([files["a"], files["a"]], {})) == 1
    assert len(load_configuration((), [files["t"], files["t"]], {}).tools) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sets: {}", "documents"),
        ("files: x", "documents"),
        ("documents: []", "documents"),
        ("- text", "documents"),
        ("- {name: Ann, text: A person.}", "documents"),
        ("- {name: f, run: ask}", "tools"),
        ("- {type: function, function: {name: f}}", "tools"),
        ("tools: [{name: f}]", "tools"),
        ("tools: []", "tools"),
        ("tools: [tools.yaml]", "settings"),
        ("tools: tools.yaml", "settings"),
        ("model: m\ntools: [tools.yaml]\nunknown: 1", "settings"),
        ("model: m\ntools: []", "settings"),
        ("model: m\ntools:", "settings"),
    ],
)
def test_a_files_kind_is_told_by_its_top_level(tmp_path: Path, text: str, kind: Kind) -> None:
    path = write(tmp_path, f=text)["f"]
    assert kind_of_file(path) == (kind, ())


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("tool: []", "1:1", "unknown key `tool`", "did you mean `tools`?"),
        ("quux: 1", "1:1", "unknown key `quux`", "a documents file has `sets:`"),
        ("{}", "0:0", "the file is empty", "a documents file has `sets:`"),
        ("# nothing", "0:0", "the file is empty", "a documents file has `sets:`"),
        ("sets: {a: [x]}\ntools: [{name: f}]", "2:1", "`tools` belongs to a tools file, `sets` does not", "own"),
        ("just words", "1:1", "a map or a list", "a documents file has `sets:`"),
        ("a: [", "1:5", "YAML syntax", ""),
    ],
)
def test_a_file_of_no_kind_is_a_problem(tmp_path: Path, text: str, place: str, message: str, hint: str) -> None:
    kind, problems = kind_of_file(write(tmp_path, f=text)["f"])
    assert kind is None
    assert [f"{problem.line}:{problem.column}" for problem in problems] == [place]
    assert message in problems[0].message
    assert hint in problems[0].hint


def test_a_file_that_is_wrong_throughout_gives_a_readable_list(tmp_path: Path) -> None:
    keys = "".join(f"x{number}: 1\n" for number in range(500))
    _, of_keys = kind_of_file(write(tmp_path, f=keys)["f"])
    assert len(of_keys) == 21
    assert (of_keys[-1].line, of_keys[-1].message) == (21, "and 480 more unknown keys in this map")
    with pytest.raises(ConfigurationError) as raised:
        load_documents_files([write(tmp_path, d="- {n: 1}\n" * 500)["d"]], {})
    assert len(raised.value.problems) == 101
    assert str(raised.value.problems[-1]).endswith("d.yaml:101:3: and 400 more problems")


def test_reading_configuration_imports_no_screen_no_client_and_no_schema_library() -> None:
    code = (
        "import sys, workbench.config.load\n"
        "print([name for name in ('textual', 'rich', 'cohere', 'httpx', 'jsonschema') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("given", ["guide [1].md", "folder [2]", "table.csv"])
def test_a_document_or_a_folder_in_place_of_a_documents_file_is_a_set(tmp_path: Path, given: str) -> None:
    (tmp_path / "guide [1].md").write_text("# Ferry\n\nThe ferry leaves at seven.\n")
    (tmp_path / "table.csv").write_text("question,answer\nWhen?,The ferry leaves at seven.\n")
    (tmp_path / "folder [2]").mkdir()
    (tmp_path / "folder [2]" / "a.txt").write_text("The ferry leaves at seven.\n")
    (spec,) = load_documents_files([tmp_path / given], {})
    loaded = load_sets([spec])
    assert loaded.problems == ()
    assert spec.name == Path(given).stem
    assert "The ferry leaves at seven." in loaded.sets[0].passages[0].text
