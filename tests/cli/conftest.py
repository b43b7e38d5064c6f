"""The online store's contract and DDL, and the command line run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, final

import pytest
from attrs import frozen
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.cli import main
from dalkit.source.lexer import statements
from dalkit.testing.services import DynamoDBLocal, MySQLServer

ROWS = 1_500
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
def dalkit_process() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command as a process of its own, ended with the test at the latest."""
    with ExitStack() as processes:

        def start(*words: str, **options: Any) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "dalkit.cli", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **options,
            )
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield start


def _seed(folder: Path) -> Any:
    spec = spec_from_file_location("online_store_seed_for_cli", folder / "seed.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def store(mysql_connection: Connection[Cursor], contract: str, ddl: str) -> Connection[Cursor]:
    """The test's database, filled with the online store."""
    with mysql_connection.cursor() as cursor:
        for statement in statements(Path(ddl).read_text()):
            cursor.execute(statement.text)
        for insert in _seed(Path(contract).parent).statements(ROWS, seed=3):
            cursor.execute(insert)
    return mysql_connection


@pytest.fixture
def url(mysql_server: MySQLServer, dalkit_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database's URL; the password is in the environment."""
    monkeypatch.setenv("DALKIT_MYSQL_PASSWORD", mysql_server.password)
    return mysql_server.url + dalkit_database


@pytest.fixture
def target(dynamodb_local: DynamoDBLocal, dalkit_dynamodb_prefix: str) -> tuple[str, ...]:
    """The options that name the test's own tables."""
    return "--endpoint-url", dynamodb_local.endpoint_url, "--prefix", dalkit_dynamodb_prefix
