"""Several writes or reads at once: batches, transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from dalkit import (
    Success,
    batch,
    count,
    delete,
    get,
    insert,
    maintain,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.result import (
    ConditionFailed,
    InvalidValue,
    NotFound,
    PartlyDone,
    TransactionCancelled,
    Unsupported,
)
from dalkit.run.backend import Backend

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_a_batch_writes_and_deletes(db: Backend, zoo: Any, note: Any) -> None:
    """In no order; what is not there to be deleted does not matter."""
    n = zoo.notes
    db.run(put(n, note(1))).unwrap()
    answer = db.run(
        batch(
            delete(n, zoo.NoteKey(1)), delete(n, zoo.NoteKey(9)), *(put(n, note(k)) for k in (2, 3))
        )
    )

    assert answer == Success(None)
    assert db.run(count(n).allow_scan()) == Success(2)
    assert db.run(batch()) == Success(None)


def test_a_batch_does_what_can_be_done(db: Backend, zoo: Any, note: Any) -> None:
    """Each write is by itself; the failure tells which were not done, and why."""
    n = zoo.notes
    error = db.run(batch(put(n, note(1, number=2**40)), put(n, note(2)))).failure()

    assert isinstance(error, PartlyDone)
    assert (error.done, error.left) == ((1,), (0,))
    assert isinstance(error.reasons[0], InvalidValue)
    assert isinstance(db.run(get(n, zoo.NoteKey(2))), Success)


def test_a_batch_that_does_nothing_tells_why(db: Backend, zoo: Any, note: Any) -> None:
    """The first error is the answer where not one write is done."""
    n = zoo.notes
    error = db.run(batch(put(n, note(1, number=2**40)), put(n, note(2, number=2**40)))).failure()

    assert isinstance(error, InvalidValue)
    assert db.run(count(n).allow_scan()) == Success(0)


def test_the_last_of_one_record_in_a_batch_is_done(db: Backend, zoo: Any, note: Any) -> None:
    """The writes before it are left out, and fail only with it."""
    n = zoo.notes
    db.run(put(n, note(1))).unwrap()
    writes = (put(n, note(1, number=1)), put(n, note(2)), delete(n, zoo.NoteKey(1)))

    assert db.run(batch(*writes, put(n, note(2, number=2)))) == Success(None)
    assert db.run(get(n, zoo.NoteKey(2))).unwrap().number == 2
    assert db.run(count(n).allow_scan()) == Success(1)
    bad = db.run(batch(*writes, put(n, note(2, number=2**40)))).failure()
    assert isinstance(bad, PartlyDone)
    assert bad.left == (1, 3)


def _checkout(store: Any, order: Any, quantity: int) -> Any:
    line = store.OrderItem(
        order_item_id=1, product_id=1, quantity=quantity, price_at_time=Decimal("2.50")
    )
    p = store.products
    stock = update(p, store.ProductKey(1)).add(p.inventory_quantity, -quantity)
    return transact(
        insert(store.orders, order(1, order_items=(line,))),
        stock.when(p.inventory_quantity >= quantity),
        delete(store.cart_items, store.CartItemKey(1, 1)),
    )


def test_a_transaction_does_all(shop: Backend, store: Any, order: Any) -> None:
    """And answers the keys in the writes' order."""
    answer = shop.run(_checkout(store, order, 3))
    order_key, product_key = store.OrderKey(1, NOON, 1), store.ProductKey(1)

    assert answer == Success((order_key, product_key, store.CartItemKey(1, 1)))
    assert shop.run(get(store.products, product_key)).unwrap().inventory_quantity == 0
    assert isinstance(shop.run(get(store.orders, order_key)), Success)
    assert shop.run(transact()) == Success(())


def test_a_transaction_does_nothing_if_one_write_cannot_be_done(
    shop: Backend, store: Any, order: Any, product: Any
) -> None:
    """The failure has a reason for each write, with the old record."""
    error = shop.run(_checkout(store, order, 4)).failure()

    assert isinstance(error, TransactionCancelled)
    assert [type(one) for one in error.reasons] == [type(None), ConditionFailed, type(None)]
    assert getattr(error.reasons[1], "record", None) == product(1)
    assert "write 2 of 3" in str(error)
    assert shop.run(count(store.orders).allow_scan()) == Success(0)


def test_a_transaction_tells_all_reasons(shop: Backend, store: Any, user: Any) -> None:
    """A record that is there, a unique value that is taken, a record that is not there."""
    u = store.users
    error = shop.run(
        transact(
            insert(u, user(1)),
            put(u, user(3, email="user2@example.com")),
            update(u, store.UserKey(9)).set(u.username, "x"),
            maintain(put(u, user(4))),
        )
    ).failure()

    assert isinstance(error, TransactionCancelled)
    found = [type(one) for one in error.reasons]
    assert found == [ConditionFailed, ConditionFailed, NotFound, type(None)]
    assert getattr(error.reasons[1], "unique", None) == "email"
    assert shop.run(count(u).allow_scan()) == Success(2)


def test_two_writes_of_a_transaction_cannot_share_what_is_unique(
    db: Backend, store: Any, user: Any
) -> None:
    """The later one is the reason."""
    u = store.users
    error = db.run(transact(*(insert(u, user(k, username="same")) for k in (1, 2)))).failure()

    assert isinstance(error, TransactionCancelled)
    assert error.reasons[0] is None
    assert getattr(error.reasons[1], "unique", None) == "username"


def _given_over(zoo: Any, note: Any) -> dict[str, Any]:
    """The first note gives up its title, the second another one, the third takes the first's."""
    n = zoo.notes
    return {
        "gives": put(n, note(1, owner="o", title="new")),
        "other": update(n, zoo.NoteKey(2)).set(n.title, "else"),
        "takes": insert(n, note(3, owner="o", title="one")),
    }


@pytest.mark.parametrize("turns", list(permutations(("gives", "other", "takes"))), ids="-".join)
def test_a_write_takes_what_one_before_it_gives_up(
    db: Backend, zoo: Any, note: Any, turns: tuple[str, ...]
) -> None:
    """Unique values are judged in the writes' order; nobody else can have them afterwards."""
    n, writes = zoo.notes, _given_over(zoo, note)
    for key, title in ((1, "one"), (2, "two")):
        db.run(put(n, note(key, owner="o", title=title))).unwrap()
    answer = db.run(transact(*(writes[one] for one in turns)))

    if turns.index("takes") < turns.index("gives"):
        error = answer.failure()
        assert isinstance(error, TransactionCancelled)
        refused = [getattr(one, "unique", None) for one in error.reasons]
        assert refused == ["owner, title" if one == "takes" else None for one in turns]
        assert db.run(get(n, zoo.NoteKey(1))).unwrap().title == "one"
        return
    assert isinstance(answer, Success)
    again = db.run(insert(n, note(4, owner="o", title="one"))).failure()
    assert getattr(again, "unique", None) == "owner, title"
    assert isinstance(db.run(insert(n, note(5, owner="o", title="two"))), Success)


def test_what_is_not_given_up_is_not_taken(db: Backend, zoo: Any, note: Any) -> None:
    """Where the write that would give it up cannot be done, both are told why."""
    n, writes = zoo.notes, _given_over(zoo, note)
    db.run(put(n, note(1, owner="o", title="one"))).unwrap()
    gives = writes["gives"].when(n.number == 7)
    error = db.run(transact(gives, writes["takes"])).failure()

    assert isinstance(error, TransactionCancelled)
    assert [getattr(one, "unique", None) for one in error.reasons] == ["", "owner, title"]
    assert getattr(error.reasons[0], "record", None) == note(1, owner="o", title="one")


def test_what_is_not_taken_after_all_is_free_for_the_next(db: Backend, zoo: Any, note: Any) -> None:
    """Of two that want it the second fails only if the first one could have it."""
    n = zoo.notes
    both = (put(n, note(k, owner="o", title="one")).when(n.number == k) for k in (1, 2))
    db.run(put(n, note(1))).unwrap()
    db.run(put(n, note(2, number=2))).unwrap()
    error = db.run(transact(*both)).failure()

    assert isinstance(error, TransactionCancelled)
    assert [getattr(one, "unique", None) for one in error.reasons] == ["", None]


def test_values_are_exchanged_by_way_of_another(db: Backend, zoo: Any, note: Any) -> None:
    """Each write takes what the one before it gives up."""
    n = zoo.notes
    for key in (1, 2, 3):
        db.run(put(n, note(key, owner="o", title=str(key)))).unwrap()
    moves = (update(n, zoo.NoteKey(k)).set(n.title, str(k - 1)) for k in (1, 2, 3))
    db.run(transact(*moves)).unwrap()
    taken = [db.run(insert(n, note(9, owner="o", title=str(k)))) for k in (0, 1, 2, 3)]

    assert [isinstance(one, Success) for one in taken] == [False, False, False, True]


def test_one_record_twice_in_a_transaction_is_refused(db: Backend, zoo: Any, note: Any) -> None:
    """Also where a move ends on it."""
    n, key = zoo.notes, zoo.NoteKey(1)
    db.run(put(n, note(1))).unwrap()
    both = transact(update(n, key).set(n.number, 1), delete(n, key))
    met = transact(update(n, key).set(n.id, 2), insert(n, note(2)))

    assert isinstance(db.run(both).failure(), Unsupported)
    assert isinstance(db.run(met).failure(), Unsupported)
    assert db.run(get(n, key)) == Success(note(1))


def test_records_are_read_as_they_were_at_one_moment(shop: Backend, store: Any) -> None:
    """As a tuple; None where there is none."""
    u, p = store.users, store.products
    answer = shop.run(
        transact_get(
            get(u, store.UserKey(1)).select(u.username),
            get(u, store.UserKey(9)),
            get(p, store.ProductKey(2)).select(p.product_id),
        )
    )

    assert answer == Success((("user1",), None, (2,)))
    assert shop.run(transact_get()) == Success(())


def test_a_record_that_an_update_inserts_has_the_key_it_was_given(
    db: Backend, gap: Callable[..., bool], zoo: Any
) -> None:
    """Where there is none, no key is changed, though the update would change it."""
    m, key = zoo.marks, zoo.MarkKey(owner="o", n=1)
    empty = dict.fromkeys(("word", "score", "place", "at", "price"))
    mark = zoo.Mark(owner="o", n=1, kind="a", **empty)
    write = update(m, key).add(m.n, 1).or_insert(mark)
    first = db.run(transact(write))
    if gap(first, mysql="a change of the key stands alone"):
        return

    assert first == Success((key,))
    assert db.run(get(m, key)) == Success(mark)
    assert db.run(transact(write)) == Success((zoo.MarkKey(owner="o", n=2),))
    assert isinstance(db.run(get(m, key)).failure(), NotFound)
