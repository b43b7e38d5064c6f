"""JSON text, exactly: no float in between, no member said twice, no NaN."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

from dalkit.convert.numbers import number_text
from dalkit.convert.refusal import Refusal, refuse

__all__ = ["Literally", "checked_json", "json_text", "parsed_json"]

_DEEPEST = 32


class Literally(str):
    """Text that stands in JSON as it is, such as a number with its scale."""

    __slots__ = ()


def parsed_json(text: str | bytes) -> Any:
    """The value that JSON text says: numbers int or Decimal, arrays tuples."""
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=Decimal,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except Refusal:
        raise
    except RecursionError:
        refuse(f"JSON nested deeper than {_DEEPEST} levels")
    except (ValueError, ArithmeticError) as error:
        raise Refusal(f"not JSON ({error})", text) from None
    return value


def checked_json(value: object, depth: int = 1) -> Any:
    """A JSON value in canonical form: numbers that are whole as int, arrays as tuples."""
    if depth > _DEEPEST:
        refuse(f"JSON nested deeper than {_DEEPEST} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (int, Decimal)):
        return _number(Decimal(value))
    if isinstance(value, (tuple, list)):
        return tuple(checked_json(one, depth + 1) for one in value)
    if isinstance(value, Mapping):
        return {_name(key): checked_json(one, depth + 1) for key, one in value.items()}
    refuse(f"no JSON value but a {type(value).__name__}", value)


def json_text(value: object) -> str:
    """A value as compact JSON; non-ASCII stands unescaped, bytes are base64, sets sorted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Literally):
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, (int, Decimal)):
        return number_text(Decimal(value))
    if isinstance(value, (bytes, bytearray)):
        return f'"{b64encode(value).decode("ascii")}"'
    if isinstance(value, (tuple, list)):
        return f"[{','.join(map(json_text, value))}]"
    if isinstance(value, Mapping):
        members = (f"{encode_basestring(key)}:{json_text(one)}" for key, one in value.items())
        return f"{{{','.join(members)}}}"
    refuse(f"no JSON value but a {type(value).__name__}", value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        refuse("a JSON object with one member twice", twice)
    return found


def _integer(digits: str) -> int:
    if len(digits) > 200:
        refuse(f"a number of {len(digits)} digits; DynamoDB holds 38")
    return int(digits)


def _constant(name: str) -> NoReturn:
    refuse("JSON has no such number", name)


def _number(value: Decimal) -> int | Decimal:
    normal = Decimal(number_text(value))
    return int(normal) if normal == normal.to_integral_value() else normal


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        refuse("text with half of a surrogate pair, which UTF-8 cannot hold", value)
    return str.__str__(value)


def _name(key: object) -> str:
    if not isinstance(key, str):
        refuse("the name of a JSON member must be text", key)
    return _text(key)
