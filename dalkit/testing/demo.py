"""`python -m dalkit.testing.demo`: the online store moved from MySQL to DynamoDB, and proven equal.

Both stores are started for it and gone after it.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.compile.tables import create_table_request
from dalkit.contract.problems import Problem, stops
from dalkit.contract.reader import read_contract
from dalkit.convert import items, transcoder
from dalkit.migrate.load import load
from dalkit.migrate.route import Route, entity_rows
from dalkit.migrate.routes import routes_of
from dalkit.migrate.verify import verify
from dalkit.records import make_records
from dalkit.result import Failure, Result, Success
from dalkit.run.broken import StoreError
from dalkit.run.config import Connect, MysqlAddress, dynamodb_client, mysql_connect
from dalkit.run.dynamodb import DynamoClient, send
from dalkit.run.mysql import live_source, rows, snapshot
from dalkit.run.tables import create_table
from dalkit.schema.checks.checker import checks
from dalkit.schema.definition import Schema
from dalkit.schema.entity import Entity
from dalkit.schema.resolve import resolve
from dalkit.source.lexer import statements
from dalkit.testing import services
from dalkit.testing.services import MySQLServer, ServiceError

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = ["main"]

DATABASE = "dalkit_demo"
PREFIX = "dalkit-demo-"
_WIDTH = 56
STORE = Path(__file__).parents[2] / "contracts" / "online_store"


@final
class DemoError(Exception):
    """The demo cannot go on; the text says why."""


@final
@frozen
class Stage:
    """Both stores, ready, and what the contract makes of them."""

    connect: Connect
    client: DynamoClient
    schema: Schema
    handles: Mapping[str, Entity[Any, Any]]
    routes: tuple[Route, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 when both stores hold the same."""
    parser = argparse.ArgumentParser(prog="python -m dalkit.testing.demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="rows in MySQL, 20000 unless told")
    asked = parser.parse_args(argv)
    try:
        return _run(asked.rows)
    except (DemoError, ServiceError, StoreError, FileNotFoundError) as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1


def _run(count: int) -> int:
    begun = time.monotonic()
    with services.mysql_server() as server, services.dynamodb_local() as store:
        _tell("stores", f"MySQL: {server.version}, {server.how}")
        _tell("", f"DynamoDB: {store.how}")
        connect = _database(server)
        _fill(connect, count)
        client = _sure(dynamodb_client(endpoint_url=store.endpoint_url, bulk=True))
        stage = _stage(connect, client)
        agreed = _migrate(stage)
        _show_user(stage)
    _tell("stopped", f"everything, after {time.monotonic() - begun:.0f} s")
    return 0 if agreed else 1


def _database(server: MySQLServer) -> Connect:
    """A fresh database."""

    def connect(database: str) -> Connect:
        address = MysqlAddress(
            user=server.user,
            password=server.password,
            host=server.host,
            port=server.port,
            database=database,
        )
        made: Connect = _sure(mysql_connect(address))
        return made

    with _session(connect("mysql")) as connection:
        rows(connection, f"DROP DATABASE IF EXISTS {DATABASE}")
        rows(connection, f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    return connect(DATABASE)


def _fill(connect: Connect, count: int) -> None:
    begun = time.monotonic()
    with _session(connect) as connection:
        for statement in statements((STORE / "schema.sql").read_text("utf-8")):
            rows(connection, statement.text)
        rows(connection, "START TRANSACTION")
        for insert in _seed().statements(count, seed=1):
            rows(connection, insert)
        rows(connection, "COMMIT")
        ((tables,),) = rows(
            connection,
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
        )
    _tell("rows", f"{count:,} in {tables} tables of MySQL, {_rate(count, begun)}")


def _stage(connect: Connect, client: DynamoClient) -> Stage:
    contract, problems = read_contract((STORE / "migrationContract.json").read_bytes())
    with snapshot(connect) as connection:
        source, faults = live_source(connection)
    if contract is None:
        raise DemoError(_listed(problems))
    schema, more = resolve(contract, source)
    if schema is None:
        raise DemoError(_listed((*faults, *more)))
    told = (*problems, *faults, *more, *checks(contract, source, schema))
    if stops(told):
        raise DemoError(_listed(told))
    warnings = sum(one.severity == "warning" for one in told)
    _tell("contract", f"{len(schema.tables)} tables, {len(schema.entities)} entities, "
          f"no errors, {warnings} warnings")  # fmt: skip
    return Stage(connect, client, schema, make_records(schema), routes_of(schema, source))


def _migrate(stage: Stage) -> bool:
    for table in stage.schema.tables:
        name = PREFIX + table.name
        if not _sure(create_table(stage.client, create_table_request(table, prefix=PREFIX))):
            raise DemoError(f"the table {name} is there already; the demo makes its own")
    _tell("tables", ", ".join(PREFIX + table.name for table in stage.schema.tables) + " created")
    begun = time.monotonic()
    loaded = _sure(load(stage.connect, stage.client, stage.routes, prefix=PREFIX, report=_report))
    written = sum(loaded.written.values())
    counts = ", ".join(f"{table} {count:,}" for table, count in loaded.written.items())
    _tell(
        "load", f"{written:,} items ({counts}), {loaded.refused} refused, {_rate(written, begun)}"
    )
    begun = time.monotonic()
    found = _sure(verify(stage.connect, stage.client, stage.routes, prefix=PREFIX, report=_report))
    compared = sum(found.compared.values())
    differences: int = found.missing + found.extra + found.different
    _tell("verify", f"{compared:,} rows attribute by attribute, {_rate(compared, begun)}")
    _tell("", f"{differences} differences")
    return differences == 0 and loaded.refused == 0


def _show_user(stage: Stage) -> None:
    """Print one user with cart and orders as each store gives them, side by side."""
    with snapshot(stage.connect) as connection:
        user = _someone(connection)
        left = sorted(_from_mysql(connection, stage, user), key=_line)
    right = sorted(_from_dynamodb(stage, user), key=_line)
    _tell("one user", f"id {user}, with cart and orders, as records of each store")
    _say(f"    {'MySQL':<{_WIDTH}}   DynamoDB")
    for one, other in zip_longest(map(_line, left), map(_line, right), fillvalue=""):
        _say(f"    {one:<{_WIDTH}} {'=' if one == other else '!'} {other}")
    if left != right:
        raise DemoError("the records of the two stores differ")


def _someone(connection: Connection[Any]) -> str:
    ((user,),) = rows(
        connection,
        "SELECT orders.user_id FROM orders JOIN shopping_carts USING (user_id) "
        "JOIN users ON users.id = orders.user_id WHERE users.first_name <> '' "
        "GROUP BY orders.user_id HAVING COUNT(DISTINCT orders.id) BETWEEN 2 AND 4 "
        "AND COUNT(DISTINCT shopping_carts.id) BETWEEN 2 AND 4 ORDER BY orders.user_id LIMIT 1",
    )
    return str(user)


def _from_mysql(connection: Connection[Any], stage: Stage, user: str) -> Iterator[Any]:
    for route in stage.routes:
        if route.table.name == "Users":
            decode = transcoder(stage.handles[route.definition.name]).record
            records = (decode(row) for _, row in entity_rows(connection, route))
            yield from (one for one in records if str(getattr(one, "user_id", "")) == user)


def _from_dynamodb(stage: Stage, user: str) -> Iterator[Any]:
    asked = {
        "TableName": f"{PREFIX}Users",
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": f"USER#{user}"}},
        "ConsistentRead": True,
    }
    for item in _sure(send(stage.client, "query", asked))["Items"]:
        kind = item["SK"]["S"].split("#")[0] or "USER"
        yield _sure(items(stage.handles[kind]).decode(item))


def _line(record: Any) -> str:
    """A record in a few words."""
    match type(record).__name__:
        case "User":
            text = f"user   {record.username} <{record.email}>"
        case "CartItem":
            text = f"cart   {record.quantity} x {record.product_name} at {record.product_price}"
        case _:
            count = len(record.order_items)
            text = (
                f"order  {record.order_id} {record.order_status}: {count} for {record.total_amount}"
            )
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _seed() -> Any:
    spec = importlib.util.spec_from_file_location("online_store_seed", STORE / "seed.py")
    if spec is None or spec.loader is None or not (STORE / "seed.py").exists():
        raise DemoError(f"{STORE} is not there; the demo is run from the source folder")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def _session(connect: Connect) -> Generator[Connection[Any]]:
    connection = connect()
    try:
        yield connection
    finally:
        connection.close()


def _sure(result: Result[Any]) -> Any:
    match result:
        case Success(value):
            return value
        case Failure(error):
            raise DemoError(str(error))


def _report(finding: object) -> None:
    _say(f"    {finding}")


def _listed(problems: Sequence[Problem]) -> str:
    return "the contract has problems:\n" + "\n".join(str(one) for one in problems)


def _rate(count: int, begun: float) -> str:
    seconds = time.monotonic() - begun
    return f"{seconds:.1f} s, {count / max(seconds, 0.001):,.0f}/s"


def _tell(what: str, text: str) -> None:
    _say(f"{what:<10}{text}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
