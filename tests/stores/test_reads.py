"""Reads: what predicates are true for, the order of records, keys, chosen fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dalkit import Failure, Success, count, find, get, get_many, put
from dalkit.result import NotFound
from dalkit.run.backend import Backend

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


# What DynamoDB cannot be asked, by what a predicate says, and the reason that it is refused with.
UNASKED = {
    "title folded": "DynamoDB folds nothing",
    "size of title": "DynamoDB counts UTF-16 units",
    "spent <": "whose order is not that of the values",
}
SIZED = {"dynamodb": "DynamoDB counts UTF-16 units"}


@pytest.fixture
def notes(db: Backend, zoo: Any, note: Any) -> Backend:
    """Four notes: of one everything is None."""
    full = (
        note(
            1,
            title="b",
            number=1,
            price=Decimal("1.50"),
            ratio=0.5,
            done=True,
            sort="a",
            tags=frozenset({"x"}),
            raw=b"\x00\x01",
            day=date(2026, 1, 1),
            spent=timedelta(hours=-1),
            tree={"n": 1, "t": "xyz", "l": (1, "a"), "z": None, "b": True},
            seen=NOON,
        ),
        note(
            2,
            title="B",
            number=2,
            price=Decimal(10),
            ratio=1.0,
            done=False,
            sort="B",
            tags=frozenset({"x", "y"}),
            raw=b"\xff",
            day=date(2026, 1, 2),
            spent=timedelta(hours=1),
            tree={"n": "1", "l": ()},
            seen=NOON + timedelta(seconds=1),
        ),
        note(3),
        note(10, title="É a", number=-5, tree={"n": Decimal("2.5")}),
    )
    for one in full:
        db.run(put(zoo.notes, one)).unwrap()
    return db


@pytest.mark.parametrize(
    ("build", "ids"),
    [
        (lambda n: n.number == 1, {1}),
        (lambda n: n.number != 1, {2, 10}),
        (lambda n: ~(n.number == 1), {2, 10}),
        (lambda n: ~(n.number < 2), {2}),
        (lambda n: n.number <= 1, {1, 10}),
        (lambda n: n.price >= 10, {2}),
        (lambda n: n.price == Decimal("1.5"), {1}),
        (lambda n: n.ratio > 0.5, {2}),
        (lambda n: n.number.between(-5, 1), {1, 10}),
        (lambda n: ~n.number.between(-5, 1), {2}),
        (lambda n: n.number.is_in([1, 7]), {1}),
        (lambda n: ~n.number.is_in([1, 7]), {2, 10}),
        (lambda n: n.number.is_in([]), set()),
        (lambda n: ~n.number.is_in([]), {1, 2, 10}),
        (lambda n: n.title == "b", {1}),
        (lambda n: n.title < "b", {2}),
        (lambda n: n.title > "b", {10}),
        (lambda n: n.title == "b ", set()),
        (lambda n: n.title.begins_with("É"), {10}),
        (lambda n: n.title.contains(" "), {10}),
        (lambda n: n.title.contains(""), {1, 2, 10}),
        (lambda n: ~n.title.contains(" "), {1, 2}),
        (lambda n: n.title.folded() == "B", {1, 2}),
        (lambda n: n.title.folded().begins_with("E"), {10}),
        (lambda n: n.title.size() == 3, {10}),
        (lambda n: ~(n.title.size() == 3), {1, 2}),
        (lambda n: n.title.exists(), {1, 2, 10}),
        (lambda n: ~n.title.exists(), {3}),
        (lambda n: n.title.is_none(), {3}),
        (lambda n: n.done == True, {1}),  # noqa: E712  # as users write it
        (lambda n: n.done != True, {2}),  # noqa: E712  # as users write it
        (lambda n: n.sort < "b", {1, 2}),
        (lambda n: n.sort > "B", {1}),
        (lambda n: n.tags == frozenset({"y", "x"}), {2}),
        (lambda n: n.tags.is_in([frozenset({"x"}), frozenset()]), {1}),
        (lambda n: n.tags == frozenset(), set()),
        (lambda n: n.tags.contains("y"), {2}),
        (lambda n: ~n.tags.contains("y"), {1}),
        (lambda n: n.tags.size() > 1, {2}),
        (lambda n: n.raw.begins_with(b"\x00"), {1}),
        (lambda n: n.raw > b"\x00\x01", {2}),
        (lambda n: n.raw.size() == 2, {1}),
        (lambda n: n.day <= date(2026, 1, 1), {1}),
        (lambda n: n.spent < timedelta(0), {1}),
        (lambda n: n.seen > NOON, {2}),
        (lambda n: (n.number == 1) | (n.price >= 10), {1, 2}),
        (lambda n: (n.number == 1) & (n.title == "b"), {1}),
        (lambda n: ~((n.number == 1) & (n.title == "b")), {2, 10}),
        (lambda n: ~((n.price == 1) | (n.number == 9)), {1, 2}),
        (lambda n: ~((n.price == 1) & (n.number == 9)), {1, 2, 10}),
        (lambda n: n.price.is_none() | (n.number == 1), {1, 3, 10}),
    ],
)
def test_a_predicate_selects_what_it_is_true_for(
    notes: Backend, zoo: Any, gap: Any, build: Callable[[Any], Any], ids: set[int]
) -> None:
    """Whatever is compared with None is unknown, and text is compared by code point."""
    predicate = build(zoo.notes)
    answer = notes.run(find(zoo.notes).where(predicate).allow_scan())
    missing = next((one for said, one in UNASKED.items() if said in str(predicate)), None)
    if missing and gap(answer, dynamodb=missing):
        return
    found = answer.unwrap()

    assert {one.id for one in found.items} == ids
    assert notes.run(count(zoo.notes).where(predicate).allow_scan()) == Success(len(ids))


@pytest.mark.parametrize(
    ("build", "ids"),
    [
        (lambda t: t.at("n") == 1, {1}),
        (lambda t: t.at("n") != 1, {10}),
        (lambda t: ~(t.at("n") == 1), {10}),
        (lambda t: t.at("n") > 1, {10}),
        (lambda t: t.at("n") == "1", {2}),
        (lambda t: t.at("n").between("0", 5), set()),
        (lambda t: ~t.at("n").between("2", 1), {2, 10}),
        (lambda t: t.at("b") == 1, set()),
        (lambda t: t.at("b") == True, {1}),  # noqa: E712  # as users write it
        (lambda t: t.at("t").begins_with("xy"), {1}),
        (lambda t: t.at("z").is_none(), {1, 2, 3, 10}),
        (lambda t: t.at("t").exists(), {1}),
        (lambda t: t.at("l").at(0) == 1, {1}),
        (lambda t: t.at("l").at(7) == 1, set()),
        (lambda t: t.at("l").at("x").is_none(), {1, 2, 3, 10}),
    ],
)
def test_a_predicate_looks_into_json(
    notes: Backend, zoo: Any, build: Callable[[Any], Any], ids: set[int]
) -> None:
    """A value of another type than the one it is compared with is unknown; null is None."""
    found = notes.run(find(zoo.notes).where(build(zoo.notes.tree)).allow_scan()).unwrap()

    assert {one.id for one in found.items} == ids


@pytest.mark.parametrize(
    ("build", "ids", "gaps"),
    [
        (lambda t: t.at("l").size() == 2, {1}, SIZED),
        (lambda t: t.at("l").contains("a"), {1}, {}),
        (lambda t: t.at("l") == (1, "a"), {1}, {}),
        (lambda t: t.at("n").is_in([1, "1"]), {1, 2}, {}),
        (lambda t: t.size() == 1, {10}, SIZED),
    ],
)
def test_a_predicate_looks_at_whole_json(
    notes: Backend,
    zoo: Any,
    gap: Any,
    build: Callable[[Any], Any],
    ids: set[int],
    gaps: dict[str, str],
) -> None:
    """Arrays and objects are compared, searched and counted."""
    answer = notes.run(find(zoo.notes).where(build(zoo.notes.tree)).allow_scan())
    if gap(answer, **gaps):
        return

    assert {one.id for one in answer.unwrap().items} == ids


def test_a_predicate_looks_into_nested_records(
    shop: Backend, store: Any, order: Any, user: Any
) -> None:
    """By member and by index; an element that is not there is None."""
    line = store.OrderItem(order_item_id=1, product_id=2, quantity=3, price_at_time=Decimal(1))
    shop.run(put(store.orders, order(1, order_items=(line,)))).unwrap()
    shop.run(put(store.orders, order(2))).unwrap()
    orders = store.orders
    mine = find(orders).where(orders.user_id == 1)

    first = shop.run(mine.where(orders.order_items[0].at("quantity") == 3)).unwrap()
    empty = shop.run(mine.where(orders.order_items.size() == 0)).unwrap()
    named = count(store.users).where(store.users.profile.at("first_name") == "Ada")

    assert [one.order_id for one in first.items] == [1]
    assert [one.order_id for one in empty.items] == [2]
    assert shop.run(named.allow_scan()) == Success(2)


@pytest.mark.parametrize(
    ("build", "ids"),
    [
        (lambda n: [n.id], [1, 2, 3, 10]),
        (lambda n: [n.number], [3, 10, 1, 2]),
        (lambda n: [n.number.desc()], [2, 1, 10, 3]),
        (lambda n: [n.title], [3, 2, 1, 10]),
        (lambda n: [n.price], [10, 3, 1, 2]),
        (lambda n: [n.price.desc()], [2, 1, 3, 10]),
        (lambda n: [n.done, n.number.desc()], [10, 3, 2, 1]),
        (lambda n: [n.sort], [10, 3, 2, 1]),
        (lambda n: [n.raw.desc()], [2, 1, 3, 10]),
        (lambda n: [n.day.desc(), n.seen], [2, 1, 10, 3]),
        (lambda n: [n.spent], [10, 3, 1, 2]),
        (lambda n: [n.version], [1, 10, 2, 3]),
        (lambda n: [n.version.desc()], [3, 2, 10, 1]),
    ],
)
def test_order_is_total(
    notes: Backend, zoo: Any, build: Callable[[Any], list[Any]], ids: list[int]
) -> None:
    """None first; where all is equal by the key's stored text, the way the last order goes."""
    query = find(zoo.notes).order_by(*build(zoo.notes)).allow_scan()

    assert [one.id for one in notes.run(query).unwrap().items] == ids


def test_records_without_an_order_go_by_the_key(notes: Backend, zoo: Any, backend: str) -> None:
    """As it is stored; DynamoDB reads partitions in an order of its own."""
    found = [str(one.id) for one in notes.run(find(zoo.notes).allow_scan()).unwrap().items]

    assert (sorted(found) if backend == "dynamodb" else found) == ["1", "10", "2", "3"]


def test_a_record_is_got_by_its_key(notes: Backend, zoo: Any, note: Any) -> None:
    """As it was put; none is NotFound."""
    missing = notes.run(get(zoo.notes, zoo.NoteKey(4)))

    assert notes.run(get(zoo.notes, zoo.NoteKey(3))) == Success(note(3))
    assert missing == Failure(NotFound("Notes", "id = 4"))


def test_many_records_are_got_in_the_keys_order(notes: Backend, zoo: Any) -> None:
    """Those that there are, each once."""
    keys = [zoo.NoteKey(one) for one in (10, 4, 1, 10)]
    found = notes.run(get_many(zoo.notes, keys)).unwrap()

    assert [(key.id, one.id) for key, one in found.items()] == [(10, 10), (1, 1)]
    assert notes.run(get_many(zoo.notes, [])) == Success({})


def test_fields_are_answered_instead_of_records(notes: Backend, zoo: Any) -> None:
    """As a tuple in the order in which they were named."""
    n = zoo.notes
    two = find(n).where(n.number > 0).order_by(n.number).select(n.title, n.tree.at("n"))

    assert notes.run(two.allow_scan()).unwrap().items == (("b", 1), ("B", "1"))
    assert notes.run(get(n, zoo.NoteKey(1)).select(n.id)) == Success((1,))


def test_another_entity_of_the_table_is_never_answered(
    shop: Backend, store: Any, order: Any
) -> None:
    """Though its records stand in the same table, under the same partition."""
    shop.run(put(store.orders, order(1))).unwrap()
    found = shop.run(find(store.orders).where(store.orders.user_id == 1)).unwrap()

    assert [type(one) for one in found.items] == [store.Order]
    assert shop.run(count(store.cart_items).allow_scan()) == Success(0)
