"""What is inside a text: values with the steps that make them, and what they tell of a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dalkit.contract.reader import read_contract
from dalkit.kinds import DateTime, Integer, Kind, Text
from dalkit.schema.definition import Carried, DateFormatted, NumberFormatted
from dalkit.schema.pieces import Piece, determined, pieces_of, undone
from dalkit.schema.resolve import resolve
from dalkit.schema.subjects import Subject, subjects_of
from dalkit.source.ddl import read_ddl

DAY = DateFormatted((("token", "YYYY"), ("token", "MM"), ("token", "DD")))
EXACT = DateFormatted((*DAY.parts, ("token", "HH"), ("token", "mm"), ("token", "ss")))


def formatted(name: str, column: str, kind: str, text: str) -> dict[str, object]:
    """An attribute with a format of its own."""
    step = {"type": kind, "format": text}
    return {"name": name, "type": "S", "source_column": column, "transformation": step}


def orders() -> Subject:
    """Orders with a label of two attributes that have formats."""
    label = {"type": "string-format", "format": "{day}-{cents:09}"}
    attributes = [
        {"name": "id", "type": "N", "source_column": "id"},
        formatted("day", "placed_at", "date-format", "YYYYMMDD"),
        {"name": "cents", "type": "N", "source_column": "total"},
        formatted("cost", "total", "number-format", "0.0"),
        {"name": "label", "type": "S", "transformation": label},
        {**formatted("costs", "total", "string-format", "{cost}/{id}")},
    ]
    table = {
        "table": "Orders", "type": "single-entity", "source_table": "orders", "pk": "id",
        "attributes": attributes, "satisfies": ["AP1"],
    }  # fmt: skip
    contract, problems = read_contract(json.dumps([table]))
    source, _ = read_ddl((Path(__file__).parent / "shop.sql").read_text())
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return next(iter(subjects_of(contract, source, schema)))


def test_a_placeholder_of_a_format_keeps_the_format_s_step() -> None:
    """The day and the rounded cost are less than their columns, which a label does not tell."""
    subject = orders()
    label = [one for one in pieces_of(Carried("label"), subject) if isinstance(one, Piece)]
    costs = pieces_of(Carried("costs"), subject)

    assert [(one.column, one.step, one.width) for one in label] == [
        ("placed_at", DAY, 0),
        ("total", None, 9),
    ]
    assert determined(label, subject) == {"total"}
    assert isinstance(costs[0], Piece)
    assert costs[0].step == NumberFormatted(1, 1)
    assert determined(costs, subject) == {"id"}


@pytest.mark.parametrize(
    ("step", "kind", "expected"),
    [
        (EXACT, DateTime(0), True),
        (EXACT, DateTime(3), False),
        (DAY, DateTime(0), False),
        (DateFormatted(DAY.parts, source="date"), Text(), True),
        (DateFormatted(DAY.parts[:2], source="date"), Text(), False),
        (DateFormatted(EXACT.parts, source="datetime"), Text(), False),
        (DateFormatted(epoch="milliseconds", source="datetime"), Text(), False),
        (DateFormatted(EXACT.parts, source="seconds"), Integer(), True),
        (DateFormatted(DAY.parts, source="seconds"), Integer(), False),
        (DateFormatted(epoch="seconds", source="seconds"), Integer(), True),
    ],
)
def test_a_format_is_undone_where_different_values_give_different_texts(
    step: DateFormatted, kind: Kind, expected: bool
) -> None:
    """Two texts of one moment are not told apart."""
    assert undone(step, kind) is expected
