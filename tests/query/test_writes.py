"""Writes as values: changes, conditions, several at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from dalkit import (
    Write,
    batch,
    delete,
    find,
    get,
    insert,
    maintain,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.fields import changes as c

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HEAD = "update thing whole = 1, at = 2026-01-02 12:00:00Z"


@pytest.fixture
def base(things: Any, thing_key: Any) -> Any:
    """An update of one thing that changes nothing yet."""
    return update(things, thing_key(1, NOON))


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda u, t: u, ""),
        (lambda u, t: u.set(t.price, 3), " set price = 3"),
        (lambda u, t: u.set(t.n_text, None), " set n_text = none"),
        (lambda u, t: u.set(t.secret, "hush"), " set secret = <secret>"),
        (lambda u, t: u.set(t.whole, 2), " set whole = 2"),
        (lambda u, t: u.set_if_absent(t.n_text, "x"), " set n_text = 'x' if absent"),
        (lambda u, t: u.remove(t.n_price), " remove n_price"),
        (lambda u, t: u.remove(t.parts[2]), " remove parts[2]"),
        (lambda u, t: u.add(t.price, -3).add(t.ratio, 1), " add -3 to price, add 1.0 to ratio"),
        (lambda u, t: u.append(t.json, 1, "x"), " append 1, 'x' to json"),
        (lambda u, t: u.add_members(t.tags, "b", "a"), " add 'a', 'b' to tags"),
        (lambda u, t: u.remove_members(t.tags, "a"), " remove 'a' from tags"),
        (lambda u, t: u.append(t.parts).add_members(t.tags).remove_members(t.tags), ""),
        (
            lambda u, t: u.set(t.parts[0].at("size"), 1).set(t.parts[1].at("size"), 1),
            " set parts[0].size = 1, set parts[1].size = 1",
        ),
        (
            lambda u, t: u.add(t.whole, 1).when(t.whole < 9).when(t.yes == True, t.text == "x"),  # noqa: E712  # as users write it
            " add 1 to whole when whole < 9 and yes = true and text = 'x'",
        ),
    ],
)
def test_an_update_prints_its_changes(
    base: Any, things: Any, build: Callable[[Any, Any], object], said: str
) -> None:
    """In the order in which they were said."""
    assert str(build(base, things)) == HEAD + said


def test_changes_hold_what_was_written(base: Any, things: Any, part: Any) -> None:
    """Places and values in one form; what compilers match on."""
    one = part(size=1, note=None)
    made = base.set(things.price, 3).append(things.parts, one).add_members(things.tags, "a")

    assert made.changes == (
        c.Set(things.price.place, Decimal(3)),
        c.Append(things.parts.place, (one,)),
        c.AddMembers(things.tags.place, frozenset({"a"})),
    )
    assert base.changes == ()
    assert isinstance(made, Write)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda u, t: u.set(t.price, 1.5), 'as in Decimal("1.50")'),
        (lambda u, t: u.set(t.price, None), "price is never None: set a value"),
        (lambda u, t: u.set(t.color, "blue"), "the values are 'red', 'green'"),
        (lambda u, t: u.set("price", 1), "give a field, as in things"),
        (lambda u, t: u.set(t.price, 1).set(t.price, 2), "each place is changed once"),
        (lambda u, t: u.add(t.price, 1).remove(t.price), "never None"),
        (lambda u, t: u.set(t.part.at("size"), 1).set(t.part.at("size"), 2), "changed once"),
        (lambda u, t: u.set(t.json, 1).set(t.json.at("a"), 2), "json.a cannot be changed beside"),
        (lambda u, t: u.set(t.json.at("a"), 1).set(t.json, 2), "cannot be changed beside json.a"),
        (lambda u, t: u.set_if_absent(t.n_text, None), "changes nothing"),
        (lambda u, t: u.remove(t.text), "text is never None, so it cannot be removed"),
        (lambda u, t: u.remove(t.parts[0].at("size")), "never None"),
        (lambda u, t: u.add(t.text, 1), "Text is no number"),
        (lambda u, t: u.add(t.whole, "1"), "give an int"),
        (lambda u, t: u.add(t.whole, None), "give a number"),
        (lambda u, t: u.add(t.json.at("n"), "1"), "a str cannot be added to json.n"),
        (lambda u, t: u.append(t.text, "x"), "it is no list that grows"),
        (lambda u, t: u.append(t.pair, 1), "it is no list that grows"),
        (lambda u, t: u.append(t.parts, {"size": 1}), "give a Part"),
        (lambda u, t: u.add_members(t.tags, "d"), "the values are 'a', 'b', 'c'"),
        (lambda u, t: u.remove_members(t.text, "d"), "Text is no set"),
        (lambda u, t: u.when(t.price == 1.5), "give a Decimal"),
    ],
)
def test_misuse_of_an_update_raises_with_the_remedy(
    base: Any, things: Any, build: Callable[[Any, Any], object], said: str
) -> None:
    """Each at the change that is wrong."""
    with pytest.raises((TypeError, ValueError)) as raised:
        build(base, things)

    assert said in str(raised.value)


def test_a_field_of_another_entity_cannot_be_changed(base: Any, store: ModuleType) -> None:
    """Whatever its name."""
    with pytest.raises(ValueError, match=r"Orders\.user_id is no field of things"):
        base.set(store.orders.user_id, 1)


def test_or_insert_takes_the_record_with_the_updates_key(base: Any, thing: Any) -> None:
    """Another key would insert a record that the update does not see."""
    record = thing(whole=1, at=NOON)

    assert str(base.or_insert(record)) == f"{HEAD}, or insert it"
    assert base.or_insert(record).inserted == record
    with pytest.raises(ValueError, match="another key than whole = 1"):
        base.or_insert(thing(whole=2, at=NOON))
    with pytest.raises(TypeError, match="is no record of thing"):
        base.or_insert({"whole": 1})
    with pytest.raises(ValueError, match="called before"):
        base.or_insert(record).or_insert(record)


def test_writes_of_records_print_the_key_only(things: Any, thing: Any, thing_key: Any) -> None:
    """What else a record holds may be much, or secret."""
    record, key = thing(whole=1, at=NOON), "thing whole = 1, at = 2026-01-02 12:00:00Z"

    assert str(put(things, record)) == f"put {key}"
    assert str(put(things, record).when(things.text > "a")) == f"put {key} when text > 'a'"
    assert str(insert(things, record)) == f"insert {key}"
    assert str(insert(things, thing(whole="x", at=None))) == "insert thing whole = 'x', at = none"
    assert str(delete(things, thing_key(1, NOON)).when(things.whole > 1)) == (
        f"delete {key} when whole > 1"
    )
    for verb in (put, insert):
        with pytest.raises(TypeError, match=r"a ThingKey is no record of thing: give Thing\(…\)"):
            verb(things, thing_key(1, NOON))
    with pytest.raises(TypeError, match="a Thing is no key of thing"):
        delete(things, record)


def test_writes_are_values(things: Any, thing: Any, base: Any) -> None:
    """Equal when built the same way."""
    record = thing(whole=1, at=NOON)

    assert put(things, record) == put(things, record)
    assert len({put(things, record), insert(things, record)}) == 2
    assert hash(transact(base, put(things, record))) == hash(transact(base, put(things, record)))
    assert maintain(base) == maintain(base)


def test_several_queries_print_as_one(store: ModuleType) -> None:
    """The first three, and how many more."""
    gone = [delete(store.products, store.ProductKey(n)) for n in range(5)]
    reads = [get(store.products, store.ProductKey(n)) for n in range(2)]
    three = "; ".join(f"delete product product_id = {n}" for n in range(3))

    assert str(transact(*gone)) == f"transact 5: {three}; and 2 more"
    assert str(batch(*gone[:3])) == f"batch 3: {three}"
    assert str(batch(maintain(gone[0]))) == "batch 1: maintain: delete product product_id = 0"
    assert str(transact_get(*reads)) == (
        "transact 2: get product product_id = 0; get product product_id = 1"
    )
    assert (str(batch()), str(transact())) == ("batch nothing", "transact nothing")


def test_what_has_no_place_among_several_raises(store: ModuleType, base: Any) -> None:
    """Reads are no writes; a batch holds no conditions; what is maintained is a write."""
    products: Any = store.products
    gone = delete(products, store.ProductKey(1))
    loose: Any = {"batch": batch, "transact": transact, "get": transact_get, "keep": maintain}

    for verb, query, said in (
        ("transact", find(products), "give put, insert, update, delete or maintain"),
        ("transact", batch(gone), "is no write"),
        ("keep", get(products, store.ProductKey(1)), "is no write"),
        ("keep", maintain(gone), "maintained already"),
        ("batch", base, "only put and delete have"),
        ("batch", maintain(base), "only put and delete have"),
        ("batch", gone.when(products.price > 1), "which no batch can hold: use transact"),
        ("get", find(products), "a transactional read takes get"),
    ):
        with pytest.raises((TypeError, ValueError), match=said):
            loose[verb](query)
