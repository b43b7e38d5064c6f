"""The type that each operator and function gives, from the types of its operands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from attrs import evolve

from dalkit.source.tables import ColumnType
from dalkit.source.tree import Arithmetic, Cast, Literal, Negative, Scalar
from dalkit.source.typed import (
    CAST_TEXT,
    CONFLICT,
    NUMBERS,
    Typed,
    collated,
    decimal_type,
    merged,
    sure,
    text_type,
    unpadded,
    whole_type,
)
from dalkit.source.values import Refused

__all__ = [
    "arithmetic",
    "call",
    "cast",
    "date_add",
    "date_difference",
    "negative",
    "number",
    "refuse_foreign",
]

_WIDE = re.compile("utf8|utf16|utf32|ucs2")
_DATES = frozenset(("date", "datetime"))
_CLOCK_UNITS = frozenset(("MICROSECOND", "SECOND", "MINUTE", "HOUR"))


def number(part: Typed, what: str) -> Typed:
    """What an operand of arithmetic counts as."""
    if part.family == "text":
        if part.loose or (part.strength >= CAST_TEXT and not part.constant):
            raise Refused(f"a text made of something else in {what}; CAST it to a number")
        return Typed(family="real", type=ColumnType(base="double"), nullable=part.nullable)
    if part.family not in NUMBERS:
        raise Refused(f"{part.family.upper()} in {what}")
    if part.family == "null":
        return whole_type(nullable=True, digits=1)
    if part.family == "float":
        return Typed(family="real", type=ColumnType(base="double"), nullable=part.nullable)
    if part.family == "real" and part.type.scale is not None:
        raise Refused(f"a rounded double in {what}; CAST it to DECIMAL")
    return unpadded(part)


def arithmetic(node: Arithmetic, given: Typed, other: Typed) -> Typed:
    left, right = number(given, "arithmetic"), number(other, "arithmetic")
    if node.operator == "%" and "text" in (given.family, other.family):
        raise Refused("the remainder of a text")
    divides = node.operator in ("/", "DIV", "%")
    safe = isinstance(node.right, Literal) and bool(node.right.value)
    nullable = left.nullable or right.nullable or (divides and not safe)
    families = {left.family, right.family}
    if node.operator == "DIV":
        if "real" in families:
            raise Refused("DIV of doubles")
        return whole_type(unsigned=_unsigned(left) or _unsigned(right), nullable=nullable)
    if "real" in families:
        return Typed(
            family="real", type=ColumnType(base="double", text="double"), nullable=nullable
        )
    if "decimal" not in families and node.operator != "/":
        return _whole_arithmetic(node.operator, left, right, nullable)
    return _decimal_arithmetic(node.operator, left, right, nullable)


def _unsigned(part: Typed) -> bool:
    return part.type.unsigned or part.family == "year"


def _whole_arithmetic(operator: str, left: Typed, right: Typed, nullable: bool) -> Typed:
    unsigned = _unsigned(left) if operator == "%" else _unsigned(left) or _unsigned(right)
    digits = {"*": left.digits + right.digits, "%": max(left.digits, right.digits)}.get(
        operator, max(left.digits, right.digits) + 1
    )
    return whole_type(unsigned=unsigned, nullable=nullable, digits=min(20, digits))


def _decimal_arithmetic(operator: str, left: Typed, right: Typed, nullable: bool) -> Typed:
    if left.loose or right.loose:
        raise Refused("arithmetic on a decimal whose scale the servers hold apart; CAST it")
    if operator == "*":
        digits, scale = left.digits + right.digits, left.scale + right.scale
    elif operator == "/":
        digits, scale = left.digits + right.scale, left.scale + 4
    else:
        digits = max(left.digits, right.digits) + (operator != "%")
        scale = max(left.scale, right.scale)
    return sure(decimal_type(digits, scale, nullable))


def negative(node: Negative, given: Typed) -> Typed:
    if given.family == "text":
        raise Refused("the negative of a text")
    part = number(given, "arithmetic")
    if part.family == "decimal" or part.family == "real":
        return evolve(part, constant=False)
    if _unsigned(part) and part.digits > 18 and not isinstance(node.term, Literal):
        raise Refused("the negative of an unsigned BIGINT")
    return whole_type(nullable=part.nullable, digits=min(20, part.digits + 1))


def call(function: str, arguments: tuple[Scalar, ...], parts: list[Typed]) -> Typed:
    if function in _TEXT_FUNCTIONS:
        return _text_function(function, arguments, parts)
    if function in ("COALESCE", "GREATEST", "LEAST"):
        every = [part.nullable for part in parts]
        made = sure(merged(parts, all(every) if function == "COALESCE" else any(every)))
        return made if function == "COALESCE" else _extreme(function, made, parts)
    if function == "NULLIF":
        return _nullif(parts[0], parts[1])
    if function == "CHAR_LENGTH":
        _refuse_binary(function, parts)
        return whole_type(nullable=parts[0].nullable, digits=10)
    if function in ("DATE", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"):
        return _date_part(function, parts[0])
    return _math(function, arguments, parts)


_TEXT_FUNCTIONS: Mapping[str, Callable[[list[Typed]], list[Typed]]] = {
    "CONCAT": lambda parts: parts,
    "CONCAT_WS": lambda parts: parts,
    "UPPER": lambda parts: parts,
    "LOWER": lambda parts: parts,
    "TRIM": lambda parts: parts,
    "LTRIM": lambda parts: parts,
    "RTRIM": lambda parts: parts,
    "LPAD": lambda parts: [parts[0], parts[2]],
    "RPAD": lambda parts: [parts[0], parts[2]],
    "SUBSTRING": lambda parts: parts[:1],
    "LEFT": lambda parts: parts[:1],
    "RIGHT": lambda parts: parts[:1],
    "REPLACE": lambda parts: parts,
    "DATE_FORMAT": lambda parts: [],
}
"""Functions that make text, with the arguments that decide its collation."""

_WHOLE_ARGUMENTS: Mapping[str, tuple[int, ...]] = {
    "LPAD": (1,), "RPAD": (1,), "SUBSTRING": (1, 2), "LEFT": (1,), "RIGHT": (1,),
}  # fmt: skip


def _text_function(function: str, arguments: tuple[Scalar, ...], parts: list[Typed]) -> Typed:
    _refuse_binary(function, parts)
    refuse_foreign(arguments, parts)
    nullable = (
        parts[0].nullable if function == "CONCAT_WS" else any(part.nullable for part in parts)
    )
    if function in ("LPAD", "RPAD") and not _fills(arguments):
        nullable = True
    if function == "DATE_FORMAT":
        if parts[0].family not in (*_DATES, "text", "null"):
            raise Refused(f"DATE_FORMAT of {parts[0].family.upper()}")
        nullable = nullable or parts[0].family == "text"
    for at in _WHOLE_ARGUMENTS.get(function, ()):
        if at < len(parts) and parts[at].family not in ("int", "null"):
            raise Refused(f"{function} by {parts[at].family.upper()}, not a whole number")
    collation, strength = collated(_TEXT_FUNCTIONS[function](parts))
    if strength == CONFLICT and function not in ("CONCAT", "CONCAT_WS") and len(parts) > 1:
        raise Refused(f"{function} of texts of different collations")
    return text_type(nullable, collation, strength)


def _fills(arguments: tuple[Scalar, ...]) -> bool:
    length, pad = arguments[1], arguments[2]
    if not (isinstance(length, Literal) and isinstance(pad, Literal)):
        return False
    return isinstance(length.value, int) and 0 <= length.value <= 1_000_000 and bool(pad.value)


def refuse_foreign(scalars: Sequence[Scalar], parts: Sequence[Typed]) -> None:
    """A text beyond ASCII beside a column of a narrow character set, which may not hold it."""
    narrow = [
        part.collation for part in parts if part.collation and not _WIDE.match(part.collation)
    ]
    texts = [s.value for s in scalars if isinstance(s, Literal) and isinstance(s.value, str)]
    if narrow and not all(text.isascii() for text in texts):
        raise Refused(f"a text that is not ASCII beside one of {narrow[0]}")


def _refuse_binary(function: str, parts: list[Typed]) -> None:
    for part in parts:
        if part.family in ("bytes", "bit", "json"):
            raise Refused(f"{function} of {part.family.upper()}")


def _extreme(function: str, made: Typed, parts: list[Typed]) -> Typed:
    families = {part.family for part in parts} - {"null"}
    alike = (
        families <= {"date", "datetime"}
        or families <= {"int", "decimal", "year"}
        or families <= {"real"}
        or len(families) == 1
    )
    if not alike or families & {"enum", "set", "bytes", "float"}:
        raise Refused(f"{function} of {', '.join(sorted(families))}")
    return evolve(made, loose=made.loose or made.family == "text")


def _nullif(part: Typed, other: Typed) -> Typed:
    if part.constant and part.family == "text" and other.family not in ("text", "null"):
        raise Refused("NULLIF of a literal text with no text, which MySQL changes beforehand")
    if part.family in ("bit", "json", "time"):
        raise Refused(f"NULLIF of {part.family.upper()}")
    loose = part.loose or part.type.zerofill
    return unpadded(evolve(part, nullable=True, constant=False, loose=loose))


def _date_part(function: str, part: Typed) -> Typed:
    if part.family == "time" and function in ("HOUR", "MINUTE", "SECOND"):
        return whole_type(nullable=part.nullable, digits=3)
    if part.family not in (*_DATES, "text", "null"):
        raise Refused(f"{function} of {part.family.upper()}")
    if part.family == "text" and function in ("HOUR", "MINUTE", "SECOND"):
        raise Refused(f"{function} of a text; CAST it to DATETIME first")
    nullable = part.nullable or part.family == "text"
    if function == "DATE":
        held = ColumnType(base="date", text="date")
        return Typed(family="date", type=held, nullable=nullable)
    return whole_type(nullable=nullable, digits=4)


def _math(function: str, arguments: tuple[Scalar, ...], parts: list[Typed]) -> Typed:
    part = number(parts[0], function)
    if function == "ABS":
        return evolve(part, constant=False)
    if function == "MOD":
        return arithmetic(Arithmetic("%", *arguments[:2]), parts[0], parts[1])
    if function == "ROUND":
        return _round(arguments, part)
    if part.family == "decimal":
        if part.digits > 17:
            return sure(decimal_type(part.digits + 1, 0, part.nullable))
        return whole_type(nullable=part.nullable, digits=part.digits + 1)
    if part.family == "real":
        held = ColumnType(base="double", scale=0, text="double")
        return Typed(family="real", type=held, nullable=part.nullable)
    return evolve(part, constant=False)


def _round(arguments: tuple[Scalar, ...], part: Typed) -> Typed:
    places = arguments[1] if len(arguments) > 1 else Literal(0)
    if not isinstance(places, Literal) or isinstance(places.value, (bool, str, Decimal)):
        raise Refused("ROUND to a number of places that is no literal")
    if places.value is None:
        return evolve(part, nullable=True, constant=False)
    scale = max(0, min(30, places.value))
    if part.family == "real":
        held = ColumnType(base="double", scale=scale, text="double")
        return Typed(family="real", type=held, nullable=part.nullable)
    if part.family == "decimal":
        made = sure(decimal_type(part.digits + 1, min(scale, part.scale), part.nullable))
        return evolve(made, loose=scale > part.scale)
    return evolve(part, constant=False)


def cast(node: Cast, part: Typed) -> Typed:
    if part.family in ("bit", "json", "set", "bytes"):
        raise Refused(f"CAST of {part.family.upper()}")
    match node.type:
        case "CHAR":
            return text_type(part.nullable, None, CAST_TEXT)
        case "BINARY":
            held = ColumnType(base="varbinary", text="varbinary")
            return Typed(family="bytes", type=held, nullable=part.nullable)
        case "SIGNED" | "UNSIGNED" | "DECIMAL":
            if part.family not in (*NUMBERS, "text"):
                raise Refused(f"CAST of {part.family.upper()} to a number")
            if node.type == "DECIMAL":
                precision, scale = node.precision or 10, node.scale or 0
                return sure(decimal_type(precision - scale, scale, part.nullable))
            return whole_type(unsigned=node.type == "UNSIGNED", nullable=part.nullable)
    if part.family not in (*_DATES, "text", "null"):
        raise Refused(f"CAST of {part.family.upper()} to a date")
    nullable = part.nullable or (part.family == "text" and not isinstance(node.term, Literal))
    base = node.type.lower()
    held = ColumnType(base=base, scale=node.precision or 0 if base == "datetime" else None)
    return Typed(family="date" if base == "date" else "datetime", type=held, nullable=nullable)


def date_add(term: Typed, amount: Typed, unit: str) -> Typed:
    if term.family not in _DATES:
        raise Refused(f"{term.family.upper()} plus an interval; CAST it to DATE or DATETIME first")
    if amount.family not in ("int", "null"):
        raise Refused(f"an interval of {amount.family.upper()}, not a whole number")
    if term.family == "date" and unit not in _CLOCK_UNITS:
        return evolve(term, nullable=True, constant=False)
    scale = 6 if unit == "MICROSECOND" else term.scale
    held = ColumnType(base="datetime", scale=scale, text="datetime")
    return Typed(family="datetime", type=held, nullable=True)


def date_difference(start: Typed, end: Typed) -> Typed:
    for part in (start, end):
        if part.family not in (*_DATES, "text", "null"):
            raise Refused(f"the difference of dates with {part.family.upper()}")
    texts = "text" in (start.family, end.family)
    return whole_type(nullable=start.nullable or end.nullable or texts, digits=20)
