"""Pieces of SQL with their parameters, and how one says that SQL cannot do it.

A statement is always sent with its parameters, none included, so `%` stands in it as `%%`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, final

from attrs import field, frozen

from dalkit.result import Error, Unsupported
from dalkit.source.sql import literal_of

__all__ = [
    "FALSE",
    "TRUE",
    "Refused",
    "Sql",
    "fixed",
    "joined",
    "literal",
    "refuse",
    "written_cell",
]


@final
@frozen
class Sql:
    """Text with one `%s` for each of its parameters."""

    text: str
    parameters: tuple[Any, ...] = field(default=())

    def __add__(self, other: Sql | str) -> Sql:
        if isinstance(other, str):
            return Sql(self.text + other, self.parameters)
        return Sql(self.text + other.text, self.parameters + other.parameters)

    def within(self, before: str, after: str = ")") -> Sql:
        """The piece between two texts that hold no parameters."""
        return Sql(before + self.text + after, self.parameters)


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")


class Refused(Exception):
    """Carries an error of the family to where a query is compiled."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


def refuse(what: object, reason: str, remedy: str = "") -> NoReturn:
    """Raise that MySQL cannot be asked this."""
    raise Refused(Unsupported(f"{what} on MySQL", reason, remedy))


def fixed(text: str) -> Sql:
    """Text that holds no parameter, whatever characters it holds."""
    return Sql(text.replace("%", "%%"))


def literal(text: str) -> Sql:
    """A text of the contract's as a literal."""
    return fixed(literal_of(text))


def written_cell(value: Any) -> Sql:
    """A cell as it is written to its column."""
    return Sql("UNHEX(%s)", (value.hex(),)) if isinstance(value, bytes) else Sql("%s", (value,))


def joined(between: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces with a text between each two."""
    every = tuple(pieces)
    return Sql(
        between.join(one.text for one in every),
        tuple(value for one in every for value in one.parameters),
    )
