"""The real stores, started for a block of code and gone after it, however it ends.

An endpoint in the environment is used as it is (DALKIT_DYNAMODB_ENDPOINT; DALKIT_MYSQL_URL with
DALKIT_MYSQL_PASSWORD); else Docker Compose runs the stores when an engine answers; else they run
as processes of this machine. Everything listens on 127.0.0.1, except DynamoDB Local as a process,
which listens on every interface and has no option against that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from attrs import field, frozen

from dalkit.testing import compose
from dalkit.testing.console import ServiceError
from dalkit.testing.native_dynamodb import native_dynamodb
from dalkit.testing.native_mysql import native_mysql
from dalkit.testing.process import answers_http, greeting

__all__ = ["DynamoDBLocal", "MySQLServer", "ServiceError", "dynamodb_local", "mysql_server"]

_REGION = "us-east-1"


@final
@frozen
class DynamoDBLocal:
    """A DynamoDB that answers at an endpoint, for any credentials; `how` says what runs it."""

    endpoint_url: str
    region: str
    how: str


@final
@frozen(kw_only=True)
class MySQLServer:
    """A MySQL server that answers, with a user who may do everything; `how` says what runs it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    unix_socket: str | None
    how: str
    version: str
    """As the server greets: `10.11.19-MariaDB`, `8.4.6`."""

    @property
    def url(self) -> str:
        """`mysql://user@host:port/`, without the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mysql://{quote(self.user, safe='')}@{host}:{self.port}/"


@contextmanager
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    """A DynamoDB for the block; raises ServiceError with what to install or change."""
    given = os.environ.get("DALKIT_DYNAMODB_ENDPOINT")
    if given:
        yield DynamoDBLocal(_checked_endpoint(given), _region(), "DALKIT_DYNAMODB_ENDPOINT")
    elif compose.available():
        with compose.service("dynamodb") as place:
            yield DynamoDBLocal(f"http://{place.host}:{place.port}", _REGION, place.how)
    else:
        with native_dynamodb() as (endpoint_url, how):
            yield DynamoDBLocal(endpoint_url, _REGION, how)


@contextmanager
def mysql_server() -> Iterator[MySQLServer]:
    """A MySQL server for the block; raises ServiceError with what to install or change."""
    given = os.environ.get("DALKIT_MYSQL_URL")
    if given:
        yield _given_server(given)
    elif compose.available():
        with compose.service("mysql") as place:
            yield MySQLServer(
                host=place.host,
                port=place.port,
                user="root",
                password=place.password,
                unix_socket=None,
                how=place.how,
                version=greeting(place.host, place.port),
            )
    else:
        with native_mysql() as native:
            yield MySQLServer(
                host="127.0.0.1",
                port=native.port,
                user=native.user,
                password=native.password,
                unix_socket=native.unix_socket,
                how=native.how,
                version=greeting("127.0.0.1", native.port),
            )


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION


def _port(parts: SplitResult, default: int) -> int:
    """The URL's port, or 0 if it is none."""
    with suppress(ValueError):
        return default if parts.port is None else parts.port
    return 0


def _checked_endpoint(given: str) -> str:
    parts = urlsplit(given)
    port = _port(parts, 80)
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        raise ServiceError(
            f"DALKIT_DYNAMODB_ENDPOINT is {given!r}; it should look like http://127.0.0.1:8000"
        )
    if parts.scheme == "http" and not answers_http(parts.hostname, port):
        raise ServiceError(f"DALKIT_DYNAMODB_ENDPOINT is {given!r}, where nothing answers")
    return given


def _given_server(given: str) -> MySQLServer:
    """The server that DALKIT_MYSQL_URL names, `mysql://user@host:port/?unix_socket=PATH`."""
    parts = urlsplit(given)
    if parts.password is not None:
        raise ServiceError("DALKIT_MYSQL_URL holds a password: put it in DALKIT_MYSQL_PASSWORD")
    port = _port(parts, 3306)
    if parts.scheme != "mysql" or not parts.hostname or not port or parts.path not in ("", "/"):
        raise ServiceError(
            f"DALKIT_MYSQL_URL is {given!r}; it should look like mysql://user@127.0.0.1:3306/"
        )
    unix_socket = parse_qs(parts.query).get("unix_socket", [None])[0]
    version = greeting(parts.hostname, port, unix_socket=unix_socket)
    if not version:
        raise ServiceError(f"DALKIT_MYSQL_URL is {given!r}, where no MySQL server answers")
    return MySQLServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or "root"),
        password=os.environ.get("DALKIT_MYSQL_PASSWORD", ""),
        unix_socket=unix_socket,
        how="DALKIT_MYSQL_URL",
        version=version,
    )
