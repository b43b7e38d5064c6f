"""Every row is a line of its table's file, or refused by name; a file is whole or not there."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.migrate.export import export
from dalkit.migrate.findings import Collision, Finding, Refused
from dalkit.migrate.route import Route
from dalkit.result import Corrupt, Failure, Success, Unavailable
from dalkit.run.config import Connect

Run = Callable[[str], None]


def items_of(file: Path) -> list[dict[str, Any]]:
    """The items of an exported file."""
    data = file.read_bytes()
    text = gzip.decompress(data) if file.suffix == ".gz" else data
    return [json.loads(line)["Item"] for line in text.splitlines()]


def test_every_row_is_a_line(connect: Connect, people: int, route: Route, tmp_path: Path) -> None:
    """In the order of the rows, each with its own pets in their order."""
    done = export(connect, [route], tmp_path).unwrap()

    (file,) = done.files
    items = items_of(file)
    assert (file.name, done.items, done.refused) == ("People.jsonl", {"People": people}, 0)
    assert [item["PK"]["S"] for item in items] == [f"PERSON#{n}" for n in range(1, people + 1)]
    ages = [[pet["M"]["age"]["N"] for pet in item["pets"]["L"]] for item in items]
    assert ages[:6] == [[], [], ["3"], [], ["2", "1"], ["3"]]
    assert ages[14] == ["3", "2", "1"]
    assert items[2]["pets"]["L"][0]["M"]["name"]["S"] == 'Ä\0"'


def test_packed_files_hold_the_same_and_are_the_same_each_time(
    connect: Connect, people: int, route: Route, tmp_path: Path
) -> None:
    """Same rows, same bytes: no time and no name is in the file."""
    (plain,) = export(connect, [route], tmp_path / "a").unwrap().files
    (one,) = export(connect, [route], tmp_path / "b", gzip=True).unwrap().files
    (two,) = export(connect, [route], tmp_path / "c", gzip=True).unwrap().files

    assert one.name == "People.jsonl.gz"
    assert items_of(one) == items_of(plain)
    assert one.read_bytes() == two.read_bytes()


def test_refused_rows_are_named_and_the_others_go_on(
    connect: Connect, people: int, route: Route, tmp_path: Path, run_sql: Run
) -> None:
    """Each with table, primary key, attribute and reason."""
    run_sql("UPDATE people SET name = '' WHERE id = 7")
    run_sql("UPDATE people SET name = 'bad' WHERE id = 999")
    told: list[Finding] = []

    done = export(connect, [route], tmp_path, report=told.append).unwrap()

    assert told == [
        Refused("People", "PERSON", "people id=7", "name", "the key is empty"),
        Refused("People", "PERSON", "people id=999", "name", "is bad"),
    ]
    assert done.refused == 2
    assert len(items_of(done.files[0])) == people - 2


def test_a_row_of_too_many_children_is_refused(
    connect: Connect, people: int, route: Route, tmp_path: Path, run_sql: Run
) -> None:
    """Its child rows have more bytes than memory may hold; no part of them is written."""
    big = "CONCAT(REPEAT('x', 5000000), n)"
    run_sql("ALTER TABLE pets MODIFY name LONGTEXT")
    run_sql(
        "INSERT INTO pets (person, name, age) WITH RECURSIVE numbers AS "
        "(SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 4) "
        f"SELECT 7, {big}, 1 FROM numbers"
    )
    told: list[Finding] = []

    done = export(connect, [route], tmp_path, report=told.append).unwrap()

    assert done.refused == 1
    (found,) = told
    assert isinstance(found, Refused)
    assert found.row == "people id=7"
    assert found.reason.startswith("the item has ")


def test_rows_of_one_key_leave_no_file(
    connect: Connect, people: int, colliding_route: Route, tmp_path: Path, run_sql: Run
) -> None:
    """Both rows are named; a file of an earlier run stays as it was."""
    before = tmp_path / "People.jsonl"
    before.write_text("before")
    run_sql("UPDATE people SET name = 'n1' WHERE id IN (500, 1000)")
    told: list[Finding] = []

    done = export(connect, [colliding_route], tmp_path, report=told.append).unwrap()

    assert (done.files, done.collisions) == ((), 2)
    assert told == [
        Collision("People", "PK=PERSON#n1 SK=#META", ("people id=1", "people id=1000")),
        Collision("People", "PK=PERSON#n1 SK=#META", ("people id=1000", "people id=500")),
    ]
    assert [file.read_text() for file in tmp_path.iterdir()] == ["before"]


def test_a_connection_that_is_killed_leaves_no_file(
    connect: Connect,
    people: int,
    route_of: Callable[[str], Route],
    tmp_path: Path,
    mysql_connection: Connection[Cursor],
) -> None:
    """The run fails with one clear error."""
    forever = "SELECT p.id, p.id, p.name, p.pin FROM people p, people q"

    def kill(_: str, count: int) -> None:
        if count == 2000:
            with mysql_connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id FROM information_schema.processlist "
                    "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
                )
                for (other,) in cursor.fetchall():
                    cursor.execute(f"KILL {other}")

    answer = export(connect, [route_of(forever)], tmp_path, progress=kill)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unavailable)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_no_file(
    connect: Connect, people: int, route: Route, tmp_path: Path
) -> None:
    """Nor a temporary one."""

    def interrupt(_: str, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(connect, [route], tmp_path, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_child_rows_that_no_row_takes_are_an_error(
    connect: Connect, people: int, route_of: Callable[[str], Route], tmp_path: Path
) -> None:
    """Arrays are never silently shorter than the data."""
    fewer = "SELECT id, id, name, pin FROM people WHERE id <> 6 ORDER BY id"

    answer = export(connect, [route_of(fewer)], tmp_path)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Corrupt)
    assert "people id=6" in str(answer.failure())


def test_no_row_is_a_whole_empty_file(
    connect: Connect, people: int, route: Route, tmp_path: Path, run_sql: Run
) -> None:
    """An empty table is an empty file, not a missing one."""
    run_sql("TRUNCATE people")
    done = export(connect, [route], tmp_path)

    assert isinstance(done, Success)
    assert [file.read_bytes() for file in done.unwrap().files] == [b""]
