"""Arrays of new records: what their rows lack, what completes them, and their order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from attrs import evolve

from dalkit import Failure, insert, read_contract, read_ddl, resolve
from dalkit.query.fresh import complete, greatest, needs_moment, numbered, numbers_needed
from dalkit.records.made import records_module
from dalkit.result import InvalidValue
from dalkit.run.memory import memory
from dalkit.schema.entity import definition_of

NOW = datetime(2026, 3, 1, 11, 59, 59, 987_654, tzinfo=UTC)
HERE = Path(__file__).parent


@lru_cache
def module(order: str | None = None) -> ModuleType:
    """The records module of bills, their lines in an order."""
    tables = json.loads((HERE / "bills.json").read_text())
    wanted = tables[0]["attributes"][3]["join"]["construction"]
    wanted["order_by"] = wanted["order_by"] if order is None else order
    contract, _ = read_contract(json.dumps(tables))
    source, _ = read_ddl((HERE / "bills.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


def new(m: ModuleType, words: str, places: Sequence[int | None]) -> Any:
    """A new bill with a line for each word."""
    pairs = zip(words, places, strict=True)
    lines = tuple(m.NewBillLine(word=word, place=place) for word, place in pairs)
    return m.NewBill(who="ada", lines=lines, notes=(m.BillNote(text="x"),), latest=())


def test_a_row_lacks_its_number_its_moments_and_its_defaults() -> None:
    """In an array that shows all rows; one that shows some has them as they are stored."""
    m = module()
    fields = {one.name: one for one in definition_of(m.bills).fields}

    assert [one.name for one in attrs.fields(m.NewBillLine)] == ["word", "place"]
    assert fields["notes"].new is None
    assert fields["latest"].new is None
    assert "NewBillLine" in m.__all__
    assert not any("NewBillNote" in name for name in m.__all__)


def test_what_a_new_record_needs_is_counted() -> None:
    """A number for it and one for each of its rows; a whole one needs none."""
    m = module()
    own, rows = definition_of(m.bills).numberings
    whole = numbered(m.bills, new(m, "ab", (1, 2)), {own: 3, rows: 4}, now=NOW).unwrap()

    assert (own.name, rows.name) == ("id", "lines.no")
    assert numbers_needed(m.bills, new(m, "ab", (1, 2))) == {own: 1, rows: 2}
    assert numbers_needed(m.bills, new(m, "", ())) == {own: 1}
    assert numbers_needed(m.bills, whole) == {}
    assert (greatest(own, whole), greatest(rows, whole)) == (3, 5)
    assert needs_moment(m.bills, new(m, "a", (1,)))
    assert not needs_moment(m.bills, new(m, "", ()))


def test_rows_are_what_mysql_would_make_of_them() -> None:
    """Numbered as they were given, with the moment cut and the defaults."""
    m = module("bill_lines.no")
    made = complete(m.bills, new(m, "ba", (2, None)), number=3, rows={"lines": 7}, now=NOW).unwrap()
    moment = datetime(2026, 3, 1, 11, 59, 59, 987_000, tzinfo=UTC)
    rest = {"price": Decimal("1.50"), "made": moment}

    assert made.lines == (
        m.BillLine(no=7, word="b", place=2, **rest),
        m.BillLine(no=8, word="a", place=None, **rest),
    )
    assert made.notes == (m.BillNote(text="x"),)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("bill_lines.no", "dcba"),
        ("bill_lines.no DESC", "abcd"),
        ("bill_lines.place", "bcda"),
        ("bill_lines.place DESC, bill_lines.no DESC", "adcb"),
        ("bill_lines.made DESC, bill_lines.place", "bcda"),
        ("bill_lines.word", "dcba"),
    ],
)
def test_rows_stand_as_the_array_orders_them(order: str, wanted: str) -> None:
    """NULL first, ties by number; by text, which only MySQL orders, as they were given."""
    m = module(order)
    given = new(m, "dcba", (2, 1, None, 2))
    lines = complete(m.bills, given, number=1, rows={"lines": 5}, now=NOW).unwrap().lines
    numbers = {"d": 5, "c": 6, "b": 7, "a": 8}

    assert "".join(one.word for one in lines) == wanted
    assert {one.word: one.no for one in lines} == numbers


@pytest.mark.parametrize("line", ["x", None, 7])
def test_what_is_no_new_row_is_refused_by_its_place(line: Any) -> None:
    """Whatever else stands there."""
    m = module()
    given = new(m, "ab", (1, 2))
    answer = memory([m.bills]).run(
        insert(m.bills, evolve(given, lines=(given.lines[0], line))),
    )

    assert isinstance(answer, Failure)
    error = answer.failure()
    assert isinstance(error, InvalidValue)
    assert error.where == "lines[1]"


@pytest.mark.parametrize("place", ["x", Decimal(1), 2**40])
def test_what_no_column_holds_is_refused(place: Any) -> None:
    """Also where rows are sorted by it."""
    m = module()
    answer = memory([m.bills]).run(insert(m.bills, new(m, "ab", (1, place))))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), InvalidValue)


def test_a_number_that_is_not_given_is_misuse() -> None:
    """The counter is named."""
    m = module()

    with pytest.raises(ValueError, match=r"lines\.no"):
        complete(m.bills, new(m, "a", (1,)), number=1, now=NOW)


def test_more_rows_than_numbers_are_refused() -> None:
    """A SMALLINT is counted no further than it goes; the records before stay."""
    m = module()
    db = memory([m.bills])
    made = db.run(insert(m.bills, new(m, "a", (1,)))).unwrap()
    last = evolve(made, id=9, lines=(evolve(made.lines[0], no=32_767),))
    db.run(insert(m.bills, last)).unwrap()

    assert isinstance(db.run(insert(m.bills, new(m, "b", (1,)))).failure(), InvalidValue)
