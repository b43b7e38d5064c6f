"""Items put in the order of a query after they were read, and the page of them that is asked for.

None comes first, and last in a descending order; texts go by code point; records that are equal
go by their key as it is stored, in the direction of the last order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, final

from attrs import frozen

from dalkit.compile.answers import Answers, Item
from dalkit.compile.key_texts import key_text
from dalkit.compile.refused import refuse
from dalkit.convert.refusal import Refusal
from dalkit.fields.places import Place
from dalkit.query.cursors import cursor_at, cursor_places, unpaged, values_at
from dalkit.query.finds import Find
from dalkit.result import Failure, InvalidValue, Page, Result, Success, collect, then
from dalkit.schema.entity import definition_of

__all__ = ["Order", "order_of"]

_Rank: TypeAlias = tuple[int, Any]
_Position: TypeAlias = tuple[_Rank, ...]
_Placed: TypeAlias = tuple[_Position, Item, Mapping[Place, Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@final
@frozen(kw_only=True)
class Order:
    """How a query's records are put in order, and after which of them its page begins."""

    query: Find[Any, Any]
    places: tuple[Place, ...]
    """Those that it orders by, then those of the key."""
    after: _Position | None
    seal: bytes

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that must be read to put records in order."""
        return tuple(dict.fromkeys(one.name for one in self.places))

    def page(self, found: Sequence[Item]) -> Result[Page[Any]]:
        """The query's page of all items that match."""
        return then(collect(map(self._placed, found)), self._cut)

    def _placed(self, item: Item) -> Result[_Placed]:
        answers = Answers[Any](self.query.entity, self.places)

        def placed(read: tuple[Any, ...]) -> Result[_Placed]:
            values = dict(zip(self.places, read[0], strict=True))
            keys = [_rank_of_wire(item[name]) for name in _key_names(self.query)]
            ranks = [_rank(values[one.place]) for one in self.query.orders]
            return Success(((*ranks, *keys), item, values))

        return then(answers.read((item,)), placed)

    def _cut(self, placed: tuple[_Placed, ...]) -> Result[Page[Any]]:
        query, down = self.query, _directions(self.query)
        every = list(placed)
        for at in reversed(range(len(down))):
            every.sort(key=lambda one: one[0][at], reverse=down[at])  # used at once
        after = self.after
        if after is not None:
            every = [one for one in every if _beyond(one[0], after, down)]
        page = every[: query.most]
        cursor = None
        if len(every) > len(page):
            cursor = cursor_at(query, page[-1][2], key=self.seal)
        answers = Answers[Any](query.entity, query.selected).read([one[1] for one in page])
        return then(answers, lambda read: Success(Page(read, cursor)))


def order_of(query: Find[Any, Any], seal: bytes) -> Result[Order]:
    """The query's order and where its cursor stands; cursors that show a secret raise Refused."""
    refused = unpaged(query)
    if refused is not None:
        refuse(refused.reason, refused.remedy)
    places = cursor_places(query)

    def made(values: Mapping[Place, Any] | None) -> Result[Order]:
        try:
            after = None if values is None else _position(query, values)
        except Refusal:
            name = definition_of(query.entity).name
            reason = "it does not hold the values that it should"
            return Failure(InvalidValue(name, "the cursor", reason))
        return Success(Order(query=query, places=places, after=after, seal=seal))

    return then(values_at(query, key=seal), made)


def _position(query: Find[Any, Any], values: Mapping[Place, Any]) -> _Position:
    definition = definition_of(query.entity)
    fields = {place.name: value for place, value in values.items() if not place.steps}
    ranks = [_rank(values[one.place]) for one in query.orders]
    for name in _key_names(query):
        text = key_text(definition, name)
        assert text is not None
        ranks.append(_rank_of_wire(text.value(fields)))
    return tuple(ranks)


def _key_names(query: Find[Any, Any]) -> tuple[str, ...]:
    return tuple(key.name for key in definition_of(query.entity).table.keys)


def _directions(query: Find[Any, Any]) -> tuple[bool, ...]:
    """Which ranks descend."""
    orders = tuple(one.descending for one in query.orders)
    return (*orders, *(orders[-1] for _ in _key_names(query)))


def _beyond(one: _Position, other: _Position, down: Sequence[bool]) -> bool:
    """Whether the first position comes after the second."""
    pairs = zip(one, other, down, strict=True)
    return next(((mine > its) is not back for mine, its, back in pairs if mine != its), False)


def _rank_of_wire(wire: Mapping[str, Any]) -> _Rank:
    ((tag, held),) = wire.items()
    return _rank(Decimal(held) if tag == "N" else held)


def _rank(value: Any) -> _Rank:
    """What a value is sorted by; JSON of different sorts goes by sort."""
    match value:
        case None:
            return 0, ""
        case bool():
            return 1, Decimal(value)
        case int() | float() | Decimal():
            return 2, Decimal(value)
        case datetime():
            return 5, Decimal((value - _EPOCH) // _MICROSECOND)
        case date():
            return 6, Decimal(value.toordinal())
        case timedelta():
            return 7, Decimal(value // _MICROSECOND)
        case str():
            return 3, value
        case bytes():
            return 4, value
        case _:
            return 8, ""
