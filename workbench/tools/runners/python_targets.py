"""Where a Python tool's `module:function` leads: owns looking it up without executing any of it.

Finding a submodule with the import system would import its parents, so folders and finders are asked instead;
the function is looked for by parsing.
"""

from __future__ import annotations

import ast
import importlib.util
import warnings
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from workbench.errors import did_you_mean, quoted
from workbench.paths import is_file, reason_of

_MAX_SOURCE = 1_000_000


def target_doubt(target: str, base: Path) -> tuple[str, str] | None:
    """A message and a hint when the target cannot be found, None when it can or cannot be told."""
    module, _, function = target.partition(":")
    try:
        file = _module_file(module, base)
    except (ImportError, ValueError, OSError) as error:
        reason = str(error) if isinstance(error, ImportError) else reason_of(error)
        return f"module {quoted(module)} cannot be looked up: {reason}", ""
    if file is None:
        beside = f"{module.replace('.', '/')}.py"
        return f"there is no module {quoted(module)}", f"expected {beside} beside the tools file, or installed"
    if file.suffix != ".py":
        return None
    return _function_warning(file, function.partition(".")[0])


def _module_file(module: str, base: Path) -> Path | None:
    """The file of a module below `base` or installed; a suffix other than .py stands for what has no source."""
    relative = base.joinpath(*module.split("."))
    for candidate in (relative / "__init__.py", relative.with_suffix(".py")):
        if is_file(candidate):
            return candidate
    first, *rest = module.split(".")
    spec = importlib.util.find_spec(first)
    name = first
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    if spec is None:
        return None
    return Path(spec.origin or "built-in")


def _function_warning(file: Path, function: str) -> tuple[str, str] | None:
    try:
        with file.open("rb") as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in the user's module: not ours to print
            tree = ast.parse(source.read(_MAX_SOURCE))
    except OSError as error:
        return f"{file.name} cannot be read: {error.strerror or error}", "make it readable"
    except SyntaxError as error:
        return f"{file.name} is not valid Python: {error.msg} at line {error.lineno}", ""
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{file.name} cannot be parsed: {error}", ""
    names = set(_bound_names(tree.body))
    # A star import or a module-level __getattr__ can bring in any name.
    if function in names or not names.isdisjoint({"*", "__getattr__"}):
        return None
    return f"{file.name} defines no {quoted(function)}", did_you_mean(function, names)


def _bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """The names that a module's statements may bind, those under `if` and `try` included."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.alias):
                yield (node.asname or node.name).partition(".")[0]
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
