"""Cursors: values there and back, and what a query does not take."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit import Cursor, Failure, Success, find
from dalkit.fields.places import Place
from dalkit.query.cursors import cursor_at, cursor_places, unpaged, values_at
from dalkit.query.finds import Find
from dalkit.result import InvalidValue, Unsupported
from dalkit.schema.entity import definition_of
from dalkit.testing.strategies import records_of
from dalkit.testing.zoo import zoo

KINDS = zoo()["null"]
ORDERED = [
    one.name for one in definition_of(KINDS).fields if one.name not in ("tree", "some", "free")
]
KEY = b"a key of forty characters, or about that"


def _values(query: Find[Any, Any], record: Any) -> dict[Place, Any]:
    return {one: getattr(record, one.name) for one in cursor_places(query)}


def _query(names: list[str]) -> Find[Any, Any]:
    every = {one.name: one for one in definition_of(KINDS).fields}
    return find(KINDS).order_by(*(getattr(KINDS, one) for one in names if one in every)).limit(2)


@settings(max_examples=60, deadline=None)
@given(record=records_of(KINDS), names=st.lists(st.sampled_from(ORDERED), unique=True, max_size=4))
def test_values_come_back(record: Any, names: list[str]) -> None:
    """Of every kind that has an order, None included, exactly."""
    query = _query(names)
    held = _values(query, record)
    after = query.after(Cursor(cursor_at(query, held, key=KEY).text))

    assert values_at(after, key=KEY) == Success(held)


@pytest.mark.parametrize("value", [None, True, 1, "1", "é", Decimal("2.5"), (), (1, {"a": None})])
def test_values_inside_json_come_back(value: Any) -> None:
    """Of any sort, as records of one order may have them."""
    entity: Any = KINDS
    query = find(KINDS).order_by(entity.tree.at("n")).limit(1)
    held = {one: value if one.steps else 7 for one in cursor_places(query)}

    assert values_at(query.after(cursor_at(query, held))) == Success(held)


@pytest.fixture
def query(things: Any) -> Find[Any, Any]:
    """Things by price, of two conditions."""
    return find(things).where(things.price > 1, things.text == "x").order_by(things.price).limit(3)


@pytest.fixture
def cursor(query: Find[Any, Any]) -> Cursor:
    """A cursor of that query, sealed."""
    return cursor_at(query, _held(query), key=KEY)


def _held(query: Find[Any, Any]) -> dict[Place, Any]:

    given: dict[str, Any] = {
        "price": Decimal("2.50"),
        "whole": 7,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return {one: given[one.name] for one in cursor_places(query)}


def _reason(answer: Any) -> str:
    assert isinstance(answer, Failure), answer
    error = answer.failure()
    assert isinstance(error, InvalidValue)
    assert (error.entity, error.where) == ("THING", "the cursor")
    return error.reason


def test_any_change_of_its_text_is_seen(query: Find[Any, Any], cursor: Cursor) -> None:
    """With a key or without: whichever character is another one, it is refused."""
    for key in (KEY, b""):
        text = cursor_at(query, _held(query), key=key).text
        for at, old in enumerate(text):
            changed = text[:at] + ("A" if old != "A" else "B") + text[at + 1 :]
            assert _reason(values_at(query.after(Cursor(changed)), key=key))
        assert _reason(values_at(query.after(Cursor(text[:-1])), key=key))
        assert _reason(values_at(query.after(Cursor(text + "A")), key=key))


@pytest.mark.parametrize("key", [b"", b"another key"])
def test_a_cursor_sealed_with_another_key_is_refused(
    query: Find[Any, Any], cursor: Cursor, key: bytes
) -> None:
    """Nobody makes one without the key."""
    assert "another key" in _reason(values_at(query.after(cursor), key=key))


@pytest.mark.parametrize(
    "build",
    [
        lambda t: find(t).where(t.price > 1).order_by(t.price),
        lambda t: find(t).where(t.price > 2, t.text == "x").order_by(t.price),
        lambda t: find(t).where(t.price >= 1, t.text == "x").order_by(t.price),
        lambda t: find(t).where(t.price > 1, t.n_text == "x").order_by(t.price),
        lambda t: find(t).where(t.price > 1, t.text == "x").order_by(t.price.desc()),
        lambda t: find(t).where(t.price > 1, t.text == "x").order_by(t.price, t.whole),
        lambda t: find(t).where(t.price > 1, t.text == "x").order_by(t.ratio),
        lambda t: find(t).where((t.price > 1) | (t.text == "x")).order_by(t.price),
    ],
)
def test_a_cursor_of_another_query_is_refused(
    things: Any, cursor: Cursor, build: Callable[[Any], Find[Any, Any]]
) -> None:
    """Entity, conditions and order are what it is bound to."""
    assert "another query" in _reason(values_at(build(things).after(cursor), key=KEY))


@pytest.mark.parametrize(
    "build",
    [
        lambda t: find(t).where(t.text == "x", t.price > 1).order_by(t.price),
        lambda t: find(t).where(t.text == "x").where(t.price > 1).order_by(t.price).limit(9),
        lambda t: find(t).where(t.price > 1, t.text == "x").order_by(t.price).select(t.text),
        lambda t: find(t).where(t.price > 1, t.text == "x").order_by(t.price).allow_scan(),
    ],
)
def test_what_is_asked_for_otherwise_may_change(
    things: Any, query: Find[Any, Any], cursor: Cursor, build: Callable[[Any], Find[Any, Any]]
) -> None:
    """The order of conditions, how many, which fields, and how it is read."""
    assert values_at(build(things).after(cursor), key=KEY) == Success(_held(query))


def test_a_store_goes_on_only_in_its_own_order(query: Find[Any, Any]) -> None:
    """A page that ended in the order of an index is none by the key, and the other way round."""
    held = _held(query)
    plain, index = cursor_at(query, held), cursor_at(query, held, way="index A")

    assert "first page" in _reason(values_at(query.after(plain), way="index A"))
    assert "first page" in _reason(values_at(query.after(index)))
    assert "first page" in _reason(values_at(query.after(index), way="index B"))
    assert values_at(query.after(index), way="index A") == Success(held)


def test_what_a_store_needs_besides_is_held(query: Find[Any, Any], things: Any) -> None:
    """Fields of an index's key, say; a cursor without them is refused."""
    extra = Place(type(things), "color")
    held = {**_held(query), extra: "red"}
    text = cursor_at(query, held, way="index A", besides=(extra,))

    assert values_at(query.after(text), way="index A", besides=(extra,)) == Success(held)
    assert _reason(values_at(query.after(text), way="index A"))


def test_pages_that_would_show_a_secret_are_refused(things: Any) -> None:
    """A cursor is no place for it; without pages there is no cursor."""
    plain = find(things).where(things.secret == "x")
    ordered = plain.order_by(things.secret)
    refused = unpaged(ordered.limit(2))

    assert isinstance(refused, Unsupported)
    assert "secret" in refused.reason
    assert unpaged(ordered) is None
    assert unpaged(plain.limit(2)) is None
    assert unpaged(plain.limit(2), [Place(type(things), "secret")]) is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"[1]", b'[1,"",""]', b'[2,"x","",[]]', b"[" * 100_000, b'"x"', b"1e999"],
)
@pytest.mark.parametrize("sealed", [True, False])
def test_whatever_its_text_is_it_is_answered(
    query: Find[Any, Any], body: bytes, sealed: bool
) -> None:
    """No text raises, also none that was sealed."""
    seal = hmac.digest(b"", body, "sha256")[:16] if sealed else b""
    text = urlsafe_b64encode(seal + body).decode().rstrip("=")

    assert _reason(values_at(query.after(Cursor(text))))


@given(text=st.text(max_size=200) | st.text("AZaz09-_", max_size=80))
def test_any_text_is_answered(text: str) -> None:
    """By a failure, unless it is a cursor of the query's."""
    assert isinstance(values_at(find(KINDS).limit(1).after(Cursor(text))), Failure)
