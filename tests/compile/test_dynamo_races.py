"""Writes that others overtake, numbers of new records, and what does not fit, beside memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from attrs import evolve

from dalkit import (
    Success,
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
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.result import Conflict

from .twins import BOTH, NOON, OF, L, M, N, P, Twins, U, Z, note, order, product, user


class Meddling:
    """A client that lets another writer in before each transaction."""

    def __init__(self, client: Any, meddle: Any, times: int) -> None:
        self._client = client
        self._meddle = meddle
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **said: Any) -> Any:
        """The transaction, after the other writer."""
        if self.times:
            self.times -= 1
            self._meddle(self.times)
        return self._client.transact_write_items(**said)


def test_an_overtaken_write_begins_again(twins: Twins) -> None:
    """It relies on nothing that is no longer so, and gives up in the end."""
    twins.run(insert(U, user(1)))
    client, table = twins.store.client, twins.store.prefix + "Users"

    def meddle(number: int) -> None:
        client.update_item(
            TableName=table,
            Key={"PK": {"S": "USER#1"}, "SK": {"S": "#META"}},
            UpdateExpression="SET password_hash = :h",
            ExpressionAttributeValues={":h": {"S": f"h{number}"}},
        )

    twins.store.client = meddling = Meddling(client, meddle, 3)
    change = update(U, M.UserKey(1)).set(U.email, "x@example.com")
    assert twins.store.run(change).password_hash == "h0"
    meddling.times = 1_000

    assert isinstance(twins.store.failure(change.set(U.username, "y")), Conflict)


def test_a_record_without_guards_is_written_all_the_same(twins: Twins) -> None:
    """And a guard that another owns is left alone when a record is deleted."""
    twins.store.run(insert(U, user(1)))
    client, table = twins.store.client, twins.store.prefix + "Users"
    guard = {
        name: {"S": "UNIQUE#USER#email~case-accent-1#user1@example.com"} for name in ("PK", "SK")
    }
    client.put_item(TableName=table, Item={**guard, "owner": {"S": "USER#2\n#META"}})
    client.delete_item(
        TableName=table,
        Key={name: {"S": "UNIQUE#USER#username~case-accent-1#user1"} for name in ("PK", "SK")},
    )

    assert twins.store.run(delete(U, M.UserKey(1))) is True
    assert twins.guards("Users") == {
        "UNIQUE#USER#email~case-accent-1#user1@example.com": "USER#2\n#META"
    }


def test_a_key_that_begins_as_a_guards_is_refused(twins: Twins) -> None:
    """A record would stand where dalkit keeps its own."""
    record = Z.Loose(one="UNIQUE", other="x", said=None)

    assert "guards and counters" in str(twins.store.failure(put(L, record)))


def new_user(name: str) -> Any:
    """A user whose number and times are not given."""
    names = {"username": name, "email": f"{name}@example.com", "password_hash": "x"}
    profile = M.UserProfile(first_name=None, last_name=None)
    return M.NewUser(**names, profile=profile, admin_group=None)


def test_new_records_are_numbered(twins: Twins) -> None:
    """One after the other; a whole record that is inserted raises the counter."""
    assert twins.run(insert(U, new_user("a"))).user_id == 1
    assert twins.run(insert(U, new_user("b"))) == evolve(twins.run(get(U, M.UserKey(2))))
    for query in (
        insert(U, new_user("a")),
        insert(U, user(10)),
        insert(U, user(7)),
        insert(U, new_user("c")),
        transact(
            insert(U, new_user("d")),
            insert(P, product(5)),
            maintain(insert(U, new_user("e"))),
        ),
        transact(insert(U, new_user("f")), insert(U, new_user("d"))),
        find(U).where(U.user_id > 0).allow_scan().order_by(U.user_id),
    ):
        twins.run(query)
    counter = {name: {"S": "COUNTER#USER#user_id"} for name in ("PK", "SK")}
    table = twins.store.prefix + "Users"

    assert twins.store.client.get_item(TableName=table, Key=counter)["Item"]["value"]["N"] == "15"


def test_a_new_record_needs_the_moment() -> None:
    """Which a backend gives; without one the query is refused with the remedy."""
    failure = to_dynamodb(insert(U, new_user("a"))).failure()

    assert "give Settings(now=…)" in str(failure)


def test_what_does_not_fit_is_refused(twins: Twins) -> None:
    """A sum outside its column, a change inside what is not there; the condition comes first."""
    key, of = Z.NoteKey(1), update(N, Z.NoteKey(1))
    item = M.OrderItem(order_item_id=1, product_id=1, quantity=1, price_at_time=Decimal("1.00"))
    twins.run(put(N, note(1, number=2**31 - 5, price=Decimal("-9999999999.99"))))
    twins.run(put(OF, order(1, order_items=(item,))))
    of_order = update(OF, M.OrderKey(1, NOON, 1))
    inside = OF.order_items
    for query in (
        of.add(N.number, 5),
        of.add(N.number, 4),
        of.add(N.number, 1).when(N.owner == "no"),
        of.add(N.number, 1).when(N.owner == "o1"),
        of.add(N.number, -(2**31)).add(N.price, Decimal("-0.01")),
        of.add(N.price, Decimal("0.01")),
        of.remove(N.price),
        of.add(N.price, 2).add(N.number, -(2**31)),
        transact(of.add(N.number, -(2**31)), put(P, product(9))),
        update(N, Z.NoteKey(9)).add(N.number, 1),
        of_order.set(inside[3].at("quantity"), 5),
        of_order.set(inside[3].at("quantity"), 5).when(OF.order_status == "completed"),
        of_order.add(inside[0].at("quantity"), 2**31 - 2),
        of_order.add(inside[0].at("quantity"), 2**31 - 2),
        of_order.set(inside[5], item),
        get(N, key),
        find(OF).where(OF.user_id == 1),
    ):
        twins.run(query)


def test_one_of_many_wins(asked_dynamodb: Any) -> None:
    """Eight writers of one email: one has it, and one guard."""
    with asked_dynamodb(BOTH) as store, ThreadPoolExecutor(8) as pool:
        writes = [
            (insert if number % 2 else put)(U, user(number, email="same@example.com"))
            for number in range(8)
        ]
        found = list(pool.map(store.result, writes))
        twins = Twins(store)

        assert sum(isinstance(one, Success) for one in found) <= 1
        held = store.run(find(U).where(U.email == "same@example.com")).items
        guards = twins.guards("Users")
        assert guards.get("UNIQUE#USER#email~case-accent-1#same@example.com") == (
            f"USER#{held[0].user_id}\n#META" if held else None
        )
        assert len(guards) == 2 * len(held)


def test_whole_records_raise_the_counter(twins: Twins) -> None:
    """However they are stored, alone or together."""
    for query in (
        put(P, product(3)),
        insert(P, new_product()),
        put(P, product(3)),
        update(P, M.ProductKey(8)).add(P.price, 1).or_insert(product(8)),
        insert(P, new_product()),
        batch(put(P, product(20)), put(P, product(12))),
        insert(P, new_product()),
        transact(put(P, product(30)), update(P, M.ProductKey(41)).or_insert(product(41))),
        insert(P, new_product()),
        put(U, user(5)),
        put(U, user(5, username="b")),
        insert(U, new_user("c")),
        update(U, M.UserKey(9)).set(U.email, "d").or_insert(user(9)),
        insert(U, new_user("e")),
    ):
        twins.run(query)


def new_product() -> Any:
    """A product whose number and times are not given."""
    names = {"name": "lamp", "description": None, "image_url": None}
    return M.NewProduct(seller_id=1, category_id=1, price=Decimal("2.50"), **names)


def test_what_is_taken_out_need_not_be_there(twins: Twins) -> None:
    """Where nothing is, nothing changes."""
    item = M.OrderItem(order_item_id=1, product_id=1, quantity=1, price_at_time=Decimal("1.00"))
    twins.run(put(OF, order(1, order_items=(item,))))
    twins.run(put(U, user(1)))
    twins.run(put(N, note(1, tree={"a": {"b": 1}})))
    of = update(N, Z.NoteKey(1))
    for query in (
        update(OF, M.OrderKey(1, NOON, 1)).remove(OF.order_items[3]),
        update(OF, M.OrderKey(1, NOON, 1)).remove(OF.order_items[0]),
        update(U, M.UserKey(1)).remove(U.profile.at("first_name")),
        update(U, M.UserKey(1)).set(U.profile.at("last_name"), "Byron"),
        of.remove(N.tree.at("x").at("y")),
        of.remove(N.tree.at("a").at("b")),
        of.set(N.tree, None),
        of.remove(N.tree.at("a")),
        of.set(N.tree.at("a"), 1),
    ):
        twins.run(query)


def test_one_record_may_be_got_twice_at_one_moment(twins: Twins) -> None:
    """Whole, and some of its fields."""
    twins.run(put(P, product(1)))
    key = M.ProductKey(1)
    of = get(P, key)

    assert twins.run(transact_get(of, of.select(P.name), get(P, M.ProductKey(2)), of))[1] == (
        "lamp",
    )
