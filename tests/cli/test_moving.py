"""export, load and verify on the real stores, with the contract as users write it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.result import Success
from dalkit.run.config import dynamodb_client
from dalkit.testing.services import DynamoDBLocal

Dalkit = Callable[..., Any]


@pytest.fixture
def client(dynamodb_local: DynamoDBLocal) -> Iterator[Any]:
    """A client beside the command line."""
    made = dynamodb_client(endpoint_url=dynamodb_local.endpoint_url)
    assert isinstance(made, Success)
    client: Any = made.unwrap()
    yield client
    client.close()


def test_from_mysql_to_dynamodb_and_proven(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, url: str, target: tuple[str, ...],
    client: Any, dalkit_dynamodb_prefix: str,
) -> None:  # fmt: skip
    """Load, verify: no difference. A changed, a deleted, an invented item: each named, exit 1."""
    loaded = dalkit("load", contract, "--mysql", url, *target, "--create")
    equal = dalkit("verify", contract, "--mysql", url, *target)
    again = dalkit("load", contract, "--mysql", url, *target)

    table = f"{dalkit_dynamodb_prefix}Products"
    found = client.scan(TableName=table, Limit=3)["Items"]
    one, two = [item for item in found if "price" in item][:2]
    client.put_item(TableName=table, Item=one | {"price": {"N": "0.01"}})
    client.delete_item(TableName=table, Key={name: two[name] for name in ("PK", "SK")})
    client.put_item(TableName=table, Item=one | {"PK": {"S": "invented"}})
    unequal = dalkit("verify", contract, "--mysql", url, *target)
    machine = dalkit("verify", contract, "--mysql", url, *target, "--json")

    assert (loaded.status, equal.status, again.status, unequal.status) == (0, 0, 1, 1)
    assert loaded.lines[-1] == "0 rows refused"
    assert equal.lines[-1] == "0 differences: 0 missing, 0 extra, 0 different"
    assert loaded.lines[-2].endswith(" guards and counters written")
    assert equal.lines[-2] == loaded.lines[-2].replace("written", "compared")
    assert "is not empty" in again.err
    assert unequal.lines[-1] == "3 differences: 1 missing, 1 extra, 1 different"
    (changed,) = [line for line in unequal.lines if line.startswith("different Products PK=")]
    assert changed.endswith('found {"N":"0.01"}')
    assert f"extra Products PK=invented SK={one['SK']['S']}" in unequal.lines
    assert any(line.startswith(f"missing Products PK={two['PK']['S']} ") for line in unequal.lines)
    *findings, summary = [json.loads(line) for line in machine.lines]
    assert sorted(one["finding"] for one in findings) == ["different", "extra", "missing"]
    assert (summary["summary"], summary["missing"]) == ("verify", 1)
    assert f"{summary['kept']:,} guards and counters compared" == equal.lines[-2]


def test_refused_rows_are_told_and_the_others_exported(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, url: str, tmp_path: Path
) -> None:
    """A name that an index key cannot hold refuses its row by name; exit status 1."""
    with store.cursor() as cursor:
        cursor.execute("UPDATE products SET description = REPEAT('x', 65000), name = 'big'")
        cursor.execute("ALTER TABLE products MODIFY description MEDIUMTEXT")
        cursor.execute("SELECT id FROM products ORDER BY id LIMIT 1")
        ((first,),) = cursor.fetchall()
        cursor.execute(
            "UPDATE products SET description = REPEAT('é', 250000) WHERE id = %s", (first,)
        )
        cursor.execute("SELECT COUNT(*) FROM products")
        ((count,),) = cursor.fetchall()

    said = dalkit("export", contract, "--mysql", url, "--out", str(tmp_path), "--gzip")

    (refused,) = [line for line in said.lines if line.startswith("refused ")]
    assert refused.startswith(f"refused Products Products (products id={first}): the item has 5")
    assert said.status == 1
    assert f"{tmp_path}/Products.jsonl.gz: {count - 1:,} items" in said.lines


def test_progress_on_a_terminal_leaves_no_line(
    store: Connection[Cursor],
    dalkit: Dalkit,
    contract: str,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is said of the run's progress is on stderr, in one line that is taken away."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("dalkit.migrate.progress.Progress.__call__", _told_at_once)

    said = dalkit("export", contract, "--mysql", url, "--out", str(tmp_path))

    assert said.status == 0
    assert "\rUsers: " in said.err
    assert said.err.endswith("\r")
    assert "\n" not in said.err


def _told_at_once(progress: Any, table: str, count: int) -> None:
    progress._table = table
    progress._write(progress._line(count, 1.0))


def _slow(store: Connection[Cursor]) -> None:
    """Enough rows that an export can be met in the middle."""
    with store.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (username, email, password_hash) "
            "WITH RECURSIVE numbers AS "
            "(SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 500) "
            "SELECT CONCAT('u', a.n, '-', b.n), CONCAT(a.n, '-', b.n, '@x'), 'x' "
            "FROM numbers a, numbers b"
        )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_export_leaves_no_file_that_looks_whole(
    store: Connection[Cursor],
    dalkit_process: Callable[..., subprocess.Popen[bytes]],
    contract: str,
    url: str,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    """No file bears its name; a run that can still act takes its temporary file along."""
    _slow(store)
    process = dalkit_process("export", contract, "--mysql", url, "--out", str(tmp_path))
    end = time.monotonic() + 60
    while not any(file.stat().st_size for file in tmp_path.iterdir()):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)

    assert not list(tmp_path.glob("*.jsonl"))
    assert process.returncode != 0
    if how != signal.SIGKILL:
        assert err == b"dalkit: stopped\n"
        assert list(tmp_path.iterdir()) == []


def test_a_server_that_goes_away_is_one_line(
    store: Connection[Cursor],
    dalkit_process: Callable[..., subprocess.Popen[bytes]],
    contract: str,
    url: str,
    tmp_path: Path,
) -> None:
    """The connection is killed in the middle: a clear error, exit status 1, no file."""
    _slow(store)
    process = dalkit_process("export", contract, "--mysql", url, "--out", str(tmp_path))
    end = time.monotonic() + 60
    while not any(file.stat().st_size for file in tmp_path.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.01)
    with store.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (one,) in cursor.fetchall():
            cursor.execute(f"KILL {one}")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert err.startswith(b"dalkit: MySQL is unavailable: ")
    assert list(tmp_path.iterdir()) == []
