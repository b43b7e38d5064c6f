"""Reads of DynamoDB: with canned replies, and on the real store against plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dalkit import (
    Cursor,
    Failure,
    Page,
    Predicate,
    count,
    find,
    get,
    get_many,
    read_contract,
    read_ddl,
    resolve,
)
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.convert import items
from dalkit.records.made import records_module
from dalkit.schema.definition import Schema

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATUSES = ("pending", "completed", "cancelled")


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


def order(number: int) -> Any:
    """An order; its hour is shared with the one before or after it."""
    one = M.OrderItem(
        order_item_id=number, product_id=number, quantity=number, price_at_time=Decimal("2.00")
    )
    return M.Order(
        order_id=number,
        user_id=number % 3,
        order_status=STATUSES[number % 5 % 3],
        total_amount=(Decimal(number) / 4).quantize(Decimal("0.01")),
        order_items=(one,) * (number % 4),
        created_at=DAY + HOUR * (number // 2),
        updated_at=DAY,
    )


def product(number: int) -> Any:
    """A product; names need several bytes a letter, and some texts are None."""
    return M.Product(
        product_id=number,
        seller_id=number % 2,
        category_id=number % 3,
        name=f"{'é' * (number % 4)}{number % 7}{'😀' * (number % 5 % 3)}",
        description=None if number % 3 == 1 else f"text {number}",
        price=Decimal(number).quantize(Decimal("0.01")),
        inventory_quantity=number - 5,
        image_url=None if number % 2 else "u",
        created_at=DAY,
        updated_at=DAY,
    )


ORDERS = [order(number) for number in range(1, 61)]
PRODUCTS = [product(number) for number in range(1, 41)]


def call_of(query: Any) -> DynamoCall[Any]:
    """The first call of a query that is not refused."""
    return to_dynamodb(query).unwrap()


def reason_of(query: Any) -> str:
    """Why a query is refused."""
    result = to_dynamodb(query)
    assert isinstance(result, Failure)
    return str(result.failure())


def item_of(entity: Any, record: Any) -> Any:
    """The item of a record."""
    return items(entity).encode(record).unwrap()


@pytest.fixture(scope="module")
def store(asked_dynamodb: Any) -> Iterator[Any]:
    """The online store's tables with orders, users, cart lines and products in them."""
    lines = [
        M.CartItem(
            cart_item_id=number,
            user_id=1,
            product_id=number,
            quantity=1,
            product_name="p",
            product_price=Decimal("1.00"),
            created_at=DAY,
            updated_at=DAY,
        )
        for number in range(1, 4)
    ]
    with asked_dynamodb(SCHEMA) as made:
        for entity, records in ((OF, ORDERS), (P, PRODUCTS), (C, lines)):
            table = "Products" if entity is P else "Users"
            made.put_items(table, [item_of(entity, record) for record in records])
        yield made


def by_time(records: list[Any]) -> list[Any]:
    """Orders by their time, then by their id."""
    return sorted(records, key=lambda one: (one.created_at, one.order_id))


PREDICATES: list[tuple[Any, Callable[[Any], Any]]] = [
    (P.description.exists(), lambda x: x.description is not None),
    (P.description.is_none(), lambda x: x.description is None),
    (P.description != "text 3", lambda x: x.description not in (None, "text 3")),
    (
        ~P.description.is_in(["text 3", "q"]),
        lambda x: x.description not in (None, "text 3", "q"),
    ),
    (~P.description.contains("1"), lambda x: x.description and "1" not in x.description),
    (
        ~P.description.begins_with("text 1"),
        lambda x: x.description and not x.description.startswith("text 1"),
    ),
    (P.description.begins_with(""), lambda x: x.description is not None),
    (
        ~(P.description.begins_with("x") & (P.price > 3)) | P.image_url.is_none(),
        lambda x: x.price <= 3 or x.description is not None or x.image_url is None,
    ),
    (P.product_id.is_in(range(1, 121)), lambda _: True),
    (
        (P.price < 3) | ((P.price > 30) & ((P.price < 33) | P.image_url.exists())),
        lambda x: x.price < 3 or (x.price > 30 and (x.price < 33 or x.image_url is not None)),
    ),
    (~P.price.between(3, 38), lambda x: not 3 <= x.price <= 38),
    (P.price.is_in([1, Decimal("2.5"), 3]), lambda x: x.price in (1, 3)),
    (
        (P.description.is_none() | P.image_url.is_none()) & ~(P.price == 1),
        lambda x: (x.description is None or x.image_url is None) and x.price != 1,
    ),
    (
        P.description.is_none() | (P.image_url.exists() & (P.price > 9)) | P.name.contains("é"),
        lambda x: x.description is None or (x.image_url and x.price > 9) or "é" in x.name,
    ),
]


@pytest.mark.parametrize("case", PREDICATES, ids=lambda case: str(case[0]))
def test_a_filter_keeps_what_the_predicate_is_true_for(store: Any, case: Any) -> None:
    """Predicates select the same on the store as on records, None and negations included."""
    predicate, test = case
    page = store.run(find(P).where(predicate).allow_scan())

    assert sorted(one.product_id for one in page.items) == [
        one.product_id for one in PRODUCTS if test(one)
    ]


RANGES: list[tuple[Any, Callable[[Any], Any]]] = [
    (OF.created_at >= DAY + 5 * HOUR, lambda t: t >= DAY + 5 * HOUR),
    (OF.created_at > DAY + 5 * HOUR, lambda t: t > DAY + 5 * HOUR),
    (OF.created_at <= DAY + 5 * HOUR, lambda t: t <= DAY + 5 * HOUR),
    (OF.created_at < DAY + 5 * HOUR, lambda t: t < DAY + 5 * HOUR),
    (OF.created_at == DAY + 5 * HOUR, lambda t: t == DAY + 5 * HOUR),
    (
        OF.created_at.between(DAY + 5 * HOUR, DAY + 9 * HOUR),
        lambda t: DAY + 5 * HOUR <= t <= DAY + 9 * HOUR,
    ),
    (
        OF.created_at > DAY + 5 * HOUR - timedelta(microseconds=1),
        lambda t: t > DAY + 5 * HOUR - timedelta(microseconds=1),
    ),
    (
        OF.created_at <= DAY + 5 * HOUR + timedelta(microseconds=1),
        lambda t: t <= DAY + 5 * HOUR + timedelta(microseconds=1),
    ),
]


@pytest.mark.parametrize("case", RANGES, ids=lambda case: str(case[0]))
def test_a_range_of_the_sort_key_is_the_range_of_the_field(store: Any, case: Any) -> None:
    """Bounds on the table's key and on an index's take in exactly the records between them."""
    predicate, test = case
    mine = store.run(find(OF).where(OF.user_id == 1, predicate).order_by(OF.created_at))
    open_ = find(OF).where(OF.order_status == "pending", predicate).order_by(OF.created_at.desc())

    inside = [one for one in ORDERS if test(one.created_at)]
    assert list(mine.items) == by_time([one for one in inside if one.user_id == 1])
    assert (
        list(store.run(open_).items)
        == by_time([one for one in inside if one.order_status == "pending"])[::-1]
    )


@pytest.mark.parametrize(
    ("predicate", "test"),
    [
        (P.name > "é", lambda name: name > "é"),
        (P.name >= "é3", lambda name: name >= "é3"),
        (P.name < "é3", lambda name: name < "é3"),
        (P.name <= "é3", lambda name: name <= "é3"),
        (P.name.begins_with("éé"), lambda name: name.startswith("éé")),
        (P.name.between("1", "é4"), lambda name: "1" <= name <= "é4"),
    ],
    ids=lambda one: str(one) if isinstance(one, Predicate) else "test",
)
def test_text_is_compared_by_code_point(store: Any, predicate: Any, test: Any) -> None:
    """A range of text in a key is the range of code points."""
    found = store.run(find(P).where(P.category_id == 1, predicate).order_by(P.name))
    wanted = [one.name for one in PRODUCTS if one.category_id == 1 and test(one.name)]

    assert [one.name for one in found.items] == sorted(wanted)


@pytest.mark.parametrize("most", [1, 4, 10, 60])
def test_pages_joined_are_the_query(store: Any, most: int) -> None:
    """Pages hold as many matches as they may, the last one perhaps fewer, and lose none."""
    query = find(OF).where(OF.user_id == 1, OF.total_amount > 2).order_by(OF.created_at.desc())
    pages = list(store.pages(query.limit(most)))

    wanted = by_time([one for one in ORDERS if one.user_id == 1 and one.total_amount > 2])[::-1]
    assert [one for page in pages for one in page.items] == wanted
    assert [len(page.items) for page in pages[:-1]] == [most] * (len(pages) - 1)
    assert 0 < len(pages[-1].items) <= most


def test_pages_of_selected_fields_by_an_index(store: Any) -> None:
    """Where single fields are answered, cursors still find their way."""
    query = find(OF).where(OF.order_status == "pending").order_by(OF.created_at).limit(7)
    pages = store.pages(query.select(OF.order_id, OF.order_items[0].at("quantity")))

    wanted = by_time([one for one in ORDERS if one.order_status == "pending"])
    assert [one for page in pages for one in page.items] == [
        (one.order_id, one.order_items[0].quantity if one.order_items else None) for one in wanted
    ]


def test_reads_by_key(store: Any) -> None:
    """One record, many with their keys, what is not there, and how many there are."""
    keys = [items(OF).key_of(one) for one in (ORDERS[5], ORDERS[3])]
    missing = M.OrderKey(1, DAY, 999)

    assert store.run(get(OF, keys[0])) == ORDERS[5]
    assert store.run(get_many(OF, [*keys, missing])) == {keys[0]: ORDERS[5], keys[1]: ORDERS[3]}
    assert store.run(count(OF).where(OF.user_id == 2)) == 20
    assert store.run(count(P).where(P.price > 30).allow_scan()) == 10


def test_no_other_entity_leaks_in(store: Any) -> None:
    """Entities of one table are kept apart by keys, on indexes and in scans."""
    assert store.run(count(C).where(C.user_id == 1)) == 3
    assert store.run(count(C).allow_scan()) == 3
    assert store.run(count(OF).allow_scan()) == len(ORDERS)


def test_what_a_batch_left_over_is_asked_for_again() -> None:
    """Keys go by the hundred; those that were not processed come first in the next call."""
    keys = [M.ProductKey(number) for number in range(1, 151)]
    first = call_of(get_many(P, keys).consistent())
    sent = first.arguments["RequestItems"]["Products"]
    reply = {
        "Responses": {"Products": [item_of(P, product(2)), item_of(P, product(1))]},
        "UnprocessedKeys": {"Products": {"Keys": sent["Keys"][5:100]}},
    }
    second: Any = first.read(reply)
    asked = second.arguments["RequestItems"]["Products"]
    third: Any = second.read({"Responses": {"Products": [item_of(P, product(150))]}})
    last = third.read({"Responses": {}, "UnprocessedKeys": {}}).unwrap()

    assert len(sent["Keys"]) == 100
    assert sent["ConsistentRead"] is True
    assert asked["Keys"][:95] == sent["Keys"][5:100]
    assert len(asked["Keys"]) == 100
    assert len(third.arguments["RequestItems"]["Products"]["Keys"]) == 45
    assert list(last) == [M.ProductKey(1), M.ProductKey(2), M.ProductKey(150)]


def test_nothing_is_sent_for_no_keys() -> None:
    """A read of no keys is answered without a request."""
    call = call_of(get_many(P, []))

    assert call.operation == ""
    assert call.read({}).unwrap() == {}  # type: ignore[union-attr]  # a result, no call


def test_a_limit_counts_matches() -> None:
    """Pages that the filter empties or shortens are followed by the next until enough match."""
    query = find(OF).where(OF.user_id == 1, OF.order_status == "pending").limit(2)
    first = call_of(query)
    key = {"PK": {"S": "USER#1"}, "SK": {"S": "ORDER#x"}}
    second: Any = first.read({"Items": [], "Count": 0, "LastEvaluatedKey": key})
    third: Any = second.read({"Items": [item_of(OF, ORDERS[0])], "LastEvaluatedKey": key})
    rest = [item_of(OF, one) for one in ORDERS[1:4]]
    page = third.read({"Items": rest, "LastEvaluatedKey": key}).unwrap()

    assert second.arguments["ExclusiveStartKey"] == key
    assert second.arguments["FilterExpression"] == first.arguments["FilterExpression"]
    assert page.items == (ORDERS[0], ORDERS[1])
    assert call_of(query.after(page.next)).arguments["ExclusiveStartKey"] == {
        name: item_of(OF, ORDERS[1])[name] for name in ("PK", "SK")
    }


def test_the_end_is_known_on_the_last_page() -> None:
    """A page that is just full, with nothing behind it, has no next."""
    call = call_of(find(OF).where(OF.user_id == 1).limit(2))
    found = [item_of(OF, one) for one in ORDERS[:2]]

    assert call.arguments["Limit"] == 3
    assert call.read({"Items": found}).unwrap() == Page(tuple(ORDERS[:2]))  # type: ignore[union-attr]  # a result


def test_counts_add_up() -> None:
    """A count goes on until nothing is left."""
    first = call_of(count(OF).where(OF.user_id == 1))
    second: Any = first.read({"Count": 3, "LastEvaluatedKey": {"PK": {"S": "x"}}})

    assert first.arguments["Select"] == "COUNT"
    assert second.read({"Count": 4}).unwrap() == 7


def test_a_missing_record_is_not_found() -> None:
    """No item is a failure that names the key."""
    result: Any = call_of(get(P, M.ProductKey(7))).read({})

    assert str(result.failure()) == "Products product_id = 7 does not exist"


def test_a_broken_item_is_corrupt() -> None:
    """An item that the contract does not allow is named, not skipped."""
    item = item_of(P, product(1))
    item["price"] = {"S": "cheap"}
    call = call_of(find(P).where(P.product_id == 1))
    chosen = call_of(get(P, M.ProductKey(1)).select(P.price))

    assert "price" in str(call.read({"Items": [item]}).failure())  # type: ignore[union-attr]  # a result
    assert "price" in str(chosen.read({"Item": item}).failure())  # type: ignore[union-attr]  # a result


@pytest.mark.parametrize("text", ["", "x", "AAAA", "bnVsbA", "WzEsMl0", "é", "W1tbW1tb", "NQ"])
def test_a_cursor_of_nobody_is_refused(text: str) -> None:
    """What is no cursor is said to be none."""
    query = find(OF).where(OF.user_id == 1).limit(2)

    assert "cursor" in reason_of(query.after(Cursor(text)))


def test_a_cursor_of_another_query_is_refused() -> None:
    """A cursor serves its own conditions and order only, with any limit and any fields."""
    query = find(OF).where(OF.user_id == 1).limit(1)
    found = [item_of(OF, one) for one in ORDERS[:2]]
    page: Any = call_of(query).read({"Items": found})
    cursor = page.unwrap().next

    assert "another query" in reason_of(find(OF).where(OF.user_id == 2).after(cursor))
    assert "another query" in reason_of(query.order_by(OF.created_at).after(cursor))
    assert call_of(query.limit(5).select(OF.order_id).after(cursor)).arguments["ExclusiveStartKey"]


def test_a_budget_is_kept_before_anything_is_sent() -> None:
    """A read that its plan bounds within the budget goes through; any other does not."""
    query = find(OF).where(OF.user_id == 1)

    assert call_of(query.limit(20).budget(calls=1, examined=21, capacity=3)).arguments
    assert "budget" in reason_of(query.limit(20).budget(examined=20))
    assert "budget" in reason_of(query.limit(20).budget(capacity=Decimal("2.5")))
    assert "as much as there is" in reason_of(query.budget(calls=5))


def test_what_is_no_query_is_refused_at_once() -> None:
    """Misuse raises."""
    nothing: Any = None

    with pytest.raises(TypeError, match="not a query"):
        to_dynamodb(nothing)
