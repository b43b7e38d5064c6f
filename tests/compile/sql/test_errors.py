"""What MySQL says of a row, told in the words of the record."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from dalkit.compile.settings import PLAIN
from dalkit.compile.sql_errors import explained
from dalkit.compile.sql_plan import plan_of
from dalkit.compile.sql_unique import fields_of_key
from dalkit.query import delete
from dalkit.result import ConditionFailed, InvalidValue
from dalkit.schema.entity import definition_of


def told(store: Any, error: Any) -> Any:
    """The error of a delete of a cart item."""
    plan = plan_of(delete(store.cart_items, store.CartItemKey(user_id=7, product_id=1)), PLAIN)
    return explained(plan)(error)


def taken(key: str) -> ConditionFailed:
    """A key of MySQL's, by its name there, has the values already."""
    return ConditionFailed("MySQL", "", unique=key)


def test_a_unique_key_is_named_by_its_fields(store: Any) -> None:
    """As where it is found before the write; the record's own key is no other record's."""
    assert told(store, taken("PRIMARY")).unique == "cart_item_id"
    assert told(store, taken("shopping_carts_line")).unique == ""
    assert told(store, taken("of_no_schema")).unique == "of_no_schema"


def test_a_group_of_the_contracts_is_named_in_its_order(store: Any) -> None:
    """Whatever the order of MySQL's columns is; as where it is found before the write."""
    definition = evolve(definition_of(store.cart_items), unique=(("quantity", "cart_item_id"),))

    assert fields_of_key(definition, ("ID", "quantity")) == "quantity, cart_item_id"
    assert fields_of_key(definition, ("quantity", "id", "user_id")) == (
        "quantity, cart_item_id, user_id"
    )


def test_a_constraint_is_named_by_its_fields(store: Any) -> None:
    """And a column by the field that it is, as far as it is one."""
    for name, where in (("quantity", "quantity"), ("nowhere", "nowhere")):
        found = told(store, InvalidValue("MySQL", name, "is NULL"))
        assert (found.entity, found.where, found.reason) == ("CART", where, "is NULL")
