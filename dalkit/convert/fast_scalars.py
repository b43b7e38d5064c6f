"""Expressions for scalars: a cheap check that is complete, else a call of the careful function.

Whatever an expression answers is what the careful functions answer; what it cannot decide it gives
to them, and they raise where the value is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, NoReturn, TypeAlias

import msgspec

from dalkit import kinds
from dalkit.convert.attributes import attribute_of, from_attribute
from dalkit.convert.cells import from_cell
from dalkit.convert.code import Doubt, Writer
from dalkit.convert.domain import checked, exact_decimal, exact_quantizer

__all__ = [
    "PLAIN",
    "SCALARS",
    "Origin",
    "bounded",
    "cell_text",
    "cell_value",
    "doubt",
    "part_value",
    "text_value",
    "value_text",
]

Origin: TypeAlias = Literal["dict", "json"]
"""What generated code reads: a wire dict, or what msgspec made of JSON."""

SCALARS = ("S", "N", "BOOL")
PLAIN = (
    kinds.Integer,
    kinds.Fixed,
    kinds.Float,
    kinds.Boolean,
    kinds.Bits,
    kinds.Date,
    kinds.DateTime,
    kinds.Time,
    kinds.Year,
    kinds.Bytes,
)
"""Kinds whose text needs no escape in JSON."""


def cell_value(kind: kinds.Kind, c: str, w: Writer) -> str:
    """A cell's value."""
    careful = w.bind(lambda cell: from_cell(kind, cell), "cell", ("cell", kind))
    match kind:
        case kinds.Integer():
            return f"int({c}) if {_digits(kind, c)} else {careful}({c})"
        case kinds.Fixed():
            made = w.bind(Decimal, "decimal", "decimal")
            return f"{made}({c}) if {_decimals(kind, c)} else {careful}({c})"
        case kinds.Text():
            return f"{c} if {_text(kind, c)} else {careful}({c})"
        case kinds.Enum(values=values):
            known = w.bind({one: one for one in values}, "values", ("values", kind))
            return f"{known}[{c}]"
        case kinds.Boolean():
            return f"True if {c} == '1' else False if {c} == '0' else {careful}({c})"
        case kinds.DateTime():
            made = w.bind(datetime.fromisoformat, "instant", "instant")
            return f"{made}({c} + 'Z') if {_instant(kind, c, ' ')} else {careful}({c})"
        case kinds.Date():
            made = w.bind(date.fromisoformat, "date", "date")
            return f"{made}({c}) if {_day(c)} else {careful}({c})"
        case _:
            return f"{careful}({c})"


def cell_text(kind: kinds.Kind, type: str, c: str, w: Writer) -> str:
    """What an attribute of a scalar type holds for a cell."""

    def careful_text(cell: Any) -> Any:
        return attribute_of(kind, type, from_cell(kind, cell))[type]

    careful = w.bind(careful_text, "said", ("said", kind, type))
    match kind, type:
        case kinds.Integer(), "S" | "N":
            return f"{c} if {_digits(kind, c)} else {careful}({c})"
        case kinds.Fixed(), "S":
            return f"{c} if {_decimals(kind, c)} else {careful}({c})"
        case kinds.Fixed(precision=precision), "N" if precision <= 38:
            return f"{_trimmed(kind, c)} if {_decimals(kind, c)} else {careful}({c})"
        case ((kinds.Text() | kinds.Enum()), "S"):
            return cell_value(kind, c, w)
        case kinds.Boolean(), "BOOL":
            return cell_value(kind, c, w)
        case kinds.Boolean(), _:
            return f"{c} if {c} == '1' or {c} == '0' else {careful}({c})"
        case kinds.DateTime(), "S":
            # the calendar is Python's to check, though the text alone is wanted
            made = w.bind(datetime.fromisoformat, "instant", "instant")
            good = f"{_instant(kind, c, ' ')} and {made}({c} + 'Z')"
            return f"{c}[:10] + 'T' + {c}[11:] + 'Z' if {good} else {careful}({c})"
        case kinds.Date(), "S":
            made = w.bind(date.fromisoformat, "date", "date")
            return f"{c} if {_day(c)} and {made}({c}) else {careful}({c})"
        case _:
            return f"{careful}({c})"


def value_text(kind: kinds.Kind, type: str, v: str, w: Writer) -> str:
    """What an attribute of a scalar type holds for a record's value."""

    def careful_text(value: Any) -> Any:
        return attribute_of(kind, type, checked(kind, value))[type]

    careful = w.bind(careful_text, "told", ("told", kind, type))
    match kind, type:
        case kinds.Integer(low=low, high=high), "S" | "N":
            good = f"{v}.__class__ is int and {low} <= {v} <= {high}"
            return f"str({v}) if {good} else {careful}({v})"
        case kinds.Fixed(scale=scale, precision=precision), "S" | "N" if scale <= 6 and (
            precision <= 38 or type == "S"
        ):
            quantize, unit = exact_quantizer(precision, scale)
            exact = w.bind(quantize, "exact", ("exact", precision, scale))
            step = w.bind(unit, "step", ("step", scale))
            # zero may be negative, and NaN is equal to nothing: both are for the careful function
            zero = w.bind(Decimal(0), "zero", "zero")
            good = f"{v}.__class__ is {w.bind(Decimal, 'decimal', 'decimal')} and {v} > {zero}"
            text = f"str({exact}({v}, {step}))"
            if type == "N" and scale:
                text = _trimming(f"(q := {text})", "q")
            return f"({text}) if {good} else {careful}({v})"
        case kinds.Text(), "S":
            return f"{v} if {_text(kind, v)} else {careful}({v})"
        case kinds.Enum(values=values), "S":
            known = w.bind({one: one for one in values}, "values", ("values", kind))
            return f"{known}[{v}] if {v}.__class__ is str else {careful}({v})"
        case kinds.Boolean(), "BOOL":
            return f"{v} if {v} is True or {v} is False else {careful}({v})"
        case kinds.DateTime(digits=digits), "S":
            made = w.bind(msgspec.to_builtins, "printed", "printed")
            utc = w.bind(UTC, "utc", "utc")
            good = f"{v}.__class__ is {w.bind(datetime, 'datetime', 'datetime')}"
            if digits == 0:
                good += f" and {v}.tzinfo is {utc} and not {v}.microsecond"
            elif digits == 6:
                good += f" and {v}.tzinfo is {utc} and {v}.microsecond"
            else:
                return f"{careful}({v})"
            return f"{made}({v}) if {good} else {careful}({v})"
        case _:
            return f"{careful}({v})"


def text_value(kind: kinds.Kind, type: str, t: str, w: Writer, *, origin: Origin = "dict") -> str:
    """The value that an attribute of a scalar type says with what it holds."""

    def careful_value(held: Any) -> Any:
        return from_attribute(kind, type, {type: held})

    careful = w.bind(careful_value, "heard", ("heard", kind, type))
    match kind, type:
        case kinds.Integer(low=low, high=high), "N" if origin != "dict":
            # of any other spelling msgspec made a float, and the text is gone
            inside = "" if bounded(kind) else f" and {low} <= {t} <= {high}"
            return f"{t} if {t}.__class__ is int{inside} else {doubt(w)}()"
        case kinds.Integer(), "N":
            return f"int({t}) if {_digits(kind, t, canonical=False)} else {careful}({t})"
        case kinds.Integer(), "S":
            return f"int({t}) if {_digits(kind, t)} else {careful}({t})"
        case kinds.Fixed(precision=precision, scale=scale), "N":
            quantize, unit = exact_quantizer(precision, scale)
            exact = w.bind(quantize, "exact", ("exact", precision, scale))
            step = w.bind(unit, "step", ("step", scale))
            made = w.bind(exact_decimal, "strictly", "strictly")
            plain = f"not {t}.strip('0123456789.')"
            quantized = f"{exact}({made}({t}), {step}) if {plain} else {careful}({t})"
            if scale == 0:
                return quantized
            # most numbers have all their decimals already, and quantize costs as much as the rest
            scaled = f"{scale} < len({t}) <= {precision + 1} and {t}[{-scale - 1}] == '.'"
            return f"{made}({t}) if {scaled} and {plain} else {quantized}"
        case kinds.Fixed(), "S":
            made = w.bind(Decimal, "decimal", "decimal")
            return f"{made}({t}) if {_decimals(kind, t)} else {careful}({t})"
        case kinds.Text(), "S" if origin != "dict":
            return t  # msgspec has seen to its length
        case kinds.Text(), "S":
            return f"{t} if {_text(kind, t)} else {careful}({t})"
        case kinds.Enum(values=values), "S":
            known = w.bind({one: one for one in values}, "values", ("values", kind))
            return f"{known}[{t}]"
        case kinds.Boolean(), "BOOL":
            return f"{t} if {t} is True or {t} is False else {careful}({t})"
        case kinds.DateTime(), "S":
            made = w.bind(datetime.fromisoformat, "instant", "instant")
            good = _instant(kind, t, "T") + (f" and {t}[-1] == 'Z'" if kind.digits else "")
            return f"{made}({t}) if {good} else {careful}({t})"
        case kinds.Date(), "S":
            made = w.bind(date.fromisoformat, "date", "date")
            return f"{made}({t}) if {_day(t)} else {careful}({t})"
        case _:
            return f"{careful}({t})"


def part_value(kind: kinds.Kind, width: int, t: str, w: Writer) -> str:
    """The value of a template's part; the template's text, made again, is compared afterwards."""
    if isinstance(kind, kinds.Integer) and width:
        careful = w.bind(lambda value: checked(kind, value), "checked", ("checked", kind))
        return f"{careful}(int({t}))"
    return text_value(kind, "S", t, w)


def doubt(w: Writer) -> str:
    """The name of a function that doubts, for the places where only an expression fits."""
    return w.bind(_doubt, "doubt", "doubt")


def _doubt() -> NoReturn:
    raise Doubt


def _digits(kind: kinds.Integer, t: str, *, canonical: bool = True) -> str:
    # isdecimal is a method of str alone, so bytes and ints raise, and the careful path answers
    count = len(str(kind.high)) - 1
    if kind.low > 0 or count < 1:
        return "False"
    good = f"{t}.isdecimal() and {t}.isascii() and len({t}) <= {count}"
    return f"{good} and ({t}[0] != '0' or {t} == '0')" if canonical else good


def _decimals(kind: kinds.Fixed, t: str) -> str:
    precision, scale = kind.precision, kind.scale
    if scale == 0:
        return (
            f"{t}.isdecimal() and {t}.isascii() and len({t}) <= {precision} "
            f"and ({t}[0] != '0' or {t} == '0')"
        )
    return (
        f"{scale + 1} < len({t}) <= {max(precision, scale + 1) + 1} "
        f"and {t}[{-scale - 1}] == '.' and {t}.isascii() "
        f"and {t}.replace('.', '', 1).isdecimal() "
        f"and ({t}[0] != '0' or {t}[1] == '.')"
    )


def _trimmed(kind: kinds.Fixed, t: str) -> str:
    return f"({_trimming(t, t)})" if kind.scale else t


def _trimming(first: str, t: str) -> str:
    return f"{t} if {first}[-1] != '0' else {t}.rstrip('0').rstrip('.')"


def bounded(kind: kinds.Integer) -> bool:
    """Whether msgspec itself can hold numbers to the kind's bounds."""
    return kind.low >= -(2**63) and kind.high < 2**63


def _text(kind: kinds.Text, t: str) -> str:
    checks = [f"{t}.__class__ is str", f"({t}.isascii() or {t}.encode())"]
    checks += [f"len({t}) <= {kind.length}"] if kind.length is not None else []
    return " and ".join(checks)


def _instant(kind: kinds.DateTime, t: str, between: str) -> str:
    # with the marks in their places, fromisoformat takes no other spelling of this length
    if kind.digits == 0:
        return f"{t}[4::3] == '--{between}::{'Z' if between == 'T' else ''}'"
    length = 20 + kind.digits + (between == "T")
    return f"{t}[4:20:3] == '--{between}::.' and len({t}) == {length}"


def _day(t: str) -> str:
    return f"{t}[4:8:3] == '--' and len({t}) == 10"
