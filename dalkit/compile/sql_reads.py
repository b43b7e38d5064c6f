"""Reads as SQL: by key, by condition page by page, and how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

from dalkit import kinds
from dalkit.compile.call import SqlCall, SqlReply, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_access import access_of, most_rows
from dalkit.compile.sql_filtered import Sifted
from dalkit.compile.sql_order import beyond, order_by, ranks
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_rows import Found, Reading, reading
from dalkit.compile.sql_text import Refused, Sql, fixed, joined, refuse
from dalkit.compile.sql_values import Operand, compared
from dalkit.compile.sql_where import parted
from dalkit.convert import items
from dalkit.fields.places import Place
from dalkit.fields.predicates import Predicate
from dalkit.query.cursors import cursor_at, cursor_places, unpaged, values_at
from dalkit.query.finds import Count, Find
from dalkit.query.finds import find as find_of
from dalkit.query.gets import Get, GetMany
from dalkit.query.normal import conjuncts
from dalkit.query.subjects import key_text
from dalkit.query.together import TransactGet
from dalkit.query.truth import value_at
from dalkit.result import Corrupt, Failure, NotFound, Page, Success
from dalkit.schema.definition import Carried, EntityDefinition, Part, Template
from dalkit.schema.entity import Entity, definition_of, key_class_of
from dalkit.source.sql import name_of, sql_of

__all__ = [
    "MOST_KEYS",
    "count",
    "expired",
    "find",
    "get",
    "get_many",
    "key_is",
    "nothing",
    "records_only",
    "transact_get",
]

T = TypeVar("T")

MOST_KEYS: Final = 500
"""Keys that one statement asks for."""
_MOST_ROWS: Final = 2**63 - 1

_Finish: TypeAlias = "Callable[[tuple[Found, ...]], SqlStep[Any]]"
_Made: TypeAlias = Callable[[_Finish, bool], SqlCall[Any]]


def get(query: Get[Any, Any], settings: Settings) -> SqlCall[Any]:
    """One record; two with the key are Corrupt."""
    statement, finish = _one(query, settings)
    return statement(finish, False)


def get_many(query: GetMany[Any, Any], settings: Settings) -> SqlCall[Any]:
    """Records by key, some hundreds a statement, in the keys' order; all at one moment."""
    owner = type(query.entity)
    names = definition_of(query.entity).key
    for key in query.keys:
        _check_key(query.entity, key)
    read = reading(query.entity, settings, besides=tuple(Place(owner, one) for one in names))
    chunks = [query.keys[at : at + MOST_KEYS] for at in range(0, len(query.keys), MOST_KEYS)]
    return _in_chunks(query, read, chunks, {})


def find(query: Find[Any, Any], settings: Settings) -> SqlCall[Any]:
    """A page of records by a seek, with one more to know whether there is another page."""
    held, kept = _held(query, settings), cursor_places(query)
    places = Places(definition_of(query.entity), settings)
    terms = ranks(places, query.orders, conjuncts(query.predicates))
    asked, left = parted(places, query.predicates)
    conditions = (*records_only(places), *asked)
    read = reading(query.entity, settings, selected=() if left else query.selected, besides=kept)
    _check_budget(query, settings, 1 + len(read.arrays))

    def page(shown: tuple[Found, ...], more: bool) -> SqlStep[Any]:
        answers = tuple(one.answer for one in shown)
        if left and query.selected:
            answers = tuple(tuple(value_at(r, one) for one in query.selected) for r in answers)
        if not more:
            return Success(Page(answers))
        after = cursor_at(query, shown[-1].values, key=settings.cursor_key)
        return Success(Page(answers, after))

    if left:
        return Sifted(read, conditions, terms, left).call(query.most, held, page)
    if held is not None:
        conditions = (*conditions, beyond(terms, held))
    tail = [order_by(terms)]
    if query.most is not None:
        tail.append(Sql("LIMIT %s", (min(query.most + 1, _MOST_ROWS),)))
    return read.call(
        read.statement(conditions, tail),
        lambda found: page(found[: query.most], len(found) > len(found[: query.most])),
    )


def _held(query: Find[Any, Any], settings: Settings) -> Mapping[Place, Any] | None:
    """What the query's cursor holds; one that is not taken, or would show a secret, raises."""
    refused = unpaged(query)
    if refused is not None:
        raise Refused(refused)
    match values_at(query, key=settings.cursor_key):
        case Success(values):
            return values
        case Failure(error):
            raise Refused(error)


def count(query: Count[Any], settings: Settings) -> SqlCall[int]:
    """How many records, counted by MySQL."""
    places = Places(definition_of(query.entity), settings)
    _check_budget(query, settings, 1)
    asked, left = parted(places, query.predicates)
    conditions = (*records_only(places), *asked)
    if left:
        return _counted(query, settings, conditions, left)
    statement = fixed(f"SELECT COUNT(*)\nFROM {name_of(places.own.name)}")
    if conditions:
        statement += joined("\n  AND ", conditions).within("\nWHERE ", "")

    def read(reply: SqlReply) -> SqlStep[int]:
        return Success(int(reply.rows[0][0]))

    return SqlCall(statement.text, statement.parameters, read)


def _counted(
    query: Count[Any],
    settings: Settings,
    conditions: tuple[Sql, ...],
    left: tuple[Predicate[Any], ...],
) -> SqlCall[int]:
    """How many records, by reading those of which MySQL cannot be asked everything."""
    whole = find_of(query.entity)
    read = reading(query.entity, settings, besides=cursor_places(whole))
    terms = ranks(read.places, (), ())
    sifted = Sifted(read, conditions, terms, left)
    return sifted.call(None, None, lambda found, _: Success(len(found)))


def transact_get(query: TransactGet[Any], settings: Settings) -> SqlCall[Any]:
    """Several records in one transaction, as they were at one moment."""
    made = [_one(one, settings) for one in query.gets]
    if not made:
        return nothing(())

    def step(at: int, answers: tuple[Any, ...]) -> SqlStep[Any]:
        if at == len(made):
            return Success(answers)
        statement, finish = made[at]

        def after(found: tuple[Found, ...]) -> SqlStep[Any]:
            match finish(found):
                case Success(answer):
                    return step(at + 1, (*answers, answer))
                case Failure(NotFound()):
                    return step(at + 1, (*answers, None))
                case other:
                    return other

        return statement(after, True)

    first = step(0, ())
    if not isinstance(first, SqlCall):
        raise TypeError("a transactional read begins with a statement")
    return first


def nothing(answer: T) -> SqlCall[T]:
    """A statement for a query that asks for nothing."""
    return SqlCall("DO 0", (), lambda _: Success(answer))


def records_only(places: Places) -> list[Sql]:
    """What makes a row a record: the contract's filter, a whole key, no end that is past."""
    definition = places.definition
    conditions = []
    if definition.source.where is not None:
        text = fixed(sql_of(definition.source.where, {}, places.source))
        conditions.append(text.within("("))
    for name in _key_fields(definition):
        if definition.by_field[name].nullable:
            conditions.append(places.present(Place(None, name)))
    if definition.ttl is not None and places.settings.now is not None:
        end = places.field(definition.ttl)
        alive = compared(end, ">", _moment(end, places.settings.now))
        conditions.append((end.sql + " IS NULL OR " + alive).within("("))
    return conditions


def expired(places: Places) -> Sql | None:
    """Whether a row is a record no more; None where none ever is."""
    name, now = places.definition.ttl, places.settings.now
    if name is None or now is None:
        return None
    end = places.field(name)
    return compared(end, "<=", _moment(end, now))


def _moment(end: Operand, now: datetime) -> Any:
    """As the end of a record is told: numbers are seconds since 1970."""
    if isinstance(end.kind, kinds.DateTime):
        return now
    if isinstance(end.kind, kinds.Float):
        return now.timestamp()
    past = now - datetime(1970, 1, 1, tzinfo=UTC)
    return Decimal(past.days * 86_400 + past.seconds) + Decimal(past.microseconds).scaleb(-6)


def key_is(places: Places, key: Any) -> list[Sql]:
    """Conditions for the record with a key."""
    return [compared(places.field(name), "=", getattr(key, name)) for name in places.definition.key]


def _check_key(entity: Entity[Any, Any], key: Any) -> None:
    """Refuse a key that no record can have in every store."""
    match items(entity).key(key):
        case Failure(error):
            raise Refused(error)
        case Success():
            pass


def _one(query: Get[Any, Any], settings: Settings) -> tuple[_Made, _Finish]:
    """What makes the call of a get, and what its answer is."""
    _check_key(query.entity, query.key)
    read = reading(query.entity, settings, selected=query.selected)
    name, key = definition_of(query.entity).name, key_text(query.entity, query.key)
    conditions = [*records_only(read.places), *key_is(read.places, query.key)]
    statement = read.statement(conditions, [Sql("LIMIT 2")])

    def finish(found: tuple[Found, ...]) -> SqlStep[Any]:
        if not found:
            return Failure(NotFound(name, key))
        if len(found) > 1:
            return Failure(_twice(name, key))
        return Success(found[0].answer)

    return lambda after, atomic: read.call(statement, after, atomic=atomic), finish


def _twice(entity: str, key: str) -> Corrupt:
    return Corrupt(entity, "the key", "several rows have it", key)


def _in_chunks(
    query: GetMany[Any, Any],
    read: Reading,
    chunks: Sequence[tuple[Any, ...]],
    held: Mapping[Any, Any],
) -> SqlCall[Any]:
    if not chunks:
        return nothing({})
    names = definition_of(query.entity).key
    owner = type(query.entity)
    chunk, *rest = chunks
    each = (joined(" AND ", key_is(read.places, one)).within("(") for one in chunk)
    one_of = joined("\n    OR ", each).within("(")
    statement = read.statement([*records_only(read.places), one_of])

    def after(found: tuple[Found, ...]) -> SqlStep[Any]:
        records = dict(held)
        for one in found:
            key = key_class_of(query.entity)(*(one.values[Place(owner, name)] for name in names))
            if key in records:
                return Failure(
                    _twice(definition_of(query.entity).name, key_text(query.entity, key))
                )
            records[key] = one.answer
        if rest:
            return _in_chunks(query, read, rest, records)
        return Success({one: records[one] for one in query.keys if one in records})

    return read.call(statement, after, atomic=len(query.keys) > MOST_KEYS)


def _key_fields(definition: EntityDefinition) -> tuple[str, ...]:
    names = list(definition.key)
    for key in definition.table.keys:
        attribute = definition.by_attribute.get(key.name)
        match attribute.content if attribute else None:
            case Carried(field):
                names.append(field)
            case Template(parts=parts):
                names += [one.field for one in parts if isinstance(one, Part)]
    return tuple(dict.fromkeys(names))


def _check_budget(query: Find[Any, Any] | Count[Any], settings: Settings, calls: int) -> None:
    """Refuse what may take more than it is given; units are DynamoDB's alone."""
    budget = query.access.budget
    if budget is None:
        return
    if budget.calls is not None and calls > budget.calls:
        refuse(f"budget(calls={budget.calls})", f"the plan has {calls} statements")
    if budget.examined is None:
        return
    orders, most = ((), None) if isinstance(query, Count) else (query.orders, query.most)
    places, terms = Places(definition_of(query.entity), settings), conjuncts(query.predicates)
    access = access_of(places, terms, (), orders=orders, ordered=not isinstance(query, Count))
    known = most_rows(access, most)
    if known is None or known > budget.examined:
        said = "how many rows it looks at is the server's own affair"
        remedy = "bound it by limit(…) and an order that a key of MySQL's gives, or leave it out"
        refuse(
            f"budget(examined={budget.examined})",
            said if known is None else f"the plan may look at {known} rows",
            remedy,
        )
