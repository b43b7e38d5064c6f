"""What users type, under both checkers: the types they see, and the lines that are refused.

Each file of `examples/` is checked against freshly made records of the online store. A line that
ends in `# error` must be refused, and every other line accepted.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dalkit import read_contract, read_ddl, render, resolve

ROOT = Path(__file__).parents[2]
STORE = ROOT / "contracts" / "online_store"
EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.py"))

Lines = dict[str, list[int]]
"""The numbers of lines, by the file's name."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, with the records module that they import."""
    folder = tmp_path_factory.mktemp("typing")
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    (folder / "records.py").write_text(render(schema))
    for example in EXAMPLES:
        shutil.copy(example, folder)
    return folder


def expected() -> Lines:
    """The lines that the examples mark."""
    return {
        path.name: [
            number
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if line.endswith("# error")
        ]
        for path in EXAMPLES
    }


def lines(found: list[tuple[str, int]]) -> Lines:
    """Places of errors as `expected` has them; errors elsewhere stand under their own file."""
    every = {path.name: set[int]() for path in EXAMPLES}
    for name, line in found:
        every.setdefault(Path(name).name, set()).add(line)
    return {name: sorted(numbers) for name, numbers in every.items()}


def ran(folder: Path, *command: str) -> str:
    """What a checker prints; it is told where dalkit is, installed or not."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow
def test_mypy_refuses_exactly_the_marked_lines(folder: Path) -> None:
    """Strictly, unused ignores and unreachable code included."""
    settings = f"[mypy]\nstrict = true\nmypy_path = {ROOT}\npython_version = 3.11\n"
    (folder / "mypy.ini").write_text(settings + "[mypy-dalkit.*]\nfollow_imports = silent\n")
    names = [path.name for path in EXAMPLES]
    printed = ran(folder, "mypy", "--config-file=mypy.ini", "--no-error-summary", *names)
    found = re.findall(r"^(\S+?):(\d+): error:", printed, flags=re.MULTILINE)

    assert lines([(name, int(line)) for name, line in found]) == expected(), printed


@pytest.mark.slow
def test_pyright_refuses_exactly_the_marked_lines(folder: Path) -> None:
    """Strictly as well: no type that it has to guess."""
    settings = {
        "include": [path.name for path in EXAMPLES],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT)],
        "reportMissingTypeStubs": False,
        "reportUnusedExpression": False,  # the examples say things without doing them
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    printed = ran(folder, "pyright", "--outputjson", "--pythonpath", sys.executable)
    found = [
        (one["file"], one["range"]["start"]["line"] + 1)
        for one in json.loads(printed)["generalDiagnostics"]
        if one["severity"] == "error"
    ]

    assert lines(found) == expected(), printed


def test_every_example_is_refused_somewhere() -> None:
    """A file without a marked line would only show that checkers accept something."""
    assert all(expected().values())
    assert len(EXAMPLES) >= 2
