"""Plans of both stores as values, and how they print."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias, final

from attrs import frozen

from dalkit.compile.prices import PriceBook
from dalkit.result import Error

__all__ = ["DynamoPlan", "Explanation", "MysqlPlan"]

_INDENT = " " * 10


@final
@frozen(kw_only=True)
class MysqlPlan:
    """How MySQL would answer: in which steps, and in how many statements."""

    steps: tuple[str, ...]
    indexes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each table that is read, and the columns of the key that finds its rows; none is all rows."""
    filters: str = ""
    """What is looked at row by row."""
    sorted: bool = False
    """Whether the rows are sorted after they were found."""
    statements: int = 1
    """At least."""
    exact: bool = True
    """Whether there are no more statements."""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = "" if self.exact else " or more"
        number = "1 statement" if self.statements == 1 else f"{self.statements} statements"
        said = (
            *self.steps,
            f"filters {self.filters}" if self.filters else "",
            "sorts what it found" if self.sorted else "",
            f"{number}{more}" if self.statements else "nothing is sent",
            *self.notes,
        )
        return "; ".join(one for one in said if one)


@final
@frozen(kw_only=True)
class DynamoPlan:
    """How DynamoDB would answer, and what that costs at most; None is as much as there is."""

    steps: tuple[str, ...]
    filters: str = ""
    """What is looked at after reading."""
    notes: tuple[str, ...] = ()
    calls: int | None = None
    more: bool = False
    """Whether there may be more calls than that."""
    examined: int | None = None
    returned: int | None = None
    reads: Decimal | None = None
    """Read units."""
    writes: Decimal | None = None
    """Write units, of tables and their indexes."""
    item_size: int
    """The bytes that an item is taken to have."""
    per_thousand: Decimal = Decimal(0)
    """Read units of a thousand records, where nobody knows how many there are."""
    prices: PriceBook

    @property
    def cost(self) -> Decimal | None:
        """US dollars of a million times, on demand."""
        if self.reads is None and self.writes is None:
            return None
        million = 1_000_000
        return self.prices.cost(
            reads=(self.reads or 0) * million, writes=(self.writes or 0) * million
        )

    def __str__(self) -> str:
        filters = f"filters after reading: {self.filters}" if self.filters else ""
        said = (*self.steps, filters, *self.notes, *self._figures())
        return "; ".join(one for one in said if one)

    def _figures(self) -> tuple[str, ...]:
        if self.calls == 0:
            return ("nothing is sent",)
        if self.calls is None:
            return (
                "1 call or more",
                f"as much as there is: {_number(self.per_thousand)} read units a 1,000 examined",
                f"items of {self.item_size:,} bytes",
            )
        calls = "1 call" if self.calls == 1 else f"{self.calls:,} calls"
        units = [
            f"{_number(one)} {what} unit{'' if one == 1 else 's'}"
            for one, what in ((self.reads, "read"), (self.writes, "write"))
            if one
        ]
        said = [f"{calls} or more" if self.more else calls]
        if self.examined is not None:
            said.append(f"at most {self.examined:,} examined, {self.returned:,} returned")
        if units:
            cost = _number(self.cost or Decimal(0))
            book = f"{self.prices.region}, {self.prices.dated}"
            most = "up to " if self.more else ""
            said.append(f"{most}{' and '.join(units)}, ${cost} a million times ({book})")
            said.append(f"items of {self.item_size:,} bytes")
        return tuple(said)


_Plan: TypeAlias = "MysqlPlan | DynamoPlan | Error"


@final
@frozen(kw_only=True)
class Explanation:
    """What both stores would do for a query; `str` of it says it in words, without secrets."""

    query: str
    mysql: MysqlPlan | Error
    dynamodb: DynamoPlan | Error
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.query, f"mysql     {_said(self.mysql)}", f"dynamodb  {_said(self.dynamodb)}"]
        lines += [f"note      {one}" for one in self.notes]
        return "\n".join(lines)


def _said(plan: _Plan) -> str:
    if isinstance(plan, (MysqlPlan, DynamoPlan)):
        return str(plan)
    reason, remedy = getattr(plan, "reason", str(plan)), getattr(plan, "remedy", "")
    return f"refused: {reason}" + (f"\n{_INDENT}{remedy}" if remedy else "")


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"
