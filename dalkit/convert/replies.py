"""The replies to reads straight from bytes, with records in the place of their items.

What is not whole and plain is left to the careful path: then the answer is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeAlias, final

import msgspec
from attrs import field, frozen
from msgspec import UNSET

from dalkit.convert.answers import last_key_of
from dalkit.convert.json_items import item_form

__all__ = ["Replies"]

Told: TypeAlias = "Mapping[str, Any] | None"


@final
@frozen(slots=False)
class Replies:
    """Readers of the replies to GetItem, Query, Scan and BatchGetItem for whole records."""

    _item: Any = field(repr=False)
    """The type of an item in JSON; None where there is none."""
    _decode: Callable[[Any], Any] = field(repr=False)

    def one(self, body: bytes) -> Told:
        """The reply to GetItem."""
        try:
            said = self._one(body)
            told = {} if said.Item is UNSET else {"Item": self._decode(said.Item)}
            return _with(told, said, "ConsumedCapacity")
        except Exception:  # the careful path says what it is
            return None

    def page(self, body: bytes) -> Told:
        """The reply to Query or Scan."""
        try:
            said = self._page(body)
            decode = self._decode
            records = [decode(one) for one in said.Items]
            told = {"Items": records, "Count": said.Count, "ScannedCount": said.ScannedCount}
            if said.LastEvaluatedKey:
                told["LastEvaluatedKey"] = last_key_of(said.LastEvaluatedKey)
            return _with(told, said, "ConsumedCapacity")
        except Exception:  # the careful path says what it is
            return None

    def many(self, body: bytes) -> Told:
        """The reply to BatchGetItem of one entity."""
        try:
            said = self._many(body)
            decode = self._decode
            told: dict[str, Any] = {
                "Responses": {
                    table: [decode(one) for one in every] for table, every in said.Responses.items()
                },
                "UnprocessedKeys": {
                    table: {**one, "Keys": [item_form(key) for key in one["Keys"]]}
                    for table, one in said.UnprocessedKeys.items()
                },
            }
            return _with(told, said, "ConsumedCapacity")
        except Exception:  # the careful path says what it is
            return None

    @cached_property
    def _one(self) -> Callable[[bytes], Any]:
        return self._reader([("Item", self._item | msgspec.UnsetType, UNSET)])

    @cached_property
    def _page(self) -> Callable[[bytes], Any]:
        last = ("LastEvaluatedKey", Any, None)
        return self._reader(
            [("Items", list[self._item]), ("Count", int), ("ScannedCount", int, 0), last]  # type: ignore[name-defined]  # made at run time
        )

    @cached_property
    def _many(self) -> Callable[[bytes], Any]:
        held: Any = dict[str, list[self._item]]  # type: ignore[name-defined]  # made at run time
        left: Any = dict[str, dict[str, Any]]
        return self._reader(
            [("Responses", held), ("UnprocessedKeys", left, msgspec.field(default_factory=dict))]
        )

    def _reader(self, fields: list[Any]) -> Callable[[bytes], Any]:
        consumed = ("ConsumedCapacity", Any, None)
        reply = msgspec.defstruct(
            "Reply", [*fields, consumed], gc=False, forbid_unknown_fields=True
        )
        return msgspec.json.Decoder(reply, strict=False).decode


def _with(told: dict[str, Any], said: Any, name: str) -> Mapping[str, Any]:
    value = getattr(said, name)
    return told if value is None else {**told, name: value}
