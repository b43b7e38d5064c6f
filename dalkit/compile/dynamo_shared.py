"""Writes of one transaction that share guards: DynamoDB takes one action of each item.

A write may take what one before it frees; it then relies on that one being done. What is held by
one before it is refused, and that relies on the other as well.
"""

from __future__ import annotations

from typing import final

from attrs import define, evolve, field

from dalkit.compile.dynamo_actions import Action, Made, handed_over
from dalkit.compile.dynamo_outcomes import mark, taken, without
from dalkit.compile.settings import Settings
from dalkit.result import ConditionFailed

__all__ = ["Shared"]


@final
@define
class Shared:
    """The writes of a transaction, one after another."""

    settings: Settings
    made: list[Made] = field(factory=list)
    relied_on: set[int] = field(factory=set)
    """Which writes, by their place, decide about others."""
    _guards: dict[str, tuple[int, Action]] = field(factory=dict)

    def add(self, new: Made, blocked: Made) -> ConditionFailed | None:
        """The next write, or `blocked` where one before it holds what it is to take, and why."""
        mine = {mark(one): one for one in new.actions if one.role in ("guard", "freed")}
        met = {name: self._guards[name] for name in mine if name in self._guards}
        for name, (at, other) in met.items():
            if mine[name].role == other.role == "guard":
                self.relied_on.add(at)
                self.made.append(blocked)
                return taken(mine[name], new.old)
        actions = (self._given(one, met.get(mark(one))) for one in new.actions)
        kept = evolve(new, actions=tuple(actions))
        twice = frozenset(name for name in met if mine[name].role == "freed")
        at = len(self.made)
        self.made.append(without(kept, twice))
        self._guards.update({name: (at, one) for name, one in mine.items() if name not in twice})
        return None

    def _given(self, one: Action, other: tuple[int, Action] | None) -> Action:
        """The action, in place of that of the write before it which frees its guard."""
        if other is None or one.role != "guard":
            return one
        at, freeing = other
        self.relied_on.add(at)
        self.made[at] = without(self.made[at], frozenset({mark(one)}))
        return handed_over(one, freeing, self.settings)
