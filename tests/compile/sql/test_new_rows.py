"""Rows of new records' arrays on a real server: numbered and completed as memory does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from dalkit import read_contract, read_ddl, resolve
from dalkit.query import get, insert, put, transact
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, Failure, InvalidValue, NotFound, Result
from dalkit.run.memory import memory

HERE = Path(__file__).parents[2] / "query"
DDL = (HERE / "bills.sql").read_text()
Run = Callable[..., Result[Any]]


def _module(ddl: str, **members: str) -> ModuleType:
    """The records module of bills, without the array that no bill is written with.

    `members` are more columns of the lines.
    """
    tables = json.loads((HERE / "bills.json").read_text())
    del tables[0]["attributes"][-1]
    tables[0]["attributes"][3]["join"]["construction"]["select_columns"] |= members
    contract, _ = read_contract(json.dumps(tables))
    source, _ = read_ddl(ddl)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture(scope="module")
def bills() -> ModuleType:
    """The records module of bills that MySQL numbers."""
    return _module(DDL)


@pytest.fixture
def run(database: Any, world: Any) -> Iterator[Run]:
    """What runs queries on the server, with the tables of bills."""
    with database.cursor() as cursor:
        for one in DDL.split(";\n")[:-1]:
            cursor.execute(one)
        yield world.run
        cursor.execute("DROP TABLE bill_lines, bill_notes, bills")


def new(m: ModuleType, *lines: tuple[str, int | None]) -> Any:
    """A new bill with these lines."""
    made = tuple(m.NewBillLine(word=word, place=place) for word, place in lines)
    return m.NewBill(who="ada", lines=made, notes=(m.BillNote(text="x"),))


LINES = ("d", 2), ("c", 1), ("b", None), ("a", 2)


def test_rows_are_those_of_memory(bills: ModuleType, run: Run) -> None:
    """Number by number, in the array's order, but for the moment."""
    query = insert(bills.bills, new(bills, *LINES))
    made = run(query).unwrap()
    other = memory([bills.bills]).run(query).unwrap()
    moments = {one.made for one in made.lines}

    assert len(moments) == 1
    same = tuple(evolve(one, made=made.lines[0].made) for one in other.lines)
    assert made == evolve(other, lines=same)
    assert run(get(bills.bills, bills.BillKey(made.id))).unwrap() == made


def test_numbers_go_on_after_a_whole_record_and_in_a_transaction(
    bills: ModuleType, run: Run
) -> None:
    """As memory's do."""
    first = run(insert(bills.bills, new(bills, *LINES))).unwrap()
    far = evolve(first.lines[0], no=90)
    run(put(bills.bills, evolve(first, id=9, lines=(far,)))).unwrap()
    keys = run(transact(*(insert(bills.bills, new(bills, one)) for one in LINES))).unwrap()
    lines = [run(get(bills.bills, one)).unwrap().lines for one in keys]

    assert [(one.no, one.word) for (one,) in lines] == [(91, "d"), (92, "c"), (93, "b"), (94, "a")]


def test_nothing_is_left_of_a_bill_whose_line_no_column_holds(
    bills: ModuleType, run: Run, database: Any
) -> None:
    """The line is named, and no row is written."""
    answer = run(insert(bills.bills, new(bills, ("a", 1), ("longer than nine", 2))))

    assert isinstance(answer, Failure)
    error = answer.failure()
    assert isinstance(error, InvalidValue)
    assert "lines" in error.where
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM bills UNION SELECT no FROM bill_lines")
        assert cursor.fetchall() == ()


def test_rows_are_numbered_where_the_record_s_key_is_given(run: Run) -> None:
    """By a new record that lacks nothing else; one with the key is in the way of it."""
    counted = "id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,\n  who"
    m = _module(DDL.replace(counted, counted.replace(" AUTO_INCREMENT", "")))
    lines = tuple(m.NewBillLine(word=word, place=place) for word, place in LINES)
    query = insert(m.bills, m.NewBill(id=5, who="ada", lines=lines, notes=()))
    made = run(query).unwrap()
    again = run(query)

    assert (made.id, [one.no for one in made.lines]) == (5, [4, 1, 2, 3])
    assert isinstance(again, Failure)
    error = again.failure()
    assert isinstance(error, ConditionFailed)
    assert error.record == made


def test_a_line_may_tell_the_bill_it_belongs_to(run: Run) -> None:
    """Its own and no other's, whether or not the bill's number is known before."""
    m = _module(DDL, bill="bill_lines.bill_id")
    line = m.NewBillLine(word="a", place=1, bill=1)
    lines = (line, evolve(line, word="b"))
    made = run(insert(m.bills, m.NewBill(who="ada", lines=lines, notes=()))).unwrap()
    other = m.NewBill(who="bob", lines=(line,), notes=())
    moved = put(m.bills, evolve(made, id=2))

    assert [(one.word, one.bill) for one in made.lines] == [("b", 1), ("a", 1)]
    assert run(put(m.bills, evolve(made, lines=made.lines[:1]))).unwrap().lines == made.lines[:1]
    for query in (insert(m.bills, other), moved):
        error = run(query).failure()
        assert isinstance(error, InvalidValue)
        assert error.where == "lines"
    assert isinstance(run(get(m.bills, m.BillKey(2))).failure(), NotFound)
