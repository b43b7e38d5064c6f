"""Items as DynamoDB's JSON: bytes are base64 there, and bytes in the client's form."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

import msgspec

from dalkit.convert.refusal import Refusal, refuse

__all__ = ["client_form", "item_form", "read_json"]

_DEEPEST = 33


def read_json(text: Any) -> Any:
    """What JSON text says, for the careful path to judge."""
    if not isinstance(text, (bytes, bytearray, memoryview, str)):
        refuse("JSON bytes were expected", text)
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        refuse("nested deeper than 32 levels")
    except (msgspec.DecodeError, ValueError) as error:
        raise Refusal(f"not JSON ({error})") from None


def item_form(item: Any) -> Any:
    """An item of DynamoDB's JSON with its binary values as bytes."""
    if not isinstance(item, dict):
        return item
    return {name: client_form(wire) for name, wire in item.items()}


def client_form(wire: Any, depth: int = 1) -> Any:
    """An attribute value of DynamoDB's JSON in the client's form; what is none stays as it is."""
    if not isinstance(wire, dict) or len(wire) != 1 or depth > _DEEPEST:
        return wire
    tag, held = next(iter(wire.items()))
    match tag, held:
        case "B", _:
            return {"B": _raw(held)}
        case "BS", list():
            return {"BS": [_raw(one) for one in held]}
        case "L", list():
            return {"L": [client_form(one, depth + 1) for one in held]}
        case "M", dict():
            return {"M": {name: client_form(one, depth + 1) for name, one in held.items()}}
        case _:
            return wire


def _raw(held: Any) -> Any:
    if not isinstance(held, str):
        return None
    try:
        return b64decode(held, validate=True)
    except (binascii.Error, ValueError):
        return None
