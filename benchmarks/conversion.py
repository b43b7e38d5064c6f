"""Conversion beside boto3's own serializers: `python benchmarks/conversion.py`.

Every line is a ratio of CPU time in one process, the median over interleaved rounds, so that a
busy machine slows both sides alike. Writes `artifacts/benchmarks/conversion.json` and `.md`.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import msgspec

from dalkit import kinds
from dalkit.convert import Item, items, rows, transcoder
from dalkit.kinds import Member, Nested
from dalkit.records.made import make_records
from dalkit.schema import definition as d
from dalkit.schema.entity import Entity, record_class_of
from dalkit.source.tree import Column

ROUNDS = 21
ROOT = Path(__file__).parents[1]
Work = Callable[[], object]

LINES = Nested(
    "Line",
    (
        Member("product_id", "product_id", kinds.Integer(0, 2**31 - 1), False, "N"),
        Member("name", "name", kinds.Text(200), False, "S"),
        Member("quantity", "quantity", kinds.Integer(0, 2**31 - 1), False, "N"),
        Member("price", "price", kinds.Fixed(10, 2), False, "N"),
        Member("gift", "gift", kinds.Boolean(), False, "BOOL"),
    ),
    array=True,
)
MEMBERS = tuple(member.field for member in LINES.members)
FIELDS: tuple[tuple[str, kinds.Kind, bool, str], ...] = (
    ("order_id", kinds.Integer(0, 2**31 - 1), False, "N"),
    ("user_id", kinds.Integer(0, 2**31 - 1), False, "N"),
    ("weight", kinds.Integer(0, 2**31 - 1), False, "N"),
    ("total", kinds.Fixed(10, 2), False, "N"),
    ("tax", kinds.Fixed(10, 2), False, "N"),
    ("discount", kinds.Fixed(10, 2), True, "N"),
    ("email", kinds.Text(100), False, "S"),
    ("name", kinds.Text(100), False, "S"),
    ("note", kinds.Text(500), True, "S"),
    ("status", kinds.Enum(("pending", "completed", "cancelled")), False, "S"),
    ("paid", kinds.Boolean(), False, "BOOL"),
    ("created_at", kinds.DateTime(), False, "S"),
    ("updated_at", kinds.DateTime(), False, "S"),
    ("shipped_at", kinds.DateTime(), True, "S"),
    ("lines", LINES, False, "L"),
)


def entity() -> Entity[Any, Any]:
    """Fifteen fields, one of them one to four nested records, under a composed key."""
    fields = tuple(
        d.FieldDefinition(name=name, kind=kind, nullable=nullable, cells=(name,))
        for name, kind, nullable, _ in FIELDS
    )
    cells = tuple(
        d.Cell(name=name, value=Column("t", name), kind=kind, nullable=nullable)
        for name, kind, nullable, _ in FIELDS
    )
    attributes = (
        d.AttributeDefinition(
            name="PK", type="S", content=d.Template(("USER#", d.Part("user_id")))
        ),
        d.AttributeDefinition(
            name="SK",
            type="S",
            content=d.Template(("ORDER#", d.Part("created_at"), "#", d.Part("order_id", 10))),
        ),
        *(
            d.AttributeDefinition(name=name, type=type, content=d.Carried(name))
            for name, _, _, type in FIELDS
        ),
    )
    order = d.EntityDefinition(
        name="ORDER",
        record="Order",
        handle="orders",
        table=d.TableDefinition(name="Users", pk=d.KeyAttribute("PK"), sk=d.KeyAttribute("SK")),
        source=d.SourceDefinition(table="orders", identity=("order_id",), cells=cells),
        fields=fields,
        attributes=attributes,
        key=("user_id", "created_at", "order_id"),
    )
    return make_records(d.Schema(tables=(), entities=(order,)))["ORDER"]


def row(at: int, chance: random.Random) -> tuple[Any, ...]:
    """The cells of one order, as PyMySQL gives them without converters."""
    moment = datetime(2026, 1, 1) + timedelta(seconds=at * 977)

    def price() -> str:
        return f"{chance.randrange(1, 100_000) / 100:.2f}"

    def line() -> tuple[str, ...]:
        product, quantity = chance.randrange(1, 10_000), chance.randrange(1, 9)
        return str(product), f"Product {product}", str(quantity), price(), chance.choice("01")

    return (
        str(at + 1),
        str(chance.randrange(1, 100_000)),
        str(chance.randrange(1, 5_000)),
        price(),
        price(),
        price() if at % 3 else None,
        f"customer{at}@example.com",
        "Zoë Ångström" if at % 4 == 0 else f"Customer {at}",
        "leave it at the door, please" if at % 2 else None,
        chance.choice(("pending", "completed", "cancelled")),
        chance.choice("01"),
        f"{moment}",
        f"{moment + timedelta(hours=2)}",
        f"{moment + timedelta(days=1)}" if at % 2 else None,
        tuple(line() for _ in range(at % 4 + 1)),
    )


def by_hand(order: Any) -> dict[str, Any]:
    """What boto3's serializer takes for an order, as its users write it."""
    found: dict[str, Any] = {
        "PK": f"USER#{order.user_id}",
        "SK": f"ORDER#{instant(order.created_at)}#{order.order_id:010}",
    }
    for name, kind, _, _ in FIELDS:
        value = getattr(order, name)
        if value is not None:
            found[name] = instant(value) if isinstance(kind, kinds.DateTime) else value
    found["lines"] = [{one: getattr(line, one) for one in MEMBERS} for line in order.lines]
    return found


def instant(moment: datetime) -> str:
    """As the contract writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def each(work: Callable[[Any], object], given: Sequence[Any]) -> Work:
    """The work on a hundred pieces, ten times: as many as the whole, and warm, as a page is."""
    some = [*given[:100]] * (len(given) // 100)

    def run() -> None:
        for one in some:
            work(one)

    return run


def measured(works: Mapping[str, Work], count: int) -> dict[str, list[float]]:
    """Microseconds of CPU per piece, of rounds in which every work runs once."""
    gc.freeze()  # what is converted lies outside: no side pays for walking over it
    spent: dict[str, list[float]] = {name: [] for name in works}
    order = list(works)
    for number in range(ROUNDS):
        for name in order[number % len(order) :] + order[: number % len(order)]:
            gc.collect()
            start = process_time()
            works[name]()
            spent[name].append((process_time() - start) / count * 1e6)
    return spent


def ratio(times: Mapping[str, Sequence[float]], work: str, beside: str) -> float:
    """How many times faster than the other a work is: the median of the rounds' ratios."""
    return statistics.median(b / a for a, b in zip(times[work], times[beside], strict=True))


def botocore_paths(table: str) -> tuple[Callable[[Item], object], Callable[[bytes], Any]]:
    """What botocore makes of a PutItem and of a GetItem's reply, without the network."""
    from botocore.parsers import create_parser
    from botocore.serialize import create_serializer
    from botocore.session import Session
    from botocore.validate import ParamValidator

    model = Session().get_service_model("dynamodb")
    put, get = model.operation_model("PutItem"), model.operation_model("GetItem")
    serializer, validator = create_serializer("json", True), ParamValidator()
    parser = create_parser("json")
    assert put.input_shape is not None

    def request(item: Item) -> object:
        given = {"TableName": table, "Item": item}
        if validator.validate(given, put.input_shape).has_errors():
            raise ValueError(item)
        return serializer.serialize_to_request(given, put)["body"]

    def reply(body: bytes) -> Any:
        response = {"status_code": 200, "headers": {}, "body": b'{"Item":' + body + b"}"}
        return parser.parse(response, get.output_shape)

    return request, reply


def works(orders: Entity[Any, Any], given: Sequence[tuple[Any, ...]]) -> dict[str, Work]:
    """Everything that is measured, on the same orders."""
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

    change, codec, wanted = transcoder(orders), items(orders), rows(orders)
    records = [wanted.decode(one).unwrap() for one in given]
    wires = [codec.encode(one).unwrap() for one in records]
    texts = [codec.encode_json(one).unwrap() for one in records]
    page = b'{"Items":[' + b",".join(texts) + b'],"Count":1,"ScannedCount":1}'
    write, read = TypeSerializer().serialize, TypeDeserializer().deserialize
    request, reply = botocore_paths("Users")
    made = record_class_of(orders)
    loads = msgspec.json.Decoder().decode
    dumps = msgspec.json.Encoder().encode
    keywords = [{name: getattr(one, name) for name, _, _, _ in FIELDS} for one in records]

    def serialized(one: Any) -> dict[str, Any]:
        return {name: write(value) for name, value in by_hand(one).items()}

    def deserialized(one: Mapping[str, Any]) -> dict[str, Any]:
        return {name: read(wire) for name, wire in one.items()}

    return {
        "row to JSON": each(change.json, given),
        "record to JSON": each(codec.encode_json, records),
        "row to item": each(change.item, given),
        "record to item": each(codec.encode, records),
        "item to record": lambda: [len(codec.decode_many(wires[:100]).unwrap()) for _ in range(10)],
        "JSON to record": each(codec.decode_json, texts),
        "page to records": lambda: codec.decode_reply(page).unwrap(),
        "row to record": each(change.record, given),
        "twin": each(_twin(made), [tuple(one.values()) for one in keywords]),
        "attrs __init__": each(lambda one: made(**one), keywords),
        "TypeSerializer": each(serialized, records),
        "TypeSerializer + json.dumps": each(lambda one: json.dumps(serialized(one)), records),
        "full boto3 request": each(lambda one: request(serialized(one)), records),
        "json dump alone (msgspec)": each(dumps, wires),
        "TypeDeserializer": each(deserialized, wires),
        "json.loads + TypeDeserializer": each(lambda one: deserialized(json.loads(one)), texts),
        "full boto3 reply": each(lambda one: deserialized(reply(one)["Item"]), texts),
        "json load alone (msgspec)": each(loads, texts),
        "page load alone (msgspec)": lambda: loads(page),
        "page json.loads": lambda: json.loads(page),
    }


def _twin(made: type[Any]) -> Callable[[Any], object]:
    """The twin alone: what generated code does once the values are there."""
    from dalkit.convert.code import Writer
    from dalkit.convert.layout import EXTRA
    from dalkit.convert.twin import build

    w = Writer()
    names = [name for name, _, _, _ in FIELDS]
    values = [f"v{at}" for at in range(len(names))]
    w.line(0, "def make(r):")
    w.line(1, f"({', '.join(values)}) = r")
    for line in build(made, [*names, EXTRA], [*values, "None"], w):
        w.line(1, line)
    return w.function("make")


GOALS = (
    ("C1", "row to JSON", "TypeSerializer + json.dumps", 8.0),
    ("C1", "record to JSON", "TypeSerializer + json.dumps", 8.0),
    ("C1", "row to JSON", "full boto3 request", 30.0),
    ("C1", "record to JSON", "full boto3 request", 30.0),
    ("C1", "row to JSON", "json dump alone (msgspec)", 1 / 6),
    ("C2", "row to item", "TypeSerializer", 5.0),
    ("C2", "record to item", "TypeSerializer", 5.0),
    ("C3", "item to record", "TypeDeserializer", 4.0),
    ("C4", "JSON to record", "full boto3 reply", 15.0),
    ("C4", "JSON to record", "json.loads + TypeDeserializer", 4.5),
    ("C4", "JSON to record", "json load alone (msgspec)", 0.5),
    ("C5", "page to records", "page load alone (msgspec)", 1.0),
    ("C5", "page to records", "page json.loads", 1.0),
    ("C6", "twin", "attrs __init__", 4.0),
)


def report(times: Mapping[str, Sequence[float]], count: int) -> str:
    """The tables, as Markdown."""
    lines = [
        "# Conversion",
        "",
        (
            f"CPU microseconds per item: medians of {ROUNDS} interleaved rounds of {count} items, "
            f"Python {sys.version.split()[0]}."
        ),
        "",
        "| goal | work | times faster than | ratio | wanted | |",
        "|---|---|---|---|---|---|",
    ]
    for goal, work, beside, wanted in GOALS:
        found = ratio(times, work, beside)
        said = "reached" if found >= wanted else "missed"
        lines.append(f"| {goal} | {work} | {beside} | {found:.2f} | {wanted:.2f} | {said} |")
    lines += ["", "| work | median µs | least µs |", "|---|---|---|"]
    lines += [
        f"| {name} | {statistics.median(spent):.2f} | {min(spent):.2f} |"
        for name, spent in times.items()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, write."""
    # where awscrt is there, botocore signs by it: keep every machine alike
    sys.modules.setdefault("awscrt", None)  # type: ignore[arg-type]  # None bars an import
    chance = random.Random(7)
    given = [row(at, chance) for at in range(1_000)]
    times = measured(works(entity(), given), len(given))
    text = report(times, len(given))
    sys.stdout.write(text)
    target = ROOT / "artifacts" / "benchmarks"
    target.mkdir(parents=True, exist_ok=True)
    (target / "conversion.md").write_text(text)
    ratios = [
        {
            "goal": goal,
            "work": work,
            "beside": beside,
            "wanted": wanted,
            "ratio": ratio(times, work, beside),
        }
        for goal, work, beside, wanted in GOALS
    ]
    medians = {name: statistics.median(spent) for name, spent in times.items()}
    found = {"rounds": ROUNDS, "items": len(given), "microseconds": medians, "ratios": ratios}
    (target / "conversion.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
