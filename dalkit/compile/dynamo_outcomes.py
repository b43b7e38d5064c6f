"""What it means for a write that some of its actions could not be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, final

from attrs import evolve, frozen

from dalkit.compile.demands import differs
from dalkit.compile.dynamo_actions import Action, Made, not_met, standing
from dalkit.compile.dynamo_request import mark_of
from dalkit.compile.settings import Settings
from dalkit.query.subjects import key_text as said_key
from dalkit.result import ConditionFailed, Conflict, Error, Throttled, Unsupported
from dalkit.schema.entity import definition_of

__all__ = ["TRANSACT", "Again", "Said", "mark", "outcome", "subject", "taken", "without"]

TRANSACT: Final = "TransactWriteItems"

Said: TypeAlias = Mapping[str, Any]
"""A reason of a cancelled transaction: `Code`, `Message`, and the `Item` that was there."""


@final
@frozen
class Again:
    """Another writer was faster: the write is made anew, leaving these guards alone."""

    left: frozenset[str] = frozenset()


def outcome(made: Made, reasons: Sequence[Said], settings: Settings) -> Error | Again | None:
    """Why the write could not be done; None if it was not the reason."""
    guarded: list[Error] = []
    left: set[str] = set()
    for one, said in zip(made.actions, reasons, strict=True):
        if said.get("Code") in (None, "None"):
            continue
        if said["Code"] != "ConditionalCheckFailed":
            return _of_store(one, said)
        match one.role:
            case "record" if _overtaken(made, one, said, settings):
                return Again()
            case "record" | "target":
                item = said.get("Item")
                own = standing(one.entity, one.key, item, settings.now) == "own"
                misfit = made.misfit(item) if own and item is not None else None
                return misfit or not_met(one, item, settings)
            case "guard":
                guarded.append(taken(one, made.old))
            case "freed":
                left.add(mark(one))
    if guarded:
        return guarded[0]
    return Again(frozenset(left)) if left else None


def without(made: Made, left: frozenset[str]) -> Made:
    """The write's actions but those that free these guards, which others own."""
    kept = (one for one in made.actions if one.role != "freed" or mark(one) not in left)
    return evolve(made, actions=tuple(kept))


def taken(one: Action, old: Any) -> ConditionFailed:
    """Another record has the values of a guard; `old` is the one that was to be written over."""
    text = said_key(one.entity, one.key)
    return ConditionFailed(definition_of(one.entity).name, text, record=old, unique=one.unique)


def mark(one: Action) -> str:
    """The name of an action's item among those of a transaction."""
    return mark_of(definition_of(one.entity).table.name, one.place)


def subject(one: Action) -> str:
    """What an action writes, for messages."""
    return f"{definition_of(one.entity).name} {said_key(one.entity, one.key)}"


def _overtaken(made: Made, one: Action, said: Said, settings: Settings) -> bool:
    """Whether what was read is no longer so."""
    item = said.get("Item")
    if made.absent:
        return standing(one.entity, one.key, item, settings.now) != "none"
    if made.seen is None:
        return False
    return not item or differs(made.seen, item)


def _of_store(one: Action, said: Said) -> Error:
    text = str(said.get("Message") or said.get("Code"))
    match said["Code"]:
        case "TransactionConflict":
            return Conflict(TRANSACT, text)
        case "ProvisionedThroughputExceeded" | "ThrottlingError":
            return Throttled(TRANSACT, text)
        case _:
            return Unsupported(f"{one.kind.lower()} {subject(one)}", text)
