"""The online store's contract and DDL, and the command line run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import pytest
from attrs import frozen

from dalkit.cli import main

STORE = Path(__file__).parents[2] / "contracts" / "online_store"


@final
@frozen
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.out.splitlines()


@pytest.fixture
def contract() -> str:
    """The path of a good contract."""
    return str(STORE / "migrationContract.json")


@pytest.fixture
def ddl() -> str:
    """The path of the DDL that goes with it."""
    return str(STORE / "schema.sql")


@pytest.fixture
def changed_contract(tmp_path: Path) -> Callable[[Callable[[Any], object]], str]:
    """A function that writes the good contract after a change, and gives its path."""

    def write(change: Callable[[Any], object]) -> str:
        document = json.loads((STORE / "migrationContract.json").read_text())
        change(document)
        path = tmp_path / "contract.json"
        path.write_text(json.dumps(document))
        return str(path)

    return write


@pytest.fixture
def dalkit(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process."""

    def run(*words: str) -> Said:
        try:
            status = main(words)
        except SystemExit as ended:
            status = int(str(ended.code or 0))
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(status, said.out, said.err)

    return run


@pytest.fixture
def dalkit_process() -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command as a process of its own."""

    def start(*words: str, **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dalkit.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return start
