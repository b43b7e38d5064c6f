"""The parser's nodes -> the closed tree; the only file that knows both."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from sqlglot import expressions as exp

from dalkit.source.refusal import Refusal
from dalkit.source.tokens import PREFIX
from dalkit.source.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Compare,
    DateAdd,
    DateDiff,
    Function,
    In,
    IsNull,
    Like,
    Literal,
    Negative,
    Not,
    Or,
    Scalar,
    Unit,
)
from dalkit.source.words import FUNCTIONS, SYNONYMS, UNITS

__all__ = ["convert"]

_COMPARISONS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.NullSafeEQ: "<=>",
}  # fmt: skip
_ARITHMETIC: dict[type, str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "DIV", exp.Mod: "%",
}  # fmt: skip
_TESTS = (*_COMPARISONS, exp.Like, exp.Escape, exp.In, exp.Between, exp.Is)
_OPERATORS = (*_TESTS, exp.Not, *_ARITHMETIC, exp.Neg)
_PARTS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_DEEPEST = 120
_CASTS = {
    "CHAR": "CHAR", "BIGINT": "SIGNED", "UBIGINT": "UNSIGNED", "DECIMAL": "DECIMAL",
    "DATE": "DATE", "DATETIME": "DATETIME", "BINARY": "BINARY", "TIMESTAMPTZ": "DATETIME",
}  # fmt: skip
_MONTH_DAY = r"(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"\d{{4}}-{_MONTH_DAY}\Z", re.ASCII)
_DATETIME = re.compile(
    rf"\d{{4}}-{_MONTH_DAY}[ T]([01]?\d|2[0-3]):[0-5]?\d(:[0-5]?\d(\.\d{{1,6}})?)?\Z", re.ASCII
)


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def convert(found: object) -> Scalar | Refusal:
    """The closed tree of what the parser found, or what has no place in it."""
    try:
        return _scalar(cast("exp.Expression", found), 0)
    except _Refused as refused:
        return Refusal(refused.reason)


def _scalar(node: exp.Expression, depth: int) -> Scalar:
    if depth > _DEEPEST:
        raise _Refused(f"a chain of more than {_DEEPEST} operations")
    below = depth + 1
    if type(node) in _COMPARISONS or type(node) in _ARITHMETIC:
        return _binary(node, below)
    match node:
        case exp.Paren():
            return _scalar(node.this, depth)
        case exp.Column():
            return _column(node)
        case exp.Literal() | exp.Boolean() | exp.Null():
            return _literal(node)
        case exp.And() | exp.Or():
            return _joined(node, below)
        case exp.Not() | exp.Neg():
            return _prefixed(node, below)
        case exp.Is() | exp.In() | exp.Between() | exp.Like() | exp.Escape():
            return _test(node, below)
        case exp.Case():
            return _case(node, below)
        case exp.Anonymous():
            return _function(node, below)
        case exp.Cast():
            return _cast(node, below)
        case exp.Trim() | exp.Substring() | exp.Extract():
            return _special(node, below)
    raise _Refused(_named(node))


def _named(node: object) -> str:
    known = {
        "alias": "a second name (alias)", "tuple": "a row of several values",
        "subquery": "a sub-select", "select": "a sub-select", "star": "*",
        "interval": "INTERVAL outside date arithmetic", "dot": "a name of more than two parts",
        "window": "a window function", "collate": "COLLATE", "ordered": "an order",
        "parameter": "a variable", "chr": "the function CHAR", "regexplike": "REGEXP",
    }  # fmt: skip
    key = str(getattr(node, "key", type(node).__name__))
    return known.get(key, f"{key.upper()} is no part of what fragments may say")


def _expression(value: object, depth: int) -> Scalar:
    if not isinstance(value, exp.Expression):
        raise _Refused("an operand is missing")
    return _scalar(value, depth)


def _operand(value: object, depth: int) -> Scalar:
    """MySQL's precedence of tests differs from the parser's, so that a bare one is refused."""
    if isinstance(value, (*_TESTS, exp.Not, exp.And, exp.Or)):
        raise _Refused("a comparison within another; put it in parentheses")
    return _expression(value, depth)


def _column(node: exp.Column) -> Scalar:
    if node.args.get("db") or node.args.get("catalog"):
        raise _Refused(f"the name {node.sql()} has more than two parts")
    if not isinstance(node.this, exp.Identifier) or not node.name:
        raise _Refused("* in place of a column")
    return Column(node.table, node.name)


def _literal(node: exp.Expression) -> Literal:
    if isinstance(node, exp.Null):
        return Literal(None)
    if isinstance(node, exp.Boolean):
        return Literal(bool(node.this))
    text = str(node.this)
    return Literal(text) if node.args.get("is_string") else _number(text)


def _number(text: str) -> Literal:
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", text, re.ASCII):
        raise _Refused(f"the number {text[:40]}; write it without an exponent")
    digits = text.replace(".", "").lstrip("0")
    scale = len(text.partition(".")[2])
    if len(digits) > 65 or scale > 30:
        raise _Refused("a number with more than 65 digits, or 30 after the point")
    if "." in text or len(digits) > 20 or int(text) >= 2**64:
        return Literal(Decimal(text))
    return Literal(int(text))


def _binary(node: exp.Expression, depth: int) -> Scalar:
    if isinstance(node, (exp.Add, exp.Sub)):
        shifted = _shifted(node, depth)
        if shifted is not None:
            return shifted
    left, right = _operand(node.this, depth), _operand(node.expression, depth)
    compared = _COMPARISONS.get(type(node))
    if compared is not None:
        return Compare(compared, left, right)  # type: ignore[arg-type]  # keys are the operators
    return Arithmetic(_ARITHMETIC[type(node)], left, right)  # type: ignore[arg-type]  # likewise


def _shifted(node: exp.Expression, depth: int) -> Scalar | None:
    sign = -1 if isinstance(node, exp.Sub) else 1
    if isinstance(node.expression, exp.Interval):
        return _moved(_operand(node.this, depth), node.expression, sign, depth)
    if isinstance(node.this, exp.Interval) and sign == 1:
        return _moved(_operand(node.expression, depth), node.this, sign, depth)
    return None


def _moved(term: Scalar, interval: exp.Expression, sign: int, depth: int) -> Scalar:
    return DateAdd(term, _amount(interval.this, sign, depth), _unit(interval.args.get("unit")))


def _amount(value: object, sign: int, depth: int) -> Scalar:
    if isinstance(value, exp.Literal):
        if not re.fullmatch(r"-?\d{1,9}", str(value.this), re.ASCII):
            raise _Refused(f"the interval {str(value.this)[:40]!r}; write a whole number")
        return Literal(sign * int(str(value.this)))
    amount = _operand(value, depth)
    if isinstance(amount, Negative) and isinstance(amount.term, Literal):
        held = amount.term.value
        if isinstance(held, int) and not isinstance(held, bool):
            return Literal(-sign * held)
    return Negative(amount) if sign < 0 else amount


def _unit(value: object) -> Unit:
    name = str(getattr(value, "name", value) or "").upper()
    if name not in UNITS:
        raise _Refused(f"the unit {name or '(none)'}; known are {', '.join(sorted(UNITS))}")
    return cast("Unit", name)


def _joined(node: exp.Expression, depth: int) -> Scalar:
    kind = type(node)
    waiting: list[object] = [node]
    terms: list[Scalar] = []
    while waiting:
        part = waiting.pop()
        if type(part) is kind:
            assert isinstance(part, exp.Expression)
            waiting += [part.expression, part.this]
        else:
            terms.append(_expression(part, depth))
    return And(tuple(terms)) if kind is exp.And else Or(tuple(terms))


def _prefixed(node: exp.Expression, depth: int) -> Scalar:
    if isinstance(node, exp.Not):
        return Not(_expression(node.this, depth))
    term = _operand(node.this, depth)
    match term:
        case Literal(bool()):
            return Negative(term)
        case Literal(int(value)) if value > 0:
            return Literal(-value)
        case Literal(Decimal() as value) if value > 0:
            return Literal(value.copy_negate())
    return Negative(term)


def _test(node: exp.Expression, depth: int) -> Scalar:
    match node:
        case exp.Escape():
            return _like(node.this, node.expression, depth)
        case exp.Like():
            return _like(node, None, depth)
        case exp.Is():
            return _is(_operand(node.this, depth), node.expression)
        case exp.Between():
            low, high = node.args.get("low"), node.args.get("high")
            if node.args.get("symmetric") is not None:
                raise _Refused("BETWEEN SYMMETRIC")
            term = _operand(node.this, depth)
            return Between(term, _operand(low, depth), _operand(high, depth))
    if not node.expressions or node.args.get("query") is not None:
        raise _Refused("IN without a list of values")
    options = tuple(_operand(option, depth) for option in node.expressions)
    return In(_operand(node.this, depth), options)


def _like(node: object, escape: object, depth: int) -> Scalar:
    if not isinstance(node, exp.Like):
        raise _Refused("ESCAPE without LIKE")
    term, pattern = _operand(node.this, depth), _operand(node.expression, depth)
    mark = "\\"
    if escape is not None:
        mark = str(escape.this) if isinstance(escape, exp.Literal) else ""
        if len(mark) != 1:
            raise _Refused("ESCAPE takes one character")
    like = Like(term, pattern, mark)
    return Not(like) if node.args.get("negate") else like


def _is(term: Scalar, other: object) -> Scalar:
    if isinstance(other, exp.Null):
        return IsNull(term)
    if isinstance(other, exp.Boolean):
        held = term if other.this else Not(term)
        return And((held, Not(IsNull(term))))
    raise _Refused("IS takes NULL, TRUE or FALSE")


def _case(node: exp.Case, depth: int) -> Scalar:
    subject = None if node.this is None else _expression(node.this, depth)
    branches = []
    for branch in node.args["ifs"]:
        when = _expression(branch.this, depth)
        condition = when if subject is None else Compare("=", subject, when)
        branches.append((condition, _expression(branch.args.get("true"), depth)))
    default = node.args.get("default")
    if default is None:
        return Case(tuple(branches))
    return Case(tuple(branches), _expression(default, depth))


def _function(node: exp.Anonymous, depth: int) -> Scalar:
    name = str(node.this).upper().removeprefix(PREFIX.upper())
    if name not in FUNCTIONS:
        raise _Refused(f"the function {name}")
    least, most = FUNCTIONS[name]
    given = list(node.expressions)
    if not least <= len(given) <= most:
        wanted = str(least) if least == most else f"{least} or more"
        raise _Refused(f"{name} takes {wanted} arguments, not {len(given)}")
    dated = _date_function(name, given, depth)
    if dated is not None:
        return dated
    arguments = tuple(_expression(argument, depth) for argument in given)
    if name == "IF":
        return Case(((arguments[0], arguments[1]),), arguments[2])
    return Call(cast("Function", SYNONYMS.get(name, name)), arguments)


def _date_function(name: str, given: list[exp.Expression], depth: int) -> Scalar | None:
    if name in ("DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE"):
        sign = -1 if name in ("DATE_SUB", "SUBDATE") else 1
        if isinstance(given[1], exp.Interval):
            return _moved(_expression(given[0], depth), given[1], sign, depth)
        if name.startswith("DATE_"):
            raise _Refused(f"{name} takes an INTERVAL")
        return DateAdd(_expression(given[0], depth), _amount(given[1], sign, depth), "DAY")
    if name == "DATEDIFF":
        end, start = (_expression(argument, depth) for argument in given)
        return DateDiff("DAY", start, end, calendar=True)
    if name == "TIMESTAMPDIFF":
        start, end = (_expression(argument, depth) for argument in given[1:])
        return DateDiff(_unit(given[0]), start, end)
    if name == "TIMESTAMPADD":
        return DateAdd(_expression(given[2], depth), _amount(given[1], 1, depth), _unit(given[0]))
    return None


def _special(node: exp.Expression, depth: int) -> Scalar:
    if isinstance(node, exp.Extract):
        unit = str(node.this.name).upper()
        if unit not in _PARTS:
            raise _Refused(f"EXTRACT of {unit}; known are {', '.join(_PARTS)}")
        return Call(cast("Function", unit), (_expression(node.expression, depth),))
    term = _expression(node.this, depth)
    if isinstance(node, exp.Trim):
        position = str(node.args.get("position") or "BOTH").upper()
        names: dict[str, Function] = {"BOTH": "TRIM", "LEADING": "LTRIM", "TRAILING": "RTRIM"}
        removed = node.expression
        rest = () if removed is None else (_expression(removed, depth),)
        return Call(names[position], (term, *rest))
    start, length = _expression(node.args.get("start"), depth), node.args.get("length")
    rest = () if length is None else (_expression(length, depth),)
    return Call("SUBSTRING", (term, start, *rest))


def _cast(node: exp.Cast, depth: int) -> Scalar:
    wanted = node.to
    kind = wanted.this.name if hasattr(wanted.this, "name") else str(wanted.this)
    if kind not in _CASTS or type(node) is not exp.Cast:
        raise _Refused(f"CAST to {wanted.sql(dialect='mysql')}")
    term = _expression(node.this, depth)
    sizes = [_size(parameter) for parameter in wanted.expressions]
    if kind in ("DATE", "TIMESTAMPTZ") and isinstance(node.this, exp.Literal):
        return _date_literal(term, kind)
    if kind == "TIMESTAMPTZ" or len(sizes) > (2 if kind == "DECIMAL" else 1):
        raise _Refused(f"CAST to {wanted.sql(dialect='mysql')}")
    if kind in ("DATE", "BIGINT", "UBIGINT") and sizes:
        raise _Refused(f"CAST to {wanted.sql(dialect='mysql')}")
    return _sized(term, _CASTS[kind], sizes)


def _sized(term: Scalar, kind: str, sizes: list[int]) -> Scalar:
    if kind == "DECIMAL":
        precision, scale = (*sizes, 0)[:2] if sizes else (10, 0)
        if not (1 <= precision <= 65 and 0 <= scale <= min(30, precision)):
            raise _Refused(f"CAST to DECIMAL({precision}, {scale})")
        return Cast(term, "DECIMAL", precision, scale)
    if kind == "DATETIME" and sizes and sizes[0] > 6:
        raise _Refused(f"CAST to DATETIME({sizes[0]})")
    return Cast(term, kind, sizes[0] if sizes else None)  # type: ignore[arg-type]  # from _CASTS


def _size(parameter: exp.Expression) -> int:
    text = str(getattr(parameter.this, "this", parameter.this))
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII):
        raise _Refused(f"the length {text[:40]}")
    return int(text)


def _date_literal(term: Scalar, kind: str) -> Scalar:
    """`DATE '…'` and CAST of a literal: the server refuses one that is no date, NULLs the other."""
    text = term.value if isinstance(term, Literal) else None
    if not isinstance(text, str):
        return Cast(term, "DATE")
    if kind == "DATE":
        if not _DATE.match(text):
            raise _Refused(f"{text[:40]!r} is no date; write YYYY-MM-DD")
        return Cast(term, "DATE")
    if not _DATETIME.match(text):
        raise _Refused(f"{text[:40]!r} is no date and time; write YYYY-MM-DD hh:mm:ss")
    digits = len(text.partition(".")[2])
    return Cast(term, "DATETIME", digits or None)
