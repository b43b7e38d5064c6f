"""Writes of DynamoDB: with canned replies, and on the real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Failure,
    Success,
    batch,
    count,
    delete,
    find,
    get,
    insert,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    transact_get,
    update,
)
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.convert import items
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, NotFound, TransactionCancelled
from dalkit.schema.definition import Schema

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
NOT_MET = {"Error": {"Code": "ConditionalCheckFailedException"}}


def _schema() -> Schema:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return schema


SCHEMA = _schema()
M: Any = records_module(SCHEMA)
OF, P, C = M.orders, M.products, M.cart_items


def line(product_id: int, quantity: int = 1) -> Any:
    """A cart line of user 1."""
    return M.CartItem(
        cart_item_id=product_id,
        user_id=1,
        product_id=product_id,
        quantity=quantity,
        product_name="lamp",
        product_price=Decimal("9.50"),
        created_at=DAY,
        updated_at=DAY,
    )


def key(product_id: int) -> Any:
    """The key of a cart line of user 1."""
    return M.CartItemKey(1, product_id)


def product(number: int) -> Any:
    """A product without a description."""
    return M.Product(
        product_id=number,
        seller_id=1,
        category_id=1,
        name="lamp",
        description=None,
        price=Decimal("9.50"),
        inventory_quantity=5,
        image_url="u",
        created_at=DAY,
        updated_at=DAY,
    )


def order() -> Any:
    """An order with one item."""
    one = M.OrderItem(order_item_id=1, product_id=1, quantity=1, price_at_time=Decimal("2.00"))
    return M.Order(
        order_id=5,
        user_id=1,
        order_status="pending",
        total_amount=Decimal("2.00"),
        order_items=(one,),
        created_at=DAY,
        updated_at=DAY,
    )


def call_of(query: Any) -> DynamoCall[Any]:
    """The first call of a query that is not refused, after those of counters."""
    call: DynamoCall[Any] = to_dynamodb(query).unwrap()
    while call.operation == "UpdateItem" and "COUNTER#" in str(call.arguments["Key"]):
        after = call.read({"Attributes": {"value": {"N": "1000"}}})
        assert isinstance(after, DynamoCall)
        call = after
    return call


@pytest.fixture
def store(asked_dynamodb: Any) -> Iterator[Any]:
    """The online store's tables, empty."""
    with asked_dynamodb(SCHEMA) as made:
        yield made


def test_put_insert_and_delete(store: Any) -> None:
    """A put replaces, an insert does not, a delete says whether there was anything."""
    assert store.run(put(C, line(1))) == line(1)
    assert store.run(put(C, line(1, 2))) == line(1, 2)

    failed = store.failure(insert(C, line(1, 3)))
    assert failed == ConditionFailed("CART", "user_id = 1, product_id = 1", record=line(1, 2))
    assert failed.record == line(1, 2)
    assert store.run(insert(C, line(2))) == line(2)
    assert store.run(delete(C, key(2))) is True
    assert store.run(delete(C, key(2))) is False
    assert store.run(find(C).where(C.user_id == 1)).items == (line(1, 2),)


def test_conditions_see_none_where_there_is_no_record(store: Any) -> None:
    """Without a record all fields are None: only exists and is_none see that."""
    absent = put(C, line(1)).when(C.quantity.is_none())

    assert isinstance(store.failure(put(C, line(1)).when(C.quantity != 3)), ConditionFailed)
    assert isinstance(store.failure(put(C, line(1)).when(C.quantity.exists())), ConditionFailed)
    assert store.run(absent) == line(1)
    assert isinstance(store.failure(absent), ConditionFailed)
    assert store.run(put(C, line(1, 2)).when(C.quantity.exists(), C.quantity != 3)) == line(1, 2)
    assert isinstance(store.failure(delete(C, key(1)).when(C.quantity > 2)), ConditionFailed)
    assert store.run(delete(C, key(1)).when(C.quantity > 1)) is True


def test_updates_change_what_they_say(store: Any) -> None:
    """Each kind of change, answered as the record is stored."""
    of = update(P, M.ProductKey(1))
    store.run(put(P, product(1)))
    store.run(of.set(P.price, 3).add(P.inventory_quantity, -2).remove(P.image_url))
    after = store.run(of.set_if_absent(P.description, "a lamp"))

    assert after == evolve(
        product(1),
        price=Decimal("3.00"),
        inventory_quantity=3,
        image_url=None,
        description="a lamp",
    )
    assert store.run(of.set_if_absent(P.description, "b").set(P.image_url, "v")) == evolve(
        after, image_url="v"
    )
    assert store.run(of) == evolve(after, image_url="v")


def test_updates_keep_the_keys_of_indexes_true(store: Any) -> None:
    """A record is found under its new value in every index, and no longer under the old one."""
    store.run(put(P, product(1)))
    store.run(update(P, M.ProductKey(1)).set(P.name, "desk").set(P.category_id, 2))
    found = store.run(find(P).where(P.category_id == 2, P.name == "desk"))

    assert found.items == (evolve(product(1), name="desk", category_id=2),)
    assert store.run(count(P).where(P.category_id == 1)) == 0
    assert store.run(count(P).where(P.seller_id == 1, P.name >= "desk")) == 1


def test_updates_inside_records(store: Any) -> None:
    """Elements of a list are changed, appended and taken out."""
    store.run(put(OF, order()))
    of = update(OF, items(OF).key_of(order()))
    more = evolve(order().order_items[0], order_item_id=2)

    store.run(of.append(OF.order_items, more).set(OF.order_status, "completed"))
    store.run(of.set(OF.order_items[1].at("quantity"), 7))
    changed = store.run(of.remove(OF.order_items[0]))
    assert changed == evolve(
        order(), order_status="completed", order_items=(evolve(more, quantity=7),)
    )
    assert store.run(count(OF).where(OF.order_status == "completed")) == 1


def test_an_update_never_makes_a_record(store: Any) -> None:
    """No record is NotFound, one that does not meet the condition is ConditionFailed."""
    of = update(C, key(1)).add(C.quantity, 2)

    assert store.failure(of) == NotFound("CART", "user_id = 1, product_id = 1")
    assert store.run(count(C).where(C.user_id == 1)) == 0
    assert store.run(of.or_insert(line(1))) == line(1)
    assert store.run(of.or_insert(line(1))) == line(1, 3)
    assert store.failure(of.when(C.quantity > 5)).record == line(1, 3)


def test_a_batch_does_all(store: Any) -> None:
    """More writes than one request takes are done in several."""
    store.run(batch(*(put(C, line(number)) for number in range(1, 61))))
    store.run(batch(*(delete(C, key(number)) for number in range(1, 31)), put(P, product(1))))

    assert store.run(count(C).where(C.user_id == 1)) == 30
    assert store.run(batch()) is None


def test_transactions_do_all_or_nothing(store: Any) -> None:
    """Answered by the keys; a failure says which write and which condition, with the record."""
    store.run(put(P, product(1)))
    take = update(P, M.ProductKey(1)).add(P.inventory_quantity, -3)
    whole = transact(insert(C, line(1)), take.when(P.inventory_quantity >= 3))

    assert store.run(whole) == (key(1), M.ProductKey(1))
    left = evolve(product(1), inventory_quantity=2)
    again = store.failure(transact(put(C, line(2)), take.when(P.inventory_quantity >= 3)))
    assert again == TransactionCancelled(
        (None, ConditionFailed("Products", "product_id = 1", record=left))
    )
    gone = store.failure(transact(put(C, line(2)), update(C, key(9)).add(C.quantity, 1)))
    assert gone == TransactionCancelled((None, NotFound("CART", "user_id = 1, product_id = 9")))
    assert store.run(
        transact_get(get(P, M.ProductKey(1)), get(C, key(2)), get(C, key(1)).select(C.quantity))
    ) == (left, None, (1,))


def test_what_a_batch_left_over_is_written_again() -> None:
    """Writes that were not processed come first in the next request."""
    first = call_of(batch(*(put(C, line(number)) for number in range(1, 31))))
    sent = first.arguments["RequestItems"]["Users"]
    second: Any = first.read({"UnprocessedItems": {"Users": sent[20:]}})

    assert len(sent) == 25
    assert second.arguments["RequestItems"]["Users"][:5] == sent[20:]
    assert len(second.arguments["RequestItems"]["Users"]) == 10
    assert second.read({"UnprocessedItems": {}}) == Success(None)


def test_an_upsert_that_is_overtaken_begins_again() -> None:
    """Where another writer inserts between update and insert, the update is tried again."""
    update_call = call_of(update(C, key(1)).add(C.quantity, 2).or_insert(line(1)))
    insert_call: Any = update_call.read(NOT_MET)
    again: Any = insert_call.read({**NOT_MET, "Item": items(C).encode(line(1)).unwrap()})

    assert insert_call.operation == "PutItem"
    assert (again.operation, again.arguments) == (update_call.operation, update_call.arguments)


def test_reasons_of_a_cancelled_transaction() -> None:
    """Every reason that the store gives is an error of its own."""
    call = call_of(transact(put(C, line(1)), put(C, line(2)), put(C, line(3)), put(C, line(4))))
    codes = ("None", "TransactionConflict", "ThrottlingError", "ValidationError")
    reply = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code, "Message": code} for code in codes],
    }
    result: Any = call.read(reply)

    assert isinstance(result, Failure)
    names = [type(one).__name__ for one in result.failure().reasons]
    assert names == ["NoneType", "Conflict", "Throttled", "Unsupported"]
