"""Backends behind proxies that make calls fail, in front of the real stores."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

import boto3
import pymysql
import pytest
from attrs import asdict, field, frozen
from botocore.config import Config

from dalkit.compile.tables import create_table_request
from dalkit.run.breaker import Breakers
from dalkit.run.circuit import Settings
from dalkit.run.config import MysqlAddress
from dalkit.run.config import mysql_connect as connect_mysql
from dalkit.run.limiter import Limiter
from dalkit.run.marker import MARKER_TABLE
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.on_mysql import mysql
from dalkit.run.retry import Backoff, Effects
from dalkit.testing.faults.dynamodb_proxy import DynamoProxy
from dalkit.testing.faults.history import History
from dalkit.testing.faults.ledger import DDL, Ledger, ledger
from dalkit.testing.faults.mysql_proxy import MySQLProxy
from dalkit.testing.faults.plan import CALM, Plan
from dalkit.testing.faults.soak import Figures, drive, figures, report
from dalkit.testing.faults.workloads import Workload
from dalkit.testing.services import DynamoDBLocal, MySQLServer

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

QUICK: Final = 10
"""So many seconds pass for a backend on DynamoDB in one: a throttled call would take seconds."""


GRACE: Final = 0.5
"""Seconds that a busy machine may keep a thread from telling its answer."""


@final
@frozen
class Stand:
    """A backend behind a proxy, and the same store without one."""

    store: str
    """DynamoDB, or what MySQL server it is."""
    behind: Any
    calm: Any
    proxy: Any
    deadline: float
    close: Callable[[], None]
    """Closes the backend, which then holds nothing."""
    left: Callable[[], dict[str, int]]
    """What is left open in the store."""
    threads: int
    """How many there were without the proxy."""
    ledger: Ledger = field(factory=ledger)

    def soak(
        self,
        make: Sequence[Callable[[Ledger, History], Workload]],
        *,
        name: str,
        faults: Sequence[str],
        rate: float,
        wanted: int,
        operations: int,
        seed: int = 1,
        threads: int = 8,
    ) -> Figures:
        """Run the workloads until so many faults and operations are reached; judge; the figures."""
        limit = round(1.1 * self.deadline, 3)
        history = History(limit=limit, grace=GRACE)
        workloads = [one(self.ledger, history) for one in make]
        for one in workloads:
            one.prepare(self.calm)
        self.proxy.plan = Plan(seed=seed, rate=rate, faults=tuple(faults))
        rounds = 0
        while self._injected < wanted or history.answers["operations"] < operations:
            drive(self.behind, workloads, threads=threads, steps=200, seed=seed + rounds)
            rounds += 1
        self.proxy.plan = CALM
        for one in workloads:
            one.judge(self.calm)
        self.close()
        left = {"connections": self.proxy.quiet(), **self.left()}
        self.proxy.close()
        left["threads"] = threading.active_count() - self.threads
        store = f"{name} ({self.store})"
        found = figures(store, history, self.proxy.injected.counts(), limit=limit, left=left)
        _keep(name, found, history.findings)
        return found

    @property
    def _injected(self) -> int:
        return sum(self.proxy.injected.counts().values())


def _keep(name: str, found: Figures, findings: list[str]) -> None:
    """Print the figures; keep them, and a page of all, in the folder that DALKIT_FIGURES names."""
    sys.stdout.write(f"{report([found])}" + "".join(f"\n- {one}" for one in findings))
    folder = Path(os.environ.get("DALKIT_FIGURES", ""))
    if folder.name:
        (folder / f"{name}.json").write_text(json.dumps(asdict(found), indent=2) + "\n")
        kept = [json.loads(one.read_text()) for one in sorted(folder.glob("*.json"))]
        page = report([Figures(**one) for one in kept])
        (folder / "faults.md").write_text(f"# Faults\n\n`make faults`\n\n{page}")


def _quick(times: float) -> Effects:
    return Effects(
        now=lambda: time.monotonic() * times, sleep=lambda seconds: time.sleep(seconds / times)
    )


def _client(endpoint_url: str, **more: Any) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=32,
            connect_timeout=1,
            **more,
        ),
    )


@pytest.fixture
def on_dynamodb(
    dynamodb_local: DynamoDBLocal, dalkit_dynamodb_prefix: str
) -> Iterator[Callable[..., Stand]]:
    """A function to a stand in front of DynamoDB with an empty ledger."""
    schema, prefix = ledger().schema, dalkit_dynamodb_prefix
    direct = _client(dynamodb_local.endpoint_url)
    for table in schema.tables:
        direct.create_table(**create_table_request(table, prefix=prefix))
    opened: list[Any] = []

    def stand(
        *,
        deadline: float = 5.0,
        timeout: float = 0.6,
        effects: Effects | None = None,
        **more: Any,
    ) -> Stand:
        threads = threading.active_count()
        proxy = DynamoProxy(dynamodb_local.endpoint_url)
        client = _client(proxy.endpoint_url, read_timeout=timeout)
        opened.extend([client, proxy])
        behind = dynamodb(
            client,
            prefix=prefix,
            backoff=Backoff(deadline=deadline * QUICK),
            effects=effects or _quick(QUICK),
            limiter=Limiter(effects=_quick(100_000)),  # else it slows down as it should
            **more,
        )
        calm = dynamodb(direct, prefix=prefix)

        def close() -> None:
            client.close()
            gc.collect()  # urllib3 closes a pool when it is collected; its errors are cycles

        return Stand("DynamoDB", behind, calm, proxy, deadline, close, dict, threads)

    yield stand
    for one in opened:
        one.close()
    for table in schema.tables:
        direct.delete_table(TableName=prefix + table.name)
    direct.close()


@pytest.fixture
def on_mysql(
    mysql_server: MySQLServer,
    mysql_connect: Callable[[str], Connection[Cursor]],
    mysql_connection: Connection[Cursor],
    dalkit_database: str,
) -> Iterator[Callable[..., Stand]]:
    """A function to a stand in front of MySQL with an empty ledger."""
    for statement in [*DDL.split(";\n"), MARKER_TABLE]:
        if statement.strip():
            mysql_connection.cursor().execute(statement)
    opened: list[Any] = []
    with closing(mysql_connect("mysql")) as admin:
        lock = threading.Lock()

        def kill(thread: int) -> None:
            with lock, suppress(pymysql.MySQLError):
                admin.cursor().execute("KILL %s", (thread,))

        def stand(*, deadline: float = 2.0, **more: Any) -> Stand:
            soon = Breakers("MySQL", settings=Settings(rest=0.05, longest=0.1))
            threads = threading.active_count()
            proxy = MySQLProxy(mysql_server.host, mysql_server.port, kill=kill)
            behind = mysql(
                _connect(mysql_server, dalkit_database, proxy.host, proxy.port),
                backoff=Backoff(deadline=deadline),
                **{"breakers": soon, **more},
            )
            place = (mysql_server.host, mysql_server.port)
            calm = mysql(_connect(mysql_server, dalkit_database, *place))
            opened.extend([behind, calm, proxy])

            def left() -> dict[str, int]:
                calm.close()
                return _left(mysql_connection, dalkit_database)

            return Stand(
                mysql_server.version, behind, calm, proxy, deadline, behind.close, left, threads
            )

        yield stand
        for one in opened:
            one.close()


def _connect(server: MySQLServer, database: str, host: str, port: int) -> Any:
    address = MysqlAddress(
        user=server.user,
        password=server.password,
        host=host,
        port=port,
        database=database,
        ssl_disabled=True,
    )
    return connect_mysql(address).unwrap()


def _left(connection: Connection[Cursor], database: str) -> dict[str, int]:
    """Sessions and transactions of a database besides this one; the server may need a moment."""
    asked = (
        "SELECT COUNT(*), COUNT(t.trx_id) FROM information_schema.processlist p "
        "LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id "
        "WHERE p.db = %s AND p.id <> CONNECTION_ID()"
    )
    found = (1, 0)
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(asked, (database,))
            found = next(iter(cursor.fetchall()))
            if found[0] == 0:
                break
            cursor.execute("DO SLEEP(0.05)")
    return {"sessions": int(found[0]), "transactions": int(found[1])}
