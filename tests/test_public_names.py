"""What dalkit exports is what it says it exports, and importing it stays cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dalkit

ROOT = Path(__file__).parents[1] / "dalkit"
FILES = sorted(path for path in ROOT.rglob("*.py") if path.stem not in ("__init__", "__main__"))
PATH: tuple[str, ...] = ("result", "contract", "source", "kinds", "fields", "schema", "records")
PATH += ("convert", "query", "compile", "run", "migrate", "phases", "testing")
"""The order of the path, in which `dalkit/__init__.py` imports."""


def exported(tree: ast.Module) -> list[str] | None:
    """The names of a module's `__all__`, or None if it has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and "__all__" in [ast.unparse(one) for one in node.targets]:
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def defined(tree: ast.Module) -> set[str]:
    """The names that a module's top level binds, imports included."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    return names


def by_case(name: str) -> tuple[int, str]:
    """CONSTANTS first, then Classes, then the others, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def faults(text: str) -> list[str]:
    """What is wrong with a module's `__all__`."""
    tree = ast.parse(text)
    names = exported(tree)
    if names is None:
        return ["there is no __all__"]
    found = [f"{name} is not defined" for name in names if name not in defined(tree)]
    found += [f"{name} is private" for name in names if name.startswith("_")]
    if names != sorted(set(names), key=by_case):
        found.append("__all__ is not sorted, or says a name twice")
    return found


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_module_says_what_it_exports(path: Path) -> None:
    """Every module has a sorted `__all__` of public names that exist."""
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "there is no __all__"),
        ('__all__ = ["y"]\nx = 1', "y is not defined"),
        ('__all__ = ["b", "a"]\na = b = 1', "__all__ is not sorted, or says a name twice"),
        ('__all__ = ["a", "a"]\na = 1', "__all__ is not sorted, or says a name twice"),
        ('__all__ = ["_a"]\n_a = 1', "_a is private"),
    ],
)
def test_a_planted_fault_is_found(text: str, said: str) -> None:
    """The rule sees what it is there to see."""
    assert faults(text) == [said]


def imports() -> list[ast.ImportFrom]:
    """The imports from dalkit in `dalkit/__init__.py`, for types included, from top to bottom."""
    tree = ast.parse((ROOT / "__init__.py").read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return sorted(
        (node for node in found if f"{node.module}.".startswith("dalkit.")),
        key=lambda node: node.lineno,
    )


def test_dalkit_exports_exactly_what_it_imports() -> None:
    """`dalkit.__all__` holds every name that `dalkit/__init__.py` imports, in the same order."""
    imported = [alias.asname or alias.name for node in imports() for alias in node.names]

    assert dalkit.__all__ == [*imported, "__version__"]
    assert all(hasattr(dalkit, name) for name in dalkit.__all__)


def test_dalkit_reads_in_the_order_of_the_path() -> None:
    """The imports of `dalkit/__init__.py` tell the story from the contract to the stores."""
    parts = [f"{node.module}.".split(".")[1] for node in imports()]

    assert parts == sorted(parts, key=PATH.index)


def test_importing_dalkit_loads_no_client_and_no_parser() -> None:
    """`import dalkit` is for everybody; the heavy libraries load when they are used."""
    heavy = ("boto3", "botocore", "pymysql", "sqlglot", "hypothesis", "pytest", "asyncio")
    script = f"import sys, dalkit; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


def test_the_version_is_the_packages() -> None:
    """`dalkit.__version__` and pyproject.toml agree."""
    text = (ROOT.parent / "pyproject.toml").read_text()

    assert f'\nversion = "{dalkit.__version__}"\n' in text
