"""Generated code that reads one attribute: its place in the item, and the value that it says."""

from __future__ import annotations

from typing import Any, final

from attrs import define, field
from msgspec import UNSET

from dalkit import kinds
from dalkit.convert.attributes import is_null
from dalkit.convert.careful import may_be_none
from dalkit.convert.code import Writer
from dalkit.convert.fast_scalars import (
    SCALARS,
    Origin,
    text_value,
)
from dalkit.convert.json_items import client_form
from dalkit.convert.layout import Layout
from dalkit.convert.nested import from_wire
from dalkit.convert.twin import build
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    FieldDefinition,
)

__all__ = [
    "Maker",
    "count_tags",
    "hold",
    "is_home",
    "is_missing",
    "is_optional",
    "native_members",
    "native_nested",
    "read_attribute",
    "value_lines",
]


@final
@define
class Maker:
    layout: Layout
    origin: Origin
    w: Writer = field(factory=Writer)
    lines: list[str] = field(factory=list)
    values: dict[str, str] = field(factory=dict)
    """The variable of each field's value."""
    texts: dict[str, str] = field(factory=dict)
    """The variable of each field's text, where an attribute held it."""
    lengths: list[str] = field(factory=list)
    counted: int = 0


def native_nested(kind: kinds.Kind, type: str) -> bool:
    """Whether generated code reads a nested record member by member."""
    return (
        isinstance(kind, kinds.Nested)
        and type == ("L" if kind.array else "M")
        and native_members(kind)
    )


def native_members(kind: kinds.Nested) -> bool:
    """Whether every member is a scalar."""
    deep = (kinds.Nested, kinds.Listed, kinds.Json)
    return all(one.type in SCALARS and not isinstance(one.kind, deep) for one in kind.members)


def is_home(layout: Layout, attribute: AttributeDefinition) -> bool:
    """Whether a field is read from the attribute."""
    return attribute.name in layout.homes.values()


def is_optional(m: Maker, attribute: AttributeDefinition) -> bool:
    """Whether an item may be without the attribute."""
    if attribute.name in m.layout.table_keys:
        return False
    content = attribute.content
    if not isinstance(content, Carried) or m.layout.homes[content.field] != attribute.name:
        return True
    one = m.layout.definition.by_field[content.field]
    return may_be_none(one) or isinstance(one.kind, kinds.Members)


def read_attribute(m: Maker, at: int, attribute: AttributeDefinition) -> str:
    """Read the attribute value to a variable; the indent of the lines that may use it."""
    if m.origin != "dict":
        m.lines.append(f"w{at} = i.f{at}")
    elif is_optional(m, attribute):
        m.lines.append(f"w{at} = get({attribute.name!r})")
    else:
        m.lines.append(f"w{at} = i[{attribute.name!r}]")
    return f"w{at}"


def is_missing(m: Maker, held: str) -> str:
    """The condition that an item is without the attribute."""
    unset = next((name for name, one in m.w.names.items() if one is UNSET), "None")
    return f"{held} is {unset if m.origin != 'dict' else 'None'}"


def value_lines(
    m: Maker,
    attribute: AttributeDefinition,
    one: FieldDefinition,
    held: str,
    value: str,
    lines: list[str],
) -> None:
    """Write the lines that read a field from an attribute that is there."""
    kind, type = one.kind, attribute.type
    if type in SCALARS and not isinstance(kind, (kinds.Nested, kinds.Listed, kinds.Json)):
        text = f"t{held[1:]}"
        lines.append(hold(m, held, text, type))
        count_tags(m, lines, held, optional=is_optional(m, attribute))
        lines.append(f"{value} = {text_value(kind, type, text, m.w, origin=m.origin)}")
        if type == "S" and not is_optional(m, attribute):
            m.texts[one.name] = text
        return
    if native_nested(kind, type) and isinstance(kind, kinds.Nested):
        _nested_value(m, kind, held, value, lines, optional=is_optional(m, attribute))
        return
    lines.append(f"{value} = {_careful_value(m, attribute, one)}({held})")


def hold(m: Maker, held: str, text: str, tag: str) -> str:
    """The statement that takes what an attribute of the type holds."""
    if m.origin != "dict":
        return f"{text} = {held}.{tag}"
    return f"{text} = {held}[{tag!r}]"


def count_tags(m: Maker, lines: list[str], held: str, *, optional: bool) -> None:
    """An attribute value has one tag; of those that must be there, all are counted at the end."""
    if m.origin != "dict":
        return
    if optional:
        lines.append(f"if len({held}) != 1: raise Doubt")
    else:
        m.lengths.append(held)


def _careful_value(m: Maker, attribute: AttributeDefinition, one: FieldDefinition) -> str:
    layout, read = m.layout, m.origin == "json"

    def careful(wire: Any) -> Any:
        held = client_form(wire) if read else wire
        if is_null(held):
            if attribute.name in layout.keys or not may_be_none(one):
                raise ValueError("NULL")
            return None
        if attribute.type == "NULL":
            raise ValueError("not NULL")
        return from_wire(one.kind, attribute.type, held, layout.classes)

    return m.w.bind(careful, "wire", ("wire", attribute.name))


def _nested_value(
    m: Maker, kind: kinds.Nested, held: str, value: str, lines: list[str], *, optional: bool
) -> None:
    make = _nested_function(m, kind, f"n{held[1:]}")
    if m.origin != "dict":
        each = f"[{make}(one.M) for one in {held}.L]"
        lines.append(f"{value} = {f'tuple({each})' if kind.array else f'{make}({held}.M)'}")
        return
    count_tags(m, lines, held, optional=optional)
    if not kind.array:
        lines.append(f"{value} = {make}({held}['M'])")
        return
    text = f"t{held[1:]}"
    lines.append(f"{text} = {held}['L']")
    lines.append(f"if {text}.__class__ is not list: raise Doubt")
    lines.append(
        f"{value} = tuple([{make}(one['M'] if len(one) == 1 else None) for one in {text}])"
    )


def _nested_function(m: Maker, kind: kinds.Nested, name: str) -> str:
    body: list[str] = []
    if m.origin == "dict":
        sure = sum(not one.nullable for one in kind.members)
        body += ["if i.__class__ is not dict: raise Doubt", "get = i.get", f"count = {sure}"]
    lengths: list[str] = []
    for at, one in enumerate(kind.members):
        _member(m, at, one, body, lengths)
    if m.origin == "dict":
        same = " + ".join(f"len({one})" for one in lengths) or "0"
        body.append(f"if len(i) != count or {same} != {len(lengths)}: raise Doubt")
    values = [f"v{at}" for at in range(len(kind.members))]
    fields = [one.field for one in kind.members]
    body += build(m.layout.classes[kind.record], fields, values, m.w)
    m.w.function_before(f"def {name}(i):", body)
    return name


def _member(m: Maker, at: int, one: kinds.Member, body: list[str], lengths: list[str]) -> None:
    value = text_value(one.kind, one.type, "t", m.w, origin=m.origin)
    if m.origin != "dict":
        body.append(f"w = i.f{at}")
        if not one.nullable:
            body += [f"t = w.{one.type}", f"v{at} = {value}"]
            return
        unset = is_missing(m, "w").removeprefix("w is ")
        body.append(f"if w is {unset}: v{at} = None")
        body.append(f"elif w.{one.type} is {unset}:")
        body.append("    if w.NULL is not True: raise Doubt")
        body.append(f"    v{at} = None")
        body.append(f"elif w.NULL is not {unset}: raise Doubt")
        body.append("else:")
        body += [f"    t = w.{one.type}", f"    v{at} = {value}"]
        return
    if not one.nullable:
        body += [f"w{at} = i[{one.name!r}]", f"t = w{at}[{one.type!r}]", f"v{at} = {value}"]
        lengths.append(f"w{at}")
        return
    body.append(f"w = get({one.name!r})")
    body.append(f"if w is None: v{at} = None")
    body.append("else:")
    body += ["    count += 1", "    if len(w) != 1: raise Doubt"]
    body.append("    if 'NULL' in w:")
    body.append("        if w['NULL'] is not True: raise Doubt")
    body.append(f"        v{at} = None")
    body.append("    else:")
    body += [f"        t = w[{one.type!r}]", f"        v{at} = {value}"]
