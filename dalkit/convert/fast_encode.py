"""Generated code that makes items: from a record or from a row, as a wire dict or as JSON bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from dalkit import kinds
from dalkit.convert.careful import may_be_none
from dalkit.convert.careful_items import carried_wire, check_key, extra_attributes
from dalkit.convert.code import interpolated, member
from dalkit.convert.fast_inputs import Maker, Source, is_direct, origin_of
from dalkit.convert.fast_maps import native
from dalkit.convert.fast_pieces import (
    Piece,
    Sink,
    bound_of,
    constant,
    entries,
    escapes,
    json_of,
    members,
    optional_entry,
    size_lines,
)
from dalkit.convert.fast_scalars import (
    PLAIN,
    SCALARS,
    cell_text,
    value_text,
)
from dalkit.convert.layout import EXTRA, Layout
from dalkit.convert.nested import checked_value, value_from_cell
from dalkit.convert.size import LARGEST_ITEM, item_size
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    FieldDefinition,
    Part,
    Template,
)

__all__ = [
    "encoder",
]


def encoder(layout: Layout, source: Source, sink: Sink) -> tuple[Callable[[Any], Any], str]:
    """The function from a row or record to an item (or its JSON as bytes), and its source text.

    The function raises, anything at all, where the careful path must answer.
    """
    m = Maker(layout, source, sink)
    _open(m)
    pieces = [_piece(m, one) for one in layout.definition.attributes]
    if sink == "dict":
        _close_dict(m, pieces)
    else:
        _close_json(m, pieces)
    m.w.line(0, "def encode(r):")
    for one in m.lines:
        m.w.line(1, one)
    return m.w.function("encode"), m.w.source()


def _open(m: Maker) -> None:
    fields = m.layout.definition.fields
    if m.source == "record":
        m.lines.append(f"if r.__class__ is not {m.w.bind(m.layout.record, 'record')}: raise Doubt")
        m.lines.append(f"extra = {member('r', EXTRA)}")
        if m.sink == "json":
            m.lines.append("if extra: raise Doubt")
        for at, one in enumerate(fields):
            m.inputs[one.name] = f"v{at}"
            m.lines.append(f"v{at} = {member('r', one.name)}")
        return
    names = [cell.name for cell in m.layout.definition.source.cells]
    m.lines.append("if r.__class__ is not tuple: raise Doubt")
    m.lines.append(f"({''.join(f'c{at}, ' for at in range(len(names)))}) = r")


def _piece(m: Maker, attribute: AttributeDefinition) -> Piece:
    match attribute.content:
        case Carried(name):
            piece = _carried(m, attribute, m.layout.definition.by_field[name])
        case Template() as template if attribute.type == "S":
            piece = _template(m, attribute, template)
        case Template():
            # a number made of a template is rare: the careful path makes the whole item
            m.lines.append("raise Doubt")
            return Piece(name=attribute.name, held="None", tag="")
        case _:
            return _constant(m, attribute)
    if piece.optional and attribute.name in m.layout.table_keys:
        m.lines.append(f"if {piece.held} is None: raise Doubt")
        return _without_none(piece)
    return piece


def _without_none(piece: Piece) -> Piece:
    return evolve(piece, optional=False)


def _constant(m: Maker, attribute: AttributeDefinition) -> Piece:
    wire = m.layout.constants[attribute.name]
    if attribute.name in m.layout.keys and wire.get("S") == "":
        m.lines.append("raise Doubt")
    return constant(wire, attribute.name, m.sink, m.w)


def _carried(m: Maker, attribute: AttributeDefinition, one: FieldDefinition) -> Piece:
    nested = isinstance(one.kind, (kinds.Nested, kinds.Listed, kinds.Json))
    if attribute.type not in SCALARS or nested:
        return native(m, attribute, one) or _whole(m, attribute, one)
    held = _text(m, one, attribute.type)
    optional = may_be_none(one)
    bounded = isinstance(one.kind, PLAIN) and not isinstance(one.kind, kinds.Bytes)
    if attribute.name in m.layout.keys and attribute.type == "S" and not bounded:
        _limit(m, attribute.name, held, optional=optional)
    return Piece(
        name=attribute.name,
        held=held,
        tag=attribute.type,
        optional=optional,
        escaped=escapes(one.kind, attribute.type),
        bound=bound_of(one.kind),
        measure=f"4 * len({held})" if attribute.type == "S" else "",
    )


def _limit(m: Maker, name: str, held: str, *, optional: bool) -> None:
    guard = f"{held} is not None and " if optional else ""
    most = m.layout.keys[name] // 4
    m.lines.append(f"if {guard}not 0 < len({held}) <= {most}: raise Doubt")


def _text(m: Maker, one: FieldDefinition, type: str) -> str:
    """The variable of what a scalar attribute of the type holds for the field."""
    if isinstance(one.kind, kinds.Integer):
        type = "S"  # digits are the same text under N
    known = m.texts.get((one.name, type))
    if known is not None:
        return known
    held = f"{type.lower()}{m.layout.definition.fields.index(one)}"
    origin = origin_of(m, one)
    make = cell_text if is_direct(m, one) else value_text
    guard = f"None if {origin} is None else " if may_be_none(one) else ""
    m.lines.append(f"{held} = {guard}{make(one.kind, type, origin, m.w)}")
    m.texts[one.name, type] = held
    return held


def _template(m: Maker, attribute: AttributeDefinition, template: Template) -> Piece:
    written: list[str | tuple[str]] = []
    missing: list[str] = []
    sizes: list[int | None] = []
    escaped = False
    for part in template.parts:
        if isinstance(part, str):
            written.append(part)
            sizes.append(4 * len(part))
            escaped = True
            continue
        one = m.layout.definition.by_field[part.field]
        held = _part(m, one, part, template)
        written.append((held,))
        missing += [held] if may_be_none(one) else []
        sizes.append(_part_bound(one, part, template))
        escaped = escaped or escapes(one.kind, "S")
    held = f"t{m.layout.definition.attributes.index(attribute)}"
    guard = " or ".join(f"{one} is None" for one in missing)
    m.lines.append(f"{held} = {f'None if {guard} else ' if guard else ''}{interpolated(*written)}")
    bound = None if None in sizes else sum(one or 0 for one in sizes)
    literal = any(isinstance(one, str) and one for one in written)
    limit = m.layout.keys.get(attribute.name)
    if limit is not None and (bound is None or bound > limit or not literal):
        _limit(m, attribute.name, held, optional=bool(missing))
    return Piece(
        name=attribute.name,
        held=held,
        tag="S",
        optional=bool(missing),
        escaped=escaped,
        bound=bound,
        measure=f"4 * len({held})",
    )


def _part(m: Maker, one: FieldDefinition, part: Part, template: Template) -> str:
    held = _text(m, one, "S")
    changed = f"{held}.zfill({part.width})" if part.width else held
    if template.escape and escapes(one.kind, "S"):
        changed = f"{changed}.replace('%', '%25').replace('#', '%23')"
    if changed == held:
        return held
    name = f"p{len(m.lines)}"
    guard = f"None if {held} is None else " if may_be_none(one) else ""
    m.lines.append(f"{name} = {guard}{changed}")
    return name


def _part_bound(one: FieldDefinition, part: Part, template: Template) -> int | None:
    bound = bound_of(one.kind)
    if bound is None:
        return None
    return max(bound * (3 if template.escape else 1), part.width)


def _whole(m: Maker, attribute: AttributeDefinition, one: FieldDefinition) -> Piece:
    """An attribute whose value is made by the careful functions."""
    layout, sink, direct = m.layout, m.sink, is_direct(m, one)

    def careful(held: Any) -> Any:
        if direct:
            value = None if held is None else value_from_cell(one.kind, held, layout.classes)
        else:
            value = None if held is None else checked_value(one.kind, held, layout.classes)
        if value is None and not may_be_none(one):
            raise ValueError("NULL")
        wire = carried_wire(one, attribute, value)
        if wire is not None and attribute.name in layout.keys:
            check_key(layout, attribute.name, wire, {})
        return wire if wire is None or sink == "dict" else json_of(wire)

    held = f"w{layout.definition.attributes.index(attribute)}"
    origin = origin_of(m, one)
    m.lines.append(f"{held} = {m.w.bind(careful, 'wire')}({origin})")
    return Piece(name=attribute.name, held=held, tag="", optional=True)


def _close_dict(m: Maker, pieces: Sequence[Piece]) -> None:
    first = next((at for at, one in enumerate(pieces) if one.optional), len(pieces))
    sure = entries(pieces[:first], "dict", m.w, m.lines, nulls=False)
    m.lines.append(f"item = {sure}")
    for one in pieces[first:]:
        value = f"{{{one.tag!r}: {one.held}}}" if one.tag else one.held
        guard = f"if {one.held} is not None: " if one.optional else ""
        m.lines.append(f"{guard}item[{one.name!r}] = {value}")
    if m.source == "record":
        layout = m.layout
        more = m.w.bind(lambda extra: extra_attributes(layout, extra, ""), "extra")
        exact = m.w.bind(_fits, "fits")
        m.lines.append("if extra:")
        m.lines.append(f"    item.update({more}(extra))")
        m.lines.append(f"    if not {exact}(item): raise Doubt")
    size_lines(pieces, LARGEST_ITEM, "item", m.lines, m.w)
    m.lines.append("return item")


def _close_json(m: Maker, pieces: Sequence[Piece]) -> None:
    first = next((at for at, one in enumerate(pieces) if one.optional), len(pieces))
    parts = members(pieces[:first], m.w, m.lines, nulls=False)
    for one in pieces[first:]:
        if one.optional:
            parts.append((optional_entry(one, m.w, m.lines),))
        else:
            parts += [",", *members([one], m.w, m.lines, nulls=False)]
    m.lines.append(f"found = {interpolated('{', *parts, '}')}.encode()")
    # JSON is never shorter than what DynamoDB counts, so most items need no measuring
    m.lines.append(f"if len(found) > {LARGEST_ITEM}: raise Doubt")
    m.lines.append("return found")


def _fits(item: dict[str, Any]) -> bool:
    return item_size(item) <= LARGEST_ITEM
