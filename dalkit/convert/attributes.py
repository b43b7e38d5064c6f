"""Every scalar as a DynamoDB attribute value in the client's wire form, such as {"N": "5"}."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dalkit import kinds
from dalkit.convert.domain import checked
from dalkit.convert.numbers import normal_number, number_text, parsed_number
from dalkit.convert.refusal import refuse
from dalkit.convert.text import text_of, value_of

__all__ = ["attribute_of", "from_attribute", "is_null", "json_attribute", "tagged"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def attribute_of(kind: kinds.Kind, type: str, value: Any) -> dict[str, Any]:
    """The attribute value of a scalar that is in its kind's canonical form."""
    if isinstance(kind, kinds.Json):
        return _of_json(type, value)
    match type:
        case "S":
            return {"S": text_of(kind, value)}
        case "N":
            return {"N": _number_of(kind, value)}
        case "BOOL" if isinstance(kind, kinds.Boolean):
            return {"BOOL": value}
        case "B" if isinstance(kind, kinds.Bytes):
            return {"B": value}
        case "B" if isinstance(kind, kinds.Bits):
            return {"B": value.to_bytes((kind.width + 7) // 8, "big")}
        case "SS" if isinstance(kind, kinds.Members):
            return {"SS": sorted(value)}
        case "NULL":
            refuse("an attribute of type NULL holds NULL alone", value)
        case _:
            refuse(f"attribute type {type} does not carry {_said(kind)}", value)


def from_attribute(kind: kinds.Kind, type: str, wire: Any) -> Any:
    """The value, in canonical form, of an attribute value that is not NULL."""
    held = tagged(wire, type)
    if isinstance(kind, kinds.Json):
        return checked(kind, _plain(wire, 1))
    match type:
        case "S":
            if not isinstance(held, str):
                refuse("an S whose value is no text", held)
            return value_of(kind, held)
        case "N":
            return checked(kind, _from_number(kind, held))
        case "SS" if isinstance(kind, kinds.Members):
            return checked(kind, _from_set(held))
        case "B" if isinstance(kind, kinds.Bits):
            return checked(kind, _from_bits(kind, held))
        case "BOOL" | "B":
            return checked(kind, held)
        case _:
            refuse(f"attribute type {type} does not carry {_said(kind)}", wire)


def tagged(wire: Any, type: str) -> Any:
    """What an attribute value of this type holds."""
    if not isinstance(wire, dict) or len(wire) != 1:
        refuse("not an attribute value", wire)
    tag, held = next(iter(wire.items()))
    if tag != type:
        refuse(f"of type {tag} where the contract says {type}")
    return held


def is_null(wire: Any) -> bool:
    """Whether an attribute value is DynamoDB's NULL."""
    return isinstance(wire, dict) and len(wire) == 1 and wire.get("NULL") is True


def json_attribute(value: Any) -> dict[str, Any]:
    """The attribute value of a canonical JSON value."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, tuple):
        return {"L": [json_attribute(one) for one in value]}
    if isinstance(value, Mapping):
        if "" in value:
            refuse("a member whose name is empty, which DynamoDB holds in no map")
        return {"M": {name: json_attribute(one) for name, one in value.items()}}
    return {"N": number_text(Decimal(value))}


def _of_json(type: str, value: Any) -> dict[str, Any]:
    wire = json_attribute(value)
    (found,) = wire
    if found != type:
        refuse(f"JSON of type {found} where the contract says {type}", value)
    return wire


def _number_of(kind: kinds.Kind, value: Any) -> str:
    match kind:
        case kinds.Integer() | kinds.Bits() | kinds.Year():
            return str(value)
        case kinds.Boolean():
            return "1" if value else "0"
        case kinds.Fixed():
            return number_text(value)
        case kinds.Float():
            return number_text(Decimal(repr(value)))
        case kinds.DateTime():
            return number_text(Decimal(f"{(value - _EPOCH) // _MICROSECOND}E-6"))
        case kinds.Text():
            return normal_number(value)
        case _:
            refuse(f"attribute type N does not carry {_said(kind)}", value)


def _from_number(kind: kinds.Kind, held: Any) -> Any:
    number = parsed_number(held)
    normal = number_text(number)
    match kind:
        case kinds.Integer() | kinds.Bits() | kinds.Year():
            return _whole(normal)
        case kinds.Boolean():
            return {"0": False, "1": True}.get(normal, normal)
        case kinds.Fixed():
            return number
        case kinds.Float():
            return float(normal)
        case kinds.DateTime():
            return _instant(normal)
        case kinds.Text():
            return normal
        case _:
            refuse(f"attribute type N does not carry {_said(kind)}", held)


def _whole(normal: str) -> int:
    if "." in normal:
        refuse("not a whole number", normal)
    return int(normal)


def _instant(normal: str) -> datetime:
    seconds, _, fraction = normal.partition(".")
    if len(fraction) > 6 or len(seconds) > 13:
        refuse("not seconds since 1970 in whole microseconds", normal)
    try:
        return _EPOCH + int(seconds + fraction.ljust(6, "0")) * _MICROSECOND
    except OverflowError:
        refuse("outside the years 1 to 9999", normal)


def _from_set(held: Any) -> frozenset[str]:
    if not isinstance(held, (list, tuple, set, frozenset)) or not held:
        refuse("not a set of texts", held)
    if not all(isinstance(one, str) for one in held):
        refuse("not a set of texts", held)
    found = frozenset(held)
    if len(found) != len(held):
        refuse("a set with one member twice", held)
    return found


def _from_bits(kind: kinds.Bits, held: Any) -> int:
    if not isinstance(held, (bytes, bytearray)) or len(held) != (kind.width + 7) // 8:
        refuse(f"not the {(kind.width + 7) // 8} bytes of BIT({kind.width})", held)
    return int.from_bytes(held, "big")


def _plain(wire: Any, depth: int) -> Any:
    if depth > 32:
        refuse("nested deeper than 32 levels")
    if not isinstance(wire, dict) or len(wire) != 1:
        refuse("not an attribute value", wire)
    tag, held = next(iter(wire.items()))
    match tag, held:
        case "NULL", True:
            return None
        case "BOOL", bool():
            return held
        case "S", str():
            return held
        case "N", str():
            return parsed_number(held)
        case "L", list():
            return tuple(_plain(one, depth + 1) for one in held)
        case "M", dict():
            return {name: _plain(one, depth + 1) for name, one in held.items()}
        case _:
            refuse(f"of type {tag}, which JSON has not", wire)


def _said(kind: kinds.Kind) -> str:
    return f"a value of kind {type(kind).__name__}"
