"""The memory backend alone: what it holds, its cursors' key, its threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Cursor,
    Failure,
    Success,
    count,
    delete,
    find,
    get,
    insert,
    maintain,
    make_records,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    update,
)
from dalkit.compile.own_sql import sql
from dalkit.records.made import records_module
from dalkit.result import InvalidValue, MissingTable, Unsupported
from dalkit.run.memory import memory
from dalkit.schema.definition import Schema

HERE = Path(__file__).parents[1] / "stores"


@lru_cache(maxsize=1)
def _schema() -> Schema:
    contract, _ = read_contract((HERE / "zoo.json").read_text())
    source, _ = read_ddl((HERE / "zoo.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


@pytest.fixture(scope="module")
def notes() -> Any:
    """The handle of the zoo's notes."""
    return make_records(_schema())["Notes"]


def _note(notes: Any, id: int, **given: Any) -> Any:  # noqa: A002  # the field's own name
    fields = dict.fromkeys(one.name for one in _schema().by_name["Notes"].fields)
    plain = {**fields, "id": id, "owner": f"o{id}", "version": 0, **given}
    return notes._record(**plain)


def _key(notes: Any, number: int) -> Any:
    return notes._key(number)


def test_it_takes_a_schema_or_its_entities(notes: Any) -> None:
    """As a schema, a mapping, a list."""
    for contents in (_schema(), {"notes": notes}, [notes]):
        assert isinstance(memory(contents).run(insert(notes, _note(notes, 1))), Success)


def test_an_entity_of_another_schema_has_no_table(notes: Any) -> None:
    """Also inside a transaction."""
    other = memory([make_records(_schema())["Loose"]])
    missing = Failure(MissingTable("Notes", "memory"))

    assert other.run(find(notes)) == missing
    assert other.run(transact(put(notes, _note(notes, 1)))) == missing


def test_what_is_no_query_raises(notes: Any) -> None:
    """With what to give instead."""
    given: Any = notes
    with pytest.raises(TypeError, match="give get, find, count"):
        memory(_schema()).run(given)
    with pytest.raises(TypeError, match="give a handle"):
        memory(["notes"])  # type: ignore[list-item]  # misuse on purpose


def test_a_cursor_needs_its_backends_key(notes: Any) -> None:
    """One that was changed, or made with another key, is refused."""
    one, same, other = (memory(_schema(), cursor_key=key) for key in (b"a", b"a", b"b"))
    query = find(notes).limit(1)
    for db in (one, same, other):
        for number in (1, 2):
            db.run(put(notes, _note(notes, number))).unwrap()
    cursor = one.run(query).unwrap().next
    assert cursor is not None
    changed = [
        Cursor(cursor.text[:at] + ("A" if cursor.text[at] != "A" else "B") + cursor.text[at + 1 :])
        for at in range(len(cursor.text))
    ]

    assert same.run(query.after(cursor)) == one.run(query.after(cursor))
    assert isinstance(other.run(query.after(cursor)).failure(), InvalidValue)
    assert all(isinstance(one.run(query.after(bad)).failure(), InvalidValue) for bad in changed)


def test_what_is_answered_is_not_what_is_stored(notes: Any) -> None:
    """Whoever changes JSON in a record changes nothing in the store."""
    db, tree = memory(_schema()), {"a": {"b": 1}}
    answers = [db.run(put(notes, _note(notes, 1, tree=tree))).unwrap()]
    answers.append(db.run(get(notes, _key(notes, 1))).unwrap())
    answers.append(db.run(find(notes)).unwrap().items[0])
    tree["a"]["b"] = 2
    for one in answers:
        one.tree["a"]["b"] = 3

    assert db.run(get(notes, _key(notes, 1))).unwrap().tree == {"a": {"b": 1}}


def test_the_clock_of_the_system_is_the_default(notes: Any) -> None:
    """What expired long ago is gone."""
    db = memory(_schema())
    db.run(put(notes, _note(notes, 1, expires=datetime(2001, 1, 1, tzinfo=UTC)))).unwrap()
    db.run(put(notes, _note(notes, 2, expires=datetime(9000, 1, 1, tzinfo=UTC)))).unwrap()

    assert [one.id for one in db.run(find(notes)).unwrap().items] == [2]


def test_threads_do_not_lose_writes(notes: Any) -> None:
    """Each addition is made to what the one before left."""
    db = memory(_schema())
    db.run(put(notes, _note(notes, 1, number=0))).unwrap()
    write = update(notes, _key(notes, 1)).add(notes.number, 1)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: db.run(write).unwrap().number, range(200)))

    assert sorted(answers) == list(range(1, 201))


def _store() -> tuple[Any, Any]:
    """The online store's records, and a memory of them at noon."""
    folder = HERE.parents[1] / "contracts" / "online_store"
    contract, _ = read_contract((folder / "migrationContract.json").read_text())
    source, _ = read_ddl((folder / "schema.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    noon = datetime(2026, 1, 2, 12, 0, 0, 999_999, tzinfo=UTC)
    return records_module(schema), memory(schema, now=lambda: noon)


def _product(m: Any, **given: Any) -> Any:
    names = {"seller_id": 1, "category_id": 1, "name": "a", "description": None, "price": 1}
    return m.NewProduct(**{**names, "image_url": None, **given})


def test_new_records_are_counted_and_stamped() -> None:
    """From one, in the moment's whole seconds, with the columns' defaults."""
    m, db = _store()
    first, second = (db.run(insert(m.products, _product(m))).unwrap() for _ in range(2))

    assert (first.product_id, second.product_id) == (1, 2)
    assert first.created_at == datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert first.inventory_quantity == 0
    assert db.run(get(m.products, m.ProductKey(2))) == Success(second)


def test_numbers_go_on_from_the_greatest_there_has_been() -> None:
    """Also when that record has gone, or came by an update or a transaction that failed."""
    m, db = _store()
    whole = db.run(insert(m.products, _product(m))).unwrap()
    db.run(put(m.products, evolve(whole, product_id=40))).unwrap()
    db.run(delete(m.products, m.ProductKey(40))).unwrap()
    assert db.run(insert(m.products, _product(m))).unwrap().product_id == 41

    failed = db.run(transact(insert(m.products, _product(m)), insert(m.products, whole)))
    assert isinstance(failed, Failure)
    db.run(put(m.products, evolve(whole, product_id=-7))).unwrap()
    assert db.run(insert(m.products, _product(m))).unwrap().product_id == 43
    assert db.run(insert(m.categories, _category(m))).unwrap().category_id == 1


def _category(m: Any, **given: Any) -> Any:
    derived = {"parent_name": "ROOT", "children_count": 0, "product_count": 0, "parent_key": None}
    return m.NewCategory(**{"name": "a", "parent_id": None, **derived, **given})


def test_a_transaction_answers_the_keys_of_new_records() -> None:
    """Each a number of its own, maintained or not."""
    m, db = _store()
    new = insert(m.products, _product(m))
    keys = db.run(transact(new, new, maintain(new))).unwrap()

    assert keys == tuple(m.ProductKey(number) for number in (1, 2, 3))
    assert db.run(count(m.products)) == Success(3)


def test_new_records_that_cannot_be_are_refused() -> None:
    """By the field, alone and in a transaction; nothing is written."""
    m, db = _store()
    wrong = insert(m.products, _product(m, price="much"))
    alone, together = db.run(wrong), db.run(transact(insert(m.products, _product(m)), wrong))

    assert isinstance(alone, Failure)
    assert "price" in str(alone.failure())
    assert isinstance(together, Failure)
    assert [type(one) for one in together.failure().reasons] == [type(None), InvalidValue]
    assert db.run(count(m.products)) == Success(0)


def test_a_stores_own_language_is_not_memorys() -> None:
    """A statement is refused as a value, with what can be done instead."""
    error = memory([]).run(sql("SELECT 1", (), lambda reply: Success(reply.rows))).failure()

    assert isinstance(error, Unsupported)
    assert "query" in error.remedy
