"""The total order of records in SQL: what was asked for, then the key as stored text.

None comes first, and last in a descending order. The key goes the way of the last order asked
for, as DynamoDB reads an index in one direction. Parts of the key that are the same for all
records of one rank are left out, so that an index of MySQL can give the order where one fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import FALSE, Sql, fixed, joined, literal, refuse
from dalkit.compile.sql_values import Operand, binary, compared
from dalkit.convert.templates import render, shape_of
from dalkit.fields import predicates as p
from dalkit.fields.changes import OrderBy
from dalkit.fields.places import Place
from dalkit.schema.definition import AttributeDefinition, Carried, Part, Template

__all__ = ["Rank", "beyond", "order_by", "ranks"]

_NUMBERS = (kinds.Integer, kinds.Fixed, kinds.Float, kinds.Bits, kinds.Year)
_DATES = (kinds.Date, kinds.DateTime)
_TEXT = kinds.Text()


@final
@frozen
class Rank:
    """One term of an order."""

    operand: Operand
    value: Callable[[Mapping[Place, Any]], Any]
    """From the values of order and key places to this term's."""
    nullable: bool = False
    descending: bool = False

    @property
    def sql(self) -> Sql:
        """As it is sorted by."""
        texts = isinstance(self.operand.kind, (kinds.Text, kinds.Enum))
        return binary(self.operand) if texts else self.operand.sql


def ranks(
    places: Places, orders: Sequence[OrderBy[Any]], conditions: Iterable[p.Predicate[Any]]
) -> tuple[Rank, ...]:
    """The terms of an order that is total among records for which the conditions are true."""
    asked = tuple(_asked(places, one) for one in orders)
    same = {one.place.name for one in orders if not one.place.steps}
    same |= {name for one in conditions for name in _pinned(one)}
    fields = (places.definition.by_field[name] for name in same)
    if places.own.identifies(one.column for one in fields if one.column and not one.nullable):
        return asked
    last = bool(orders) and orders[-1].descending
    return (*asked, *_of_key(places, same, last))


def order_by(terms: Iterable[Rank]) -> Sql:
    """` ORDER BY …`, nothing without terms."""
    every = [one.sql + (" DESC" if one.descending else "") for one in terms]
    return joined(", ", every).within("ORDER BY ", "") if every else Sql("")


def beyond(terms: Sequence[Rank], held: Mapping[Place, Any]) -> Sql:
    """Whether a record comes after the one with these values."""
    found = FALSE
    for term in reversed(terms):
        value = term.value(held)
        after, level = _after(term, value), _level(term, value)
        if found == FALSE:
            found = after
        else:
            found = joined(" OR ", (after, (level + " AND " + found).within("("))).within("(")
    return found if terms else FALSE


def _asked(places: Places, order: OrderBy[Any]) -> Rank:
    operand = places.operand(order.place)
    if isinstance(operand.kind, kinds.Json):
        refuse(f"order by {order.place}", "values inside JSON have no common order")
    field = places.definition.by_field[order.place.name]
    nullable = field.nullable or bool(order.place.steps)
    return Rank(operand, lambda held: held[order.place], nullable, order.descending)


def _after(term: Rank, value: Any) -> Sql:
    operand = term.operand
    if value is None:
        return FALSE if term.descending else operand.sql + " IS NOT NULL"
    if not term.descending:
        return compared(operand, ">", value)
    less = compared(operand, "<", value)
    if not term.nullable:
        return less
    return (less + " OR " + operand.sql + " IS NULL").within("(")


def _level(term: Rank, value: Any) -> Sql:
    if value is None:
        return term.operand.sql + " IS NULL"
    return compared(term.operand, "=", value)


def _pinned(predicate: p.Predicate[Any]) -> tuple[str, ...]:
    match predicate:
        case p.Compare(Place(_, name, ()), "=", _):
            return (name,)
        case _:
            return ()


def _of_key(places: Places, same: set[str], descending: bool) -> Iterable[Rank]:
    for key in places.definition.table.keys:
        attribute = places.definition.by_attribute.get(key.name)
        if attribute is not None:
            for operand, value in _parts(places, attribute, same):
                yield Rank(operand, value, False, descending)


def _parts(
    places: Places, attribute: AttributeDefinition, same: set[str]
) -> Iterable[tuple[Operand, Callable[[Mapping[Place, Any]], Any]]]:
    match attribute.content:
        case Carried(field) if field not in same:
            operand = places.field(field)
            if attribute.type != "S" and not isinstance(operand.kind, kinds.Text):
                yield operand, _of_field(field)
            else:
                yield from _of_template(places, Template((Part(field),)), same)
        case Template() as template:
            yield from _of_template(places, template, same)


def _of_template(
    places: Places, template: Template, same: set[str]
) -> Iterable[tuple[Operand, Callable[[Mapping[Place, Any]], Any]]]:
    """Leading parts whose text sorts as their values by themselves, the rest as one text."""
    rest = [one for one in template.parts if isinstance(one, Part) and one.field not in same]
    while rest and _sorts_alone(places, rest[0], template, len(rest) == 1):
        part = rest.pop(0)
        yield places.field(part.field), _of_field(part.field)
    if not rest:
        return
    parts = template.parts[template.parts.index(rest[0]) :]
    tail = Template(parts, template.escape)
    kinds_of = {one.name: one.kind for one in places.definition.fields}

    def text(held: Mapping[Place, Any]) -> str | None:
        values = {place.name: value for place, value in held.items() if not place.steps}
        return render(tail, kinds_of, values)

    pieces = [_piece(places, one, template.escape) for one in parts]
    whole = joined(", ", pieces).within("CONCAT(") if len(pieces) > 1 else pieces[0]
    yield (
        Operand(_name(places, rest), whole.within("CAST(", " AS BINARY)"), _TEXT, None, True),
        text,
    )


def _name(places: Places, parts: Sequence[Part]) -> str:
    return f"the key of {places.definition.name} ({', '.join(one.field for one in parts)})"


def _of_field(name: str) -> Callable[[Mapping[Place, Any]], Any]:
    def value(held: Mapping[Place, Any]) -> Any:
        return next(one for at, one in held.items() if at.name == name and not at.steps)

    return value


def _sorts_alone(places: Places, part: Part, template: Template, last: bool) -> bool:
    kind = places.definition.by_field[part.field].kind
    if isinstance(kind, _DATES):
        return True
    if isinstance(kind, kinds.Text):
        return last and not template.escape and template.parts[-1] == part
    whole = isinstance(kind, (kinds.Integer, kinds.Bits, kinds.Year))
    return whole and shape_of(kind, part.width).width is not None


def _piece(places: Places, part: str | Part, escape: bool) -> Sql:
    if isinstance(part, str):
        return literal(part)
    operand = places.field(part.field)
    text = _padded(operand, part.width) if part.width else _text(operand)
    if escape and isinstance(operand.kind, (kinds.Text, kinds.Enum, kinds.Members)):
        for sign, code in (("%", "%25"), ("#", "%23")):
            text = text.within("REPLACE(", fixed(f", '{sign}', '{code}')").text)
    return text


def _text(operand: Operand) -> Sql:
    """The text that attribute type S holds."""
    held = operand.sql
    match operand.kind:
        case kinds.Text() | kinds.Enum() | kinds.Members():
            return binary(operand)
        case kinds.DateTime(digits=0):
            return held.within("DATE_FORMAT(", fixed(", '%Y-%m-%dT%H:%i:%sZ')").text)
        case kinds.DateTime(digits=digits):
            whole = held.within("DATE_FORMAT(", fixed(", '%Y-%m-%dT%H:%i:%s.')").text)
            part = held.within("LEFT(DATE_FORMAT(", fixed(f", '%f'), {digits})").text)
            return (whole + ", " + part + ", 'Z'").within("CONCAT(")
        case kinds.Date():
            return held.within("DATE_FORMAT(", fixed(", '%Y-%m-%d')").text)
        case kinds.Boolean():
            return held.within("CAST(", " + 0 AS CHAR)")
        case kinds.Year():
            return held.within("LPAD(", " + 0, 4, '0')")
        case kinds.Fixed(precision=precision, scale=scale):
            return held.within("CAST(CAST(", f" AS DECIMAL({precision}, {scale})) AS CHAR)")
        case kinds.Integer():
            return held.within("CAST(", " AS CHAR)")
        case kinds.Bits():
            return held.within("CAST(", " + 0 AS CHAR)")
        case kinds.Time(digits=digits):
            return held.within("CAST(CAST(", f" AS TIME({digits})) AS CHAR)")
        case kinds.Bytes():
            return held.within("REPLACE(TO_BASE64(", "), '\n', '')")
        case _:
            kind = type(operand.kind).__name__
            refuse(operand.name, f"the key's text of a {kind} is not made in SQL")


def _padded(operand: Operand, width: int) -> Sql:
    """Zeros after the sign, as many as there is room for."""
    kind, text = operand.kind, _text(operand)
    if isinstance(kind, kinds.Integer) and kind.low >= 0 and len(str(kind.high)) <= width:
        return text.within("LPAD(", f", {width}, '0')")
    minus = text.within("LPAD(SUBSTRING(", ", 2), ") + text.within(
        f"GREATEST({width - 1}, CHAR_LENGTH(", ") - 1), '0')"
    )
    plus = text.within("LPAD(", ", ") + text.within(f"GREATEST({width}, CHAR_LENGTH(", ")), '0')")
    negative = operand.sql + " < 0"
    return negative.within("IF(", ", ") + minus.within("CONCAT('-', ") + ", " + plus + ")"
