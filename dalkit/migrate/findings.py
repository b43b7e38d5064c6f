"""What a run of export, load or verify has to tell, one value a fact; no secret is in any."""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import frozen

from dalkit.contract.problems import display

__all__ = ["Collision", "Difference", "Different", "Extra", "Finding", "Missing", "Refused"]


@final
@frozen
class Refused:
    """A row that DynamoDB cannot hold as the contract says; it is left out, the others go on."""

    table: str
    entity: str
    row: str
    """The row's primary key, as `orders id=17`."""
    where: str
    reason: str

    def __str__(self) -> str:
        place = f": {self.where}" if self.where else ""
        return _one_line(f"refused {self.table} {self.entity} ({self.row}){place}: {self.reason}")


@final
@frozen
class Collision:
    """Two rows whose items have one key."""

    table: str
    key: str
    rows: tuple[str, str]

    def __str__(self) -> str:
        return _one_line(f"collision {self.table} {self.key}: {self.rows[0]} and {self.rows[1]}")


@final
@frozen
class Missing:
    """A row of MySQL whose item is not in DynamoDB."""

    table: str
    key: str
    row: str = ""

    def __str__(self) -> str:
        return _one_line(f"missing {self.table} {self.key} ({self.row})")


@final
@frozen
class Extra:
    """An item of DynamoDB that no row of MySQL gives."""

    table: str
    key: str

    def __str__(self) -> str:
        return _one_line(f"extra {self.table} {self.key}")


@final
@frozen
class Different:
    """An attribute that holds something else than MySQL gives; `absent` is none at all."""

    table: str
    key: str
    attribute: str
    expected: str
    found: str

    def __str__(self) -> str:
        return _one_line(
            f"different {self.table} {self.key}: {self.attribute}: "
            f"expected {self.expected}, found {self.found}"
        )


Difference: TypeAlias = Missing | Extra | Different
Finding: TypeAlias = Refused | Collision | Missing | Extra | Different


def _one_line(text: str) -> str:
    """A key or a name from the data cannot begin a line of its own."""
    return display(text).replace("\n", "\\n")
