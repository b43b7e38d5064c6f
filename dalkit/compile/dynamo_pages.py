"""Where DynamoDB goes on after a cursor, and the cursors of its pages.

DynamoDB reads a table's partition in the order of the sort key, which is the query's own order.
It reads an index in the order of the index's sort key, and a scan in no order that can be told:
only it goes on from such a page, unless no two records that the index gives are equal by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from attrs import frozen

from dalkit.compile.answers import Answers, Item
from dalkit.compile.key_conditions import known
from dalkit.compile.key_texts import key_text
from dalkit.compile.plan import Plan
from dalkit.compile.refused import refuse
from dalkit.convert.refusal import Refusal
from dalkit.fields.places import Place
from dalkit.query.cursors import cursor_at, cursor_places, unpaged, values_at
from dalkit.query.finds import Find
from dalkit.query.normal import conjuncts
from dalkit.result import Cursor, Failure, InvalidValue, Result, Success, then
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import definition_of

__all__ = ["Paging", "paging"]


@final
@frozen(kw_only=True)
class Paging:
    """How one query is read page by page."""

    query: Find[Any, Any]
    keys: tuple[str, ...]
    """The key attributes of the table, and of the index, that say where a page ended."""
    way: str
    """What its pages are ordered by, where that is not the query's own order."""
    besides: tuple[Place, ...]
    """The places that say where a page ended besides those of any cursor."""
    known: Mapping[str, Any]
    """The fields that have one value in all records that are asked for."""
    seal: bytes

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a cursor holds."""
        places = (*cursor_places(self.query), *self.besides)
        return tuple(dict.fromkeys(one.name for one in places))

    def start(self) -> Result[Item | None]:
        """The key that the query's cursor stands for, None without a cursor."""
        held = values_at(self.query, key=self.seal, way=self.way, besides=self.besides)
        return then(held, lambda values: Success(None) if values is None else self._key(values))

    def cursor(self, item: Item) -> Result[Cursor]:
        """The cursor behind an item."""
        owner = type(self.query.entity)

        def made(values: Mapping[str, Any]) -> Result[Cursor]:
            held = {Place(owner, name): value for name, value in values.items()}
            return Success(
                cursor_at(self.query, held, key=self.seal, way=self.way, besides=self.besides)
            )

        return then(Answers[Any](self.query.entity).values(item, self.fields), made)

    def _key(self, values: Mapping[Place, Any]) -> Result[Item | None]:
        definition = definition_of(self.query.entity)
        fields = {one.name: value for one, value in values.items() if not one.steps}
        start: dict[str, Any] = {}
        for name in self.keys:
            text = key_text(definition, name)
            assert text is not None
            try:
                start[name] = text.value({**self.known, **fields})
            except Refusal:
                reason = "it does not hold the values that it should"
                return Failure(InvalidValue(definition.name, "the cursor", reason))
        return Success(start)


def paging(query: Find[Any, Any], plan: Plan, seal: bytes) -> Paging:
    """How the plan's pages go on; a query whose cursors would show a secret raises Refused."""
    definition, equal = definition_of(query.entity), known(conjuncts(query.predicates)).equal
    keys, owner = plan.keys, type(query.entity)
    way = _way(query, plan, frozenset(equal))
    texts = (key_text(definition, name) for name in keys)
    fields = dict.fromkeys(field for text in texts if text for field in text.fields)
    held = frozenset(one.name for one in cursor_places(query) if not one.steps) | set(equal)
    besides = tuple(Place(owner, name) for name in fields if name not in held)
    refused = unpaged(query, besides)
    if refused is not None:
        refuse(refused.reason, refused.remedy)
    return Paging(query=query, keys=keys, way=way, besides=besides, known=equal, seal=seal)


def _way(query: Find[Any, Any], plan: Plan, equal: frozenset[str]) -> str:
    index = f" {plan.index.name}" if plan.index is not None else ""
    if plan.scan:
        return f"DynamoDB's scan{index}"
    if not index or _total(query, plan, equal):
        return ""
    return f"DynamoDB's index{index}"


def _total(query: Find[Any, Any], plan: Plan, equal: frozenset[str]) -> bool:
    """Whether the order asked for, which the index gives, leaves no two records equal."""
    definition = definition_of(query.entity)
    asked = equal.union(one.place.name for one in query.orders if not one.place.steps)
    sort = plan.index.sk if plan.index is not None else None
    text = key_text(definition, sort.name) if sort is not None else None
    told = asked >= set(text.fields) if text is not None else True
    return told and _tells_apart(definition, asked)


def _tells_apart(definition: EntityDefinition, names: frozenset[str]) -> bool:
    """Whether no two records have the same values of these fields."""
    certain = frozenset(one for one in names if not definition.by_field[one].nullable)
    if any(certain >= set(one) for one in (definition.key, *definition.unique)):
        return True
    own = definition.mysql.table(definition.source.table)
    columns = (definition.by_field[one].column for one in certain)
    return own is not None and own.identifies(one for one in columns if one)
