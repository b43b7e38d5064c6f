"""Sums of wide decimals, which a derived table of MariaDB would cut without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dalkit import make_records, read_contract, read_ddl, resolve
from dalkit.compile.select import plan
from dalkit.convert import Refused, transcoder

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

DDL = """
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, p INT NOT NULL, d DECIMAL(65,30) NOT NULL,
  FOREIGN KEY (p) REFERENCES p (id));
"""
CONTRACT = """[{"table": "Sums", "type": "single-entity", "source_table": "p", "pk": "PK",
"satisfies": ["AP"], "attributes": [
  {"name": "PK", "type": "S", "source_column": "id"},
  {"name": "sum", "type": "S", "calculation": {"type": "aggregate", "target_table": "c",
   "join_condition": "c.p = p.id", "operation": "SUM", "select_column": "c.d"}}]}]"""


def test_a_sum_beyond_every_column_is_refused(mysql_connection: Connection[Cursor]) -> None:
    """66 digits are refused by name, as the server gives them, never cut to 65 nines."""
    contract, problems = read_contract(CONTRACT)
    assert contract is not None, problems
    source, _ = read_ddl(DDL)
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    (entity,) = schema.entities
    made: Any = transcoder(make_records(schema)["Sums"])
    with mysql_connection.cursor() as cursor:
        for statement in DDL.split(";")[:2]:
            cursor.execute(statement)
        cursor.execute("INSERT INTO p VALUES (1)")
        cursor.execute("INSERT INTO c VALUES (1, 1, 6e34), (2, 1, 6e34)")
        cursor.execute(plan(entity, source).main)
        ((_, *cells),) = cursor.fetchall()

    answer = made.item(tuple(cells))

    assert isinstance(answer, Refused)
    assert f"12{'0' * 34}.{'0' * 30}" in str(answer.error)
