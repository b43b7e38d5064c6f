"""Partition key values with a large share: exact for few values, bounded for many."""

from __future__ import annotations

import json

import pytest

from dalkit.contract.reader import read_contract
from dalkit.migrate.heat import HELD, LEAST, Heat, heats_of
from dalkit.schema.resolve import resolve
from dalkit.schema.subjects import Subject, subjects_of
from dalkit.source.ddl import read_ddl

DDL = "CREATE TABLE things (id INT PRIMARY KEY, city VARCHAR(50), day DATE);"


@pytest.fixture(scope="module")
def subject() -> Subject:
    """Things by id, and by city in an index."""
    given = {"source_table": "things", "type": "S"}
    table = {
        "table": "Things", "type": "single-entity", "source_table": "things", "pk": "id",
        "attributes": [
            given | {"name": "id", "type": "N", "source_column": "id"},
            given | {"name": "city", "source_column": "city"},
            given | {"name": "day", "source_column": "day"},
        ],
        "gsis": [{"index_name": "ByCity", "pk": "city", "sk": "day"}],
        "satisfies": ["all"],
    }  # fmt: skip
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return subjects_of(contract, source, schema)[0]


def _heat(subject: Subject, cities: list[str]) -> Heat:
    (heat,) = heats_of(subject)
    for city in cities:
        heat.add({"city": {"S": city}, "day": {"S": "2026-01-01"}})
        heat.add({"city": {"S": city}})
    return heat


def test_a_unique_key_is_not_counted(subject: Subject) -> None:
    """Every value of the table's key has one item; only the index is left to look at."""
    assert len(heats_of(subject)) == 1


def test_a_quarter_of_the_items_is_told(subject: Subject) -> None:
    """Items without the sort key are not in the index; at most three values are named."""
    cities = ["Rome"] * 25 + [f"City {n}" for n in range(75)]
    (told,) = _heat(subject, cities).problems()

    assert told.text.endswith('partition key "city": "Rome" has 25')
    assert told.text.startswith("of 100 items ")
    assert _heat(subject, [*cities[1:], "other"]).problems() == []


def test_of_a_few_items_nothing_is_said(subject: Subject) -> None:
    """One of two items is half of them, and means nothing."""
    assert _heat(subject, ["Rome"] * (LEAST - 1)).problems() == []
    assert _heat(subject, ["Rome"] * LEAST).problems() != []


def test_any_number_of_values_takes_constant_memory(subject: Subject) -> None:
    """A frequent value is still found, its count too low by a thousandth of all at most."""
    total = 30 * HELD
    cities = [f"City {n}" if n % 3 else "Rome" for n in range(total)]
    heat = _heat(subject, cities)
    (told,) = heat.problems()
    count = int(told.text.rsplit(" has ", 1)[1].replace(",", ""))

    assert total // 3 - total // HELD <= count <= total // 3
    assert len(heat._counts) <= HELD
