"""Generated code that makes maps and arrays of maps of nested records."""

from __future__ import annotations

from collections.abc import Sequence

from dalkit import kinds
from dalkit.convert.careful import may_be_none
from dalkit.convert.code import member
from dalkit.convert.fast_inputs import Maker, cells_of, is_direct, origin_of
from dalkit.convert.fast_pieces import (
    Piece,
    bound_of,
    entries,
    escapes,
)
from dalkit.convert.fast_scalars import (
    SCALARS,
    cell_text,
    value_text,
)
from dalkit.schema.definition import (
    AttributeDefinition,
    FieldDefinition,
)

__all__ = [
    "native",
]


def native(m: Maker, attribute: AttributeDefinition, one: FieldDefinition) -> Piece | None:
    """A map or an array of maps, made by a loop of generated code."""
    kind = one.kind
    if not isinstance(kind, kinds.Nested) or attribute.type != ("L" if kind.array else "M"):
        return None
    if not all(_scalar(member) for member in kind.members):
        return None
    at = m.layout.definition.attributes.index(attribute)
    if kind.array:
        return _array(m, attribute, one, kind, f"w{at}")
    if m.source == "row" and (one.transformed is not None or is_direct(m, one)):
        return None
    make = _nested_function(m, kind, f"n{at}")
    optional = may_be_none(one) and m.source == "record"
    if m.source == "row":
        m.lines.append(f"w{at} = {make}(({''.join(f'{cell}, ' for cell in cells_of(m, one))}))")
    else:
        origin = origin_of(m, one)
        guard = f"None if {origin} is None else " if optional else ""
        m.lines.append(f"w{at} = {guard}{make}({origin})")
    return Piece(
        name=attribute.name, held=f"w{at}", tag="", optional=optional, bound=_map_bound(kind)
    )


def _array(
    m: Maker, attribute: AttributeDefinition, one: FieldDefinition, kind: kinds.Nested, held: str
) -> Piece:
    origin = origin_of(m, one)
    make = _nested_function(m, kind, f"n{held[1:]}")
    optional = may_be_none(one)
    tuples = f"{origin}.__class__ is not tuple"
    m.lines.append(f"if {tuples}{f' and {origin} is not None' if optional else ''}: raise Doubt")
    each = f"[{make}(one) for one in {origin}]"
    made = f"{{'L': {each}}}" if m.sink == "dict" else f"'{{\"L\":[' + ','.join({each}) + ']}}'"
    m.lines.append(f"{held} = {f'None if {origin} is None else ' if optional else ''}{made}")
    bound = _map_bound(kind)
    measure = f"{bound + 1} * len({origin}) + 3" if bound is not None else ""
    return Piece(name=attribute.name, held=held, tag="", optional=optional, measure=measure)


def _map_bound(kind: kinds.Nested) -> int | None:
    total = 3
    for one in kind.members:
        bound = bound_of(one.kind)
        if bound is None:
            return None
        total += 1 + len(one.name.encode("utf-8", "replace")) + bound
    return total


def _scalar(member: kinds.Member) -> bool:
    nested = isinstance(member.kind, (kinds.Nested, kinds.Listed, kinds.Json))
    return member.type in SCALARS and not nested


def _nested_function(m: Maker, kind: kinds.Nested, name: str) -> str:
    body: list[str] = []
    held = [f"a{at}" for at in range(len(kind.members))]
    if m.source == "row":
        body.append("if r.__class__ is not tuple: raise Doubt")
        body.append(f"({''.join(f'{one}, ' for one in held)}) = r")
    else:
        expected = m.w.bind(m.layout.classes[kind.record], "nested", ("nested", kind.record))
        body.append(f"if r.__class__ is not {expected}: raise Doubt")
        body += [
            f"{one} = {member('r', each.field)}"
            for one, each in zip(held, kind.members, strict=True)
        ]
    pieces = _member_pieces(m, kind.members, held, body)
    map_of = entries(pieces, m.sink, m.w, body, nulls=True)
    if m.sink == "dict":
        body.append(f"return {{'M': {map_of}}}")
    else:
        body.append(f"return '{{\"M\":' + {map_of} + '}}'")
    m.w.function_before(f"def {name}(r):", body)
    return name


def _member_pieces(
    m: Maker, members: Sequence[kinds.Member], held: Sequence[str], body: list[str]
) -> list[Piece]:
    pieces: list[Piece] = []
    make = cell_text if m.source == "row" else value_text
    for one, origin in zip(members, held, strict=True):
        text = f"x{origin[1:]}"
        guard = f"None if {origin} is None else " if one.nullable else ""
        body.append(f"{text} = {guard}{make(one.kind, one.type, origin, m.w)}")
        pieces.append(
            Piece(
                name=one.name,
                held=text,
                tag=one.type,
                optional=one.nullable,
                escaped=escapes(one.kind, one.type),
            )
        )
    return pieces
