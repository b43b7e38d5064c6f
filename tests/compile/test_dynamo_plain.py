"""Puts that are nothing but their item."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dalkit import delete, insert, put, read_contract, read_ddl, resolve
from dalkit.compile.dynamo_plain import plain_item
from dalkit.compile.dynamo_writes import write_call
from dalkit.compile.settings import PLAIN
from dalkit.convert import items
from dalkit.records.made import records_module

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> Any:
    """The records module of the online store."""
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


@pytest.fixture(scope="module")
def line(store: Any) -> Any:
    """A line of a cart."""
    return store.CartItem(
        cart_item_id=7,
        user_id=1,
        product_id=7,
        quantity=2,
        product_name="lamp",
        product_price=Decimal("9.50"),
        created_at=DAY,
        updated_at=DAY,
    )


def test_a_plain_put_is_the_item_of_the_write_alone(store: Any, line: Any) -> None:
    """As an operation of its own has it, with no condition."""
    write = put(store.cart_items, line)
    call = write_call(write, PLAIN).unwrap()

    assert (
        plain_item(write) == call.arguments["Item"] == items(store.cart_items).encode(line).unwrap()
    )
    assert "ConditionExpression" not in call.arguments


def test_what_says_more_than_its_item_is_not_plain(store: Any, line: Any) -> None:
    """A condition, another verb, a unique field, and a value that no item holds."""
    of, key = store.cart_items, store.CartItemKey(1, 7)
    names = store.UserProfile(first_name="A", last_name=None)
    user = store.User(
        user_id=1, username="a", email="a", password_hash="h", profile=names, is_seller=False,
        super_admin=False, created_at=DAY, updated_at=DAY, admin_group=None,
    )  # fmt: skip

    assert plain_item(put(of, line).when(of.quantity == 2)) is None
    assert plain_item(insert(of, line)) is None
    assert plain_item(delete(of, key)) is None
    assert plain_item(put(store.users, user)) is None
    assert plain_item(put(of, evolve(line, quantity=10**12))) is None
