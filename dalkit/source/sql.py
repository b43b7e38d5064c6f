"""The tree as SQL text that MySQL 8.4 and MariaDB 10.11 both read alike.

Names are back-quoted. Texts are quoted so that no sql_mode reads them otherwise: one that holds
more than plain characters is written in hexadecimal with its character set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
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
    Hop,
    In,
    IsNull,
    Like,
    Literal,
    Lookup,
    Negative,
    Not,
    Or,
    Scalar,
)
from dalkit.source.walk import free_rows

__all__ = ["Leaf", "literal_of", "name_of", "order_key", "sql_of"]

_NO_TEXTS = frozenset(
    "tinyint smallint mediumint int bigint decimal float double year"
    " date datetime timestamp time".split()
)

Leaf: TypeAlias = Callable[[Lookup | Aggregate], str | None]
"""Prints a node that looks at other rows in another way (an operand as it stands), or None."""

_OR, _AND, _TEST, _SUM, _PRODUCT, _SIGN, _ATOM = 1, 2, 4, 5, 6, 7, 9


def name_of(name: str) -> str:
    """A name in back-quotes."""
    return "`" + name.replace("`", "``") + "`"


def literal_of(value: str | int | Decimal | bool | None) -> str:
    """A value as a literal that every sql_mode reads alike."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if "." in text else text + "."
    if "\\" in value or any(character < " " for character in value):
        return "_utf8mb4 X'" + value.encode().hex().upper() + "'"
    return "'" + value.replace("'", "''") + "'"


def order_key(table: SourceTable) -> tuple[str, ...]:
    """The columns that order a table's rows: its primary key, else a whole unique key, else all."""
    if table.primary_key:
        return table.primary_key
    for key in table.unique_keys():
        columns = [table.column(name) for name in key]
        if all(column is not None and not column.nullable for column in columns):
            return key
    return tuple(column.name for column in table.columns)


def sql_of(
    scalar: Scalar, names: Mapping[str, str], source: Source, *, leaf: Leaf | None = None
) -> str:
    """The expression, its rows under the aliases of `names` (a row that has none under its own)."""
    return _Printer(names, source, leaf).text(scalar)


class _Printer:
    def __init__(self, names: Mapping[str, str], source: Source, leaf: Leaf | None) -> None:
        self.names, self.source, self.leaf = names, source, leaf

    def text(self, scalar: Scalar, least: int = 0) -> str:
        printed, strength = self.printed(scalar)
        return f"({printed})" if strength < least else printed

    def printed(self, scalar: Scalar) -> tuple[str, int]:
        match scalar:
            case Column(row, name):
                return f"{name_of(self.names.get(row, row))}.{name_of(name)}", _ATOM
            case Literal(value):
                printed = literal_of(value)
                return printed, _SIGN if printed.startswith("-") else _ATOM
            case And(terms):
                return " AND ".join(self.text(term, _AND + 1) for term in terms) or "TRUE", _AND
            case Or(terms):
                return " OR ".join(self.text(term, _OR + 1) for term in terms) or "FALSE", _OR
            case Not(term):
                return self._not(term)
            case Compare() | IsNull() | In() | Between() | Like():
                return self._test(scalar, ""), _TEST
            case Arithmetic(operator, left, right):
                strength = _SUM if operator in ("+", "-") else _PRODUCT
                low, high = self.text(left, strength), self.text(right, strength + 1)
                return f"{low} {operator} {high}", strength
            case Negative(term):
                return f"-{self.text(term, _ATOM)}", _SIGN
            case Case((), otherwise):
                return self.printed(otherwise)
            case Case(branches, otherwise):
                return self._case(branches, otherwise), _ATOM
            case Lookup() | Aggregate():
                return self._other_rows(scalar), _ATOM
            case _:
                return self._call(scalar), _ATOM

    def _not(self, term: Scalar) -> tuple[str, int]:
        if isinstance(term, (IsNull, In, Between, Like)):
            return self._test(term, "NOT "), _TEST
        return f"NOT ({self.text(term)})", _AND + 1

    def _test(self, test: Compare | IsNull | In | Between | Like, negation: str) -> str:
        match test:
            case Compare(operator, left, right):
                return f"{self._side(left)} {operator} {self._side(right)}"
            case IsNull(term):
                return f"{self.text(term, _SUM)} IS {negation}NULL"
            case In(term, options):
                held = ", ".join(map(self._side, options))
                return f"{self._side(term)} {negation}IN ({held})"
            case Between(term, low, high):
                between = f"{self._side(low)} AND {self._side(high)}"
                return f"{self._side(term)} {negation}BETWEEN {between}"
            case Like(term, pattern, escape):
                like = f"{self._side(term)} {negation}LIKE {self._side(pattern)}"
                return like + _escape(pattern, escape)

    def _side(self, scalar: Scalar) -> str:
        """What is compared: text made of a number or a date gives way to another's collation.

        As CAST makes it, it stands under the connection's, which no other one may meet.
        """
        match scalar:
            case Cast(term, "CHAR", length) if self._is_no_text(term):
                text = f"CONCAT({self.text(term)})"
                return text if length is None else f"LEFT({text}, {length})"
            case _:
                return self.text(scalar, _SUM)

    def _case(self, branches: tuple[tuple[Scalar, Scalar], ...], otherwise: Scalar) -> str:
        told = [f"WHEN {self.text(when)} THEN {self.text(then)}" for when, then in branches]
        if otherwise != Literal(None):
            told.append(f"ELSE {self.text(otherwise)}")
        return f"CASE {' '.join(told)} END"

    def _call(self, scalar: Call | Cast | DateAdd | DateDiff) -> str:
        match scalar:
            case Call("TRIM" | "LTRIM" | "RTRIM" as function, (term, removed)):
                side = {"TRIM": "BOTH", "LTRIM": "LEADING", "RTRIM": "TRAILING"}[function]
                return f"TRIM({side} {self.text(removed)} FROM {self.text(term)})"
            case Call(function, arguments):
                return f"{function}({', '.join(self.text(argument) for argument in arguments)})"
            case Cast(term, kind, precision, scale):
                sizes = ", ".join(str(size) for size in (precision, scale) if size is not None)
                return f"CAST({self.text(term)} AS {kind}{f'({sizes})' if sizes else ''})"
            case DateAdd(term, amount, unit):
                return f"DATE_ADD({self.text(term)}, INTERVAL {self.text(amount, _SUM)} {unit})"
            case DateDiff(unit, start, end, calendar):
                if calendar:
                    return f"DATEDIFF({self.text(end)}, {self.text(start)})"
                return f"TIMESTAMPDIFF({unit}, {self.text(start)}, {self.text(end)})"

    def _is_no_text(self, term: Scalar) -> bool:
        if isinstance(term, (Arithmetic, DateDiff)):
            return True
        if not isinstance(term, Column):
            return False
        table = self.source.table(term.row)
        column = None if table is None else table.column(term.name)
        return column is not None and column.type.base in _NO_TEXTS

    def _other_rows(self, scalar: Lookup | Aggregate) -> str:
        printed = self.leaf(scalar) if self.leaf is not None else None
        if printed is not None:
            return printed
        if isinstance(scalar, Aggregate):
            hop = scalar.hop
            value = "*" if scalar.value is None else self._own(scalar.value, hop)
            where = self.text(hop.on)
            return f"(SELECT {scalar.operation}({value}) FROM {self._from(hop)} WHERE {where})"
        first, *rest = scalar.hops
        joins = "".join(f" JOIN {self._from(hop)} ON {self.text(hop.on)}" for hop in rest)
        orders = ", ".join(order for hop in scalar.hops for order in self._orders(hop))
        return (
            f"(SELECT {self.text(scalar.value)} FROM {self._from(first)}{joins}"
            f" WHERE {self.text(first.on)} ORDER BY {orders} LIMIT 1)"
        )

    def _own(self, value: Scalar, hop: Hop) -> str:
        """What names no column of its own row would be an aggregate of the query around it."""
        printed, rows = self.text(value), free_rows(value)
        if not rows or hop.row in rows:
            return printed
        return f"CASE WHEN {self._orders(hop)[0]} IS NULL THEN {printed} ELSE {printed} END"

    def _from(self, hop: Hop) -> str:
        return f"{name_of(self._table(hop).name)} AS {name_of(self.names.get(hop.row, hop.row))}"

    def _orders(self, hop: Hop) -> list[str]:
        return [self.text(Column(hop.row, name)) for name in order_key(self._table(hop))]

    def _table(self, hop: Hop) -> SourceTable:
        table = self.source.table(hop.table)
        if table is None:
            raise ValueError(f"the source has no table {hop.table!r}; give the one resolved with")
        return table


def _escape(pattern: Scalar, escape: str) -> str:
    """Backslash is the default in one sql_mode only, so it is named where a pattern may hold it."""
    if escape == "\\" and isinstance(pattern, Literal) and "\\" not in str(pattern.value):
        return ""
    return f" ESCAPE {literal_of(escape)}"
