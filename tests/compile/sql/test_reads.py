"""Reads as SQL: the golden texts run on the server, and pages joined are the query."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from dalkit import Cursor
from dalkit.compile.call import SqlCall, SqlReply
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.convert import items
from dalkit.query import count, find, get, get_many, transact_get
from dalkit.result import Corrupt, Failure, InvalidValue, NotFound, Success, Unsupported
from dalkit.schema.definition import AttributeDefinition, Part, Template
from dalkit.schema.entity import definition_of, key_class_of, nested_class_of, record_class_of

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def _key(m: Any, label: str, moment: datetime, number: int) -> Any:
    return m.ThingKey(label=label, moment=moment, thing_id=number)


THINGS: Mapping[str, Callable[[Any], Any]] = {
    "get": lambda m: get(m.things, _key(m, "abc", MOMENT, 1)),
    "get-selected": lambda m: get(m.things, _key(m, "abc", MOMENT, 1)).select(
        m.things.price, m.things.parts.at(0).at("name")
    ),
    "get-many": lambda m: get_many(
        m.things, [_key(m, "ABC", MOMENT, 2), _key(m, "x", MOMENT, 9), _key(m, "abc", MOMENT, 1)]
    ),
    "get-together": lambda m: transact_get(
        get(m.things, _key(m, "x", MOMENT, 1)),
        get(m.things, _key(m, "abc", MOMENT, 1)).select(m.things.thing_id),
    ),
    "find-all": lambda m: find(m.things),
    "find-of-one-partition": lambda m: find(m.things).where(m.things.label == "abc").limit(2),
    "find-ordered": lambda m: (
        find(m.things)
        .select(m.things.thing_id, m.things.price)
        .order_by(m.things.price.desc(), m.things.owner_name)
        .limit(3)
    ),
    "find-by-json": lambda m: (
        find(m.things)
        .where(m.things.tree.at("l").at(1).at("k") == "v")
        .select(m.things.thing_id)
        .limit(1)
    ),
    "count": lambda m: count(m.things).where(m.things.tags.contains("a"), m.things.single > 0.1),
}
STORE: Mapping[str, Callable[[Any], Any]] = {
    "store-get-user": lambda m: get(m.users, m.UserKey(user_id=5)),
    "store-user-by-name": lambda m: find(m.users).where(m.users.username == "ada").limit(1),
    "store-user-by-prefix": lambda m: (
        find(m.users).where(m.users.email.begins_with("ada@")).order_by(m.users.email).limit(10)
    ),
    "store-orders-of-user": lambda m: (
        find(m.orders)
        .where(m.orders.user_id == 5, m.orders.created_at >= NOON)
        .where((m.orders.order_status == "completed") | ~(m.orders.total_amount < Decimal(10)))
        .order_by(m.orders.created_at.desc())
        .limit(20)
    ),
    "store-orders-by-status": lambda m: (
        find(m.orders)
        .where(m.orders.order_status == "pending")
        .order_by(m.orders.created_at)
        .limit(20)
    ),
    "store-orders-with-product": lambda m: (
        find(m.orders).where(m.orders.order_items.at(0).at("product_id") == 3).limit(5)
    ),
    "store-cart": lambda m: find(m.cart_items).where(m.cart_items.user_id == 5),
    "store-cart-by-price": lambda m: (
        find(m.cart_items)
        .where(m.cart_items.product_price.between(Decimal(1), Decimal(2)))
        .order_by(m.cart_items.product_name)
        .limit(5)
    ),
    "store-products-of-category": lambda m: (
        find(m.products)
        .where(m.products.category_id == 2, m.products.name.folded().contains("tea"))
        .order_by(m.products.name)
        .limit(20)
    ),
    "store-products-by-key": lambda m: get_many(
        m.products, [m.ProductKey(product_id=one) for one in (3, 1, 2)]
    ),
    "store-root-categories": lambda m: find(m.categories).where(m.categories.parent_id.is_none()),
    "store-crowded-categories": lambda m: (
        find(m.categories).where(m.categories.product_count > 100).select(m.categories.name)
    ),
    "store-count-products": lambda m: count(m.products).where(m.products.seller_id == 1),
}


def printed(query: Any, sent: list[SqlCall[Any]]) -> str:
    """A query and what was sent for it, for a reader."""
    parts = [str(query)]
    for one in sent:
        values = ", ".join(map(repr, one.parameters))
        where = "in a transaction" if one.atomic else "by itself"
        parts.append(f"-- {where}, with ({values})\n{one.text}")
    return "\n\n".join(parts) + "\n"


def check_golden(name: str, text: str) -> None:
    """The text is the file's; with DALKIT_GOLDEN set the file is written."""
    file = GOLDEN / f"{name}.txt"
    if "DALKIT_GOLDEN" in os.environ:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("name", THINGS)
def test_a_golden_text_runs(world: Any, name: str) -> None:
    """What is sent is the file's text, and the server understands it."""
    query = THINGS[name](world.module)

    assert isinstance(world.run(query), Success)
    check_golden(name, printed(query, world.sent))


@pytest.mark.parametrize("name", STORE)
def test_a_golden_text_of_the_store_runs(shop: Any, name: str) -> None:
    """The same for the online store's tables, empty."""
    query = STORE[name](shop.module)
    answer = shop.run(query)

    assert isinstance(answer, Success) or isinstance(answer.failure(), NotFound)
    check_golden(name, printed(query, shop.sent))


def test_a_record_comes_whole(world: Any) -> None:
    """Joined, counted, nested and listed values, and arrays in their order within their limit."""
    m = world.module
    record = world.run(get(m.things, _key(m, "abc", MOMENT, 1))).unwrap()

    assert record.owner_name == "Ada"
    assert record.parts_count == 3
    assert [(one.name, one.size) for one in record.parts] == [
        ("X", Decimal("3.0")),
        (None, Decimal("2.5")),
        ("x", Decimal("1.0")),
    ]
    assert [one.name for one in record.two] == ["x", None]
    assert record.single == 0.1
    assert record.title == "<abc>"
    assert record.person.first == record.pair[0] == "Ada"


def test_keys_are_compared_by_code_point(world: Any) -> None:
    """A key that only the collation equates with one is another key."""
    m = world.module

    assert isinstance(world.run(get(m.things, _key(m, "Abc", MOMENT, 1))).failure(), NotFound)
    assert isinstance(world.run(get(m.things, _key(m, "abc ", MOMENT, 1))).failure(), NotFound)
    assert world.run(get(m.things, _key(m, "ABC", MOMENT, 2))).unwrap().thing_id == 2


def test_many_records_keep_the_keys_order(world: Any) -> None:
    """Each by its key; keys of no record are left out; no keys are no question."""
    m = world.module
    keys = [_key(m, "ABC", MOMENT, 2), _key(m, "none", MOMENT, 1), _key(m, "abc", MOMENT, 1)]
    found = world.run(get_many(m.things, [*keys, keys[0]])).unwrap()

    assert list(found) == [keys[0], keys[2]]
    assert [one.thing_id for one in found.values()] == [2, 1]
    assert world.run(get_many(m.things, [])).unwrap() == {}


def test_many_keys_are_asked_in_chunks(world: Any) -> None:
    """Some hundreds a statement, in one transaction."""
    m = world.module
    keys = [_key(m, "abc", MOMENT, one) for one in range(1200)]
    found = world.run(get_many(m.things, keys)).unwrap()

    assert [one.thing_id for one in found.values()] == [1]
    assert len([one for one in world.sent if "FROM `things`\nWHERE" in one.text]) == 3
    assert all(one.atomic for one in world.sent)


def test_reads_together_answer_none_for_what_is_not_there(world: Any) -> None:
    """A tuple in the order of the gets."""
    m = world.module
    query = transact_get(
        get(m.things, _key(m, "x", MOMENT, 1)),
        get(m.things, _key(m, "abc", MOMENT, 1)).select(m.things.thing_id),
    )

    assert world.run(query).unwrap() == (None, (1,))
    assert world.run(transact_get()).unwrap() == ()


def test_two_rows_with_a_key_are_corrupt(made: ModuleType) -> None:
    """A get that finds two records answers neither."""
    m: Any = made
    query = get(m.things, _key(m, "abc", MOMENT, 1)).select(m.things.thing_id)
    call = to_sql(query).unwrap()
    answer = call.read(SqlReply((("1",), ("1",))))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Corrupt)


def pages(world: Any, query: Any, size: int) -> list[Any]:
    """All records of a query, page by page."""
    found: list[Any] = []
    page = world.run(query.limit(size)).unwrap()
    while True:
        assert len(page.items) <= size
        found += page.items
        if page.next is None:
            return found
        assert len(page.items) == size
        page = world.run(query.limit(size).after(page.next)).unwrap()


ORDERS: Mapping[str, Callable[[Any], tuple[Any, ...]]] = {
    "key": lambda t: (),
    "number": lambda t: (t.price,),
    "number down": lambda t: (t.price.desc(),),
    "text": lambda t: (t.label,),
    "latin1 down": lambda t: (t.old.desc(),),
    "enum": lambda t: (t.color,),
    "float": lambda t: (t.single,),
    "float down, double": lambda t: (t.single.desc(), t.twice),
    "moment": lambda t: (t.moment,),
    "moment down": lambda t: (t.moment.desc(),),
    "span, bits": lambda t: (t.span, t.mask.desc()),
    "date, year": lambda t: (t.day.desc(), t.year),
    "bytes": lambda t: (t.raw,),
    "bool, key part": lambda t: (t.yes, t.thing_id.desc()),
    "joined": lambda t: (t.owner_name.desc(),),
    "counted": lambda t: (t.parts_count,),
    "inside a record": lambda t: (t.person.at("first").desc(),),
}


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("name", ORDERS)
def test_pages_joined_are_the_query(world: Any, name: str, size: int) -> None:
    """Whatever the order and the page; and the order is the definition's."""
    orders = ORDERS[name](world.things)
    query = find(world.things).order_by(*orders) if orders else find(world.things)
    whole = list(world.run(query).unwrap().items)

    assert pages(world, query, size) == whole
    assert [one.thing_id for one in whole] == [one.thing_id for one in ordered(world, orders)]


def ordered(world: Any, orders: tuple[Any, ...]) -> list[Any]:
    """The records by values, None first; at last by the key's text, the way of the last order."""
    found = list(world.run(find(world.things)).unwrap().items)
    codec = items(world.things)
    keyed = {one.thing_id: codec.key(codec.key_of(one)).unwrap() for one in found}
    terms = [getattr(one, "place", None) for one in orders]
    down = [getattr(one, "descending", False) for one in orders]
    found.sort(
        key=lambda one: tuple(keyed[one.thing_id][name]["S"].encode() for name in ("PK", "SK")),
        reverse=bool(down) and down[-1],
    )
    for place, reverse in reversed(list(zip(terms, down, strict=True))):
        found.sort(key=lambda one: _rank(one, place), reverse=reverse)
    return found


def _rank(record: Any, place: Any) -> tuple[Any, ...]:
    value = getattr(record, place.name)
    for step in place.steps:
        value = getattr(value, step)
    if value is None:
        return (0,)
    return (1, value.encode() if isinstance(value, str) else value)


def test_a_page_goes_on_where_rows_were_inserted(world: Any, database: Any) -> None:
    """A row before the cursor does not shift what comes after it."""
    t = world.things
    query = find(t).order_by(t.moment).select(t.thing_id).limit(3)
    first = world.run(query).unwrap()
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO things (id, label, moment) VALUES (77, 'z', '1990-01-01')")
        try:
            second = world.run(query.after(first.next)).unwrap()
        finally:
            cursor.execute("DELETE FROM things WHERE id = 77")

    assert set(first.items).isdisjoint(second.items)
    assert len(second.items) == 3


def test_a_record_is_gone_from_its_end_on(world: Any, database: Any) -> None:
    """By the clock of the run; one without an end stays, and without a clock all do."""
    things = world.things
    definition = definition_of(things)

    def ending(name: str) -> Any:
        ended = evolve(definition, ttl=name)
        nested = tuple(nested_class_of(things, one) for one in ("ThingPerson", "Part", "ThingPart"))
        return type(things)(record_class_of(things), key_class_of(things), ended, nested=nested)

    run = partial(world.run, settings=Settings(now=datetime(2026, 11, 1, tzinfo=UTC)))
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO things (id, label, moment) VALUES (78, 'z', '2999-01-01')")
        try:
            left = run(find(ending("moment")).select(things.thing_id)).unwrap().items
        finally:
            cursor.execute("DELETE FROM things WHERE id = 78")
    without = run(find(ending("owner_id")).select(things.thing_id)).unwrap().items

    assert left == ((78,),)
    assert without == ((10,),)
    assert run(count(ending("moment"))).unwrap() == 0
    assert world.run(count(ending("moment"))).unwrap() == 7


def test_a_cursor_fits_its_query_alone(world: Any) -> None:
    """One of another query, and what is none, is refused; the page's size may change."""
    t = world.things
    query = find(t).where(t.price > Decimal("1.0")).order_by(t.price).limit(1)
    cursor = world.run(query).unwrap().next
    same = find(t).where(t.price > 1).order_by(t.price).limit(2).after(cursor)
    other = find(t).where(t.price > 2).order_by(t.price).after(cursor)

    assert isinstance(world.run(same), Success)
    for one in (other, query.after(Cursor("")), query.after(Cursor("ü")), query.after(Cursor("e"))):
        error = world.run(one).failure()
        assert isinstance(error, (InvalidValue, Unsupported))
        assert "cursor" in str(error)


def _keyed(things: Any, name: str) -> Any:
    """The handle of things whose key has a field more."""
    template = Template((Part("label"), "#", Part(name)))
    key = AttributeDefinition(name="PK", type="S", content=template)
    others = (one for one in definition_of(things).attributes if one.name != "PK")
    definition = evolve(definition_of(things), attributes=(key, *others))
    nested = tuple(nested_class_of(things, one) for one in ("ThingPerson", "Part", "ThingPart"))
    return type(things)(record_class_of(things), key_class_of(things), definition, nested=nested)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda t: find(t).order_by(t.tree.at("n")), "no common order"),
        (lambda t: find(t).order_by(t.title), "dalkit makes it from columns"),
        (lambda t: find(_keyed(t, "twice")), "the key's text of a Float"),
        (lambda t: find(t).budget(calls=1), "the plan has 3 statements"),
        (lambda t: find(t).budget(examined=1), "the server's own affair"),
    ],
)
def test_what_sql_cannot_answer_is_refused(
    made: ModuleType, build: Callable[[Any], Any], said: str
) -> None:
    """With the reason, before anything is sent."""
    m: Any = made
    answer = to_sql(build(m.things))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unsupported)
    assert said in str(answer.failure())


def test_what_is_no_query_is_misuse(made: ModuleType) -> None:
    """With what to do instead."""
    anything: Any = "SELECT 1"
    with pytest.raises(TypeError, match="build one with find"):
        to_sql(anything)
