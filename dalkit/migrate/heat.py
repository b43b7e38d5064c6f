"""How many items each value of a partition key has, in constant memory.

Values are counted exactly while there are few; beyond `HELD` of them the rarest make room
(Misra and Gries), so that a count is at most a thousandth of all items too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, shown
from dalkit.migrate.route import secret_attributes
from dalkit.run.batches import Item
from dalkit.schema.checks.heat import values_at_most
from dalkit.schema.checks.survey import key_pieces
from dalkit.schema.definition import Carried, Part, Template
from dalkit.schema.subjects import Subject

__all__ = ["HELD", "LEAST", "SHARE", "Heat", "heats_of"]

HELD = 1_000
SHARE = 0.25
"""A value with so much of the items is told."""
LEAST = 20
"""Of fewer items nothing can be said."""


@final
class Heat:
    """The partition key of one entity's items in the table or in one index."""

    def __init__(self, subject: Subject, index: str, keys: Sequence[str]) -> None:
        self._subject = subject
        self._index = index
        self._keys = tuple(keys)
        self._counts: dict[Any, int] = {}
        self._total = 0

    def add(self, item: Item) -> None:
        """Count one item, if it has all the keys."""
        if not all(name in item for name in self._keys):
            return
        ((_, value),) = item[self._keys[0]].items()
        self._total += 1
        if value in self._counts or len(self._counts) < HELD:
            self._counts[value] = self._counts.get(value, 0) + 1
        else:
            self._counts = {one: n - 1 for one, n in self._counts.items() if n > 1}

    def problems(self) -> list[Problem]:
        """One problem, if values with a large share are there."""
        most = sorted(self._counts.items(), key=lambda one: -one[1])[:3]
        hot = [(value, count) for value, count in most if count >= SHARE * self._total]
        if self._total < LEAST or not hot:
            return []
        pk, definition = self._keys[0], self._subject.definition
        secret = pk in secret_attributes(definition)
        said = ", ".join(
            f"{'a secret value' if secret else shown(str(value))} has {count:,}"
            for value, count in hot
        )
        where = f"index {shown(self._index)}" if self._index else "the table"
        text = (
            f"of {self._total:,} items of {shown(definition.name)} in {where}, partition key "
            f"{shown(pk)}: {said}"
        )
        return [problem("DK521", self._subject.place(pk), text)]


def heats_of(subject: Subject) -> list[Heat]:
    """The keys whose values can repeat; that all have one value is known without the data."""
    return [
        Heat(subject, index, [key.name for key in (pk, sk) if key is not None])
        for index, pk, sk in subject.layouts()
        if _repeats(subject, pk.name)
    ]


def _repeats(subject: Subject, pk: str) -> bool:
    definition = subject.definition
    found = definition.by_attribute.get(pk)
    match found.content if found else None:
        case Carried(field):
            names = [field]
        case Template(parts):
            names = [part.field for part in parts if isinstance(part, Part)]
        case _:
            names = []
    told = {column for one in names if (column := definition.by_field[one].column) is not None}
    if not names or subject.own.identifies(told):
        return False
    return values_at_most(key_pieces(subject, pk) or (), subject) != 1
