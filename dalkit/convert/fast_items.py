"""Generated code that makes records of items: of wire dicts, or of what msgspec read from JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

from attrs import define, field
from msgspec import UNSET

from dalkit import kinds
from dalkit.convert.attributes import is_null
from dalkit.convert.careful import may_be_none
from dalkit.convert.careful_items import unknown
from dalkit.convert.code import Writer, interpolated
from dalkit.convert.fast_scalars import SCALARS, Origin, doubt, part_value, text_value
from dalkit.convert.json_items import client_form
from dalkit.convert.layout import EXTRA, Layout
from dalkit.convert.nested import from_wire
from dalkit.convert.size import checked_attribute
from dalkit.convert.templates import Cut, parse
from dalkit.convert.text import text_of
from dalkit.convert.transformations import padded
from dalkit.convert.twin import build
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    FieldDefinition,
    Part,
    Template,
)

__all__ = ["item_decoder", "native_members", "native_nested"]


@final
@define
class _Maker:
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


def item_decoder(layout: Layout, origin: Origin) -> tuple[Callable[[Any], Any], str]:
    """The function from an item to a record, and its source text.

    The function raises, anything at all, where the careful path must answer.
    """
    m = _Maker(layout, origin)
    if layout.homeless:
        m.lines.append("raise Doubt")
        return _made(m)
    _open(m)
    for at, attribute in enumerate(layout.definition.attributes):
        if _is_home(layout, attribute):
            _home(m, at, attribute)
    for at, attribute in enumerate(layout.definition.attributes):
        if not _is_home(layout, attribute) or isinstance(attribute.content, Template):
            _agree(m, at, attribute)
    _close(m)
    return _made(m)


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


def _made(m: _Maker) -> tuple[Callable[[Any], Any], str]:
    m.w.line(0, "def decode(i):")
    for line in m.lines:
        m.w.line(1, line)
    return m.w.function("decode"), m.w.source()


def _is_home(layout: Layout, attribute: AttributeDefinition) -> bool:
    return attribute.name in layout.homes.values()


def _open(m: _Maker) -> None:
    if m.origin != "dict":
        m.w.bind(UNSET, "UNSET")
        return
    m.lines += ["if i.__class__ is not dict: raise Doubt", "get = i.get"]
    sure = sum(not _optional(m, one) for one in m.layout.definition.attributes)
    m.lines.append(f"count = {sure}")


def _optional(m: _Maker, attribute: AttributeDefinition) -> bool:
    """Whether an item may be without the attribute."""
    if attribute.name in m.layout.table_keys:
        return False
    content = attribute.content
    if not isinstance(content, Carried) or m.layout.homes[content.field] != attribute.name:
        return True
    one = m.layout.definition.by_field[content.field]
    return may_be_none(one) or isinstance(one.kind, kinds.Members)


def _read(m: _Maker, at: int, attribute: AttributeDefinition) -> str:
    """Read the attribute value to a variable; the indent of the lines that may use it."""
    if m.origin != "dict":
        m.lines.append(f"w{at} = i.f{at}")
    elif _optional(m, attribute):
        m.lines.append(f"w{at} = get({attribute.name!r})")
    else:
        m.lines.append(f"w{at} = i[{attribute.name!r}]")
    return f"w{at}"


def _missing(m: _Maker, held: str) -> str:
    unset = next((name for name, one in m.w.names.items() if one is UNSET), "None")
    return f"{held} is {unset if m.origin != 'dict' else 'None'}"


def _home(m: _Maker, at: int, attribute: AttributeDefinition) -> None:
    held = _read(m, at, attribute)
    content = attribute.content
    if isinstance(content, Template):
        _template_home(m, at, attribute, content)
        return
    if not isinstance(content, Carried):
        raise ValueError(f"attribute {attribute.name!r} is no field's home")
    one = m.layout.definition.by_field[content.field]
    value = f"v{m.layout.definition.fields.index(one)}"
    m.values[one.name] = value
    inner: list[str] = []
    _value(m, attribute, one, held, value, inner)
    if not _optional(m, attribute):
        m.lines += inner
        return
    m.lines.append(f"if {_missing(m, held)}: {value} = {_absent(m, attribute, one)}")
    m.lines.append("else:")
    if m.origin == "dict":
        inner.insert(0, "count += 1")
    m.lines += [f"    {line}" for line in inner]


def _absent(m: _Maker, attribute: AttributeDefinition, one: FieldDefinition) -> str:
    if may_be_none(one):
        return "None"
    # a set that is absent is empty; anything else must be there
    return m.w.bind(frozenset(), "empty") if attribute.type == "SS" else "i[None]"


def _value(
    m: _Maker,
    attribute: AttributeDefinition,
    one: FieldDefinition,
    held: str,
    value: str,
    lines: list[str],
) -> None:
    kind, type = one.kind, attribute.type
    if type in SCALARS and not isinstance(kind, (kinds.Nested, kinds.Listed, kinds.Json)):
        text = f"t{held[1:]}"
        lines.append(_held(m, held, text, type))
        _count(m, lines, held, optional=_optional(m, attribute))
        lines.append(f"{value} = {text_value(kind, type, text, m.w, origin=m.origin)}")
        if type == "S" and not _optional(m, attribute):
            m.texts[one.name] = text
        return
    if native_nested(kind, type) and isinstance(kind, kinds.Nested):
        _nested_value(m, kind, held, value, lines, optional=_optional(m, attribute))
        return
    lines.append(f"{value} = {_careful_value(m, attribute, one)}({held})")


def _held(m: _Maker, held: str, text: str, tag: str) -> str:
    if m.origin != "dict":
        return f"{text} = {held}.{tag}"
    return f"{text} = {held}[{tag!r}]"


def _count(m: _Maker, lines: list[str], held: str, *, optional: bool) -> None:
    """An attribute value has one tag; of those that must be there, all are counted at the end."""
    if m.origin != "dict":
        return
    if optional:
        lines.append(f"if len({held}) != 1: raise Doubt")
    else:
        m.lengths.append(held)


def _careful_value(m: _Maker, attribute: AttributeDefinition, one: FieldDefinition) -> str:
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
    m: _Maker, kind: kinds.Nested, held: str, value: str, lines: list[str], *, optional: bool
) -> None:
    make = _nested_function(m, kind, f"n{held[1:]}")
    if m.origin != "dict":
        each = f"[{make}(one.M) for one in {held}.L]"
        lines.append(f"{value} = {f'tuple({each})' if kind.array else f'{make}({held}.M)'}")
        return
    _count(m, lines, held, optional=optional)
    if not kind.array:
        lines.append(f"{value} = {make}({held}['M'])")
        return
    text = f"t{held[1:]}"
    lines.append(f"{text} = {held}['L']")
    lines.append(f"if {text}.__class__ is not list: raise Doubt")
    lines.append(
        f"{value} = tuple([{make}(one['M'] if len(one) == 1 else None) for one in {text}])"
    )


def _nested_function(m: _Maker, kind: kinds.Nested, name: str) -> str:
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


def _member(m: _Maker, at: int, one: kinds.Member, body: list[str], lengths: list[str]) -> None:
    value = text_value(one.kind, one.type, "t", m.w, origin=m.origin)
    if m.origin != "dict":
        body.append(f"w = i.f{at}")
        if not one.nullable:
            body += [f"t = w.{one.type}", f"v{at} = {value}"]
            return
        unset = _missing(m, "w").removeprefix("w is ")
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


def _template_home(m: _Maker, at: int, attribute: AttributeDefinition, template: Template) -> None:
    layout = m.layout
    wanted = [name for name, home in layout.homes.items() if home == attribute.name]
    variables = {}
    for name in wanted:
        variables[name] = f"v{layout.definition.fields.index(layout.definition.by_field[name])}"
        m.values[name] = variables[name]
    inner = [_held(m, f"w{at}", f"t{at}", "S"), f"rest = t{at}"]
    _count(m, inner, f"w{at}", optional=_optional(m, attribute))
    if template.escape or not _simple(template, layout.kinds):
        _careful_parts(m, at, attribute, template, variables, inner)
    else:
        for cut in layout.cuts[attribute.name]:
            _cut(m, cut, variables, inner)
    if not _optional(m, attribute):
        m.lines += inner
        return
    m.lines.append(f"if {_missing(m, f'w{at}')}:")
    for name in wanted:
        one = layout.definition.by_field[name]
        m.lines.append(f"    {variables[name]} = {'None' if may_be_none(one) else 'i[None]'}")
    m.lines.append("else:")
    if m.origin == "dict":
        inner.insert(0, "count += 1")
    m.lines += [f"    {line}" for line in inner]


def _simple(template: Template, kinds_of: Mapping[str, kinds.Kind]) -> bool:
    return all(
        isinstance(part, str) or not part.width or isinstance(kinds_of[part.field], kinds.Integer)
        for part in template.parts
    )


def _careful_parts(
    m: _Maker,
    at: int,
    attribute: AttributeDefinition,
    template: Template,
    variables: Mapping[str, str],
    lines: list[str],
) -> None:
    layout = m.layout

    def careful(text: str) -> Any:
        found = parse(template, layout.cuts[attribute.name], layout.kinds, text)
        return tuple(found[name] for name in variables)

    call = m.w.bind(careful, "parts", ("parts", attribute.name))
    lines.append(f"({''.join(f'{one}, ' for one in variables.values())}) = {call}(t{at})")


def _cut(m: _Maker, cut: Cut, variables: Mapping[str, str], lines: list[str]) -> None:
    if isinstance(cut.part, str):
        # the literal itself is checked when the whole text is made again
        lines.append(f"rest = rest[:-{cut.width}]" if cut.end else f"rest = rest[{cut.width}:]")
        return
    if cut.width is not None:
        place = f"-{cut.width}" if cut.end else str(cut.width)
    elif cut.until is None:
        place = "0" if cut.end else "len(rest)"
    else:
        place = f"rest.rindex({cut.until!r}) + 1" if cut.end else f"rest.index({cut.until!r})"
    lines.append(f"at = {place}")
    name = cut.part.field
    if name in variables:
        lines.append(f"p = {'rest[at:]' if cut.end else 'rest[:at]'}")
        value = part_value(m.layout.kinds[name], cut.part.width, "p", m.w)
        lines.append(f"{variables[name]} = {value}")
    lines.append(f"rest = {'rest[:at]' if cut.end else 'rest[at:]'}")


def _agree(m: _Maker, at: int, attribute: AttributeDefinition) -> None:
    """Lines that doubt where an attribute says other than the fields."""
    home = _is_home(m.layout, attribute)
    if not home:
        _read(m, at, attribute)
    inner: list[str] = []
    content = attribute.content
    if isinstance(content, Carried):
        _agree_carried(m, at, attribute, content.field, inner)
    elif isinstance(content, Constant):
        _agree_constant(m, at, attribute, inner)
    else:
        _agree_template(m, at, attribute, content, inner)
    if home and _optional(m, attribute):
        m.lines.append(f"if not ({_missing(m, f'w{at}')}):")
    elif _optional(m, attribute):
        m.lines.append(f"if not ({_missing(m, f'w{at}')}):")
        if m.origin == "dict":
            inner.insert(0, "count += 1")
    else:
        m.lines += inner
        return
    m.lines += [f"    {line}" for line in inner]


def _agree_carried(
    m: _Maker, at: int, attribute: AttributeDefinition, name: str, lines: list[str]
) -> None:
    one = m.layout.definition.by_field[name]
    _value(m, attribute, one, f"w{at}", f"same{at}", lines)
    if m.texts.get(name) == f"t{at}":
        del m.texts[name]
    lines.append(f"if same{at} != {m.values[name]}: raise Doubt")


def _agree_constant(m: _Maker, at: int, attribute: AttributeDefinition, lines: list[str]) -> None:
    wire = m.layout.constants[attribute.name]
    ((tag, text),) = wire.items()
    if tag == "S" and m.origin != "dict":
        lines.append(f"if w{at}.S != {text!r}: raise Doubt")
    elif tag == "S":
        lines.append(f"if w{at} != {wire!r}: raise Doubt")
    else:
        read = m.origin == "json"

        def differs(held: Any) -> bool:
            return checked_attribute(client_form(held) if read else held) != wire

        lines.append(f"if {m.w.bind(differs, 'differs')}(w{at}): raise Doubt")


def _agree_template(
    m: _Maker, at: int, attribute: AttributeDefinition, template: Template, lines: list[str]
) -> None:
    if attribute.type != "S":
        lines.append("raise Doubt")
        return
    if not _is_home(m.layout, attribute):
        lines.append(_held(m, f"w{at}", f"t{at}", "S"))
        _count(m, lines, f"w{at}", optional=_optional(m, attribute))
    written: list[str | tuple[str]] = []
    for number, part in enumerate(template.parts):
        if isinstance(part, str):
            written.append(part)
            continue
        text = _part_text(m, part, template)
        if text.isidentifier():
            written.append((text,))
            continue
        lines.append(f"p{at}_{number} = {text}")
        written.append((f"p{at}_{number}",))
    lines.append(f"if t{at} != {interpolated(*written)}: raise Doubt")


def _part_text(m: _Maker, part: Part, template: Template) -> str:
    kind = m.layout.kinds[part.field]
    value = m.values[part.field]
    nullable = may_be_none(m.layout.definition.by_field[part.field])
    guard = f" if {value} is not None else {doubt(m.w)}()" if nullable else ""
    if isinstance(kind, kinds.Integer):
        return f"str({value}).zfill({part.width}){guard}" if part.width else f"{value}{guard}"
    if isinstance(kind, (kinds.Text, kinds.Enum)) and not template.escape:
        return f"{value}{guard}"
    if part.field in m.texts and not part.width and not template.escape:
        return m.texts[part.field]

    def careful(held: Any) -> str:
        if held is None:
            raise ValueError("NULL")
        text = padded(kind, text_of(kind, held), part.width)
        return text.replace("%", "%25").replace("#", "%23") if template.escape else text

    return f"{m.w.bind(careful, 'part', ('part', part, template.escape))}({value})"


def _close(m: _Maker) -> None:
    if m.origin == "dict":
        same = " + ".join(f"len({one})" for one in m.lengths) or "0"
        m.lines.append(f"if {same} != {len(m.lengths)}: raise Doubt")
        layout = m.layout

        def rest(item: Any, count: int) -> Any:
            found = unknown(layout, item)
            if len(found) + count != len(item):
                raise ValueError("an attribute that is no attribute value")
            return found

        none = m.w.bind(layout.no_extra, "no_extra")
        call = m.w.bind(rest, "rest")
        m.lines.append(f"extra = {none} if len(i) == count else {call}(i, count)")
    else:
        m.lines.append(f"extra = {m.w.bind(m.layout.no_extra, 'no_extra')}")
    names = [one.name for one in m.layout.definition.fields]
    values = [m.values[name] for name in names]
    m.lines += build(m.layout.record, [*names, EXTRA], [*values, "extra"], m.w)
