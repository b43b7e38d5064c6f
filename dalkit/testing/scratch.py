"""Rooms of a test's own in the real stores: tables and a database, made empty at any time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.compile.tables import create_table_request
from dalkit.run.config import MysqlAddress, dynamodb_client, mysql_connect
from dalkit.schema.definition import TableDefinition
from dalkit.schema.entity import Entity, definition_of
from dalkit.testing.services import DynamoDBLocal, MySQLServer

if TYPE_CHECKING:
    from dalkit.run.config import Connect

__all__ = ["ScratchDatabase", "ScratchTables", "scratch_database", "scratch_tables"]

_BATCH = 25


@final
@frozen
class ScratchTables:
    """Tables of DynamoDB with a prefix that no others have."""

    client: Any
    prefix: str
    tables: tuple[TableDefinition, ...]

    def empty(self) -> None:
        """Delete every item."""
        for table in self.tables:
            keys = [one.name for one in table.keys]
            for items in self._pages(table.name, keys):
                for at in range(0, len(items), _BATCH):
                    self._delete(table.name, items[at : at + _BATCH])

    def _pages(self, table: str, keys: list[str]) -> Iterator[list[Any]]:
        names = {f"#{number}": name for number, name in enumerate(keys)}
        asked: dict[str, Any] = {
            "TableName": self.prefix + table,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
            "ConsistentRead": True,
        }
        while True:
            reply: Mapping[str, Any] = self.client.scan(**asked)
            yield list(reply["Items"])
            if "LastEvaluatedKey" not in reply:
                return
            asked["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def _delete(self, table: str, keys: list[Any]) -> None:
        left: Any = {self.prefix + table: [{"DeleteRequest": {"Key": one}} for one in keys]}
        while left:
            left = self.client.batch_write_item(RequestItems=left)["UnprocessedItems"]


@contextmanager
def scratch_tables(
    store: DynamoDBLocal, entities: Iterable[Entity[Any, Any]]
) -> Iterator[ScratchTables]:
    """The tables of these entities, new for the block and deleted after it."""
    tables = {one.name: one for one in (definition_of(entity).table for entity in entities)}
    client: Any = dynamodb_client(endpoint_url=store.endpoint_url, region=store.region).unwrap()
    held = ScratchTables(client, f"t{secrets.token_hex(6)}-", tuple(tables.values()))
    for table in held.tables:
        client.create_table(**create_table_request(table, prefix=held.prefix))
    try:
        yield held
    finally:
        for table in held.tables:
            client.delete_table(TableName=held.prefix + table.name)


@final
@frozen
class ScratchDatabase:
    """A database of MySQL with a name that no other has."""

    name: str
    connect: Connect

    def empty(self) -> None:
        """Delete every row."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            tables = [table for (table,) in cursor.fetchall()]
            cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
            for table in tables:
                cursor.execute(f"DELETE FROM `{table}`")


@contextmanager
def scratch_database(server: MySQLServer, ddl: str) -> Iterator[ScratchDatabase]:
    """A database with these tables, new for the block and dropped after it.

    Statements of `ddl` end with `;` at the end of a line.
    """
    name = f"t{secrets.token_hex(6)}"
    with closing(_connect(server, "mysql")()) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE `{name}`")
            for statement in ddl.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
            yield ScratchDatabase(name, _connect(server, name))
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")


def _connect(server: MySQLServer, database: str) -> Connect:
    address = MysqlAddress(
        user=server.user,
        password=server.password,
        host=server.host,
        port=server.port,
        unix_socket=server.unix_socket,
        database=database,
    )
    return mysql_connect(address).unwrap()
