"""What is taken from inside of Textual: it is there, it is taken in one place, and the app does without it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import pkgutil
import threading
import time
from importlib import import_module
from itertools import count
from pathlib import Path

import pytest
from textual import _time
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen

import workbench.ui
from tests.ui.harness import ask, chat_text, workbench_app
from workbench.ui.terminal import textual_inside
from workbench.ui.terminal.driver import WorkbenchDriver, _keyboard
from workbench.ui.terminal.textual_inside import ALL, DISPLAY, DRIVER, KEYBOARD, Inside, missing, set_once

HERE = "workbench.ui.terminal.textual_inside"
NAMES = [(each, name) for each in ALL for name in each.names]
IDS = [f"{each.owner}.{name}" for each, name in NAMES]


def without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No class has this name any more, for those who ask."""
    known = textual_inside._known
    monkeypatch.setattr(textual_inside, "_known", lambda owner: known(owner) - {name})


# -- it is there --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "name"), NAMES, ids=IDS)
def test_textual_has_it(inside: Inside, name: str) -> None:
    assert Inside(inside.module, inside.owner, (name,)).missing() == []


def test_what_is_not_there_is_named_in_full() -> None:
    assert missing([Inside("textual.app", "App", ("_driver", "_drover"))]) == ["textual.app.App._drover"]
    assert missing([Inside("textual.app", "Apple", ("_driver",))]) == ["textual.app.Apple"]
    assert missing([Inside("textual._apple", "App")]) == ["textual._apple.App"]


def test_textual_hands_each_frame_to_one_method() -> None:
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    assert "app._display(self, update)" in inspect.getsource(Screen._compositor_refresh), "frames go another way"
    source = inspect.getsource(App._display)
    assert "clamp_offset" in source and "post_display_hook" in source, "what the stock display does has changed"


async def test_what_is_to_be_called_once_is_called_though_the_machine_had_no_turn_just_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second has passed at every look at the clock."""
    app, called = App[None](), asyncio.Event()
    async with app.run_test():
        monkeypatch.setattr(_time, "get_time", count(time.monotonic()).__next__)
        set_once(app, 0.01, called.set)
        await asyncio.wait_for(called.wait(), 5)


# -- it is taken in one place ---------------------------------------------------------------------------------


def modules() -> dict[str, ast.Module]:
    """The syntax of every module of the screen, by its name."""
    found: dict[str, ast.Module] = {}
    for each in pkgutil.walk_packages(workbench.ui.__path__, "workbench.ui."):
        path = Path(inspect.getsourcefile(import_module(each.name)) or "")
        found[each.name] = ast.parse(path.read_text("utf-8"))
    return found


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def set_here(tree: ast.Module) -> set[str]:
    """The names that a module itself gives to attributes, methods and classes."""
    nodes = list(ast.walk(tree))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return names | {node.name for node in nodes if isinstance(node, definitions)}


def test_no_other_module_uses_a_private_name_of_somebody_else() -> None:
    trees = modules()
    ours = {name for tree in trees.values() for name in set_here(tree)}
    taken = [
        f"{module}:{node.lineno}: {node.attr}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in ours and module != HERE
        if ast.unparse(node) != "os._exit"  # which Python documents
    ]
    assert taken == []


def test_no_other_module_imports_a_private_module_while_it_runs() -> None:
    taken = [
        f"{module}: {node.module}"
        for module, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and "._" in node.module
    ]
    assert taken == []


def test_no_class_elsewhere_overrides_a_private_method() -> None:
    """On purpose, for Textual to call it, or by chance: a name of ours that Textual has too."""
    taken: set[str] = set()
    for module in modules().keys() - {HERE}:
        owners = [each for each in vars(import_module(module)).values() if isinstance(each, type)]
        for owner in owners:
            stock = {name for base in owner.__mro__ if base.__module__.startswith("textual.") for name in vars(base)}
            taken |= {
                f"{module}.{owner.__name__}.{name}"
                for name, value in vars(owner).items()
                if is_private(name) and name in stock and getattr(value, "__module__", None) == module
            }
    assert taken == set()


def test_every_private_name_that_is_taken_is_declared() -> None:
    tree = modules()[HERE]
    taken = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)}
    asked = {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and isinstance(node.args[1], ast.Constant)
        and is_private(str(node.args[1].value))
    }
    assert taken | asked == {name for _, name in NAMES if is_private(name)}


# -- the app does without it --------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "name"), [(each, name) for each, name in NAMES if not is_private(name)])
async def test_without_a_name_the_app_answers(inside: Inside, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are private are another in tests/e2e/test_renaming.py, throughout Textual."""
    without(name, monkeypatch)
    app = workbench_app()
    drawn = inside in (*DISPLAY, *DRIVER)
    assert (app.driver_class is LinuxDriver) == drawn
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "When does the library open?")
        assert "The library opens at 09:00." in chat_text(app)
        assert [note.text[:31] for note in app.stage.said] == ["drawing goes on with more bytes"] * drawn


def test_without_its_parser_keys_are_read_the_stock_way(monkeypatch: pytest.MonkeyPatch) -> None:
    class Driver(WorkbenchDriver):
        def __init__(self) -> None:
            self.exit_event = threading.Event()
            self.exit_event.set()
            self._keyboard = _keyboard()

    read: list[str] = []
    monkeypatch.setattr(LinuxDriver, "run_input_thread", lambda self: read.append("as Textual does"))
    Driver().run_input_thread()
    assert read == []
    without(KEYBOARD[0].names[0], monkeypatch)
    Driver().run_input_thread()
    assert read == ["as Textual does"]
