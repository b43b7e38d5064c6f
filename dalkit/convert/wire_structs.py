"""The types that msgspec reads an entity's items into, straight from JSON bytes.

They hold the wire's own texts: what a text means is checked where generated code reads it, save
the bounds of whole numbers and the length of texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dalkit import kinds
from dalkit.convert.fast_reading import native_nested
from dalkit.convert.fast_scalars import SCALARS, bounded
from dalkit.convert.layout import Layout
from dalkit.schema.definition import AttributeDefinition, Carried, Constant, Template

__all__ = ["item_struct", "json_reader", "page_reader"]


def item_struct(layout: Layout) -> type[Any] | None:
    """The type of an entity's items, None where an attribute's name is none that msgspec takes."""
    attributes = layout.definition.attributes
    try:
        return _struct(
            "Item",
            [
                (one.name, _of_attribute(layout, one), one.name not in layout.table_keys)
                for one in attributes
            ],
        )
    except ValueError:
        return None


def json_reader(item: type[Any]) -> Callable[[Any], Any]:
    """What reads an item from JSON."""
    return msgspec.json.Decoder(item, strict=False).decode


def page_reader(item: type[Any]) -> Callable[[Any], Any]:
    """What reads the reply to Query or Scan from JSON."""
    items: Any = list[item]  # type: ignore[valid-type]  # made at run time
    page = msgspec.defstruct(
        "Page",
        [
            ("Items", items),
            ("LastEvaluatedKey", Any, None),
            ("Count", int, 0),
            ("ScannedCount", int, 0),
        ],
        gc=False,
    )
    return msgspec.json.Decoder(page, strict=False).decode


def _struct(name: str, fields: list[tuple[str, Any, bool]]) -> type[Any]:
    return msgspec.defstruct(
        name,
        [
            (f"f{at}", _or_unset(held), UNSET) if optional else (f"f{at}", held)
            for at, (_, held, optional) in enumerate(fields)
        ],
        rename={f"f{at}": named for at, (named, _, _) in enumerate(fields)},
        gc=False,
        forbid_unknown_fields=True,
        kw_only=True,
    )


def _of_attribute(layout: Layout, attribute: AttributeDefinition) -> Any:
    match attribute.content:
        case Carried(name):
            one = layout.definition.by_field[name]
            return _of_kind(one.kind, attribute.type)
        case Template():
            return _tagged(attribute.type)
        case Constant():
            wire = layout.constants[attribute.name]
            return _tagged("S") if "S" in wire else Any


def _of_kind(kind: kinds.Kind, type: str) -> Any:
    if native_nested(kind, type) and isinstance(kind, kinds.Nested):
        map_of = _struct("M", [(one.name, _of_member(one), one.nullable) for one in kind.members])
        one = _holder("M", map_of)
        return _holder("L", list[one]) if kind.array else one  # type: ignore[valid-type]  # made at run time
    if type in SCALARS and not isinstance(kind, (kinds.Nested, kinds.Listed, kinds.Json)):
        return _tagged(type, kind)
    return Any


def _of_member(member: kinds.Member) -> Any:
    if not member.nullable:
        return _tagged(member.type, member.kind)
    return msgspec.defstruct(
        "Nullable",
        [(member.type, _or_unset(_held(member.type, member.kind)), UNSET), ("NULL", Any, UNSET)],
        gc=False,
        forbid_unknown_fields=True,
    )


def _tagged(type: str, kind: kinds.Kind | None = None) -> Any:
    return _holder(type, _held(type, kind))


def _held(type: str, kind: kinds.Kind | None) -> Any:
    if type == "BOOL":
        return Any  # bool would take "true" as well, where numbers are read from text
    match kind, type:
        case kinds.Integer(low=low, high=high), "N":
            # whole numbers come as int; every other spelling as float, and is doubted
            whole = Annotated[int, Meta(ge=low, le=high)] if bounded(kind) else int
            return whole | float
        case kinds.Text(length=int(length)), "S":
            return Annotated[str, Meta(max_length=length)]
        case _:
            return str


def _or_unset(held: Any) -> Any:
    return held if held is Any else held | UnsetType


def _holder(tag: str, held: Any) -> Any:
    return msgspec.defstruct(tag, [(tag, held)], gc=False, forbid_unknown_fields=True)
