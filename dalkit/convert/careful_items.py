"""The reference for items: every attribute made or read one by one, every limit kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dalkit import kinds
from dalkit.convert.attributes import is_null
from dalkit.convert.careful import built, may_be_none
from dalkit.convert.domain import utf8
from dalkit.convert.fault import Fault, corrupt, invalid, key_text, key_text_of_item
from dalkit.convert.layout import Layout
from dalkit.convert.nested import checked_value, from_wire, to_wire
from dalkit.convert.numbers import normal_number
from dalkit.convert.refusal import Refusal, refuse, shown
from dalkit.convert.size import LARGEST_ITEM, checked_attribute, item_size
from dalkit.convert.templates import parse, render
from dalkit.result import Corrupt, InvalidValue, ItemTooLarge, KeyTooLarge, Unsupported
from dalkit.schema.definition import AttributeDefinition, Carried, FieldDefinition, Template

__all__ = [
    "carried_wire",
    "check_key",
    "extra_attributes",
    "item_of_values",
    "key_item",
    "record_of_item",
    "unknown",
]

_Item = dict[str, dict[str, Any]]


def item_of_values(layout: Layout, values: Mapping[str, Any], extra: Any) -> _Item:
    """The item of canonical values; `extra` are attributes that the contract does not know."""
    item: _Item = {}
    for attribute in layout.definition.attributes:
        wire = _attribute(layout, attribute, values)
        if wire is not None:
            item[attribute.name] = wire
    if extra:
        item.update(extra_attributes(layout, extra, key_text(layout, values)))
    size = item_size(item)
    if size > LARGEST_ITEM:
        raise Fault(ItemTooLarge(layout.definition.name, key_text(layout, values), size))
    return item


def key_item(layout: Layout, key: Any) -> _Item:
    """The table's key attributes of a key."""
    name = layout.definition.name
    if type(key) is not layout.key:
        reason = f"a {layout.key.__name__} was expected, not {shown(key)}"
        raise Fault(InvalidValue(name, layout.key.__name__, reason))
    values: dict[str, Any] = dict.fromkeys(layout.kinds)
    given = {one: getattr(key, one, None) for one in layout.definition.key}
    for one, held in given.items():
        try:
            if held is None:
                refuse("None in a key")
            values[one] = checked_value(layout.kinds[one], held, layout.classes)
        except Refusal as refusal:
            secret = layout.definition.by_field[one].secret
            invalid(layout, one, refusal, key_text(layout, given), secret=secret)
    named = layout.definition.by_attribute
    return {one: _attribute(layout, named[one], values) or {} for one in layout.table_keys}


def record_of_item(layout: Layout, item: Any) -> Any:
    """The record of an item."""
    if layout.homeless:
        _refuse_homeless(layout)
    if not isinstance(item, dict):
        reason = f"an item is a dict of attributes, not {shown(item)}"
        raise Fault(Corrupt(layout.definition.name, "item", reason))
    read: dict[str, dict[str, Any]] = {}
    values: dict[str, Any] = {}
    for field in layout.definition.fields:
        home = layout.definition.by_attribute[layout.homes[field.name]]
        try:
            values[field.name] = _field(layout, field, home, item, read)
        except Refusal as refusal:
            secret = field.secret or layout.secret(home)
            corrupt(layout, home.name, refusal, key_text_of_item(layout, item), secret=secret)
    for attribute in layout.definition.attributes:
        try:
            _agree(layout, attribute, item, values)
        except Refusal as refusal:
            secret = layout.secret(attribute)
            corrupt(layout, attribute.name, refusal, key_text_of_item(layout, item), secret=secret)
    return built(layout, values, unknown(layout, item))


def _attribute(
    layout: Layout, attribute: AttributeDefinition, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    try:
        wire = _wire(layout, attribute, values)
        if wire is None and attribute.name in layout.table_keys:
            refuse("NULL in the table's key")
    except Refusal as refusal:
        where = (
            attribute.content.field if isinstance(attribute.content, Carried) else attribute.name
        )
        secret = layout.secret(attribute)
        invalid(layout, where, refusal, key_text(layout, values), secret=secret)
    if wire is not None and attribute.name in layout.keys:
        check_key(layout, attribute.name, wire, values)
    return wire


def _wire(
    layout: Layout, attribute: AttributeDefinition, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    match attribute.content:
        case Carried(field):
            return carried_wire(layout.definition.by_field[field], attribute, values[field])
        case Template() as template:
            text = render(template, layout.kinds, values)
            if text is None:
                return None
            utf8(text)
            return {"N": normal_number(text)} if attribute.type == "N" else {"S": text}
        case _:
            return dict(layout.constants[attribute.name])


def carried_wire(
    field: FieldDefinition, attribute: AttributeDefinition, value: Any
) -> dict[str, Any] | None:
    """The attribute value of a field's canonical value, None where it is absent."""
    if value is None:
        return {"NULL": True} if attribute.type == "NULL" else None
    if attribute.type == "SS" and value == frozenset():
        return None
    wire = to_wire(field.kind, attribute.type, value)
    if attribute.type in ("M", "L"):
        checked_attribute(wire)
    return wire


def check_key(
    layout: Layout, name: str, wire: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Refuse a key attribute that is empty or too long."""
    ((tag, held),) = wire.items()
    limit = layout.keys[name]
    size = len(held) if tag == "B" else len(held.encode("utf-8")) if tag == "S" else 1
    if not 1 <= size <= limit:
        key = key_text(layout, values)
        raise Fault(KeyTooLarge(layout.definition.name, name, size, limit, key))


def extra_attributes(layout: Layout, extra: Any, key: str) -> _Item:
    """The attributes that a record keeps for others, checked."""
    found: _Item = {}
    name: Any = "extra_"
    try:
        if not isinstance(extra, Mapping):
            refuse("not a mapping of attributes", extra)
        for name, wire in extra.items():
            if not isinstance(name, str) or not name:
                refuse("the name of an attribute must be text", name)
            if name in layout.definition.by_attribute:
                refuse("the contract knows this attribute: give its field instead")
            utf8(name)
            found[name] = checked_attribute(wire)
    except Refusal as refusal:
        invalid(layout, name if isinstance(name, str) else "extra_", refusal, key, secret=False)
    return found


def _refuse_homeless(layout: Layout) -> None:
    name = layout.definition.name
    field = layout.homeless[0]
    raise Fault(
        Unsupported(
            f"decode items of {name}",
            f"no attribute gives the field {field} back",
            "carry it in an attribute of its own",
        )
    )


def _field(
    layout: Layout,
    field: FieldDefinition,
    home: AttributeDefinition,
    item: Mapping[str, Any],
    read: dict[str, dict[str, Any]],
) -> Any:
    wire = item.get(home.name)
    if home.name not in item or (is_null(wire) and home.name not in layout.keys):
        value = None
    elif isinstance(home.content, Template):
        if home.name not in read:
            read[home.name] = _parsed(layout, home, home.content, wire)
        value = read[home.name][field.name]
    elif home.type == "NULL":
        refuse("not NULL, which is all that the contract allows", wire)
    else:
        value = from_wire(field.kind, home.type, wire, layout.classes)
    return _present(field, home, value)


def _present(field: FieldDefinition, home: AttributeDefinition, value: Any) -> Any:
    if value is None and not may_be_none(field):
        if isinstance(field.kind, kinds.Members) and home.type == "SS":
            return frozenset()
        refuse("is missing where the contract says there is a value")
    return value


def _parsed(
    layout: Layout, home: AttributeDefinition, template: Template, wire: Any
) -> dict[str, Any]:
    return parse(template, layout.cuts[home.name], layout.kinds, _text(wire))


def _text(wire: Any) -> str:
    if not isinstance(wire, dict) or len(wire) != 1 or not isinstance(wire.get("S"), str):
        refuse("not an attribute value of type S", wire)
    return str(wire["S"])


def _agree(
    layout: Layout,
    attribute: AttributeDefinition,
    item: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    wire = item.get(attribute.name)
    if attribute.name not in item:
        if attribute.name in layout.table_keys:
            refuse("the key attribute is missing")
        return
    content = attribute.content
    if isinstance(content, Carried):
        if layout.homes[content.field] != attribute.name or attribute.name in layout.keys:
            _agree_carried(layout, attribute, content.field, wire, values)
        return
    expected = _wire(layout, attribute, values)
    if expected is None:
        refuse("is there, though a field that it is made of is None", wire)
    if checked_attribute(wire) != expected:
        refuse(f"differs from what the fields say, {shown(expected)}", wire)


def _agree_carried(
    layout: Layout, attribute: AttributeDefinition, name: str, wire: Any, values: Mapping[str, Any]
) -> None:
    if is_null(wire) and attribute.name not in layout.keys:
        found = None
    else:
        found = from_wire(layout.kinds[name], attribute.type, wire, layout.classes)
    if found != values[name]:
        refuse(f"differs from what the field {name} says", wire)


def unknown(layout: Layout, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of an item that the contract does not know, checked."""
    known = layout.definition.by_attribute
    found: dict[str, Any] = {}
    for name, wire in item.items():
        if name in known:
            continue
        try:
            if not isinstance(name, str):
                refuse("the name of an attribute must be text", name)
            found[name] = checked_attribute(wire)
        except Refusal as refusal:
            corrupt(layout, str(name), refusal, key_text_of_item(layout, item), secret=False)
    return found or layout.no_extra
