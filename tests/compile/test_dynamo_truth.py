"""Guards, versions, moves and expiry on the real store, beside memory's answers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from dalkit import (
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.result import ConditionFailed

from .twins import NOON, OF, L, M, N, P, Twins, U, Z, note, order, product, user


def test_a_unique_value_has_one_owner(twins: Twins) -> None:
    """In insert, put, update and delete; a value that was given up is free."""
    twins.run(insert(U, user(1)))
    twins.run(insert(U, user(2)))
    for write in (
        insert(U, user(3, email="user1@example.com")),
        put(U, user(3, username="user2")),
        put(U, user(2, email="user1@example.com")),
        update(U, M.UserKey(2)).set(U.username, "user1"),
        update(U, M.UserKey(2)).set(U.username, "user1").set(U.email, "user1@example.com"),
        insert(U, user(1, username="a", email="b")),
    ):
        assert isinstance(twins.run(write), ConditionFailed)
    twins.run(put(U, user(1, username="other")))
    twins.run(update(U, M.UserKey(2)).set(U.email, "new@example.com"))
    twins.run(insert(U, user(3, username="user1", email="user2@example.com")))
    twins.run(delete(U, M.UserKey(3)))
    twins.run(delete(U, M.UserKey(3)))

    assert twins.guards("Users") == {
        "UNIQUE#USER#username~case-accent-1#other": "USER#1\n#META",
        "UNIQUE#USER#email~case-accent-1#user1@example.com": "USER#1\n#META",
        "UNIQUE#USER#username~case-accent-1#user2": "USER#2\n#META",
        "UNIQUE#USER#email~case-accent-1#new@example.com": "USER#2\n#META",
    }
    twins.run(find(U).where(U.user_id > 0).allow_scan().order_by(U.user_id))


def test_an_update_of_other_fields_writes_no_guard() -> None:
    """It stays one UpdateItem."""
    call = to_dynamodb(update(U, M.UserKey(1)).set(U.is_seller, False)).unwrap()

    assert call.operation == "UpdateItem"


def test_conditions_stand_beside_guards(twins: Twins) -> None:
    """The condition's failure comes first, with the old record."""
    twins.run(insert(U, user(1)))
    twins.run(insert(U, user(2)))
    key = M.UserKey(2)
    seller = U.is_seller == False  # noqa: E712  # a predicate
    for write in (
        put(U, user(2, username="user1")).when(seller),
        put(U, user(9)).when(U.username.exists()),
        put(U, user(9)).when(U.username.is_none()),
        put(U, user(9)).when(U.username.is_none()),
        update(U, key).set(U.email, "x").when(seller),
        update(U, M.UserKey(8)).set(U.email, "x"),
        update(U, M.UserKey(8)).set(U.email, "x").or_insert(user(8, username="user1")),
        update(U, M.UserKey(8)).set(U.email, "x").or_insert(user(8)),
        update(U, M.UserKey(8)).set(U.is_seller, False).or_insert(user(8)),
        update(U, M.UserKey(7)).set(U.is_seller, False).or_insert(user(7)),
        delete(U, key).when(seller),
        delete(U, M.UserKey(6)).when(U.username.exists()),
        delete(U, M.UserKey(6)).when(U.username.is_none()),
        maintain(delete(U, key)),
    ):
        twins.run(write)
    assert len(twins.guards("Users")) == 8


def test_values_of_any_length_and_letters_are_guarded(twins: Twins) -> None:
    """Long ones by a hash, `#` and `%` apart, None not at all, text by code point."""
    kept = [
        note(1, owner="a", title="x"),
        note(2, owner="a", title="X"),
        note(3, owner="a#x", title="y"),
        note(4, owner="a", title="x#y"),
        note(5, owner="%23", title="𝄞" * 100),
        note(6, owner="#", title="𝄞" * 100),
        note(7, owner="a"),
        note(8, owner="a"),
    ]
    for one in kept:
        assert twins.run(insert(N, one)) == one
    for one in kept[:6]:
        again = evolve(one, id=one.id + 10)
        assert twins.run(insert(N, again)).unique == "owner, title"
    twins.run(update(N, Z.NoteKey(7)).set(N.title, "x"))
    twins.run(update(N, Z.NoteKey(7)).set(N.title, "z"))
    twins.run(update(N, Z.NoteKey(7)).remove(N.title))
    twins.run(update(N, Z.NoteKey(8)).set(N.title, "z"))


def test_a_version_is_counted_in_every_write(twins: Twins) -> None:
    """A put of another version fails with the record that is there."""
    key = Z.NoteKey(1)
    for write in (
        insert(N, note(1, version=7)),
        put(N, note(1, version=7, number=1)),
        put(N, note(1, version=7, number=2)),
        update(N, key).set(N.number, 3),
        update(N, key).set(N.title, "t"),
        put(N, note(1, version=9)).when(N.number == 4),
        put(N, note(1, version=10)),
        put(N, note(2, version=5)),
        transact(put(N, note(2, version=5)), update(N, key).add(N.number, 1)),
        transact(put(N, note(2, version=5)), update(N, key).add(N.number, 1)),
    ):
        twins.run(write)
    assert twins.run(get(N, key)).version == 12


ODD: Any = {
    "also": {"S": "kept"},
    "none": {"NULL": True},
    "numbers": {"NS": ["1", "20"]},
    "deep": {"L": [{"NULL": True}, {"SS": ["b", "a"]}, {"M": {"x": {"N": "-0.5"}}}]},
    "empty": {"M": {}},
    "raw": {"B": b"\x00"},
}
"""What another program wrote into an item."""


def test_records_move_with_what_they_hold(twins: Twins) -> None:
    """To a free key, with guards and unknown attributes; indexes follow."""
    twins.run(put(OF, order(1, extra_=ODD)))
    twins.run(put(OF, order(2)))
    key = M.OrderKey(1, NOON, 1)
    taken = twins.run(update(OF, key).set(OF.order_id, 2))
    later = NOON + timedelta(days=1)
    twins.run(update(OF, key).set(OF.created_at, later).set(OF.order_status, "completed"))
    twins.run(update(OF, key).set(OF.created_at, later))
    twins.run(update(OF, M.OrderKey(1, later, 1)).set(OF.created_at, later).add(OF.total_amount, 1))
    twins.run(find(OF).where(OF.user_id == 1))
    twins.run(find(OF).where(OF.order_status == "completed"))
    twins.run(insert(U, user(1, extra_=ODD)))
    twins.run(update(U, M.UserKey(1)).set(U.user_id, 5))
    twins.run(update(U, M.UserKey(5)).add(U.user_id, 1).set(U.email, "moved@example.com"))

    assert isinstance(taken, ConditionFailed)
    assert set(twins.guards("Users").values()) == {"USER#6\n#META"}
    assert len(twins.guards("Users")) == 2


def test_templates_are_rewritten_from_what_was_read(twins: Twins) -> None:
    """Where neither key nor change tells the other parts of an index's key."""
    twins.run(put(P, product(1)))
    twins.run(update(P, M.ProductKey(1)).add(P.seller_id, 4))
    twins.run(find(P).where(P.seller_id == 5))
    twins.run(find(P).where(P.seller_id == 1))
    twins.run(transact(update(P, M.ProductKey(1)).add(P.category_id, 2), put(P, product(2))))
    twins.run(find(P).where(P.category_id == 3))
    twins.run(update(P, M.ProductKey(9)).add(P.category_id, 2))


def test_what_has_expired_is_not_there(twins: Twins) -> None:
    """For reads, conditions, unique values; from its moment on."""
    twins.run(put(N, note(1, owner="a", title="x", expires=NOON + timedelta(hours=1))))
    twins.run(put(N, note(2, owner="a", expires=NOON + timedelta(hours=2))))
    twins.run(put(N, note(3, owner="b", title="y", expires=NOON + timedelta(hours=1))))
    key, every = Z.NoteKey(1), find(N).allow_scan().order_by(N.id)
    assert len(twins.run(every).items) == 3
    twins.now = NOON + timedelta(hours=1)
    for query in (
        every,
        get(N, key),
        get(N, key).select(N.owner),
        get_many(N, [key, Z.NoteKey(2)]),
        transact_get(get(N, key), get(N, Z.NoteKey(2))),
        update(N, key).set(N.number, 1),
        update(N, key).set(N.title, "z"),
        put(N, note(1, version=4)).when(N.owner.exists()),
        put(N, note(3, version=4, owner="c")).when(N.owner.is_none()),
        update(N, Z.NoteKey(2)).set(N.title, "x"),
        delete(N, key).when(N.owner.exists()),
        delete(N, key),
        delete(N, key),
        transact(insert(N, note(1, version=3, owner="b", title="y")), delete(N, Z.NoteKey(7))),
        update(N, Z.NoteKey(2)).set(N.expires, NOON + timedelta(hours=5)),
        every,
    ):
        twins.run(query)
    twins.now = NOON + timedelta(hours=4)
    assert isinstance(twins.run(insert(N, note(9, owner="a", title="x"))), ConditionFailed)
    twins.now = NOON + timedelta(hours=5)
    assert twins.run(insert(N, note(9, owner="a", title="x"))).id == 9
    twins.run(every)


def test_two_keys_of_one_text_are_kept_apart(twins: Twins) -> None:
    """The record that is there stays, and is not answered for the other key."""
    first = Z.Loose(one="a#b", other="c", said="x")
    second = Z.Loose(one="a", other="b#c", said="y")
    key = Z.LooseKey("a", "b#c")
    twins.run(insert(L, first))
    for query in (
        put(L, second),
        insert(L, second),
        get(L, key),
        get_many(L, [key, Z.LooseKey("a#b", "c")]),
        update(L, key).set(L.said, "z"),
        update(L, key).set(L.one, "z"),
        delete(L, key),
        delete(L, key).when(L.said.exists()),
        get(L, Z.LooseKey("a#b", "c")),
        put(L, evolve(first, said="z")),
        update(L, Z.LooseKey("a#b", "c")).set(L.one, "z"),
        delete(L, Z.LooseKey("z", "c")),
    ):
        twins.run(query)


def test_transactions_fail_alike(twins: Twins) -> None:
    """Which write, which condition, with the old record; nothing is done."""
    for one in (user(1), user(2)):
        twins.run(insert(U, one))
    twins.run(put(P, product(1)))
    for query in (
        transact(
            insert(U, user(1)),
            put(U, user(3, email="user2@example.com")),
            update(U, M.UserKey(9)).set(U.username, "x"),
            maintain(put(U, user(4))),
        ),
        transact(*(insert(U, user(k, username="same")) for k in (5, 6))),
        transact(insert(U, user(7, username="user1")), delete(U, M.UserKey(1))),
        transact(
            update(P, M.ProductKey(1)).add(P.inventory_quantity, -5).when(P.inventory_quantity > 4),
            delete(U, M.UserKey(1)),
        ),
        transact(update(U, M.UserKey(2)).set(U.username, "b"), delete(U, M.UserKey(8))),
        transact(update(U, M.UserKey(8)).set(U.username, "c").or_insert(user(8))),
        transact(put(U, user(9, username="user1")), put(P, product(3, price=Decimal("1e20")))),
        transact(put(U, user(1)), delete(U, M.UserKey(1))),
        transact(update(U, M.UserKey(1)).set(U.user_id, 11), insert(U, user(11))),
        transact(update(U, M.UserKey(1)).set(U.user_id, 12), insert(P, product(4))),
        transact(update(U, M.UserKey(50)).set(U.user_id, 51), insert(U, user(51))),
        find(U).where(U.user_id > 0).allow_scan().order_by(U.user_id),
    ):
        twins.run(query)
    assert len(twins.guards("Users")) == 6
