"""The closed tree that every SQL fragment, join and calculation of a contract becomes.

A scalar is a value computed from one source row. Its leaves are columns and literals, and three
nodes that look at other rows: `Lookup` (a join that gives one value), `Aggregate` and `Children`
(an array or object of rows; only at the root of a field, never inside an expression).

Scopes: every `Column` names the row it is read from. The source row bears the entity's source
table's name; a `Hop`, an `Aggregate` and a `Children` bring one more row each under their `row`
name, visible in their own `on`, in later hops and in the value, and nowhere else.
Two interpreters give the tree its meaning: `sql` and `python`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal as Either
from typing import TypeAlias, final

from attrs import frozen

__all__ = [
    "Aggregate",
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Case",
    "Cast",
    "Children",
    "Column",
    "Compare",
    "DateAdd",
    "DateDiff",
    "Function",
    "Hop",
    "In",
    "IsNull",
    "Like",
    "Literal",
    "Lookup",
    "Negative",
    "Not",
    "Or",
    "Order",
    "Scalar",
    "Unit",
]

Function: TypeAlias = Either[
    "CONCAT", "CONCAT_WS", "COALESCE", "NULLIF", "UPPER", "LOWER", "TRIM", "LTRIM", "RTRIM",
    "LPAD", "RPAD", "SUBSTRING", "LEFT", "RIGHT", "REPLACE", "CHAR_LENGTH", "DATE_FORMAT",
    "DATE", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND",
    "ABS", "ROUND", "FLOOR", "CEIL", "MOD", "GREATEST", "LEAST",
]  # fmt: skip
"""IFNULL is COALESCE of two; IF is a Case; CEILING is CEIL; SUBSTR and MID are SUBSTRING."""

Unit: TypeAlias = Either[
    "MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"
]


@final
@frozen
class Column:
    """A column of the row that bears this name in scope."""

    row: str
    name: str


@final
@frozen
class Literal:
    value: str | int | Decimal | bool | None


@final
@frozen
class And:
    terms: tuple[Scalar, ...]


@final
@frozen
class Or:
    terms: tuple[Scalar, ...]


@final
@frozen
class Not:
    term: Scalar


@final
@frozen
class Compare:
    """`<=>` is MySQL's NULL-safe equality."""

    operator: Either["=", "<>", "<", "<=", ">", ">=", "<=>"]
    left: Scalar
    right: Scalar


@final
@frozen
class IsNull:
    term: Scalar


@final
@frozen
class In:
    term: Scalar
    options: tuple[Scalar, ...]


@final
@frozen
class Between:
    term: Scalar
    low: Scalar
    high: Scalar


@final
@frozen
class Like:
    """`escape` is one character; backslash is MySQL's default."""

    term: Scalar
    pattern: Scalar
    escape: str = "\\"


@final
@frozen
class Arithmetic:
    operator: Either["+", "-", "*", "/", "DIV", "%"]
    left: Scalar
    right: Scalar


@final
@frozen
class Negative:
    term: Scalar


@final
@frozen
class Case:
    """The first branch whose condition is true; a branch is (condition, value)."""

    branches: tuple[tuple[Scalar, Scalar], ...]
    otherwise: Scalar = Literal(None)


@final
@frozen
class Call:
    function: Function
    arguments: tuple[Scalar, ...]


@final
@frozen
class Cast:
    """Types: CHAR, SIGNED, UNSIGNED, DECIMAL (with precision and scale), DATE, DATETIME, BINARY."""

    term: Scalar
    type: Either["CHAR", "SIGNED", "UNSIGNED", "DECIMAL", "DATE", "DATETIME", "BINARY"]
    precision: int | None = None
    scale: int | None = None


@final
@frozen
class DateAdd:
    """`term` plus `amount` units; subtraction is a negative amount."""

    term: Scalar
    amount: Scalar
    unit: Unit


@final
@frozen
class DateDiff:
    """`end` minus `start` in whole units, as TIMESTAMPDIFF; with `calendar`, days as DATEDIFF."""

    unit: Unit
    start: Scalar
    end: Scalar
    calendar: bool = False


@final
@frozen
class Hop:
    """One join: the rows of `table`, each under the name `row`, for which `on` is true."""

    table: str
    row: str
    on: Scalar


@final
@frozen
class Lookup:
    """`value` of the first match along the hops; NULL when nothing matches.

    Of several matches the one with the least primary key of each hop's table in turn.
    """

    hops: tuple[Hop, ...]
    value: Scalar


@final
@frozen
class Aggregate:
    """Over all matching rows on its own; COUNT of none is 0, the others are NULL."""

    operation: Either["SUM", "COUNT", "AVG", "MIN", "MAX"]
    hop: Hop
    value: Scalar | None = None
    """None counts rows (`COUNT(*)`)."""


@final
@frozen
class Order:
    term: Scalar
    descending: bool = False


@final
@frozen
class Children:
    """Matching rows as an array of objects, or one object; ordered, then limited.

    `order` is total: the resolver appends the child table's primary key.
    """

    hop: Hop
    members: tuple[tuple[str, Scalar], ...]
    """(member name, value), in order."""
    order: tuple[Order, ...] = ()
    limit: int | None = None
    array: bool = True


Scalar: TypeAlias = (
    Column
    | Literal
    | And
    | Or
    | Not
    | Compare
    | IsNull
    | In
    | Between
    | Like
    | Arithmetic
    | Negative
    | Case
    | Call
    | Cast
    | DateAdd
    | DateDiff
    | Lookup
    | Aggregate
)
