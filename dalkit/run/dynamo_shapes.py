"""What a reply of each operation holds: whatever else comes with a right checksum is no reply.

A server may say more than is told here, but nothing that only another operation's reply says, and
nothing that only an error says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

__all__ = ["details_of", "foreign", "foreign_item", "misshapen"]

Said: TypeAlias = Mapping[str, Any]

_Item: TypeAlias = dict[str, dict[str, Any]]
"""Its values are looked at when they are read."""


class _Value(Struct, forbid_unknown_fields=True):
    """An attribute's value that is read without a second look."""

    S: str | UnsetType = UNSET
    N: str | UnsetType = UNSET
    B: str | UnsetType = UNSET
    BOOL: bool | UnsetType = UNSET
    NULL: bool | UnsetType = UNSET
    SS: list[str] | UnsetType = UNSET
    NS: list[str] | UnsetType = UNSET
    BS: list[str] | UnsetType = UNSET
    L: list[_Value] | UnsetType = UNSET
    M: dict[str, _Value] | UnsetType = UNSET

    def __post_init__(self) -> None:
        if sum(getattr(self, name) is not UNSET for name in self.__struct_fields__) != 1:
            raise ValueError("a value of one type, and only one")


_Whole: TypeAlias = dict[str, _Value]


class _Keys(Struct):
    Keys: list[_Whole]


class _Put(Struct):
    Item: _Whole


class _Delete(Struct):
    Key: _Whole


class _Write(Struct):
    PutRequest: _Put | UnsetType = UNSET
    DeleteRequest: _Delete | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.PutRequest is UNSET) == (self.DeleteRequest is UNSET):
            raise ValueError("a put or a delete")


class _Get(Struct):
    Item: _Item | UnsetType = UNSET


class _Written(Struct):
    Attributes: _Item | UnsetType = UNSET


class _Page(Struct):
    Count: int
    Items: list[_Item] | UnsetType = UNSET
    ScannedCount: int = 0
    LastEvaluatedKey: _Whole | UnsetType = UNSET


class _Batch(Struct):
    Responses: dict[str, list[_Item]]
    UnprocessedKeys: dict[str, _Keys] | UnsetType = UNSET


class _Left(Struct):
    UnprocessedItems: dict[str, list[_Write]]


class _Together(Struct):
    Responses: list[_Get]


class _Reason(Struct):
    Code: str | None = None
    Item: _Whole | UnsetType = UNSET


class _Details(Struct):
    """What an error tells besides its code and its sentence."""

    Item: _Whole | UnsetType = UNSET
    CancellationReasons: list[_Reason] | UnsetType = UNSET
    ThrottlingReasons: list[dict[str, Any]] | UnsetType = UNSET


_SHAPES: Final[Mapping[str, type[Struct]]] = {
    "GetItem": _Get,
    "PutItem": _Written,
    "UpdateItem": _Written,
    "DeleteItem": _Written,
    "Query": _Page,
    "Scan": _Page,
    "BatchGetItem": _Batch,
    "BatchWriteItem": _Left,
    "TransactGetItems": _Together,
    "TransactWriteItems": Struct,
}
_ERRORS: Final = frozenset({"__type", "message", "Message", "code", "Error"})
_EVERY: Final = _ERRORS | {name for one in _SHAPES.values() for name in one.__struct_fields__}
_FIELDS: Final = {name: frozenset(one.__struct_fields__) for name, one in _SHAPES.items()}


def misshapen(operation: str, said: Said) -> str:
    """What is wrong with a reply, as JSON has it; "" if it may be one of this operation."""
    shape = _SHAPES.get(operation)
    if shape is None:
        return ""
    others = _EVERY.intersection(said) - _FIELDS[operation]
    if others:
        return f"a reply of {operation} with {min(others)}"
    try:
        msgspec.convert(said, shape)
    except (msgspec.ValidationError, RecursionError):
        return f"a reply of {operation} of another shape"
    return ""


def details_of(said: Said) -> dict[str, Any]:
    """What an error's body tells of items and reasons; nothing if it has not the shape of them."""
    told = {name: said[name] for name in _Details.__struct_fields__ if name in said}
    if "throttlingReasons" in said:
        told["ThrottlingReasons"] = said["throttlingReasons"]
    try:
        msgspec.convert(told, _Details)
    except (msgspec.ValidationError, RecursionError):
        return {}
    return told


def foreign(arguments: Said, reply: Said) -> bool:
    """Whether a reply tells of another item than the one that was asked for."""
    together, every = arguments.get("TransactItems"), reply.get("Responses")
    if together and isinstance(every, list):
        asked = [one.get("Get", {}).get("Key") for one in together]
        return any(map(_another, asked, [one.get("Item") for one in every]))
    found = reply.get("Item", reply.get("Attributes"))
    return _another(arguments.get("Key"), found)


def foreign_item(arguments: Said, body: bytes) -> bool:
    """The same of a reply of GetItem that is not read as JSON else."""
    item = _get_item(body).Item
    if item is UNSET:
        return False
    held = {name: msgspec.json.decode(item[name]) for name in arguments["Key"] if name in item}
    return _another(arguments["Key"], held)


def _another(key: Said | None, item: Any) -> bool:
    """Whether an item is not that of a key; one that is read in part need not hold it all."""
    if not key or not isinstance(item, Mapping):
        return False
    return any("S" in asked and name in item and item[name] != asked for name, asked in key.items())


class _Parts(Struct):
    Item: dict[str, msgspec.Raw] | UnsetType = UNSET


_get_item: Final = msgspec.json.Decoder(_Parts).decode
