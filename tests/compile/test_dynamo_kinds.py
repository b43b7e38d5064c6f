"""Keys, indexes and filters over every kind of value, on the real store against plain Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Failure,
    count,
    delete,
    find,
    insert,
    put,
    read_contract,
    read_ddl,
    resolve,
    update,
)
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.convert import items
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, NotFound
from dalkit.schema.definition import Schema

DDL = """
CREATE TABLE animals (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  herd VARCHAR(20) NOT NULL,
  label VARCHAR(20) NOT NULL,
  place INT NULL,
  price DECIMAL(8,2) NOT NULL,
  tags SET('a','b','c') NOT NULL,
  seen DATETIME(3) NOT NULL,
  doc JSON NULL,
  raw VARBINARY(8) NULL,
  score DOUBLE NULL,
  born YEAR NULL,
  day DATE NULL,
  flag TINYINT(1) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
"""
TYPES = {
    "id": "N",
    "herd": "S",
    "label": "S",
    "place": "N",
    "price": "S",
    "tags": "SS",
    "seen": "S",
    "doc": "M",
    "raw": "B",
    "score": "N",
    "born": "S",
    "day": "S",
    "flag": "BOOL",
}
CONTRACT = {
    "tables": [
        {
            "table": "Zoo",
            "type": "multi-entity",
            "source_table": "animals",
            "pk": "PK",
            "sk": "SK",
            "gsis": [
                {
                    "index_name": "ByPlace",
                    "pk": "herd",
                    "sk": "place",
                    "projection": "INCLUDE",
                    "projected_attributes": ["price", "id"],
                },
                {"index_name": "ByLabel", "pk": "label", "sk": "seen", "projection": "ALL"},
            ],
            "entities": [
                {
                    "entity_type": "ANIMAL",
                    "source_table": "animals",
                    "pk_template": "HERD#{herd}",
                    "sk_template": "A#{id:010}",
                    "attributes": [
                        {
                            "name": name,
                            "type": type_,
                            "source_table": "animals",
                            "source_column": name,
                        }
                        for name, type_ in TYPES.items()
                    ],
                }
            ],
        }
    ]
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def _schema() -> Schema:
    contract, problems = read_contract(json.dumps(CONTRACT))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


SCHEMA = _schema()
M: Any = records_module(SCHEMA)
A = getattr(M, SCHEMA.entities[0].handle)


def animal(number: int) -> Any:
    """An animal; of every nullable value some are None."""
    doc = {"n": number, "s": f"x{number}", "l": (number, "y"), "none": None}
    return getattr(M, SCHEMA.entities[0].record)(
        id=number,
        herd="north" if number % 2 else "south",
        label=f"l{number % 3}",
        place=None if number % 4 == 0 else number - 6,
        price=(Decimal(number) * 3).quantize(Decimal("0.01")),
        tags=frozenset("abc"[: number % 4]),
        seen=START + timedelta(milliseconds=number * 5),
        doc=None if number % 5 == 0 else doc if number % 5 < 3 else {"n": str(number)},
        raw=None if number % 3 == 0 else bytes([number, 0]),
        score=None if number % 3 == 1 else number / 8,
        born=None if number % 2 else 1990 + number,
        day=None if number % 3 == 2 else date(2026, 1, number + 1),
        flag=number % 2 == 0,
    )


ANIMALS = [animal(number) for number in range(1, 21)]


@pytest.fixture(scope="module")
def store(asked_dynamodb: Any) -> Iterator[Any]:
    """The zoo with its animals."""
    with asked_dynamodb(SCHEMA) as made:
        made.put_items("Zoo", [items(A).encode(one).unwrap() for one in ANIMALS])
        yield made


DOC = A.doc
FILTERS: list[tuple[Any, Any]] = [
    (A.price == 9, lambda x: x.price == 9),
    (A.price.is_in([9, Decimal("9.005")]), lambda x: x.price == 9),
    (A.price != Decimal("9.005"), lambda _: True),
    (A.tags == frozenset(), lambda x: not x.tags),
    (A.tags != frozenset(), lambda x: x.tags),
    (A.tags == {"a", "b"}, lambda x: x.tags == {"a", "b"}),
    (A.tags != {"a", "b"}, lambda x: x.tags != {"a", "b"}),
    (A.tags.contains("b"), lambda x: "b" in x.tags),
    (~A.tags.contains("b"), lambda x: "b" not in x.tags),
    (A.tags.size() < 2, lambda x: len(x.tags) < 2),
    (A.tags.size() != 0, lambda x: x.tags),
    (~(A.tags.size() > 1), lambda x: len(x.tags) <= 1),
    (A.seen > START + timedelta(microseconds=20_001), lambda x: x.id > 4),
    (A.seen < START + timedelta(microseconds=20_001), lambda x: x.id <= 4),
    (
        A.seen.between(START + timedelta(microseconds=19_999), START + timedelta(1)),
        lambda x: x.id >= 4,
    ),
    (A.raw > b"\x05", lambda x: x.raw is not None and x.raw > b"\x05"),
    (~(A.raw > b"\x05"), lambda x: x.raw is not None and x.raw <= b"\x05"),
    (A.raw.begins_with(b"\x05"), lambda x: x.raw is not None and x.raw[0] == 5),
    (A.score.between(1, 2), lambda x: x.score is not None and 1 <= x.score <= 2),
    (~A.score.between(1, 2), lambda x: x.score is not None and not 1 <= x.score <= 2),
    (A.born >= 2000, lambda x: x.born is not None and x.born >= 2000),
    (A.born < 10**6, lambda x: x.born is not None),
    (A.day <= date(2026, 1, 9), lambda x: x.day is not None and x.day <= date(2026, 1, 9)),
    (A.flag == True, lambda x: x.flag),  # noqa: E712 # a predicate
    (A.flag != True, lambda x: not x.flag),  # noqa: E712 # a predicate
    (A.place.is_in([1, 2, 300]), lambda x: x.place in (1, 2)),
    (~A.place.is_in([1, 2]), lambda x: x.place is not None and x.place not in (1, 2)),
    (DOC.at("n") > 5, lambda x: _int(x) and x.doc["n"] > 5),
    (DOC.at("n") != 6, lambda x: _int(x) and x.doc["n"] != 6),
    (~(DOC.at("n") == "8"), lambda x: x.doc is not None and not _int(x) and x.doc["n"] != "8"),
    (DOC.at("s").begins_with("x1"), lambda x: _int(x) and x.doc["s"].startswith("x1")),
    (~DOC.at("s").begins_with("x1"), lambda x: _int(x) and not x.doc["s"].startswith("x1")),
    (DOC.at("l").at(0).is_in([1, 2]), lambda x: _int(x) and x.doc["l"][0] in (1, 2)),
    (DOC.at("l").contains("y"), lambda x: _int(x)),
    (~DOC.at("l").contains("y"), lambda _: False),
    (DOC.at("none").is_none(), lambda _: True),
    (DOC.at("n").exists(), lambda x: x.doc is not None),
    (DOC.is_none(), lambda x: x.doc is None),
]


def _int(one: Any) -> bool:
    return one.doc is not None and not isinstance(one.doc["n"], str)


@pytest.mark.parametrize("case", FILTERS, ids=lambda case: str(case[0]))
def test_filters_of_every_kind(store: Any, case: Any) -> None:
    """A predicate selects the same by the store's filter as on the records."""
    predicate, test = case
    found = store.run(find(A).where(predicate).allow_scan())

    assert sorted(one.id for one in found.items) == [one.id for one in ANIMALS if test(one)]


def test_an_index_is_used_where_it_holds_every_record(store: Any) -> None:
    """A condition on the nullable sort key makes the index whole, its order is that of numbers."""
    query = find(A).where(A.herd == "north", A.place > -5).using("ByPlace")
    rows = store.run(query.order_by(A.place.desc()).select(A.id, A.price, A.place)).items

    wanted = [one for one in ANIMALS if one.herd == "north" and (one.place or -9) > -5]
    assert [row[0] for row in rows] == [
        one.id for one in sorted(wanted, key=lambda one: one.place or 0, reverse=True)
    ]
    assert store.run(count(A).where(A.herd == "north", A.place.between(-2, 2))) == sum(
        one.herd == "north" and one.place in range(-2, 3) for one in ANIMALS
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (find(A).where(A.herd == "north").using("ByPlace"), "whose place is None"),
        (
            find(A).where(A.herd == "north", A.place > 0, A.score > 1).using("ByPlace"),
            "does not carry score",
        ),
        (find(A).where(A.price > 3).allow_scan(), "of type S"),
        (find(A).where(A.label.size() == 2).allow_scan(), "UTF-16"),
        (update(A, items(A).key_of(ANIMALS[0])).add(A.price, 1), "adds nothing"),
    ],
    ids=str,
)
def test_what_is_refused(query: Any, said: str) -> None:
    """What DynamoDB would answer otherwise is refused with the reason."""
    result = to_dynamodb(query)

    assert isinstance(result, Failure)
    assert said in str(result.failure())


def test_what_no_index_can_hold_is_not_written(store: Any) -> None:
    """An empty key of an index is the record's fault, if there is a record."""
    key = items(A).key_of(ANIMALS[0])

    assert "label is empty" in str(store.failure(update(A, key).set(A.label, "")))
    missing = store.failure(update(A, evolve(key, id=99)).set(A.label, ""))
    assert isinstance(missing, NotFound)


def test_an_empty_set_is_told_from_no_record(store: Any) -> None:
    """Neither has an attribute, so the item is read before it is put over."""
    bare = evolve(ANIMALS[0], id=77, tags=frozenset())
    only = put(A, bare).when(A.tags == frozenset())

    assert isinstance(store.failure(only), ConditionFailed)
    store.run(insert(A, bare))
    assert store.run(only) == bare
    store.run(update(A, items(A).key_of(bare)).add_members(A.tags, "a"))
    assert store.failure(only).record == evolve(bare, tags=frozenset({"a"}))
    store.run(delete(A, items(A).key_of(bare)))


def test_a_range_on_an_index_by_time(store: Any) -> None:
    """Instants with a fraction stand in order, and bounds between two of them are exact."""
    late = START + timedelta(microseconds=40_001)
    found = store.run(find(A).where(A.label == "l1", A.seen > late).order_by(A.seen)).items

    assert list(found) == [one for one in ANIMALS if one.label == "l1" and one.seen > late]


def test_updates_of_sets_and_json(store: Any) -> None:
    """Members come and go, numbers in JSON are added to, an emptied set is the empty set."""
    of = update(A, items(A).key_of(ANIMALS[2]))
    store.run(of.remove_members(A.tags, "a", "b", "c"))
    emptied = store.run(find(A).where(A.herd == "north", A.id == 3)).items[0]
    assert emptied.tags == frozenset()
    restored = store.run(of.add_members(A.tags, "a", "b", "c").set(A.place, None))
    assert restored.tags == frozenset("abc")
    assert restored.place is None
    assert store.run(of.set(A.place, -3)) == ANIMALS[2]
