"""The parts of dalkit see only what stands before them, and each outside library has its place.

Read over the syntax tree, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

ROOT = Path(__file__).parents[1] / "dalkit"
LONGEST_FILE = 400

ORDER = (
    ("result",),
    ("contract",),
    ("source",),
    ("kinds",),
    ("fields",),
    ("schema",),
    ("records",),
    ("convert",),
    ("query",),
    ("compile",),
    ("run",),
    ("migrate", "phases"),  # two on one level do not see each other
    ("testing",),
    ("cli",),
)
LEVELS = {part: level for level, parts in enumerate(ORDER) for part in parts}

# Where an outside module may be imported. For types only (`if TYPE_CHECKING`) it may be anywhere.
EVERYWHERE = ("attrs", "returns")
PLACES = {
    "cattrs": ("contract",),
    "sqlglot": ("source",),
    "msgspec": ("convert", "run"),
    "boto3": ("run.dynamodb", "run.config", "run.aws"),  # aws only looks at the configuration
    "botocore": ("run.dynamodb", "run.config", "run.aws"),
    "pymysql": ("run.mysql", "run.config"),
    "hypothesis": ("testing",),
    "opentelemetry": ("run.otel",),
    "pytest": ("testing",),
    "time": ("run", "migrate", "testing"),
    "random": ("run", "migrate", "testing"),
    "secrets": ("run", "migrate", "testing"),
    "io": ("cli", "migrate", "run.timely", "testing"),  # the file of a socket
    "pathlib": ("cli", "migrate", "testing"),
    "shutil": ("cli", "migrate", "testing"),
    "subprocess": ("testing",),
    "tempfile": ("migrate", "testing"),
    "typing_extensions": ("schema.entity",),  # type parameters with defaults, before Python 3.13
}
# What `import dalkit` must not load is imported inside functions, save in these files of ours,
# of which those that users do not import by themselves are imported inside functions in turn.
LAZILY = (
    "boto3",
    "botocore",
    "hypothesis",
    "opentelemetry",
    "pymysql",
    "sqlglot",
    "dalkit.source.parsed",
)
LAZILY_EXCEPT = ("run.dynamodb", "run.config", "run.mysql", "source.parsed", "testing")

Moment = Literal["at its top", "in a function", "for types"]
Import = tuple[int, str, Moment]
"""The line, the module in full (`dalkit.run.mysql`, `sqlglot.expressions`), and when."""


def imports(text: str) -> Iterator[Import]:
    """Every import of a module's text, wherever it stands."""
    yield from _imports(ast.parse(text), moment="at its top")


def _imports(node: ast.AST, *, moment: Moment) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name, moment) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = "." * child.level + (child.module or "")
            submodules = base in ("dalkit", *(f"dalkit.{part}" for part in LEVELS))
            names = [f"{base}.{alias.name}" for alias in child.names] if submodules else [base]
            yield from ((child.lineno, name, moment) for name in names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for one in child.body:
                yield from _imports(ast.Module([one], []), moment="for types")
            for other in child.orelse:
                yield from _imports(ast.Module([other], []), moment=moment)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, moment="in a function")
        else:
            yield from _imports(child, moment=moment)


def violations(module: str, text: str) -> list[str]:
    """What the rules say against the imports of a module, `convert.rows` or "" for dalkit."""
    return [
        f"dalkit.{module}:{line} {complaint}"
        for line, name, moment in imports(text)
        if (complaint := _complaint(module, name, moment))
    ]


def _complaint(module: str, name: str, moment: Moment) -> str:
    if name.startswith("."):
        return f"imports {name}: write dalkit.… in full"
    if name.split(".")[0] == "dalkit":
        return _upward(module, name) or _early(module, name, moment)
    return "" if moment == "for types" else _misplaced(module, name) or _early(module, name, moment)


def _upward(module: str, name: str) -> str:
    """Whether an import inside dalkit goes up, or sideways between two parts of one level."""
    part, other = module.split(".")[0], [*name.split("."), ""][1]
    if not part or part == other or (part == "cli" and other not in LEVELS):
        return ""  # the command line stands last: it may use the public names
    if other not in LEVELS:
        return f"imports {name}: not a part of the list in tests/test_architecture.py"
    if LEVELS[other] >= LEVELS[part]:
        return f"imports {name}: {other} does not stand before {part}"
    return ""


def _misplaced(module: str, name: str) -> str:
    """Whether an outside module is imported where it has no place."""
    root = name.split(".")[0]
    if root not in PLACES:
        known = root in EVERYWHERE or root in sys.stdlib_module_names
        return "" if known else f"imports {name}: no dependency of ours"
    if not _within(module, PLACES[root]):
        return f"imports {name}: its place is {' and '.join(PLACES[root])}"
    return ""


def _early(module: str, name: str, moment: Moment) -> str:
    """Whether something heavy is imported before a function needs it."""
    if moment != "at its top" or not _within(name, LAZILY) or _within(module, LAZILY_EXCEPT):
        return ""
    return f"imports {name} at its top: import it inside the function that needs it"


def _within(module: str, places: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"{place}.") for place in places)


def module_name(path: Path) -> str:
    """`dalkit/convert/rows.py` as `convert.rows`; the package itself as nothing."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=[module_name(path) or "dalkit" for path in FILES])
def test_a_file_imports_only_what_it_may(path: Path) -> None:
    """Every import goes down the list, and every outside library stays in its place."""
    assert violations(module_name(path), path.read_text()) == []


@pytest.mark.parametrize("path", FILES, ids=[module_name(path) or "dalkit" for path in FILES])
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    """No file is longer than one can hold in the head."""
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_every_part_is_on_the_list() -> None:
    """A new part of the package has to be given its place."""
    parts = {module_name(path).split(".")[0] for path in FILES} - {""}

    assert parts <= set(LEVELS)


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("contract.reader", "from dalkit.schema import resolve", "schema does not stand before"),
        ("contract.reader", "import dalkit.run.mysql", "run does not stand before contract"),
        ("convert.rows", "def f():\n    from dalkit.run import mysql", "run does not stand"),
        ("migrate.export", "from dalkit.phases.dual import Dual", "phases does not stand before"),
        ("phases.dual", "from dalkit import migrate", "migrate does not stand before phases"),
        ("convert.rows", "from .items import encode", "in full"),
        ("convert.rows", "from dalkit.plumbing import pipe", "not a part of the list"),
        ("convert.rows", "from dalkit import __version__", "not a part of the list"),
        ("compile.sql", "import pymysql", "its place is run.mysql and run.config"),
        ("run.mysqlx", "import pymysql.cursors", "its place is run.mysql"),
        ("migrate.export", "from botocore.config import Config", "its place is run.dynamodb"),
        ("schema.keys", "if True:\n    import cattrs", "its place is contract"),
        ("source.ddl", "import sqlglot", "inside the function"),
        ("source.ddl", "from dalkit.source.parsed import convert", "inside the function"),
        ("source.ddl", "if TYPE_CHECKING:\n    pass\nelse:\n    import sqlglot", "inside the"),
        ("kinds", "if TYPE_CHECKING:\n    from dalkit.fields import Field", "fields does not"),
        ("compile.sql", "def f():\n    from sqlglot import parse", "its place is source"),
        ("query", "import time", "its place is run"),
        ("convert.rows", "from pathlib import Path", "its place is cli"),
        ("schema.keys", "import requests", "no dependency of ours"),
        ("records", "class A:\n    import requests", "no dependency of ours"),
    ],
)
def test_a_planted_import_is_found(module: str, text: str, said: str) -> None:
    """The rules see what they are there to see."""
    found = violations(module, text)

    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("", "from dalkit.run.mysql import mysql"),
        ("convert.rows", "from dalkit.convert.items import encode\nfrom dalkit.kinds import Kind"),
        ("convert.rows", "import msgspec\nfrom attrs import frozen\nimport json"),
        ("source.ddl", "def f():\n    import sqlglot.expressions"),
        ("migrate.load", "if TYPE_CHECKING:\n    from pymysql.connections import Connection"),
        ("source.parsed", "import sqlglot"),
        ("source.ddl", "def f():\n    from dalkit.source.parsed import convert"),
        ("run.mysql", "import pymysql\nimport time"),
        ("testing.plugin", "import pytest\nfrom dalkit.migrate.export import export"),
        ("cli.arguments", "from dalkit import __version__"),
        ("cli", "from pathlib import Path\nfrom dalkit.testing import services"),
    ],
)
def test_what_is_allowed_is_not_found(module: str, text: str) -> None:
    """The rules leave alone what the design allows."""
    assert violations(module, text) == []
