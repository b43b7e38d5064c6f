"""The DynamoDB backend beside boto3's resource on the wire: `python benchmarks/pages.py`.

A server in another process answers with canned bytes. Every line is a ratio of the client's CPU
time in one process, the median over interleaved rounds, so that a busy machine slows both sides
alike. Writes `artifacts/benchmarks/pages.json` and `.md`.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import process_time
from typing import Any
from zlib import crc32

import boto3
from boto3.dynamodb.conditions import Key
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from conversion import by_hand, entity, row

from dalkit import batch, find, get, put
from dalkit.convert import items, rows
from dalkit.run.config import dynamodb_client
from dalkit.run.on_dynamodb import dynamodb

ROUNDS = 15
ROOT = Path(__file__).parents[1]
SIZES = (1, 25, 100, 1000)
TIMES: Mapping[int, int] = {1: 40, 25: 20, 100: 8, 1000: 2}
WANTED = {
    "query 1000": 9.0,
    "query 25": 3.0,
    "query 1": 1.25,
    "get": 1.25,
    "put": 1.5,
    "batch 25": 4.5,
}
Work = Callable[[], object]


class _Handler(BaseHTTPRequestHandler):
    """Answers by the operation, and a query by the number in its table's name."""

    protocol_version = "HTTP/1.1"
    replies: Mapping[str, bytes] = {}

    def do_POST(self) -> None:
        """Answer with canned bytes."""
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].split(".")[-1]
        size = asked.split(b"p", 1)[-1].split(b"-", 1)[0].decode() if operation == "Query" else ""
        body = self.replies[operation + size]
        head = (
            "HTTP/1.1 200 OK",
            f"x-amz-crc32: {crc32(body)}",
            "Content-Type: application/x-amz-json-1.0",
            f"Content-Length: {len(body)}",
        )
        self.wfile.write("\r\n".join((*head, "", "")).encode() + body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve(replies: Mapping[str, bytes], told: Any) -> None:
    _Handler.replies = replies
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    told.send(server.server_port)
    server.serve_forever()


@contextmanager
def served(replies: Mapping[str, bytes]) -> Iterator[str]:
    """The address of a server that gives these replies."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(replies, theirs))
    process.start()
    try:
        yield f"http://127.0.0.1:{mine.recv()}"
    finally:
        process.terminate()
        process.join()


def replies_of(found: Sequence[bytes]) -> dict[str, bytes]:
    """What the service would answer, for items as JSON."""
    used = b'"ConsumedCapacity":{"TableName":"Users","CapacityUnits":1.0}'
    made = {"PutItem": b"{" + used + b"}", "BatchWriteItem": b'{"UnprocessedItems":{}}'}
    made["GetItem"] = b'{"Item":' + found[0] + b"," + used + b"}"
    for size in SIZES:
        count = str(size).encode()
        held = b'"Items":[' + b",".join(found[:size]) + b"]"
        made[f"Query{size}"] = (
            b'{"Count":' + count + b',"ScannedCount":' + count + b"," + held + b"," + used + b"}"
        )
    return made


def works(endpoint: str, orders: Any, given: Sequence[Any]) -> dict[str, dict[str, Work]]:
    """Each work, by boto3's resource and by dalkit."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1"}
    plain = Config(connect_timeout=5, read_timeout=60)
    resource = boto3.resource("dynamodb", endpoint_url=endpoint, config=plain, **keys)
    client = dynamodb_client(endpoint_url=endpoint, bulk=True).unwrap()
    made: dict[str, dict[str, Work]] = {}
    for size in SIZES:
        made[f"query {size}"] = _query(orders, resource, client, size)
    table, db = resource.Table("p0-Users"), dynamodb(client, prefix="p0-")
    record, by_key = given[0], items(orders).key_of(given[0])
    key = {"PK": "USER#1", "SK": "ORDER#1"}
    made["get"] = {
        "boto3": lambda: table.get_item(Key=key)["Item"],
        "dalkit": lambda: db.run(get(orders, by_key)),
    }
    made["put"] = {
        "boto3": lambda: table.put_item(Item=by_hand(record)),
        "dalkit": lambda: db.run(put(orders, record)),
    }

    def written() -> None:
        with table.batch_writer() as writer:
            for one in given[:25]:
                writer.put_item(Item=by_hand(one))

    made["batch 25"] = {
        "boto3": written,
        "dalkit": lambda: db.run(batch(*(put(orders, one) for one in given[:25]))),
    }
    return made


def _query(orders: Any, resource: Any, client: Any, size: int) -> dict[str, Work]:
    table, db = resource.Table(f"p{size}-Users"), dynamodb(client, prefix=f"p{size}-")
    query = find(orders).where(orders.user_id == 1)
    low, read = client.meta.client if hasattr(client.meta, "client") else client, TypeDeserializer()

    def deserialized() -> list[Any]:
        reply = low.query(
            TableName=f"p{size}-Users",
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": "USER#1"}},
        )
        return [
            {name: read.deserialize(one) for name, one in item.items()} for item in reply["Items"]
        ]

    return {
        "boto3": lambda: table.query(KeyConditionExpression=Key("PK").eq("USER#1"))["Items"],
        "client + TypeDeserializer": deserialized,
        "dalkit": lambda: db.run(query).unwrap().items,
    }


def measured(
    every: Mapping[str, Mapping[str, Work]], rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of CPU for each work in each round."""
    found: dict[str, dict[str, list[float]]] = {
        name: {who: [] for who in each} for name, each in every.items()
    }
    for at in range(rounds + 1):
        for name, each in every.items():
            times = TIMES.get(int(name.split()[-1]) if name[-1].isdigit() else 1, 20)
            for who, work in each.items():
                gc.collect()
                begun = process_time()
                for _ in range(times):
                    work()
                if at:
                    found[name][who].append((process_time() - begun) * 1000 / times)
    return found


def report(times: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """The figures as a page."""
    version = ".".join(map(str, sys.version_info[:3]))
    lines = [
        "# Pages on the wire",
        "",
        f"Client CPU milliseconds per call: medians of {ROUNDS} interleaved rounds,",
        f"Python {version}, boto3 {boto3.__version__}, canned bytes from another process.",
        "",
        "| work | boto3 resource | client + TypeDeserializer | dalkit | times faster | wanted | |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, each in times.items():
        ratios = [a / b for a, b in zip(each["boto3"], each["dalkit"], strict=True)]
        ratio, wanted = statistics.median(ratios), WANTED.get(name)
        low = each.get("client + TypeDeserializer")
        said = "" if wanted is None else ("reached" if ratio >= wanted else "missed")
        lines.append(
            f"| {name} | {statistics.median(each['boto3']):.2f} "
            f"| {f'{statistics.median(low):.2f}' if low else ''} "
            f"| {statistics.median(each['dalkit']):.2f} | {ratio:.2f} "
            f"| {'' if wanted is None else f'{wanted:.2f}'} | {said} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and keep."""
    sys.modules["awscrt"] = None  # type: ignore[assignment]  # botocore would sign by other means
    chance = random.Random(1)
    orders: Any = entity()
    given = [rows(orders).decode(row(at, chance)).unwrap() for at in range(max(SIZES))]
    found = [items(orders).encode_json(one).unwrap() for one in given]
    with served(replies_of(found)) as endpoint:
        times = measured(works(endpoint, orders, given), ROUNDS)
    text = report(times)
    sys.stdout.write(text)
    folder = ROOT / "artifacts" / "benchmarks"
    (folder / "pages.md").write_text(text)
    (folder / "pages.json").write_text(json.dumps(times, indent=1) + "\n")


if __name__ == "__main__":
    main()
