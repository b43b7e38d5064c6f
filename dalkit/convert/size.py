"""How large an item is, to the byte, and whether an attribute value is one at all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dalkit.convert.domain import utf8
from dalkit.convert.numbers import normal_number, number_text
from dalkit.convert.refusal import refuse

__all__ = ["LARGEST_ITEM", "checked_attribute", "item_size", "number_size"]

LARGEST_ITEM = 409_600
_DEEPEST = 32
_SETS = ("SS", "NS", "BS")


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """The bytes that DynamoDB counts for an item in the client's wire form."""
    return sum(len(name.encode("utf-8")) + _size(value) for name, value in item.items())


def number_size(text: str) -> int:
    """The bytes that DynamoDB counts for a number: one, and one per pair of digits."""
    normal = number_text(Decimal(text))
    if normal == "0":
        return 1
    whole, _, fraction = normal.lstrip("-").partition(".")
    whole = whole.lstrip("0")
    digits = whole.rjust(len(whole) + len(whole) % 2, "0") + fraction.ljust(
        len(fraction) + len(fraction) % 2, "0"
    )
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    while pairs and pairs[0] == "00":
        pairs.pop(0)
    while pairs and pairs[-1] == "00":
        pairs.pop()
    return 1 + len(pairs) + normal.startswith("-")


def checked_attribute(wire: Any, depth: int = 1) -> dict[str, Any]:
    """An attribute value, whole, with its numbers normalized and its sets sorted."""
    if depth > _DEEPEST:
        refuse(f"nested deeper than {_DEEPEST} levels")
    if not isinstance(wire, dict) or len(wire) != 1:
        refuse("not an attribute value", wire)
    tag, held = next(iter(wire.items()))
    match tag, held:
        case "S", str():
            utf8(held)
            return {"S": held}
        case "N", str():
            return {"N": normal_number(held)}
        case "B", bytes() | bytearray():
            return {"B": bytes(held)}
        case "BOOL", bool():
            return {"BOOL": held}
        case "NULL", True:
            return {"NULL": True}
        case "L", list() | tuple():
            return {"L": [checked_attribute(one, depth + 1) for one in held]}
        case "M", dict():
            return {"M": {_name(k): checked_attribute(one, depth + 1) for k, one in held.items()}}
        case "SS" | "NS" | "BS", list() | tuple() | set() | frozenset():
            return {tag: _set(tag, held)}
        case _:
            refuse("not an attribute value", wire)


def _set(tag: str, held: Any) -> list[Any]:
    members = [checked_attribute({tag[0]: one})[tag[0]] for one in held]
    if not members:
        refuse("an empty set, which DynamoDB refuses")
    if len(set(members)) != len(members):
        refuse("a set with one member twice", held)
    return sorted(members, key=Decimal) if tag == "NS" else sorted(members)


def _name(name: object) -> str:
    if not isinstance(name, str):
        refuse("the name in a map must be text", name)
    utf8(name)
    return name


def _size(wire: Mapping[str, Any]) -> int:
    ((tag, held),) = wire.items()
    if tag == "S":
        return len(held.encode("utf-8"))
    if tag == "N":
        return number_size(held)
    if tag == "B":
        return len(held)
    if tag == "L":
        return 3 + sum(1 + _size(one) for one in held)
    if tag == "M":
        return 3 + sum(1 + len(k.encode("utf-8")) + _size(one) for k, one in held.items())
    if tag in _SETS:
        return sum(_size({tag[0]: one}) for one in held)
    return 1
