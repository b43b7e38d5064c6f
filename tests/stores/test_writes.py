"""Writes of one record: what they answer, what they refuse, what is there afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dalkit import Success, count, delete, find, get, insert, maintain, put, update
from dalkit.result import ConditionFailed, InvalidValue, ItemTooLarge, KeyTooLarge, NotFound
from dalkit.run.backend import Backend

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_put_answers_the_record_as_stored(db: Backend, zoo: Any, note: Any) -> None:
    """In canonical form: a price has its two digits, an empty set is none."""
    given = note(1, price=Decimal("1.5"), tags=frozenset(), seen=NOON)
    answer = db.run(put(zoo.notes, given)).unwrap()

    assert str(answer.price) == "1.50"
    assert answer.tags is None
    assert db.run(get(zoo.notes, zoo.NoteKey(1))) == Success(answer)


def test_put_takes_the_place_of_the_record(db: Backend, zoo: Any, note: Any) -> None:
    """All of it: what is not given again is not there any more."""
    db.run(put(zoo.notes, note(1, title="x", number=1))).unwrap()
    db.run(put(zoo.notes, note(1, number=2))).unwrap()
    found = db.run(get(zoo.notes, zoo.NoteKey(1))).unwrap()

    assert (found.title, found.number) == (None, 2)
    assert db.run(count(zoo.notes).allow_scan()) == Success(1)


def test_insert_refuses_a_record_that_is_there(shop: Backend, store: Any, order: Any) -> None:
    """With the record that is there, which stays."""
    first, second = order(1), order(1, total_amount=Decimal("9.00"))
    key = store.OrderKey(1, NOON, 1)

    assert shop.run(insert(store.orders, first)) == Success(first)
    error = shop.run(insert(store.orders, second)).failure()
    assert isinstance(error, ConditionFailed)
    assert error.record == first
    assert shop.run(get(store.orders, key)) == Success(first)


@pytest.mark.parametrize("verb", [put, insert])
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"title": "x" * 101}, InvalidValue),
        ({"price": Decimal("1.005")}, InvalidValue),
        ({"number": 2**31}, InvalidValue),
        ({"tree": {"a": ({"": 1},)}}, InvalidValue),
        ({"tree": {"a": "x" * 410_000}}, ItemTooLarge),
        ({"seen": datetime(2026, 1, 1)}, InvalidValue),
    ],
)
def test_what_a_store_cannot_hold_is_refused(
    db: Backend, zoo: Any, note: Any, verb: Any, given: dict[str, Any], error: type[Any]
) -> None:
    """Each with its own error, and nothing is written."""
    answer = db.run(verb(zoo.notes, note(1, **given)))

    assert isinstance(answer.failure(), error)
    assert db.run(count(zoo.notes).allow_scan()) == Success(0)


def test_a_key_that_no_item_can_have_is_refused(db: Backend, zoo: Any) -> None:
    """Also where it is only read or deleted by."""
    key = zoo.LooseKey("x" * 1_500, "y" * 1_500)

    for query in (get(zoo.loose, key), delete(zoo.loose, key), update(zoo.loose, key)):
        assert isinstance(db.run(query).failure(), (KeyTooLarge, InvalidValue))


@pytest.mark.parametrize(
    ("build", "done"),
    [
        (lambda n: [n.number == 1], True),
        (lambda n: [n.number == 1, n.title == "y"], False),
        (lambda n: [n.price == 1], False),
        (lambda n: [~(n.price == 1)], False),
        (lambda n: [n.price.is_none()], True),
    ],
)
@pytest.mark.parametrize("verb", ["put", "update", "delete"])
def test_a_write_is_done_only_if_its_condition_is_true(
    db: Backend, zoo: Any, note: Any, verb: str, build: Callable[[Any], list[Any]], done: bool
) -> None:
    """Unknown is not true; the failure has the record as it is."""
    n, key = zoo.notes, zoo.NoteKey(1)
    old = db.run(put(n, note(1, number=1, title="x"))).unwrap()
    writes: dict[str, Any] = {
        "put": put(n, note(1, number=2)),
        "update": update(n, key).set(n.number, 2),
        "delete": delete(n, key),
    }
    answer = db.run(writes[verb].when(*build(n)))

    assert isinstance(answer, Success) is done
    if not done:
        assert answer.failure() == ConditionFailed("Notes", "id = 1", record=old)
        assert db.run(get(n, key)) == Success(old)


def test_where_no_record_is_all_is_none(db: Backend, zoo: Any, note: Any) -> None:
    """For the conditions of put and delete."""
    n, key = zoo.notes, zoo.NoteKey(1)
    refused = db.run(put(n, note(1)).when(n.number == 1)).failure()

    assert isinstance(refused, ConditionFailed)
    assert refused.record is None
    assert isinstance(db.run(delete(n, key).when(n.id.exists())).failure(), ConditionFailed)
    assert db.run(delete(n, key).when(n.number.is_none())) == Success(False)
    assert isinstance(db.run(put(n, note(1)).when(~n.id.exists())), Success)


def test_delete_answers_whether_there_was_a_record(db: Backend, zoo: Any, note: Any) -> None:
    """A second time there is none."""
    db.run(put(zoo.notes, note(1))).unwrap()
    answers = [db.run(delete(zoo.notes, zoo.NoteKey(1))) for _ in range(2)]

    assert answers == [Success(True), Success(False)]
    assert isinstance(db.run(get(zoo.notes, zoo.NoteKey(1))).failure(), NotFound)


@pytest.mark.parametrize(
    ("build", "name", "value"),
    [
        (lambda u, n: u.set(n.title, "y"), "title", "y"),
        (lambda u, n: u.set(n.title, None), "title", None),
        (lambda u, n: u.set_if_absent(n.title, "y"), "title", "x"),
        (lambda u, n: u.set_if_absent(n.ratio, 0.5), "ratio", 0.5),
        (lambda u, n: u.remove(n.title), "title", None),
        (lambda u, n: u.add(n.number, 2), "number", 3),
        (lambda u, n: u.add(n.number, -2), "number", -1),
        (lambda u, n: u.add(n.price, Decimal("0.05")), "price", Decimal("1.55")),
        (lambda u, n: u.add(n.ratio, 0.25), "ratio", 0.25),
        (lambda u, n: u.add_members(n.tags, "y", "x"), "tags", frozenset({"x", "y"})),
        (lambda u, n: u.remove_members(n.tags, "z"), "tags", frozenset({"x"})),
        (lambda u, n: u.remove_members(n.tags, "x"), "tags", None),
        (lambda u, n: u.remove(n.tags), "tags", None),
        (lambda u, n: u, "number", 1),
    ],
)
def test_an_update_makes_each_change(
    db: Backend, zoo: Any, note: Any, build: Callable[[Any, Any], Any], name: str, value: Any
) -> None:
    """It answers the record as stored, and nothing else of it changes."""
    n, key = zoo.notes, zoo.NoteKey(1)
    given = note(1, title="x", number=1, price=Decimal("1.50"), tags=frozenset({"x"}))
    old = db.run(put(n, given)).unwrap()
    new = db.run(build(update(n, key), n)).unwrap()
    fields = ("id", "owner", "title", "number", "price", "ratio", "tags", "tree")

    assert getattr(new, name) == value
    assert db.run(get(n, key)) == Success(new)
    assert all(getattr(new, one) == getattr(old, one) for one in fields if one != name)


@pytest.mark.parametrize(
    ("build", "tree"),
    [
        (lambda u, t: u.set(t.at("n"), "y"), {"n": "y", "l": (1, 2, 3), "m": {"a": 1}}),
        (lambda u, t: u.set(t.at("z"), None), {"n": 1, "l": (1, 2, 3), "m": {"a": 1}, "z": None}),
        (lambda u, t: u.add(t.at("n"), Decimal("0.5")).remove(t.at("m")),
         {"n": Decimal("1.5"), "l": (1, 2, 3)}),
        (lambda u, t: u.add(t.at("m").at("b"), 4),
         {"n": 1, "l": (1, 2, 3), "m": {"a": 1, "b": 4}}),
        (lambda u, t: u.append(t.at("l"), "x"), {"n": 1, "l": (1, 2, 3, "x"), "m": {"a": 1}}),
        (lambda u, t: u.remove(t.at("l").at(0)).remove(t.at("l").at(1)),
         {"n": 1, "l": (3,), "m": {"a": 1}}),
        (lambda u, t: u.remove(t.at("l").at(0)).set(t.at("l").at(2), "x"),
         {"n": 1, "l": (2, "x"), "m": {"a": 1}}),
        (lambda u, t: u.set(t.at("l").at(9), 9).set(t.at("l").at(7), 7),
         {"n": 1, "l": (1, 2, 3, 7, 9), "m": {"a": 1}}),
        (lambda u, t: u.remove(t.at("q").at("r")), {"n": 1, "l": (1, 2, 3), "m": {"a": 1}}),
        (lambda u, t: u.set(t, {"x": ()}), {"x": ()}),
    ],
)  # fmt: skip
def test_an_update_reaches_into_json(
    db: Backend, zoo: Any, note: Any, build: Callable[[Any, Any], Any], tree: Any
) -> None:
    """Every place means the record as it was; past its end a list grows."""
    n = zoo.notes
    db.run(put(n, note(1, tree={"n": 1, "l": (1, 2, 3), "m": {"a": 1}}))).unwrap()
    new = db.run(build(update(n, zoo.NoteKey(1)), n.tree)).unwrap()

    assert new.tree == tree


@pytest.mark.parametrize(
    "build",
    [
        lambda u, t: u.set(t.at("q").at("r"), 1),
        lambda u, t: u.set(t.at("l").at(9).at("r"), 1),
        lambda u, t: u.set(t.at("n").at("r"), 1),
        lambda u, t: u.add(t.at("m"), 1),
        lambda u, t: u.add(t.at("n"), Decimal("1E-1000")),
        lambda u, t: u.append(t.at("n"), 1),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    db: Backend, zoo: Any, note: Any, build: Callable[[Any, Any], Any]
) -> None:
    """With the place in the failure, and the record unchanged."""
    n, key = zoo.notes, zoo.NoteKey(1)
    old = db.run(put(n, note(1, tree={"n": 1, "l": (), "m": {}}))).unwrap()
    error = db.run(build(update(n, key), n.tree)).failure()

    assert isinstance(error, InvalidValue)
    assert error.where.startswith("tree.")
    assert db.run(get(n, key)) == Success(old)


def test_a_value_that_is_not_needed_is_no_fault(db: Backend, zoo: Any) -> None:
    """An index takes no empty text, but where there is a word none is set."""
    m, key = zoo.marks, zoo.MarkKey("o", 1)
    empty = dict.fromkeys(("score", "place", "at", "price"))
    for word in ("x", None):
        db.run(put(m, zoo.Mark(owner="o", n=1, word=word, kind="a", **empty))).unwrap()
        answer = db.run(update(m, key).set_if_absent(m.word, ""))

        assert isinstance(answer, Success) is (word is not None)
        assert db.run(get(m, key)).unwrap().word == word


def test_an_update_changes_child_rows(shop: Backend, store: Any, order: Any) -> None:
    """Elements are appended, changed and removed, all by the list as it was."""
    o = store.orders
    first, second, third = (
        store.OrderItem(order_item_id=n, product_id=1, quantity=n, price_at_time=Decimal("1.00"))
        for n in (1, 2, 3)
    )
    shop.run(put(o, order(1, order_items=(first, second)))).unwrap()
    change = update(o, store.OrderKey(1, NOON, 1))
    shop.run(change.append(o.order_items, third)).unwrap()
    found = shop.run(
        change.remove(o.order_items[0]).set(o.order_items[2].at("quantity"), 9)
    ).unwrap()

    assert [(one.order_item_id, one.quantity) for one in found.order_items] == [(2, 2), (3, 9)]


def test_an_update_never_makes_a_record(db: Backend, zoo: Any, note: Any) -> None:
    """It is NotFound, unless it says what to insert: then that, without the changes."""
    n, key = zoo.notes, zoo.NoteKey(1)
    plain = update(n, key).add(n.number, 5)

    assert isinstance(db.run(plain).failure(), NotFound)
    assert db.run(count(n).allow_scan()) == Success(0)
    assert db.run(plain.or_insert(note(1, number=1))).unwrap().number == 1
    assert db.run(plain.or_insert(note(1, number=1))).unwrap().number == 6


def test_a_change_of_the_key_moves_the_record(shop: Backend, store: Any, order: Any) -> None:
    """To a key that is free; where another record is, nothing changes."""
    o = store.orders
    for number in (1, 2):
        shop.run(put(o, order(number))).unwrap()
    taken = shop.run(update(o, store.OrderKey(1, NOON, 1)).set(o.order_id, 2)).failure()
    later = NOON + timedelta(days=1)
    moved = shop.run(update(o, store.OrderKey(1, NOON, 1)).set(o.created_at, later)).unwrap()
    found = shop.run(find(o).where(o.user_id == 1).order_by(o.created_at)).unwrap()

    assert isinstance(taken, ConditionFailed)
    assert "order_id = 2" in taken.key
    assert taken.record == order(2)
    assert moved.created_at == later
    assert [one.order_id for one in found.items] == [2, 1]
    assert isinstance(shop.run(get(o, store.OrderKey(1, NOON, 1))).failure(), NotFound)


def test_what_is_unique_stays_unique(shop: Backend, store: Any, user: Any) -> None:
    """In put, insert and update; the failure names the fields; a value given up is free."""
    u = store.users
    third = user(3, username="user1")
    for write in (
        put(u, third),
        insert(u, third),
        update(u, store.UserKey(2)).set(u.username, "user1"),
    ):
        error = shop.run(write).failure()
        assert isinstance(error, ConditionFailed)
        assert error.unique == "username"
    shop.run(update(u, store.UserKey(1)).set(u.username, "other")).unwrap()

    assert isinstance(shop.run(insert(u, third)), Success)
    assert shop.run(delete(u, store.UserKey(2))) == Success(True)
    assert isinstance(shop.run(insert(u, user(4, email="user2@example.com"))), Success)


def test_what_is_unique_together_may_repeat_apart(db: Backend, zoo: Any, note: Any) -> None:
    """And None is equal to nothing; text differs by code point."""
    n = zoo.notes
    kept = [
        note(1, owner="a", title="x"),
        note(2, owner="b", title="x"),
        note(3, owner="a", title="X"),
        note(4, owner="a"),
        note(5, owner="a"),
    ]
    for one in kept:
        db.run(insert(n, one)).unwrap()
    error = db.run(insert(n, note(6, owner="a", title="x"))).failure()

    assert isinstance(error, ConditionFailed)
    assert error.unique == "owner, title"
    assert isinstance(db.run(put(n, note(1, owner="a", title="x", number=1))), Success)


def test_a_version_is_counted_and_checked(db: Backend, zoo: Any, note: Any) -> None:
    """Each write over a record adds one; a put of an old version is refused."""
    n, key = zoo.notes, zoo.NoteKey(1)
    first = db.run(insert(n, note(1, version=7))).unwrap()
    second = db.run(put(n, note(1, version=7, number=1))).unwrap()
    third = db.run(update(n, key).set(n.number, 2)).unwrap()
    stale = db.run(put(n, note(1, version=7, number=3))).failure()

    assert [one.version for one in (first, second, third)] == [7, 8, 9]
    assert isinstance(stale, ConditionFailed)
    assert stale.record == third
    assert db.run(get(n, key)) == Success(third)


def test_an_expired_record_is_no_record(db: Backend, zoo: Any, note: Any, clock: Any) -> None:
    """From its moment on: for reads, for conditions, for what is unique."""
    n, key = zoo.notes, zoo.NoteKey(1)
    db.run(put(n, note(1, owner="a", title="x", expires=NOON + timedelta(hours=1)))).unwrap()
    db.run(put(n, note(2, owner="a"))).unwrap()
    before = db.run(count(n).allow_scan())
    clock.time = NOON + timedelta(hours=1)

    assert before == Success(2)
    assert db.run(count(n).allow_scan()) == Success(1)
    assert isinstance(db.run(get(n, key)).failure(), NotFound)
    assert isinstance(db.run(update(n, key).set(n.number, 1)).failure(), NotFound)
    assert isinstance(db.run(update(n, zoo.NoteKey(2)).set(n.title, "x")), Success)
    assert db.run(delete(n, key)) == Success(False)
    assert isinstance(db.run(insert(n, note(1))), Success)


def test_two_keys_of_one_text_are_refused(db: Backend, zoo: Any, backend: str) -> None:
    """The record that is there stays, and is not answered for the other key."""
    first = zoo.Loose(one="a#b", other="c", said="x")
    second = zoo.Loose(one="a", other="b#c", said="y")
    db.run(insert(zoo.loose, first)).unwrap()
    key = zoo.LooseKey("a", "b#c")
    if backend == "mysql":  # its key is the columns, and no text is made of them
        assert db.run(insert(zoo.loose, second)) == Success(second)
        assert db.run(get(zoo.loose, zoo.LooseKey("a#b", "c"))) == Success(first)
        return

    for verb in (put, insert):
        assert isinstance(db.run(verb(zoo.loose, second)).failure(), InvalidValue)
    assert isinstance(db.run(get(zoo.loose, key)).failure(), NotFound)
    assert isinstance(db.run(update(zoo.loose, key)).failure(), NotFound)
    assert db.run(delete(zoo.loose, key)) == Success(False)
    assert db.run(get(zoo.loose, zoo.LooseKey("a#b", "c"))) == Success(first)


def test_maintain_keeps_a_copy_true(shop: Backend, store: Any) -> None:
    """Where copies are stored it is written and answered; where they are computed it is dropped."""
    c = store.categories
    answer = shop.run(maintain(update(c, store.CategoryKey(1)).set(c.product_count, 2))).unwrap()

    assert answer is None or answer.product_count == 2
    assert shop.run(get(c, store.CategoryKey(1))).unwrap().product_count == 2


def test_what_an_item_holds_beside_the_contract_survives(
    db: Backend, zoo: Any, note: Any, gap: Any
) -> None:
    """Attributes that the contract does not know are kept by an update."""
    extra = {"other": {"S": "kept"}}
    first = db.run(put(zoo.notes, note(1, extra_=extra)))
    if gap(first, mysql="no column holds what the contract does not know"):
        return
    first.unwrap()
    answer = db.run(update(zoo.notes, zoo.NoteKey(1)).set(zoo.notes.number, 1))

    assert dict(answer.unwrap().extra_) == extra
