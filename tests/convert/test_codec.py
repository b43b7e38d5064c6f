"""Codecs: what they answer, what they refuse and in which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from boto3.dynamodb.types import TypeDeserializer

from dalkit import kinds
from dalkit.convert import Refused, items, rows, source_of, transcode, transcoder
from dalkit.convert.twin import twin_of
from dalkit.records.made import make_records
from dalkit.result import Corrupt, Failure, InvalidValue, KeyTooLarge, Success, Unsupported
from dalkit.schema import definition as d
from dalkit.schema.entity import Entity, definition_of, record_class_of
from dalkit.testing.zoo import entity_of, zoo

KEY = zoo()["key"]
ROW = ("ada", "2026-01-02 03:04:05.060", "7", "new", "g", "-5")
ITEM = {
    "PK": {"S": "OWNER#ada"},
    "SK": {"S": "2026-01-02T03:04:05.060Z#0000000007"},
    "I1": {"S": "g#-005"},
    "I2": {"S": "g"},
    "made": {"S": "2026-01-02T03:04:05.060Z"},
    "state": {"S": "new"},
    "group": {"S": "g"},
    "tiny": {"N": "-5"},
}
RECORD = rows(KEY).decode(ROW).unwrap()
KEY_NAMES = definition_of(KEY).key


def _made(*fields: d.FieldDefinition, attributes: Any, key: tuple[str, ...]) -> Entity[Any, Any]:
    entity = entity_of("one", fields=fields, attributes=attributes, key=key)
    return make_records(d.Schema(tables=(), entities=(entity,)))["one"]


def _field(name: str, kind: kinds.Kind, **more: Any) -> d.FieldDefinition:
    return d.FieldDefinition(name=name, kind=kind, nullable=False, cells=(name,), **more)


def _attribute(name: str, content: d.Content, type: str = "S") -> d.AttributeDefinition:
    return d.AttributeDefinition(name=name, type=type, content=content)


def _secret() -> Entity[Any, Any]:
    return _made(
        _field("id", kinds.Text(9), secret=True),
        _field("word", kinds.Integer(0, 9), secret=True),
        attributes=(
            _attribute("PK", d.Carried("id")),
            _attribute("SK", d.Constant("#")),
            _attribute("word", d.Carried("word"), "N"),
        ),
        key=("id",),
    )


def _error(result: Any) -> Any:
    match result:
        case Failure(error):
            return error
        case _:
            raise AssertionError(result)


def test_a_row_becomes_an_item() -> None:
    """Row, record, item and JSON say the same."""
    assert transcode(rows(KEY), items(KEY), ROW) == Success(ITEM)
    assert transcoder(KEY).item(ROW) == ITEM
    assert json.loads(items(KEY).encode_json(RECORD).unwrap()) == ITEM
    assert items(KEY).decode(ITEM) == Success(RECORD)
    assert RECORD.made == datetime(2026, 1, 2, 3, 4, 5, 60_000, tzinfo=UTC)


def test_boto3_reads_the_same_values() -> None:
    """An item is what boto3's own deserializer takes."""
    read = TypeDeserializer().deserialize

    assert {name: read(wire) for name, wire in ITEM.items()}["tiny"] == Decimal(-5)


def test_a_sparse_index_key_is_left_out_whole() -> None:
    """A None in an index key leaves that attribute out, the table's key stays."""
    item = transcoder(KEY).item((*ROW[:4], "g", None))

    assert item == {name: wire for name, wire in ITEM.items() if name not in ("I1", "tiny")}


def test_a_key_is_an_item_of_the_table_key() -> None:
    """A key becomes the table's key attributes, and comes from a record."""
    key = items(KEY).key_of(RECORD)

    assert items(KEY).key(key) == Success({name: ITEM[name] for name in ("PK", "SK")})
    assert isinstance(_error(items(KEY).key("PK")), InvalidValue)


@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_key_that_is_refused_is_named_whole(name: str) -> None:
    """Whichever of its fields is at fault, the others stand beside it as they were given."""
    key = items(KEY).key_of(RECORD)
    error = _error(items(KEY).key(attrs.evolve(key, **{name: ()})))

    assert isinstance(error, InvalidValue)
    assert error.where == name
    assert [text.split("=")[0] for text in error.key.split(", ")] == list(KEY_NAMES)
    assert "None" not in error.key
    assert f"{name}=()" in error.key


def test_unknown_attributes_are_kept() -> None:
    """What the contract does not know survives reading and writing, through JSON as well."""
    more = {"seen": {"SS": ["b", "a"]}, "raw": {"B": b"\xff"}, "any": {"M": {"x": {"NULL": True}}}}
    record = items(KEY).decode({**ITEM, **more}).unwrap()
    text = items(KEY).encode_json(record).unwrap()

    assert record == RECORD
    assert record.extra_ == {**more, "seen": {"SS": ["a", "b"]}}
    assert items(KEY).encode(record).unwrap()["raw"] == {"B": b"\xff"}
    assert items(KEY).decode_json(text).unwrap().extra_ == record.extra_


@pytest.mark.parametrize(
    "extra", [{"made": {"S": "x"}}, {"x": {"S": 1}}, {"": {"S": "a"}}, {1: 2}, [1]]
)
def test_unknown_attributes_must_be_attributes(extra: Any) -> None:
    """An `extra_` that no item can hold, or that the contract knows, is refused."""
    record = attrs.evolve(RECORD, extra_=extra)

    assert isinstance(_error(items(KEY).encode(record)), InvalidValue)
    assert isinstance(_error(items(KEY).encode_json(record)), InvalidValue)


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("PK", {"S": "OWNER"}),
        ("PK", None),
        ("PK", {"NULL": True}),
        ("SK", {"S": "2026-01-02T03:04:05.061Z#0000000007"}),
        ("SK", {"S": "2026-01-02T03:04:05.060Z#7"}),
        ("I1", {"S": "g#-5"}),
        ("I2", {"S": "h"}),
        ("made", {"S": "2026-01-02T03:04:05Z"}),
        ("state", {"S": "gone"}),
        ("state", {"N": "1"}),
        ("state", {"NULL": True}),
        ("tiny", {"N": "1.5"}),
        ("tiny", {"N": "1.00000000000000001"}),
        ("tiny", {"N": "128"}),
        ("other", {"S": 1}),
    ],
)
def test_an_item_that_disagrees_is_corrupt(name: str, wire: Any) -> None:
    """A key, a copy or a value that the contract does not allow is Corrupt, in every form."""
    item = {**ITEM, name: wire}
    reply = json.dumps({"Items": [item]}).encode()

    for found in (
        items(KEY).decode(item),
        items(KEY).decode_json(json.dumps(item).encode()),
        items(KEY).decode_reply(reply),
        items(KEY).decode_many([item]),
    ):
        error = _error(found)
        assert isinstance(error, Corrupt)
        assert error.where == name or name == "SK" or error.where in ("SK", "I1", "I2")
        assert error.entity == "key"


@pytest.mark.parametrize(
    ("text", "said"), [(b"{", "not JSON"), (b"[1]", "an item is a dict"), ("５", "not JSON")]
)
def test_what_is_no_item_is_corrupt(text: Any, said: str) -> None:
    """JSON that is none, or no item, is answered."""
    assert said in str(_error(items(KEY).decode_json(text)))


def test_null_reads_as_none() -> None:
    """An explicit NULL of a nullable field is None, and is written as absent."""
    kept = {name: wire for name, wire in ITEM.items() if name not in ("I1", "I2")}
    item = kept | {"group": {"NULL": True}}

    assert items(KEY).decode(item).unwrap().group is None
    assert items(KEY).decode_json(json.dumps(item).encode()).unwrap().group is None


def test_a_refusal_names_its_place_and_the_row() -> None:
    """The error says which field, why, and of which row."""
    found = transcoder(KEY).item((*ROW[:3], "x'\n", *ROW[4:]))

    assert found == Refused(
        InvalidValue(
            "key",
            "state",
            "none of 'new', 'old': \"x'\\n\"",
            "owner=ada, made=2026-01-02T03:04:05.060Z, number=7",
        )
    )


def test_secrets_are_not_said() -> None:
    """No value of a secret field is in an error, the key's included."""
    error = _error(rows(_secret()).decode(("pw", "77")))
    corrupt = _error(
        items(_secret()).decode({"PK": {"S": "pw"}, "SK": {"S": "#"}, "word": {"N": "77"}})
    )

    assert str(error) == "one id=(secret): word: outside 0 to 9"
    assert str(corrupt) == "one PK=(secret), SK=#: word: outside 0 to 9"


@pytest.mark.parametrize(("length", "fine"), [(0, False), (1, True), (1_024, True), (1_025, False)])
def test_an_index_key_has_its_limits(length: int, fine: bool) -> None:
    """'' in an index key refuses the row by name, and so does a byte too many."""
    entity = _limited()
    row = ("1", "x" * length)

    found = transcoder(entity).item(row)
    assert isinstance(found, dict) is fine
    if not fine:
        assert found == Refused(KeyTooLarge("one", "body", length, 1_024, "id=1"))
    assert isinstance(transcoder(entity).line(row), bytes) is fine
    assert isinstance(items(entity).encode(rows(entity).decode(row).unwrap()), Success) is fine


def _limited() -> Entity[Any, Any]:
    index = d.IndexDefinition(name="i", pk=d.KeyAttribute("PK"), sk=d.KeyAttribute("body"))
    table = d.TableDefinition(
        name="T", pk=d.KeyAttribute("PK"), sk=d.KeyAttribute("SK"), indexes=(index,)
    )
    entity = entity_of(
        "one",
        fields=[_field("id", kinds.Integer(0, 9)), _field("body", kinds.Text())],
        attributes=[
            _attribute("PK", d.Template(("A#", d.Part("id")))),
            _attribute("SK", d.Constant("#")),
            _attribute("body", d.Carried("body")),
        ],
        key=("id",),
        table=table,
    )
    return make_records(d.Schema(tables=(), entities=(entity,)))["one"]


def test_an_empty_set_is_absent() -> None:
    """An SS holds no empty set: it is absent, and reads as None where the field may be None."""
    codec = items(zoo()["null"])
    record = attrs.evolve(rows(zoo()["null"]).decode(_nulls()).unwrap(), some=frozenset())
    item = codec.encode(record).unwrap()

    assert "some" not in item
    assert codec.decode(item).unwrap().some is None


def _nulls() -> tuple[Any, ...]:
    return (1, *[None] * (len(zoo()["null"]._definition.fields) - 1))


def test_naive_datetimes_and_foreign_records_are_refused() -> None:
    """A record must be of the entity, its instants aware."""
    naive = attrs.evolve(RECORD, made=datetime(2026, 1, 1))

    assert "time zone" in str(_error(items(KEY).encode(naive)))
    assert "the record is a str" in str(_error(items(KEY).encode("x")))


def test_an_instant_elsewhere_is_the_same_instant() -> None:
    """An aware datetime of another zone is written in UTC."""
    from datetime import timedelta

    there = RECORD.made.astimezone(timezone(timedelta(hours=5)))

    assert items(KEY).encode(attrs.evolve(RECORD, made=there)) == Success(ITEM)


def test_fields_that_no_attribute_gives_back_are_unsupported() -> None:
    """Two texts in one key without escape have no one reading: decoding says so, encoding works."""
    entity = _made(
        _field("a", kinds.Text(9)),
        _field("b", kinds.Text(9)),
        attributes=(
            _attribute("PK", d.Template((d.Part("a"), "#", d.Part("b")))),
            _attribute("SK", d.Constant("#")),
        ),
        key=("a", "b"),
    )
    item = transcoder(entity).item(("x", "y"))

    assert item == {"PK": {"S": "x#y"}, "SK": {"S": "#"}}
    assert isinstance(_error(items(entity).decode(item)), Unsupported)


def test_generated_code_is_the_same_every_time() -> None:
    """The source depends on the definition alone, and shows what runs."""
    for entity in zoo().values():
        for made in (rows, items, transcoder):
            text = source_of(made(entity))
            assert text == source_of(type(made(entity))(made(entity)._layout))
            compile(text, "<generated>", "exec")


def test_a_record_class_with_validators_is_built_by_its_init() -> None:
    """What `__init__` does beyond storing is not left out."""

    @attrs.frozen
    class Checked:
        a: int = attrs.field(validator=attrs.validators.instance_of(int))

    assert twin_of(Checked) is None
    twin = twin_of(record_class_of(KEY))
    assert twin is not None


def test_records_are_frozen_and_print_like_any_other() -> None:
    """A record from generated code is an ordinary instance of its class."""
    assert type(RECORD) is record_class_of(KEY)
    assert attrs.evolve(RECORD) == RECORD
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        RECORD.owner = "bob"


def test_a_reply_gives_records_and_the_next_key() -> None:
    """A page of a Query: records in order, the last key in the client's form."""
    body = json.dumps(
        {"Items": [ITEM], "Count": 1, "ScannedCount": 3, "LastEvaluatedKey": {"B": {"B": "AA=="}}}
    ).encode()
    reply = items(KEY).decode_reply(body).unwrap()

    assert reply.records == (RECORD,)
    assert (reply.scanned, reply.last_key) == (3, {"B": {"B": b"\x00"}})
    assert isinstance(_error(items(KEY).decode_reply(b"{}")), Corrupt)
    assert isinstance(_error(items(KEY).decode_reply(b"<html>")), Corrupt)
