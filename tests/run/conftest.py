"""A server that answers with canned replies, so that every failure can be had at will."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, final
from zlib import crc32

import pytest
from attrs import define, field

from dalkit import read_contract, read_ddl, resolve
from dalkit.records.made import records_module
from dalkit.result import Success
from dalkit.run.config import dynamodb_client
from dalkit.run.dynamodb import DynamoClient


@final
@define
class Canned:
    """One reply; without `crc` the right checksum is sent, "" sends none, `drop` hangs up."""

    body: bytes = b"{}"
    status: int = 200
    crc: str | None = None
    drop: bool = False
    headers: dict[str, str] = field(factory=dict)


@final
@define
class Script:
    """The replies still to be given, and the requests that came."""

    replies: list[Canned] = field(factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(factory=list)
    answer: Callable[[str, dict[str, Any]], Canned] | None = None
    lock: Any = field(factory=threading.Lock)

    def error(self, code: str, *, status: int = 400, message: str = "no", **more: Any) -> None:
        """Answer the next request with an error of the service."""
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, **more}
        self.replies.append(Canned(json.dumps(body).encode(), status=status))

    def reply(self, body: Any) -> None:
        """Answer the next request with this."""
        self.replies.append(Canned(json.dumps(body).encode()))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        script: Script = self.server.script  # type: ignore[attr-defined]  # set by the fixture
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with script.lock:
            operation = self.headers["X-Amz-Target"].split(".")[-1]
            script.requests.append((operation, body))
            canned = script.answer(operation, body) if script.answer else script.replies.pop(0)
        if canned.drop:
            self.close_connection = True
            return
        self.send_response(canned.status)
        checksum = str(crc32(canned.body)) if canned.crc is None else canned.crc
        if checksum:
            self.send_header("x-amz-crc32", checksum)
        for name, value in canned.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(canned.body)))
        self.end_headers()
        self.wfile.write(canned.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def scripted() -> Iterator[tuple[DynamoClient, Script]]:
    """A client made as users' clients are, and the script of the server that it talks to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    script = Script()
    server.script = script  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made = dynamodb_client(endpoint_url=f"http://127.0.0.1:{server.server_port}")
    assert isinstance(made, Success)
    client = made.unwrap()
    try:
        yield client, script
    finally:
        client.close()  # type: ignore[attr-defined]  # boto3's clients have it
        server.shutdown()
        server.server_close()
        thread.join()


DDL = """
CREATE TABLE things (
  id   INT           NOT NULL,
  name VARCHAR(40)   NULL,
  n    INT           NOT NULL,
  raw  VARBINARY(20) NULL,
  PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
"""
COLUMNS = (("PK", "S", "id"), ("id", "N", "id"), ("name", "S", "name"), ("n", "N", "n"))


@pytest.fixture(scope="session")
def schema() -> Any:
    """One table of things: with a number, a name that may be None, and bytes."""
    attributes = [
        {"name": name, "type": type, "source_table": "things", "source_column": column}
        for name, type, column in (*COLUMNS, ("raw", "B", "raw"))
    ]
    table = {
        "table": "Things",
        "type": "single-entity",
        "source_table": "things",
        "pk": "PK",
        "attributes": attributes,
    }
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    assert contract is not None, problems
    found, problems = resolve(contract, read_ddl(DDL)[0])
    assert found is not None, problems
    return found


@pytest.fixture(scope="session")
def records(schema: Any) -> Any:
    """The records module of things."""
    return records_module(schema)


@pytest.fixture
def thing(records: Any) -> Callable[..., Any]:
    """A thing by id; all else can be given."""
    empty = {"name": None, "n": 0, "raw": None}
    return lambda at, **given: records.Thing(**{"id": at, **empty, **given})
