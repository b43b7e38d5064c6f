"""Codecs: record <-> row, record <-> item.

Generated code answers; where it doubts, the careful path does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, final

from attrs import field, frozen

from dalkit.convert.answers import (
    Item,
    Refused,
    answer,
    careful_item,
    careful_json,
    last_key_of,
    parsed_json,
    parsed_reply,
)
from dalkit.convert.bulk import Transcoder
from dalkit.convert.careful import record_of_row, row_of_record
from dalkit.convert.careful_items import key_item, record_of_item
from dalkit.convert.code import Doubt
from dalkit.convert.fast_encode import encoder
from dalkit.convert.fast_items import item_decoder
from dalkit.convert.fast_rows import row_decoder
from dalkit.convert.json_items import item_form
from dalkit.convert.layout import Layout, Row, layout_of
from dalkit.convert.replies import Replies
from dalkit.convert.wire_structs import item_struct, json_reader, page_reader
from dalkit.result import Failure, Result, Success, then
from dalkit.schema.entity import Entity

__all__ = [
    "Item",
    "ItemCodec",
    "Refused",
    "Reply",
    "RowCodec",
    "Transcoder",
    "items",
    "rows",
    "source_of",
    "transcode",
    "transcoder",
]

R = TypeVar("R")
K = TypeVar("K")
B = TypeVar("B")
A_contra = TypeVar("A_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
R_contra = TypeVar("R_contra", contravariant=True)
B_co = TypeVar("B_co", covariant=True)

_Readers: TypeAlias = tuple[Callable[[Any], Any], Callable[[Any], Any]]


@final
@frozen
class Reply(Generic[R]):
    """The records of a page, and the key after which the next page starts."""

    records: tuple[R, ...]
    last_key: Item | None
    scanned: int


class _Decodes(Protocol[A_contra, R_co]):
    def decode(self, value: A_contra, /) -> Result[R_co]: ...


class _Encodes(Protocol[R_contra, B_co]):
    def encode(self, record: R_contra, /) -> Result[B_co]: ...


@final
@frozen(slots=False)
class RowCodec(Generic[R]):
    """Records of an entity as MySQL rows: tuples of cells in the order of its SELECT."""

    _layout: Layout = field(repr=False)

    def decode(self, row: Any) -> Result[R]:
        """The record of a row; cells may be the wire's texts or PyMySQL's typed values."""
        try:
            return Success(self._decode(row))
        except Exception:
            return answer(record_of_row, self._layout, row)

    def encode(self, record: R) -> Result[Row]:
        """The row of a record in canonical form; cells that no plain field gives are None."""
        return answer(row_of_record, self._layout, record)

    @cached_property
    def _made(self) -> tuple[Callable[[Any], Any], str]:
        return row_decoder(self._layout)

    @cached_property
    def _decode(self) -> Callable[[Any], Any]:
        return self._made[0]


@final
@frozen(slots=False)
class ItemCodec(Generic[R, K]):
    """Records of an entity as DynamoDB items."""

    _layout: Layout = field(repr=False)

    def encode(self, record: R) -> Result[Item]:
        """The item of a record, or which value or limit it breaks."""
        try:
            return Success(self._encode(record))
        except Exception:
            return answer(careful_item, self._layout, record)

    def decode(self, item: Any) -> Result[R]:
        """The record of an item; attributes that the contract does not know stay in `extra_`."""
        try:
            return Success(self._decode(item))
        except Exception:
            return answer(record_of_item, self._layout, item)

    def decode_many(self, items: Iterable[Any]) -> Result[tuple[R, ...]]:
        """The records of items, or the first failure; no Result is made for each."""
        decode = self._decode
        records: list[R] = []
        for item in items:
            try:
                records.append(decode(item))
            except Exception:
                careful: Result[R] = answer(record_of_item, self._layout, item)
                match careful:
                    case Success(record):
                        records.append(record)
                    case Failure() as failure:
                        return failure
        return Success(tuple(records))

    def encode_json(self, record: R) -> Result[bytes]:
        """The item of a record as DynamoDB's JSON."""
        try:
            return Success(self._encode_json(record))
        except Exception:
            return answer(careful_json, self._layout, record)

    def decode_json(self, text: bytes) -> Result[R]:
        """The record of an item in DynamoDB's JSON."""
        read, decode = self._json_readers
        try:
            return Success(decode(read(text)))
        except Exception:
            parsed: Result[Any] = answer(parsed_json, self._layout, text)
            return then(parsed, lambda item: self.decode(item_form(item)))

    def decode_reply(self, body: bytes) -> Result[Reply[R]]:
        """The records of the reply to a Query or Scan, in its order."""
        read, decode = self._page_readers
        try:
            page = read(body)
            records = tuple([decode(one) for one in page.Items])
            return Success(Reply(records, last_key_of(page.LastEvaluatedKey), page.ScannedCount))
        except Exception:
            return self._careful_reply(body)

    @cached_property
    def replies(self) -> Replies:
        """What reads the store's replies from bytes straight into records."""
        return Replies(self._struct, self._sources["decode_json"][0])

    def key(self, key: K) -> Result[Item]:
        """The table's key attributes of a key."""
        return answer(key_item, self._layout, key)

    def key_of(self, record: R) -> K:
        """The key of a record."""
        made: K = self._layout.key(*[getattr(record, one) for one in self._layout.definition.key])
        return made

    def _careful_reply(self, body: Any) -> Result[Reply[R]]:
        parsed: Result[Any] = answer(parsed_reply, self._layout, body)
        match parsed:
            case Failure():
                return parsed
            case Success(reply):
                last_key, scanned = (
                    last_key_of(reply.get("LastEvaluatedKey")),
                    reply["ScannedCount"],
                )
                return then(
                    self.decode_many(map(item_form, reply["Items"])),
                    lambda records: Success(Reply(records, last_key, scanned)),
                )

    @cached_property
    def _sources(self) -> dict[str, tuple[Callable[[Any], Any], str]]:
        return {
            "encode": encoder(self._layout, "record", "dict"),
            "encode_json": encoder(self._layout, "record", "json"),
            "decode": item_decoder(self._layout, "dict"),
            "decode_json": item_decoder(self._layout, "json"),
        }

    @cached_property
    def _encode(self) -> Callable[[Any], Any]:
        return self._sources["encode"][0]

    @cached_property
    def _encode_json(self) -> Callable[[Any], Any]:
        return self._sources["encode_json"][0]

    @cached_property
    def _struct(self) -> type[Any] | None:
        return item_struct(self._layout)

    @cached_property
    def _decode(self) -> Callable[[Any], Any]:
        return self._sources["decode"][0]

    @cached_property
    def _json_readers(self) -> _Readers:
        if self._struct is None:
            return _doubt, self._sources["decode"][0]
        return json_reader(self._struct), self._sources["decode_json"][0]

    @cached_property
    def _page_readers(self) -> _Readers:
        if self._struct is None:
            return _doubt, self._sources["decode"][0]
        return page_reader(self._struct), self._sources["decode_json"][0]


def rows(entity: Entity[R, Any]) -> RowCodec[R]:
    """The codec between an entity's records and its MySQL rows."""
    codec: RowCodec[R] = _codec(RowCodec, entity)
    return codec


def items(entity: Entity[R, K]) -> ItemCodec[R, K]:
    """The codec between an entity's records and its DynamoDB items."""
    codec: ItemCodec[R, K] = _codec(ItemCodec, entity)
    return codec


def transcoder(entity: Entity[R, Any]) -> Transcoder[R]:
    """What turns an entity's rows into items in bulk."""
    codec: Transcoder[R] = _codec(Transcoder, entity)
    return codec


def transcode(source: _Decodes[A_contra, R], target: _Encodes[R, B], value: A_contra) -> Result[B]:
    """Decode with one codec and encode with another."""
    return then(source.decode(value), target.encode)


def source_of(codec: RowCodec[Any] | ItemCodec[Any, Any] | Transcoder[Any]) -> str:
    """The source text of the code that was generated for a codec."""
    if isinstance(codec, RowCodec):
        return codec._made[1]
    texts = [f"# {name}\n{text}" for name, (_, text) in codec._sources.items()]
    return "\n".join(texts)


@lru_cache(maxsize=512)
def _codec(make: Callable[[Layout], Any], entity: Entity[Any, Any]) -> Any:
    return make(_layout(entity))


@lru_cache(maxsize=512)
def _layout(entity: Entity[Any, Any]) -> Layout:
    return layout_of(entity)


def _doubt(text: Any) -> Any:
    raise Doubt
