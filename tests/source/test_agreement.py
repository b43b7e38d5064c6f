"""A real server's own words: information_schema, SHOW CREATE TABLE, and the DDL it was given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from dalkit.source.ddl import read_ddl
from dalkit.source.lexer import statements
from dalkit.source.live import inquiries, read_live
from dalkit.source.tables import Column, Source, SourceTable

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    from dalkit.testing.services import MySQLServer

HERE = Path(__file__).parent
EVERY_TYPE = (HERE / "every_type.sql").read_text("utf-8")
ONLY = {True: HERE / "only_mariadb.sql", False: HERE / "only_mysql.sql"}
DATABASE = "CREATE DATABASE d CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE d;\n"
# The server adds to these keys what the file does not say, and leaves out a check that it does.
LEFT_TO_THE_SERVER = (
    "versioned.primary_key",
    "modern.indexes",
    "modern.foreign_keys",
    "modern.doc",
)


def facts(source: Source, *, spelled: bool = True) -> dict[str, object]:
    """Every column and key under its place, without what only one of the sides can know."""
    found: dict[str, object] = {"": source.default_collation}
    for table in source.tables:
        found |= {f"{table.name}.{c.name}": known(c, spelled=spelled) for c in table.columns}
        found |= {f"{table.name}.{what}": getattr(table, what) for what in KEYS}
        found[table.name] = [c.name for c in table.columns]
    return found


KEYS = ("primary_key", "indexes", "foreign_keys")


def known(column: Column, *, spelled: bool) -> Column:
    """The column without its type's text; a server spells a default's expression its own way."""
    column = evolve(column, type=evolve(column.type, text=""))
    expression = (column.default or "").startswith("(")
    return evolve(column, default="(…)") if expression and not spelled else column


class Server:
    """A database of a real server, made by a DDL."""

    def __init__(self, connection: Connection[Cursor], ddl: str) -> None:
        self.cursor = connection.cursor()
        for statement in statements(ddl):
            self.cursor.execute(statement.text)

    def live(self, database: str) -> Source:
        """What `read_live` says, which must have no problem."""
        answers = []
        for statement, parameters in inquiries(database):
            self.cursor.execute(statement, parameters)
            answers.append(self.cursor.fetchall())
        source, problems = read_live(*answers)

        assert problems == ()
        return source

    def shown(self, tables: tuple[SourceTable, ...]) -> Source:
        """What `read_ddl` says of the server's SHOW CREATE TABLE."""
        texts = []
        for table in tables:
            self.cursor.execute(f"SHOW CREATE TABLE `{table.name.replace('`', '``')}`")
            texts.append(str((self.cursor.fetchone() or ())[1]))
        source, problems = read_ddl(DATABASE + ";\n".join(texts))

        assert problems == ()
        return source


@pytest.mark.parametrize("own", [False, True], ids=["every-type", "this-server"])
def test_live_and_file_agree(
    mysql_server: MySQLServer,
    mysql_connection: Connection[Cursor],
    dalkit_database: str,
    own: bool,
) -> None:
    """The live schema, the server's own DDL and the DDL it was given are the same tables."""
    mariadb = "mariadb" in mysql_server.version.lower()
    ddl = ONLY[mariadb].read_text("utf-8") if own else EVERY_TYPE
    mysql_connection.cursor().execute("ALTER DATABASE COLLATE utf8mb4_general_ci")
    server = Server(mysql_connection, ddl)

    live = server.live(dalkit_database)
    shown = server.shown(live.tables)
    written, problems = read_ddl("-- MariaDB dump\n" * mariadb + DATABASE + ddl)

    assert not [one for one in problems if one.severity == "error"]
    assert facts(shown) == facts(live)
    left = LEFT_TO_THE_SERVER if own else ()
    assert told(facts(written, spelled=False), left) == told(facts(live, spelled=False), left)


def told(found: dict[str, object], left: tuple[str, ...]) -> dict[str, object]:
    """The facts without those that are left out."""
    return {place: fact for place, fact in found.items() if place not in left}
