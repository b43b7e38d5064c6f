"""What explanations say that calls cost, against what the real store says that it consumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    count,
    delete,
    find,
    get,
    get_many,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    transact_get,
    update,
)
from dalkit.compile.explain import explain
from dalkit.compile.explanation import DynamoPlan
from dalkit.compile.written import units_of
from dalkit.convert import item_size, items
from dalkit.records.made import records_module
from dalkit.schema.definition import Schema
from dalkit.schema.entity import definition_of

DDL = """
CREATE TABLE notes (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  shelf VARCHAR(10) NOT NULL,
  topic VARCHAR(10) NOT NULL,
  rank INT UNSIGNED NOT NULL,
  title VARCHAR(20) NOT NULL,
  body TEXT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
"""


def _gsi(name: str, projection: str, *projected: str) -> dict[str, Any]:
    carried = {"projected_attributes": list(projected)} if projected else {}
    return {"index_name": name, "pk": "topic", "sk": "rank", "projection": projection, **carried}


TYPES = {"id": "N", "shelf": "S", "topic": "S", "rank": "N", "title": "S", "body": "S"}
CONTRACT = {
    "tables": [
        {
            "table": "Notes",
            "type": "multi-entity",
            "source_table": "notes",
            "pk": "PK",
            "sk": "SK",
            "gsis": [
                _gsi("All", "ALL"),
                _gsi("Keys", "KEYS_ONLY"),
                _gsi("Some", "INCLUDE", "title"),
            ],
            "entities": [
                {
                    "entity_type": "NOTE",
                    "source_table": "notes",
                    "pk_template": "SHELF#{shelf}",
                    "sk_template": "N#{id:08}",
                    "attributes": [
                        {
                            "name": name,
                            "type": type_,
                            "source_table": "notes",
                            "source_column": name,
                        }
                        for name, type_ in TYPES.items()
                    ],
                }
            ],
        }
    ]
}


def _schema() -> Schema:
    contract, problems = read_contract(json.dumps(CONTRACT))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


SCHEMA = _schema()
M: Any = records_module(SCHEMA)
N = M.notes
SHELVES = {"small": (200, 100), "large": (60, 3_000), "wide": (30, 60_000)}
"""How many records, and the bytes of their texts."""


def note(shelf: str, number: int, size: int) -> Any:
    """A record of about so many bytes."""
    return M.Note(
        id=number,
        shelf=shelf,
        topic=f"of {shelf}",
        rank=number,
        title=f"note {number:04}",
        body="x" * size,
    )


SMALL = ("small", "large")
"""Those that the local store reads in one page; it ends a page of any index by whole items."""

HELD = {
    shelf: [note(shelf, 1_000 + number, size) for number in range(many)]
    for shelf, (many, size) in SHELVES.items()
}


def wire(record: Any) -> Any:
    """The item of a record."""
    return items(N).encode(record).unwrap()


def key(shelf: str, number: int) -> Any:
    """A key on a shelf."""
    return M.NoteKey(shelf=shelf, id=number)


class Metered:
    """A client that adds up the units of all its calls."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.units = Decimal(0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            reply = getattr(self.client, name)(**arguments, ReturnConsumedCapacity="INDEXES")
            told = reply.get("ConsumedCapacity", ())
            for one in [told] if isinstance(told, Mapping) else told:
                self.units += Decimal(str(one["CapacityUnits"]))
            return reply

        return call


@pytest.fixture(scope="module")
def store(asked_dynamodb: Any) -> Iterator[Any]:
    """The notes, in a store whose client is metered after they were written."""
    with asked_dynamodb(SCHEMA) as made:
        for records in HELD.values():
            made.put_items("Notes", [wire(one) for one in records])
        plain = made.client
        made.client = Metered(plain)
        yield made
        made.client = plain


def consumed(store: Any, query: Any) -> Decimal:
    """The units that a query consumed."""
    store.client.units = Decimal(0)
    store.result(query)
    units: Decimal = store.client.units
    return units


def planned(query: Any, **told: Any) -> DynamoPlan:
    """What the explanation says of DynamoDB."""
    found = explain(query, **told).dynamodb
    assert isinstance(found, DynamoPlan), found
    return found


def near(said: Any, consumed: Decimal) -> bool:
    """Whether the two are within 5 %."""
    return abs(Decimal(said) - consumed) <= consumed / 20


def _on(shelf: str) -> Any:
    return find(N).where(N.shelf == shelf)


def _about(shelf: str) -> Any:
    return find(N).where(N.topic == f"of {shelf}")


READS: list[tuple[str, str, Any]] = [
    *((shelf, "whole", get(N, key(shelf, 1_000))) for shelf in SHELVES),
    *((shelf, "whole", get(N, key(shelf, 1_003)).consistent()) for shelf in SHELVES),
    *((shelf, "whole", get(N, key(shelf, 1_003)).select(N.title)) for shelf in SHELVES),
    *(
        (shelf, "whole", get_many(N, [key(shelf, 1_000 + n) for n in range(25)]))
        for shelf in SHELVES
    ),
    ("large", "whole", get_many(N, [key("large", n) for n in range(1_000, 1_060)]).consistent()),
    ("small", "whole", get_many(N, [key("small", n) for n in range(1_000, 1_200)])),
    *(
        (shelf, "whole", transact_get(get(N, key(shelf, 1_000)), get(N, key(shelf, 1_001))))
        for shelf in SHELVES
    ),
    *((shelf, "whole", _on(shelf)) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).consistent()) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).limit(10)) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).where(N.id == 1_005)) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).select(N.title)) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).where(N.title > "note 1010")) for shelf in SHELVES),
    *((shelf, "whole", _on(shelf).allow_scan().order_by(N.title)) for shelf in SHELVES),
    *((shelf, "whole", count(N).where(N.shelf == shelf)) for shelf in SHELVES),
    *((shelf, "whole", _about(shelf).using("All")) for shelf in SHELVES),
    *((shelf, "whole", _about(shelf).using("All").limit(7)) for shelf in SHELVES),
    *((shelf, "Keys", _about(shelf).using("Keys")) for shelf in SHELVES),
    *((shelf, "Keys", _about(shelf).using("Keys").limit(5)) for shelf in SHELVES),
    *((shelf, "Some", _about(shelf).using("Some").select(N.title)) for shelf in SMALL),
    *((shelf, "Some", _about(shelf).using("Some").select(N.title).limit(9)) for shelf in SHELVES),
    *((shelf, "Keys", count(N).where(N.topic == f"of {shelf}").using("Keys")) for shelf in SMALL),
]


def _index_size(index: str, item: Any) -> int | None:
    names = {"Keys": ("PK", "SK", "topic", "rank"), "Some": ("PK", "SK", "topic", "rank", "title")}
    return None if index == "whole" else item_size({name: item[name] for name in names[index]})


@pytest.mark.parametrize("case", READS, ids=lambda case: f"{case[0]}: {case[2]}")
def test_reads_cost_what_was_said(store: Any, case: Any) -> None:
    """Within 5 %, told how large the items are and how many there are."""
    shelf, index, query = case
    item = wire(HELD[shelf][0])
    plan = planned(
        query,
        item_size=item_size(item),
        index_size=_index_size(index, item),
        records=len(HELD[shelf]),
    )

    assert near(plan.reads, consumed(store, query)), plan


@pytest.mark.parametrize("segments", [1, 3])
def test_scans_cost_what_was_said(store: Any, segments: int) -> None:
    """A scan examines every item; its segments round up each by itself."""
    every = [wire(one) for records in HELD.values() for one in records]
    average = sum(map(item_size, every)) // len(every)
    query = count(N).allow_scan().segments(segments)

    plan = planned(query, item_size=average, records=len(every))
    assert near(plan.reads, consumed(store, query)), plan


def test_a_missing_record_costs_the_least(store: Any) -> None:
    """A get of nothing is one unit of the smallest."""
    assert consumed(store, get(N, key("none", 1))) == Decimal("0.5")


NEW = note("new", 1, 2_500)
CHANGES: list[tuple[str, Any, Any]] = [
    ("a new item", None, NEW),
    ("the same again", NEW, NEW),
    ("what no narrow index carries", NEW, evolve(NEW, body="y" * 2_500)),
    ("what one narrow index carries", NEW, evolve(NEW, title="other")),
    ("larger", NEW, evolve(NEW, body="x" * 7_000)),
    ("smaller", evolve(NEW, body="x" * 7_000), NEW),
    ("the sort key of the indexes", NEW, evolve(NEW, rank=9)),
    ("the partition key of the indexes", NEW, evolve(NEW, topic="else", body="z")),
    ("gone", NEW, None),
    ("nothing gone", None, None),
]


@pytest.mark.parametrize("transaction", [False, True])
@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case[0])
def test_writes_cost_what_was_said(store: Any, case: Any, transaction: bool) -> None:
    """The units of the table and of every index, from the items before and after."""
    name, before, after = case
    if transaction and name == "nothing gone":
        pytest.skip("the local store counts it once, the service twice")
    store.run(delete(N, items(N).key_of(NEW)))
    if before is not None:
        store.run(put(N, before))
    write = delete(N, items(N).key_of(NEW)) if after is None else put(N, after)
    units = consumed(store, transact(write) if transaction else write)

    wires = [None if one is None else wire(one) for one in (before, after)]
    said = units_of(definition_of(N).table, *wires, transaction=transaction)
    assert said.all == units, said


def test_a_transaction_costs_what_its_writes_do(store: Any) -> None:
    """Twice each; of equal capacities in one transaction the local store tells one, so none are."""
    records = [evolve(NEW, id=number, body="x" * 1_500 * number) for number in (2, 3, 4)]
    table, keys = definition_of(N).table, items(N).key_of
    for one in records:
        store.run(delete(N, keys(one)))
    query = transact(*(put(N, one) for one in records))
    said = sum(units_of(table, None, wire(one), transaction=True).all for one in records)

    assert planned(query).writes == said == consumed(store, query)


UPDATES = [
    ("body", "y" * 2_500),
    ("title", "other"),
    ("rank", 9),
    ("topic", "else"),
]


@pytest.mark.parametrize(("name", "value"), UPDATES)
def test_updates_cost_at_most_what_was_said(store: Any, name: str, value: Any) -> None:
    """Told the size of the item; an index that carries less may cost less."""
    store.run(put(N, NEW))
    query = update(N, items(N).key_of(NEW)).set(getattr(N, name), value)
    item = wire(NEW)
    units = consumed(store, query)
    narrow = {"body": 0, "title": 2, "rank": 8, "topic": 8}[name]

    plan = planned(query, item_size=item_size(item))
    assert plan.writes is not None
    assert units <= plan.writes <= units + narrow


def test_an_insert_costs_what_was_said(store: Any) -> None:
    """The size of a record that is given is known."""
    store.run(delete(N, items(N).key_of(NEW)))
    query = put(N, NEW)

    assert planned(query).writes == consumed(store, query)


def test_all_of_it_is_bounded_before_it_is_sent() -> None:
    """A budget of as many units as were said is kept; of fewer it is not."""
    query = _on("small").limit(9)
    said = planned(query).reads

    assert isinstance(planned(query.budget(capacity=said)), DynamoPlan)
    assert not isinstance(explain(query.budget(capacity=Decimal("0.1"))).dynamodb, DynamoPlan)
