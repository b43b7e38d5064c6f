"""Guards, versions, moves and expiry on the real store, beside memory's answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Success,
    batch,
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    transact_get,
    update,
)
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, Conflict, TransactionCancelled
from dalkit.run.memory import Memory, memory
from dalkit.schema.bookkeeping import GUARD
from dalkit.schema.definition import Schema

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def _schema(contract_path: Path, ddl_path: Path) -> Schema:
    contract, _ = read_contract(contract_path.read_text())
    source, _ = read_ddl(ddl_path.read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


STORE_AT = ROOT / "contracts" / "online_store"
ZOO_AT = ROOT / "tests" / "stores"
STORE = _schema(STORE_AT / "migrationContract.json", STORE_AT / "schema.sql")
ZOO = _schema(ZOO_AT / "zoo.json", ZOO_AT / "zoo.sql")
BOTH = Schema(tables=(*STORE.tables, *ZOO.tables), entities=(*STORE.entities, *ZOO.entities))
M: Any = records_module(STORE)
Z: Any = records_module(ZOO)
U, OF, P, N, L = M.users, M.orders, M.products, Z.notes, Z.loose


def user(user_id: int, **given: Any) -> Any:
    """A user by id; all else can be given."""
    plain = {
        "username": f"user{user_id}",
        "email": f"user{user_id}@example.com",
        "password_hash": "hush",
        "profile": M.UserProfile(first_name="Ada", last_name=None),
        "is_seller": True,
        "super_admin": False,
        "created_at": NOON,
        "updated_at": NOON,
        "admin_group": None,
    }
    return M.User(user_id=user_id, **{**plain, **given})


def order(order_id: int, **given: Any) -> Any:
    """An order of the first user by id."""
    plain = {
        "user_id": 1,
        "order_status": "pending",
        "total_amount": Decimal("5.00"),
        "order_items": (),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return M.Order(order_id=order_id, **{**plain, **given})


def product(product_id: int, **given: Any) -> Any:
    """A product of the first user by id."""
    plain = {
        "seller_id": 1,
        "category_id": 1,
        "name": "lamp",
        "description": None,
        "price": Decimal("2.50"),
        "inventory_quantity": 3,
        "image_url": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return M.Product(product_id=product_id, **{**plain, **given})


def note(note_id: int, **given: Any) -> Any:
    """A note by id, with nothing in it."""
    names = ("title", "number", "price", "ratio", "done", "sort", "tags", "raw", "day")
    plain = {**dict.fromkeys((*names, "spent", "tree", "seen", "expires")), "version": 0}
    return Z.Note(id=note_id, **{"owner": f"o{note_id}", **plain, **given})


class Twins:
    """A query is run on memory and on the store, which must answer alike."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.now = NOON
        self.memory: Memory = memory(BOTH, now=lambda: self.now)

    def run(self, query: Any) -> Any:
        """The answer or the error of both."""
        self.store.now = self.now
        wanted, found = self.memory.run(query), self.store.result(query)
        assert _told(found) == _told(wanted), str(query)
        return found.unwrap() if isinstance(found, Success) else found.failure()

    def guards(self, table: str) -> dict[str, str]:
        """The guards of a table: their keys, and their owners."""
        found = self.store.client.scan(TableName=self.store.prefix + table)["Items"]
        return {
            one["PK"]["S"]: one["owner"]["S"] for one in found if one["PK"]["S"].startswith(GUARD)
        }


def _told(result: Any) -> Any:
    """An answer, or an error without the words that a store has of its own."""
    return result.unwrap() if isinstance(result, Success) else _error(result.failure())


def _error(error: Any) -> Any:
    if isinstance(error, TransactionCancelled):
        return [None if one is None else _error(one) for one in error.reasons]
    return type(error), getattr(error, "unique", ""), getattr(error, "record", None)


@pytest.fixture
def twins(asked_dynamodb: Any) -> Iterator[Twins]:
    """Memory and the real store, empty."""
    with asked_dynamodb(BOTH) as made:
        yield Twins(made)


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
        "UNIQUE#USER#username#other": "USER#1\n#META",
        "UNIQUE#USER#email#user1@example.com": "USER#1\n#META",
        "UNIQUE#USER#username#user2": "USER#2\n#META",
        "UNIQUE#USER#email#new@example.com": "USER#2\n#META",
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
    guard = {name: {"S": "UNIQUE#USER#email#user1@example.com"} for name in ("PK", "SK")}
    client.put_item(TableName=table, Item={**guard, "owner": {"S": "USER#2\n#META"}})
    client.delete_item(
        TableName=table,
        Key={name: {"S": "UNIQUE#USER#username#user1"} for name in ("PK", "SK")},
    )

    assert twins.store.run(delete(U, M.UserKey(1))) is True
    assert twins.guards("Users") == {"UNIQUE#USER#email#user1@example.com": "USER#2\n#META"}


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
        assert guards.get("UNIQUE#USER#email#same@example.com") == (
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
