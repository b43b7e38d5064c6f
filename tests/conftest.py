"""What every test may ask for, besides the fixtures of dalkit's own pytest plugin."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    from dalkit.testing.services import MySQLServer


@pytest.fixture(scope="session")
def mysql_connect(mysql_server: MySQLServer) -> Callable[[str], Connection[Cursor]]:
    """A function from a database's name to a new connection (UTC, utf8mb4, autocommit)."""
    given: dict[str, Any] = {
        "host": mysql_server.host,
        "port": mysql_server.port,
        "user": mysql_server.user,
        "password": mysql_server.password,
        "unix_socket": mysql_server.unix_socket,
        "charset": "utf8mb4",
        "autocommit": True,
        "init_command": "SET time_zone='+00:00'",
    }
    return lambda database: pymysql.connect(database=database, **given)


@pytest.fixture
def dalkit_database(mysql_connect: Callable[[str], Connection[Cursor]]) -> Iterator[str]:
    """The name of a fresh database, dropped after the test."""
    name = f"t{secrets.token_hex(6)}"
    with closing(mysql_connect("mysql")) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        yield name
        cursor.execute(f"DROP DATABASE `{name}`")


@pytest.fixture
def mysql_connection(
    mysql_connect: Callable[[str], Connection[Cursor]], dalkit_database: str
) -> Iterator[Connection[Cursor]]:
    """A connection to the test's own fresh database."""
    with closing(mysql_connect(dalkit_database)) as connection:
        yield connection
