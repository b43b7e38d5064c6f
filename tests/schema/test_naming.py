"""Names of classes, handles and fields."""

from __future__ import annotations

import pytest

from dalkit.schema.naming import camel, identifier, plural, singular, snake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OrderItem", "order_item"),
        ("ORDER_ITEM", "order_item"),
        ("order-item", "order_item"),
        ("orderItem2", "order_item2"),
        ("HTTPServer", "http_server"),
        ("  a  b ", "a_b"),
        ("größe", "größe"),
        ("", ""),
        ("##", ""),
    ],
)
def test_snake(name: str, expected: str) -> None:
    """Words at humps, blanks and signs."""
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order_items", "OrderItems"),
        ("ORDER", "Order"),
        ("none", "XNone"),
        ("1st", "X1st"),
        ("##", "X"),
        ("订单", "订单"),
    ],
)
def test_camel(name: str, expected: str) -> None:
    """A class name whatever it is made of."""
    assert camel(name) == expected
    assert camel(name).isidentifier()


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("orders", "order"),
        ("categories", "category"),
        ("boxes", "box"),
        ("order_statuses", "order_status"),
        ("addresses", "address"),
        ("people", "person"),
        ("children", "child"),
        ("series", "series"),
    ],
)
def test_singular_and_plural(many: str, one: str) -> None:
    """Both ways, in the last word."""
    assert singular(many) == one
    assert plural(one) == many
    assert plural(many) == many


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order_id", "order_id"),
        ("orderId", "orderId"),
        ("class", "class_"),
        ("self", "self_"),
        ("None", "None_"),
        ("type", "type"),
        ("_id", "id_"),
        ("__init__", "init_"),
        ("_", "field"),
        ("1st", "field_1st"),
        ("a-b c", "a_b_c"),
        ("größe", "größe"),
        ("\ufb01n", "fin"),
        ("\U0001f600", "field"),
        ("", "field"),
    ],
)
def test_identifier(name: str, expected: str) -> None:
    """The name itself where Python allows it, else its nearest form."""
    assert identifier(name) == expected
    assert identifier(name).isidentifier()
    assert not identifier(name).startswith("_")
