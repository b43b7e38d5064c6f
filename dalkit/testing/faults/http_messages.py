"""HTTP/1.1 messages as bytes: read whole, printed again."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, final
from zlib import crc32

from attrs import evolve, frozen

__all__ = ["Message", "error_reply", "read_message", "reply"]

_LONGEST_LINE = 65_536
_JSON = "application/x-amz-json-1.0"


@final
@frozen
class Message:
    """A request or a reply: its first line, its headers (names in lower case), its body."""

    first: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header, named in lower case."""
        return next((value for said, value in self.headers if said == name), None)

    def with_header(self, name: str, value: str | None) -> Message:
        """The same message with this header, or without it."""
        others = tuple(one for one in self.headers if one[0] != name)
        return evolve(self, headers=others if value is None else (*others, (name, value)))

    def with_body(self, body: bytes) -> Message:
        """The same message with another body and its length, the checksum as it was."""
        return evolve(self.with_header("content-length", str(len(body))), body=body)

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def status(self) -> int:
        """A reply's status."""
        return int(self.first.split(b" ", 2)[1])

    def __bytes__(self) -> bytes:
        lines = [
            self.first,
            *(f"{name}: {value}".encode("latin-1") for name, value in self.headers),
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def reply(
    status: int, body: bytes, *, checksum: bool = True, type: str = _JSON, **headers: str
) -> Message:
    """A reply with a body, and by default the checksum that fits."""
    said = {"content-type": type, "content-length": str(len(body))}
    if checksum:
        said["x-amz-crc32"] = str(crc32(body))
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Message(
        f"HTTP/1.1 {status} {_WORDS.get(status, 'Said')}".encode(), tuple(said.items()), body
    )


_WORDS: Mapping[int, str] = {200: "OK", 400: "Bad Request", 500: "Internal Server Error"}


def error_reply(status: int, code: str, text: str, **members: Any) -> Message:
    """A reply as DynamoDB says that something is wrong."""
    whole = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": text, **members}
    return reply(status, json.dumps(whole).encode(), x_amzn_requestid=_REQUEST_ID)


_REQUEST_ID = "FAULT" + "0" * 47


def read_message(stream: io.BufferedReader) -> Message | None:
    """The next message whole, or None at the end of the stream; OSError if it breaks off."""
    first = stream.readline(_LONGEST_LINE).rstrip(b"\r\n")
    if not first:
        return None
    headers: list[tuple[str, str]] = []
    while line := stream.readline(_LONGEST_LINE).rstrip(b"\r\n"):
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name.strip().lower(), value.strip()))
    message = Message(first, tuple(headers))
    if (message.header("transfer-encoding") or "").lower() == "chunked":
        return message.with_header("transfer-encoding", None).with_body(_chunks(stream))
    return evolve(message, body=_exactly(stream, int(message.header("content-length") or 0)))


def _chunks(stream: io.BufferedReader) -> bytes:
    parts: list[bytes] = []
    while size := int(stream.readline(_LONGEST_LINE).split(b";")[0], 16):
        parts.append(_exactly(stream, size))
        stream.readline(_LONGEST_LINE)
    while stream.readline(_LONGEST_LINE).rstrip(b"\r\n"):
        pass
    return b"".join(parts)


def _exactly(stream: io.BufferedReader, size: int) -> bytes:
    body = stream.read(size)
    if len(body) != size:
        raise ConnectionError(f"the message broke off after {len(body)} of {size} bytes")
    return body
