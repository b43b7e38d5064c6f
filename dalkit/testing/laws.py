"""The laws of conversion: each function raises AssertionError where its law is broken."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import attrs

from dalkit.convert import Refused, items, rows, transcode, transcoder
from dalkit.convert.careful import record_of_row, values_of_record
from dalkit.convert.careful_items import item_of_values, record_of_item
from dalkit.convert.fault import Fault
from dalkit.convert.layout import EXTRA, Layout, layout_of
from dalkit.result import Failure, Result, Success
from dalkit.schema.definition import Carried
from dalkit.schema.entity import Entity, definition_of

__all__ = [
    "different_keys_have_different_items",
    "generated_is_careful_for_items",
    "generated_is_careful_for_records",
    "generated_is_careful_for_rows",
    "item_decode_undoes_encode",
    "json_is_the_item",
    "key_order_is_field_order",
    "never_raises",
    "round_trips",
    "row_decode_undoes_encode",
    "row_survives_both_stores",
    "transcoding_is_decode_then_encode",
]

R = TypeVar("R")
K = TypeVar("K")


class _Decodes(Protocol):
    def decode(self, value: Any, /) -> Result[Any]: ...


def item_decode_undoes_encode(entity: Entity[R, Any], record: R) -> None:
    """A record that becomes an item comes back as itself, `extra_` included."""
    codec = items(entity)
    back = codec.decode(_done(codec.encode(record)))
    _same(back, Success(_as_stored(entity, record)))
    _same(getattr(_done(back), EXTRA), getattr(record, EXTRA))


def row_decode_undoes_encode(entity: Entity[R, Any], record: R) -> None:
    """The row of a record, decoded and encoded again, is the same row."""
    codec = rows(entity)
    row = _done(codec.encode(record))
    match codec.decode(row):
        case Success(back):
            _same(codec.encode(back), Success(row))
        case Failure():
            # a field that a transformation made gives no cell back
            assert any(one is None for one in row), row


def round_trips(entity: Entity[R, Any], record: R) -> None:
    """A record survives both stores: it comes back from its item, and its row is its row again."""
    item_decode_undoes_encode(entity, record)
    row_decode_undoes_encode(entity, record)


def row_survives_both_stores(entity: Entity[Any, Any], row: Any) -> None:
    """Row -> record -> item -> record -> row is the row in canonical form, or no item at all."""
    match rows(entity).decode(row):
        case Failure():
            return
        case Success(record):
            pass
    match items(entity).encode(record):
        case Failure():
            return
        case Success(item):
            back = _done(items(entity).decode(item))
            _same(rows(entity).encode(back), rows(entity).encode(_as_stored(entity, record)))


def _as_stored(entity: Entity[R, Any], record: R) -> R:
    """The record as an item tells it: no SS holds an empty set, so that a nullable one is None."""
    definition = definition_of(entity)
    types: dict[str, set[str]] = {}
    for one in definition.attributes:
        if isinstance(one.content, Carried):
            types.setdefault(one.content.field, set()).add(one.type)
    empty = {
        field.name: None
        for field in definition.fields
        if field.nullable
        and types.get(field.name) == {"SS"}
        and getattr(record, field.name) == frozenset()
    }
    changed: Any = record
    return attrs.evolve(changed, **empty) if empty else record


def transcoding_is_decode_then_encode(entity: Entity[Any, Any], row: Any) -> None:
    """A row to an item in one step is what two steps answer, as a dict and as a line."""
    long = transcode(rows(entity), items(entity), row)
    short = transcoder(entity)
    match long:
        case Failure(error):
            _same(short.item(row), Refused(error))
            _same(short.line(row), Refused(error))
        case Success(item):
            _same(short.item(row), item)
            record = _done(rows(entity).decode(row))
            line = b'{"Item":' + _done(items(entity).encode_json(record)) + b"}"
            _same(short.line(row), line)


def json_is_the_item(entity: Entity[R, Any], record: R) -> None:
    """A record's JSON says what its item says, and reads back as the record."""
    codec = items(entity)
    match codec.encode(record):
        case Failure() as failure:
            _same(codec.encode_json(record), failure)
        case Success():
            text = _done(codec.encode_json(record))
            back = codec.decode_json(text)
            _same(back, Success(_as_stored(entity, record)))
            _same(getattr(_done(back), EXTRA), getattr(record, EXTRA))
            reply = b'{"Items":[' + text + b'],"Count":1,"ScannedCount":1}'
            _same(_done(codec.decode_reply(reply)).records, (_as_stored(entity, record),))


def generated_is_careful_for_rows(entity: Entity[Any, Any], row: Any) -> None:
    """Generated code answers for a row, whatever it is, what the careful path answers."""
    _same(rows(entity).decode(row), _answered(lambda: record_of_row(_layout(entity), row)))


def generated_is_careful_for_items(entity: Entity[Any, Any], item: Any) -> None:
    """Generated code answers for an item, whatever it is, what the careful path answers."""
    careful = _answered(lambda: record_of_item(_layout(entity), item))
    found = items(entity).decode(item)
    _same(found, careful)
    if isinstance(found, Success) and isinstance(careful, Success):
        _same(getattr(found.unwrap(), EXTRA), getattr(careful.unwrap(), EXTRA))


def generated_is_careful_for_records(entity: Entity[Any, Any], record: Any) -> None:
    """Generated code answers for a record what the careful path answers."""

    def careful() -> Any:
        layout = _layout(entity)
        values = values_of_record(layout, record)
        return item_of_values(layout, values, getattr(record, EXTRA, None))

    _same(items(entity).encode(record), _answered(careful))


def never_raises(codec: _Decodes, value: Any) -> None:
    """Decoding answers a Result, whatever it is given."""
    found = codec.decode(value)
    assert isinstance(found, (Success, Failure)), found


def different_keys_have_different_items(entity: Entity[R, K], one: R, other: R) -> None:
    """Two records have equal keys exactly where their items have equal keys."""
    codec = items(entity)
    keys = codec.key_of(one), codec.key_of(other)
    held = codec.key(keys[0]), codec.key(keys[1])
    assert (keys[0] == keys[1]) == (held[0] == held[1]), (keys, held)
    item = _done(codec.encode(one))
    found = {name: item[name] for name in _done(held[0])}
    _same(found, _done(held[0]))


def key_order_is_field_order(
    entity: Entity[R, Any], attribute: str, order: Callable[[R], Any], one: R, other: R
) -> None:
    """The text of a key attribute sorts as the fields that `order` takes from the record."""
    texts = [_done(items(entity).encode(each))[attribute]["S"] for each in (one, other)]
    fields = [order(one), order(other)]
    assert (texts[0] < texts[1]) == (fields[0] < fields[1]), (texts, fields)


@lru_cache(maxsize=128)
def _layout(entity: Entity[Any, Any]) -> Layout:
    return layout_of(entity)


def _answered(careful: Callable[[], Any]) -> Result[Any]:
    try:
        return Success(careful())
    except Fault as fault:
        return Failure(fault.error)


def _done(result: Result[R]) -> R:
    match result:
        case Success(value):
            return value
        case Failure(error):
            raise AssertionError(f"a value was expected, not {error!r}")


def _same(found: Any, expected: Any) -> None:
    """Equal, and equal in print: 1 is not True, 1.50 is not 1.5."""
    assert found == expected, f"{found!r} is not {expected!r}"
    assert _print(found) == _print(expected), f"{found!r} is not printed as {expected!r}"


def _print(value: Any) -> Any:
    """As repr, but for sets, whose order in print is chance."""
    match value:
        case Success(held) | Failure(held):
            return type(value).__name__, _print(held)
        case set() | frozenset():
            return "set", sorted(map(_print, value), key=repr)
        case dict():
            return "dict", [(name, _print(held)) for name, held in value.items()]
        case tuple() | list():
            return type(value).__name__, [_print(held) for held in value]
    if attrs.has(type(value)):
        own = attrs.fields(type(value))
        return type(value).__name__, [_print(getattr(value, one.name)) for one in own]
    return repr(value)
