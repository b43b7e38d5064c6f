"""Transactions of writes: TransactWriteItems, after a read of the items that must be known.

A transaction's request token is not part of its call: who runs it gives every run its own. A
cancelled transaction is a reply too: the client's error, with `CancellationReasons`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, final

from attrs import evolve, field, frozen

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.demands import Demands
from dalkit.compile.dynamo_actions import Action, Item, Made, Prepared
from dalkit.compile.dynamo_outcomes import TRANSACT, Again, outcome, without
from dalkit.compile.dynamo_request import MOST_GETS, mark_of
from dalkit.compile.dynamo_shared import Shared
from dalkit.compile.dynamo_writes import MOST_TRIES, answered, as_call, prepare, told
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.convert import item_size, items
from dalkit.query.base import Write
from dalkit.query.subjects import key_of_record
from dalkit.query.together import Transact, maintained
from dalkit.query.updates import Update
from dalkit.query.writes import Insert, Put
from dalkit.result import (
    Conflict,
    Error,
    Failure,
    Result,
    Success,
    TransactionCancelled,
)
from dalkit.schema.entity import Entity

__all__ = ["MOST_ACTIONS", "TWICE", "transact_call"]

TWICE: Final = "one record is written twice, and all its writes see the record as it was before"
"""Why a transaction with two writes of one record is refused."""

MOST_ACTIONS: Final = 100
"""Actions of one transaction."""

_LARGEST: Final = 4 * 1_048_576
_Answer = tuple[Any, ...]


@final
@frozen(kw_only=True)
class _Run:
    """A transaction on its way."""

    query: Transact
    prepared: tuple[Prepared, ...]
    settings: Settings
    left: frozenset[str] = frozenset()
    """The guards that others own, and that are not freed."""
    failed: Mapping[int, Error] = field(factory=dict)
    """The writes that cannot be done, by their place, where others rely on them."""
    tries: int = MOST_TRIES


@final
@frozen(kw_only=True)
class _Whole:
    """What each write of a transaction is, and why it cannot be, if that is known before."""

    made: tuple[Made, ...]
    errors: tuple[Error | None, ...]
    relied_on: frozenset[int]

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(action for one in self.made for action in one.actions)


def transact_call(query: Transact, settings: Settings) -> Result[DynamoCall[_Answer]]:
    """TransactWriteItems."""
    if not query.writes:
        return Success(DynamoCall("", {}, lambda _: Success(())))
    _check_number(len(query.writes), 0)
    found = [prepare(one, settings, looks=_may_insert(one)) for one in query.writes]
    placed = [_or_blocked(one, made) for one, made in zip(query.writes, found, strict=True)]
    prepared = tuple(one for one in placed if one is not None)
    _check_once(prepared)
    if len(prepared) < len(found):
        errors = (one.failure() if isinstance(one, Failure) else None for one in found)
        return Failure(TransactionCancelled(tuple(errors)))
    return as_call(_begun(_Run(query=query, prepared=prepared, settings=settings)))


def _or_blocked(write: Write[Any], found: Result[Prepared]) -> Prepared | None:
    """The write, or in its place what cannot be done; None where no item could be its own."""
    match found:
        case Success(one):
            return one
        case Failure() as failure:
            entity, key = _subject(write)
            match items(entity).key(key):
                case Success(place):
                    return Prepared(
                        write=write,
                        entity=entity,
                        key=key,
                        after=key,
                        places=(place,),
                        looks=False,
                        make=lambda _: failure,
                    )
                case Failure():
                    return None


def _subject(write: Any) -> tuple[Entity[Any, Any], Any]:
    inner = maintained(write)
    if isinstance(inner, (Put, Insert)):
        return inner.entity, key_of_record(inner.entity, inner.record)
    return inner.entity, inner.key


def _may_insert(write: Write[Any]) -> bool:
    inner = maintained(write)
    return isinstance(inner, Update) and inner.inserted is not None


def _begun(run: _Run) -> DynamoStep[_Answer]:
    keys: dict[str, list[Item]] = {}
    for one in run.prepared:
        if one.looks:
            keys.setdefault(one.table, []).append(one.places[0])
    if not keys:
        return _sent(run, {})
    return _looked(run, [(table, key) for table, every in keys.items() for key in every], {})


def _looked(
    run: _Run, waiting: Sequence[tuple[str, Item]], found: Mapping[str, Item]
) -> DynamoCall[_Answer]:
    """The items that must be known, read consistently."""
    requests: dict[str, Any] = {}
    for table, key in waiting[:MOST_GETS]:
        requests.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(key)

    def read(reply: Mapping[str, Any]) -> DynamoStep[_Answer]:
        held = dict(found)
        for table, every in reply.get("Responses", {}).items():
            for item in every:
                held[mark_of(table, _key(run, table, item))] = item
        left = [
            (table, key)
            for table, said in reply.get("UnprocessedKeys", {}).items()
            for key in said["Keys"]
        ]
        rest = [*left, *waiting[MOST_GETS:]]
        if rest:
            return _looked(run, rest, held)
        return answered(run.query, lambda: _sent(run, held))

    return DynamoCall("BatchGetItem", {"RequestItems": requests}, read)


def _sent(run: _Run, found: Mapping[str, Item]) -> DynamoStep[_Answer]:
    whole = _whole(run, found)
    actions = whole.actions
    guards = sum(one.role in ("guard", "freed") for one in actions)
    _check_number(len(actions), guards)
    _check_size(actions)
    keys = tuple(map(_landed, run.prepared, whole.made))
    if not actions:
        return Success(keys)

    def read(reply: Mapping[str, Any]) -> DynamoStep[_Answer]:
        if not reply.get("Error"):
            return Success(keys)
        return _cancelled(run, whole, reply.get("CancellationReasons") or ())

    requests = [{one.kind: told(one)} for one in actions]
    return DynamoCall(TRANSACT, {"TransactItems": requests}, read)


def _landed(one: Prepared, made: Made) -> Any:
    """The record's key when the write is done; one that an update inserts is as it was given."""
    return one.key if made.absent and isinstance(one.write, Update) else one.after


def _whole(run: _Run, found: Mapping[str, Item]) -> _Whole:
    """Each write's actions; one that cannot be done is a check that fails."""
    errors: list[Error | None] = []
    shared = Shared(run.settings)
    for at, one in enumerate(run.prepared):
        blocked = _blocked(one, run.settings)
        match _made(run, at, found):
            case Success(made):
                errors.append(shared.add(without(made, run.left), blocked))
            case Failure(error):
                errors.append(error)
                shared.add(blocked, blocked)
    relied_on = frozenset(shared.relied_on)
    return _Whole(made=tuple(shared.made), errors=tuple(errors), relied_on=relied_on)


def _made(run: _Run, at: int, found: Mapping[str, Item]) -> Result[Made]:
    if at in run.failed:
        return Failure(run.failed[at])
    one = run.prepared[at]
    return one.make(found.get(mark_of(one.table, one.places[0])))


def _blocked(one: Prepared, settings: Settings) -> Made:
    """A check that nothing passes, so that the store tells what else stands in the way."""
    demands = Demands(one.entity, settings)
    arguments = {"TableName": one.table, "Key": one.places[0], **demands.said(demands.never())}
    check = Action(
        kind="ConditionCheck",
        entity=one.entity,
        key=one.key,
        place=one.places[0],
        arguments=arguments,
    )
    return Made(actions=(check,))


def _cancelled(
    run: _Run, whole: _Whole, reasons: Sequence[Mapping[str, Any]]
) -> DynamoStep[_Answer]:
    said = iter((*reasons, *({} for _ in whole.actions))[: len(whole.actions)])
    told: list[Error | None] = []
    left, again = set(run.left), False
    for made, known in zip(whole.made, whole.errors, strict=True):
        mine = [next(said) for _ in made.actions]
        found = known or outcome(made, mine, run.settings)
        if isinstance(found, Again):
            left, again = left | found.left, True
            found = None
        told.append(found)
    if again and run.tries > 1:
        return _begun(evolve(run, left=frozenset(left), tries=run.tries - 1))
    if again:
        what = f"its records were changed by others {MOST_TRIES} times meanwhile"
        return Failure(Conflict(TRANSACT, what))
    failed = {at: one for at in whole.relied_on if (one := told[at]) is not None}
    if failed:
        return _begun(evolve(run, failed={**run.failed, **failed}))
    return Failure(TransactionCancelled(tuple(told)))


def _check_number(number: int, guards: int) -> None:
    if number > MOST_ACTIONS:
        also = f", {guards} of them for what is unique" if guards else ""
        refuse(
            f"a transaction of {number}{also}, and DynamoDB takes {MOST_ACTIONS}",
            "make it smaller, in steps that may each stand alone",
        )


def _check_once(prepared: Sequence[Prepared]) -> None:
    seen = set[str]()
    for one in prepared:
        for place in one.places:
            mark = mark_of(one.table, place)
            if mark in seen:
                refuse(TWICE, "write it once")
            seen.add(mark)


def _check_size(actions: Sequence[Action]) -> None:
    size = sum(item_size(one.arguments["Item"]) for one in actions if one.kind == "Put")
    if size > _LARGEST:
        refuse(f"its records have {size:,} bytes, and DynamoDB takes {_LARGEST:,} in a transaction")


def _key(run: _Run, table: str, item: Item) -> dict[str, Any]:
    names = next(list(one.places[0]) for one in run.prepared if one.table == table)
    return {name: item[name] for name in names}
