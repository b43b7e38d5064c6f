"""Predicates as conditions in SQL, true, false and unknown for the same records."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from dalkit import kinds
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import TRUE, Refused, Sql, joined, refuse
from dalkit.compile.sql_values import Operand, among, binary, compared, indexed, parameter
from dalkit.fields import predicates as p
from dalkit.fields.places import Folded, Place, Size
from dalkit.query.normal import conjuncts

__all__ = ["all_of", "condition", "parted"]

_FOLD = "utf8mb4_unicode_520_ci"
_NUMBERS = "'INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL'"
_UNITS = Operand("size", Sql(""), kinds.Integer())


def all_of(places: Places, predicates: Iterable[p.Predicate[Any]]) -> tuple[Sql, ...]:
    """Conditions that must all be true."""
    return tuple(condition(places, one) for one in conjuncts(predicates))


def parted(
    places: Places, predicates: Iterable[p.Predicate[Any]]
) -> tuple[tuple[Sql, ...], tuple[p.Predicate[Any], ...]]:
    """Conditions that MySQL can be asked, and the predicates of which it cannot be."""
    asked: list[Sql] = []
    left: list[p.Predicate[Any]] = []
    for one in conjuncts(predicates):
        try:
            asked.append(condition(places, one))
        except Refused:
            left.append(one)
    return tuple(asked), tuple(left)


def condition(places: Places, predicate: p.Predicate[Any]) -> Sql:
    """A predicate whose negations are pushed to its leaves."""
    match predicate:
        case p.And(terms):
            return joined(" AND ", (condition(places, one) for one in terms)).within("(")
        case p.Or(terms):
            return joined(" OR ", (condition(places, one) for one in terms)).within("(")
        case p.Not(inner):
            return condition(places, inner).within("NOT (")
        case p.Exists(place):
            return places.present(place)
        case p.IsNone(place):
            return places.present(place).within("NOT (")
        case p.Compare(Folded(place), operator, value):
            found = _folded(places, place, _pattern(value))
            return found if operator == "=" else found.within("NOT (")
        case p.Compare(operand, operator, value):
            return _compared(places, operand, operator, value)
        case p.Between(operand, low, high):
            ends = (_compared(places, operand, ">=", low), _compared(places, operand, "<=", high))
            return joined(" AND ", ends).within("(")
        case p.IsIn(operand, values):
            return _among(places, operand, values)
        case p.BeginsWith(operand, start):
            return _begins(places, operand, start)
        case p.Contains(operand, value):
            return _contains(places, operand, value)
        case _:
            raise TypeError(f"{type(predicate).__name__} is no predicate of dalkit's")


def _compared(places: Places, at: Any, operator: p.Comparison, value: Any) -> Sql:
    if isinstance(at, Size):
        return _size(places, at.place) + f" {operator} " + parameter(_UNITS, value)
    if _is_compound(places, at):
        found = places.equal(at, value)
        return found if operator == "=" else found.within("NOT (")
    operand = places.operand(at)
    if isinstance(operand.kind, kinds.Json):
        return _json(operand, operator, value)
    if isinstance(operand.kind, (kinds.Nested, kinds.Listed)):
        refuse(at, "a record inside a record is not compared as a whole", "compare its members")
    return compared(operand, operator, value)


def _is_compound(places: Places, place: Place) -> bool:
    kind = places.definition.by_field[place.name].kind
    return not place.steps and isinstance(kind, (kinds.Nested, kinds.Listed))


def _among(places: Places, at: Any, values: tuple[Any, ...]) -> Sql:
    if isinstance(at, Folded):
        tests = [_folded(places, at.place, _pattern(one)) for one in values]
        return _any(tests, places.operand(at.place).sql)
    if isinstance(at, Size):
        tests = [_compared(places, at, "=", one) for one in values]
        return _any(tests, _size(places, at.place))
    if _is_compound(places, at):
        return _any([places.equal(at, one) for one in values], TRUE)
    operand = places.operand(at)
    if values and not isinstance(operand.kind, kinds.Json):
        return among(operand, values)
    return _any([_compared(places, at, "=", one) for one in values], operand.sql)


def _any(tests: list[Sql], held: Sql) -> Sql:
    """One of the tests; of none, false where there is a value."""
    if not tests:
        return held.within("CASE WHEN ", " IS NOT NULL THEN FALSE END")
    return joined(" OR ", tests).within("(")


def _begins(places: Places, at: Any, start: Any) -> Sql:
    if isinstance(at, Folded):
        return _folded(places, at.place, _pattern(start) + "%")
    operand = places.operand(at)
    if isinstance(operand.kind, kinds.Bytes):
        head = operand.sql.within("LEFT(", ", ") + Sql("%s)", (len(start),))
        return head + " = " + parameter(operand, start)
    if isinstance(operand.kind, kinds.Json):
        return _of_text(operand, lambda text: _head(text, start))
    head = _head(binary(operand), start)
    if start and indexed(operand, start):
        rough = operand.sql + Sql(" LIKE %s ESCAPE '|' AND ", (_pattern(start) + "%",))
        return (rough + head).within("(")
    return head


def _head(held: Sql, start: str) -> Sql:
    """The first bytes of UTF-8 are equal exactly where the first characters are."""
    head = held.within("LEFT(", ", ") + Sql("%s)", (len(start.encode()),))
    return head + Sql(" = CAST(%s AS BINARY)", (start,))


def _contains(places: Places, at: Any, value: Any) -> Sql:
    if isinstance(at, Folded):
        return _folded(places, at.place, f"%{_pattern(value)}%")
    if _is_compound(places, at):
        return places.contains(at, value)
    operand = places.operand(at)
    match operand.kind:
        case kinds.Members():
            return Sql("FIND_IN_SET(%s, ", (value,)) + operand.sql + ") > 0"
        case kinds.Bytes():
            return parameter(operand, value).within("LOCATE(", ", ") + operand.sql + ") > 0"
        case kinds.Text():
            part = Sql("LOCATE(CAST(%s AS BINARY), ", (value,))
            return part + binary(operand) + ") > 0"
        case _:
            refuse(at, "JSON cannot be searched alike on MySQL and MariaDB")


def _folded(places: Places, place: Place, pattern: str) -> Sql:
    """LIKE goes character by character, and minds no space at the end."""
    operand = places.operand(place)
    if isinstance(operand.kind, kinds.Json):
        refuse(place, "text inside JSON is compared by code point only")
    text = operand.sql.within("CONVERT(", f" USING utf8mb4) COLLATE {_FOLD}")
    return text + Sql(" LIKE %s ESCAPE '|'", (pattern,))


def _pattern(text: str) -> str:
    for sign in "|%_":
        text = text.replace(sign, f"|{sign}")
    return text


def _size(places: Places, place: Place) -> Sql:
    kind = places.definition.by_field[place.name].kind
    if isinstance(kind, kinds.Nested) and not place.steps:
        return places.size(place)
    operand = places.operand(place)
    held = operand.sql
    match operand.kind:
        case kinds.Text() | kinds.Enum():
            return held.within("CHAR_LENGTH(CONVERT(", " USING utf8mb4))")
        case kinds.Bytes():
            return held.within("LENGTH(")
        case kinds.Members():
            commas = held.within("REPLACE(", ", ',', '')").within("CHAR_LENGTH(")
            length = held.within("CHAR_LENGTH(")
            return length.within("(", " - ") + commas + " + " + held.within("(", " <> ''))")
        case _:
            refuse(place, "its size cannot be asked")


def _json(operand: Operand, operator: p.Comparison, value: Any) -> Sql:
    """JSON of another type than the value is unknown; so is none."""
    if isinstance(value, bool):
        told = "true" if value else "false"
        text = operand.sql.within("JSON_UNQUOTE(") + Sql(f" {operator} %s", (told,))
        return _if_type(operand, "'BOOLEAN'", text)
    if isinstance(value, str):
        exact = Sql(f" {operator} CAST(%s AS BINARY)", (value,))
        return _of_text(operand, lambda text: text + exact)
    if isinstance(value, (int, Decimal)):
        number = operand.sql.within("CAST(JSON_UNQUOTE(", ") AS DECIMAL(65, 30))")
        wanted = parameter(Operand(operand.name, Sql(""), kinds.Fixed()), value)
        return _if_type(operand, _NUMBERS, number + f" {operator} " + wanted)
    refuse(operand.name, "whole arrays and objects are not compared", "compare what is inside")


def _of_text(operand: Operand, test: Any) -> Sql:
    text = operand.sql.within("CAST(CONVERT(JSON_UNQUOTE(", ") USING utf8mb4) AS BINARY)")
    return _if_type(operand, "'STRING'", test(text))


def _if_type(operand: Operand, types: str, test: Sql) -> Sql:
    when = operand.sql.within("CASE WHEN JSON_TYPE(", f") IN ({types}) THEN ")
    return when + test + " END"
