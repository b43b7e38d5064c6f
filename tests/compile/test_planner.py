"""Plans of several steps, and of tables whose entities are mixed, on the real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, final

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit import Failure, Page, count, find, get, memory, put, read_contract, read_ddl, resolve
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explain import explain
from dalkit.compile.explanation import DynamoPlan
from dalkit.convert import items
from dalkit.query.base import Query
from dalkit.query.finds import Count, Find
from dalkit.records.made import records_module
from dalkit.result import Result
from dalkit.schema.definition import Schema
from dalkit.schema.entity import definition_of
from dalkit.testing.agreement import same_answer
from dalkit.testing.queries import Pool, reads_on

T = TypeVar("T")

DDL = """
CREATE TABLE notes (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  owner INT UNSIGNED NOT NULL,
  written DATETIME NOT NULL,
  topic VARCHAR(20) NOT NULL,
  title VARCHAR(20) NULL,
  weight INT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE marks (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  owner INT UNSIGNED NOT NULL,
  topic VARCHAR(20) NOT NULL,
  weight INT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
"""
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _attributes(table: str, **types: str) -> list[dict[str, str]]:
    return [
        {"name": name, "type": type_, "source_table": table, "source_column": name}
        for name, type_ in types.items()
    ]


def _gsi(name: str, projection: str, *projected: str) -> dict[str, Any]:
    """An index by topic; of one entity by the moment, of the other by its number."""
    carried = {"projected_attributes": list(projected)} if projected else {}
    return {"index_name": name, "pk": "topic", "sk": "weight", "projection": projection, **carried}


CONTRACT = {
    "tables": [
        {
            "table": "Desk",
            "type": "multi-entity",
            "source_table": "notes",
            "pk": "PK",
            "sk": "SK",
            "gsis": [_gsi("Keys", "KEYS_ONLY"), _gsi("Some", "INCLUDE", "title")],
            "entities": [
                {
                    "entity_type": "NOTE",
                    "source_table": "notes",
                    "pk_template": "OWNER#{owner}",
                    "sk_template": "N#{written}#{id:05}",
                    "attributes": _attributes(
                        "notes", id="N", owner="N", written="S", topic="S", title="S", weight="N"
                    ),
                },
                {
                    "entity_type": "MARK",
                    "source_table": "marks",
                    "pk_template": "OWNER#{owner}",
                    "sk_template": "N#MARK#{id:05}",
                    "attributes": _attributes("marks", id="N", owner="N", topic="S", weight="N"),
                },
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
N, K = M.notes, M.marks
NOTES = [
    M.Note(
        id=number,
        owner=number % 2,
        written=DAY + timedelta(hours=number // 2),
        topic=("tea", "Tea")[number % 3 == 0],
        title=None if number % 5 == 0 else f"{'é' * (number % 3)}{number % 4}😀",
        weight=None if number % 7 == 0 else number % 6 - 3,
    )
    for number in range(1, 31)
]
MARKS = [
    M.Mark(id=number, owner=number % 2, topic="tea", weight=number % 4) for number in range(1, 9)
]


@pytest.fixture(scope="module")
def store(asked_dynamodb: Any) -> Iterator[Any]:
    """The desk with notes and marks."""
    with asked_dynamodb(SCHEMA) as made:
        made.put_items("Desk", [items(N).encode(one).unwrap() for one in NOTES])
        made.put_items("Desk", [items(K).encode(one).unwrap() for one in MARKS])
        yield made


@pytest.fixture(scope="module")
def truth() -> Any:
    """The same in the memory backend."""
    made = memory(SCHEMA)
    for entity, records in ((N, NOTES), (K, MARKS)):
        for one in records:
            made.run(put(entity, one)).unwrap()
    return made


MINE = find(N).where(N.owner == 1)
TEA = find(N).where(N.topic == "tea", N.weight >= -3)


def test_entities_whose_keys_begin_alike_are_known() -> None:
    """Both are marked, as the schema does not know what follows a beginning."""
    assert [definition_of(one).mixed for one in (N, K)] == [True, True]


@pytest.mark.parametrize(
    "query",
    [
        MINE,
        MINE.where(N.written >= DAY + timedelta(hours=3)),
        MINE.select(N.title),
        find(N).allow_scan(),
        find(N).allow_scan().segments(3),
        find(K).allow_scan(),
        find(K).where(K.owner == 1),
        TEA.using("Keys"),
        find(K).where(K.topic == "tea", K.weight > 0).using("Keys"),
    ],
    ids=str,
)
def test_no_other_entity_leaks(store: Any, truth: Any, query: Any) -> None:
    """By a range of the key, by an index and by a scan, only the entity's own records come."""
    found, wanted = store.run(query).items, truth.run(query).unwrap().items

    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


@pytest.mark.parametrize(
    "query",
    [
        count(N).where(N.owner == 1),
        count(K).where(K.owner == 1),
        count(N).allow_scan(),
        count(N).allow_scan().segments(4),
        count(K).where(K.topic == "tea", K.weight > 0),
    ],
    ids=str,
)
def test_no_other_entity_is_counted(store: Any, truth: Any, query: Any) -> None:
    """What is counted are the entity's own records."""
    assert store.run(query) == truth.run(query).unwrap()


def test_a_limit_counts_own_records(store: Any, truth: Any) -> None:
    """Items of another entity in between do not shorten a page, nor end the pages."""
    pages = list(store.pages(MINE.limit(4)))

    assert [len(one.items) for one in pages[:-1]] == [4] * (len(pages) - 1)
    assert [x for one in pages for x in one.items] == list(truth.run(MINE).unwrap().items)


@pytest.mark.parametrize("index", ["Keys", "Some"])
def test_what_an_index_lacks_is_got_by_key(store: Any, truth: Any, index: str) -> None:
    """Whole records in the index's order, page by page."""
    query = TEA.using(index).order_by(N.weight.desc())
    pages = list(store.pages(query.limit(5)))

    assert [x.weight for one in pages for x in one.items] == [
        one.weight for one in truth.run(query).unwrap().items
    ]
    assert {x for one in pages for x in one.items} == set(truth.run(query).unwrap().items)


def test_an_index_is_asked_then_the_table() -> None:
    """The index answers keys; the records come by a batch, what it left over again, in order."""
    first = to_dynamodb(TEA.using("Keys")).unwrap()
    found = [one for one in NOTES if one.topic == "tea" and one.weight is not None][:3]
    whole = [items(N).encode(one).unwrap() for one in found]
    names = ("PK", "SK", "topic", "weight")
    keys = [{name: one[name] for name in names} for one in whole]
    second: Any = first.read({"Items": keys})
    left = {"Desk": {"Keys": second.arguments["RequestItems"]["Desk"]["Keys"][:1]}}
    third: Any = second.read({"Responses": {"Desk": whole[:0:-1]}, "UnprocessedKeys": left})
    page = third.read({"Responses": {"Desk": whole[:1]}})

    assert (first.operation, second.operation) == ("Query", "BatchGetItem")
    assert third.arguments["RequestItems"]["Desk"]["Keys"] == left["Desk"]["Keys"]
    assert page.unwrap() == Page(tuple(found))


def test_a_record_that_is_no_longer_as_the_index_knew_it_is_left_out() -> None:
    """Gone, or with another key of the index, it is none of those that were asked for."""
    first = to_dynamodb(TEA.using("Keys")).unwrap()
    one, other, gone = [x for x in NOTES if x.topic == "tea" and x.weight is not None][:3]
    whole = [items(N).encode(x).unwrap() for x in (one, other, gone)]
    keys = [{name: x[name] for name in ("PK", "SK", "topic", "weight")} for x in whole]
    second: Any = first.read({"Items": keys})
    moved = items(N).encode(evolve(other, topic="coffee")).unwrap()

    assert second.read({"Responses": {"Desk": [whole[0], moved]}}).unwrap() == Page((one,))


ORDERS = [
    (N.title,),
    (N.title.desc(),),
    (N.weight, N.title.desc()),
    (N.weight.desc(), N.written),
    (N.topic, N.id.desc()),
]


@pytest.mark.parametrize("orders", ORDERS, ids=lambda one: ", ".join(map(str, one)))
def test_what_was_read_is_put_in_order(store: Any, truth: Any, orders: Any) -> None:
    """None first, text by code point, at last by the key; page by page, and by segments."""
    for query in (find(N).allow_scan(), MINE.allow_scan(), find(N).allow_scan().segments(2)):
        ordered = query.order_by(*orders)
        wanted = list(truth.run(ordered).unwrap().items)

        assert list(store.run(ordered).items) == wanted
        assert [x for one in store.pages(ordered.limit(4)) for x in one.items] == wanted


def test_pages_in_order_are_those_of_memory(store: Any, truth: Any) -> None:
    """A page that was put in order here goes on there."""
    query = find(N).allow_scan().order_by(N.title).limit(7)
    first = store.run(query)
    rest = truth.run(query.after(first.next)).unwrap()

    assert store.run(query.after(first.next)).items == rest.items


def test_order_after_reading_stops_at_its_bound() -> None:
    """More records than the budget, or than ten thousand, are not put in order."""
    query = MINE.allow_scan().order_by(N.title)
    small: Any = to_dynamodb(query.budget(examined=10)).unwrap()
    any_: Any = to_dynamodb(query).unwrap()

    assert "more than 10 records" in str(small.read({"Items": [], "ScannedCount": 11}).failure())
    assert small.read({"Items": [], "ScannedCount": 10}).unwrap() == Page(())
    assert "10,000" in str(any_.read({"Items": [], "ScannedCount": 10_001}).failure())


def test_segments_are_read_one_after_the_other() -> None:
    """Each to its end, then the next from its beginning."""
    step: Any = to_dynamodb(count(N).allow_scan().segments(2)).unwrap()
    asked = []
    for reply in ({"LastEvaluatedKey": {"PK": {"S": "a"}}}, {}, {}):
        assert isinstance(step, DynamoCall)
        asked.append((step.arguments["Segment"], "ExclusiveStartKey" in step.arguments))
        step = step.read({"Items": [], "Count": 0, **reply})

    assert asked == [(0, False), (0, True), (1, False)]
    assert step.unwrap() == 0


@pytest.mark.parametrize(
    "query",
    [
        MINE.where(N.owner == 2),
        find(N).where(N.weight > 3, N.weight.is_in([])),
        find(N).where(N.owner == 1, N.written > DAY, N.written < DAY),
        count(N).where(N.owner == 1, N.owner == 2),
    ],
    ids=str,
)
def test_contradictions_ask_nothing(truth: Any, query: Any) -> None:
    """What is true of no record is answered without a call, as memory answers it."""
    call: Any = to_dynamodb(query.allow_scan()).unwrap()

    assert call.operation == ""
    assert call.read({}).unwrap() == truth.run(query).unwrap()


def test_get_tells_entities_apart(store: Any) -> None:
    """A key of one entity is no key of another."""
    assert store.run(get(K, M.MarkKey(owner=1, id=1))).id == 1
    assert isinstance(store.result(get(K, M.MarkKey(owner=0, id=1))), Failure)


def test_the_steps_are_explained() -> None:
    """What is got by key, left out, put in order, and read in segments is said."""
    fetched = str(explain(TEA.using("Keys").order_by(N.weight).limit(9)))
    ordered = str(explain(MINE.allow_scan().order_by(N.title)))
    counted = explain(count(N).allow_scan().segments(3), records=900)

    assert "then the records by key, since Keys lacks id, owner, written, title" in fetched
    assert "items of other entities are left out after reading" in fetched
    assert "put in order by title after reading everything that matches" in ordered
    assert "3 segments, one after the other" in str(counted)
    assert isinstance(counted.dynamodb, DynamoPlan)
    assert counted.dynamodb.calls == 3


@final
class Asked:
    """The store as a backend."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def run(self, query: Query[T], /) -> Result[T]:
        """The answer of a query."""
        answer: Result[T] = self._store.result(query)
        return answer


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_way_gives_the_same_answer(store: Any, truth: Any, data: st.DataObject) -> None:
    """By whatever index, in however many parts, read at random: memory's answer, or a refusal."""
    entity, records = data.draw(st.sampled_from([(N, NOTES), (K, MARKS)]))
    query: Any = data.draw(reads_on(Pool(entity, tuple(records))))
    if isinstance(query, (Find, Count)):
        index = data.draw(st.sampled_from([None, None, "Keys", "Some"]))
        parts = data.draw(st.sampled_from([None, None, 2]))
        query = evolve(query, access=evolve(query.access, index=index, segments=parts))

    same_answer(truth, Asked(store), query)
