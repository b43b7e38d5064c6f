"""Clients of the two stores: from a URL or the SDK's own configuration, with sessions set alike."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import field, frozen

from dalkit.contract.problems import display
from dalkit.result import (
    Failure,
    InvalidValue,
    Result,
    Success,
)
from dalkit.run.aws import is_local, key_of, missing_credentials, not_production
from dalkit.run.dynamodb import DynamoClient, watch_replies
from dalkit.run.redacted import redacted
from dalkit.run.sessions import SQL_MODE, set_session
from dalkit.run.timely import cut_off
from dalkit.run.tls import TlsContexts

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = [
    "Connect",
    "MysqlAddress",
    "dynamodb_client",
    "is_local",
    "mysql_address",
    "mysql_connect",
]

Connect: TypeAlias = "Callable[[], Connection[Any]]"
"""A source of connections: each call opens one, and raises what the driver raises."""

_OPTIONS = {"unix_socket", "read_default_file", "ssl_ca", "ssl_disabled"}


@final
@frozen(kw_only=True)
class MysqlAddress:
    """Where a MySQL database is and who asks; the password is in no text of it."""

    user: str | None = None
    host: str | None = None
    port: int = 0
    database: str
    password: str | None = field(default=None, repr=False)
    unix_socket: str | None = None
    option_file: str | None = None
    ssl_ca: str | None = None
    ssl_disabled: bool = False

    def __str__(self) -> str:
        place = self.unix_socket or f"{self.host or 'localhost'}:{self.port or 3306}"
        return display(f"{self.user or ''}@{place}/{self.database}")


def mysql_address(
    url: str, *, password: str | None = None, environment: Mapping[str, str] | None = None
) -> Result[MysqlAddress]:
    """Read `mysql://user@host:port/database?unix_socket=…`; no message repeats the URL.

    The password is the one given, else the URL's, else DALKIT_MYSQL_PASSWORD, else the option
    file's (`?read_default_file=~/.my.cnf`, group `client`).
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 0
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError:
        parts, port, options = SplitResult("", "", "", "", ""), 0, {}
    database = unquote(parts.path.removeprefix("/"))
    fault = _fault(parts, database, options)
    if fault:
        return Failure(InvalidValue("mysql", "the URL", fault))
    secrets = (environment if environment is not None else os.environ).get("DALKIT_MYSQL_PASSWORD")
    in_url = None if parts.password is None else unquote(parts.password)
    return Success(
        MysqlAddress(
            user=unquote(parts.username) if parts.username else None,
            host=_host(parts),
            port=port,
            database=database,
            password=next((p for p in (password, in_url, secrets) if p is not None), None),
            unix_socket=options.get("unix_socket"),
            option_file=options.get("read_default_file"),
            ssl_ca=options.get("ssl_ca"),
            ssl_disabled=options.get("ssl_disabled") in ("1", "true"),
        )
    )


def mysql_connect(
    url: str | MysqlAddress, *, password: str | None = None, read_timeout: float = 3600.0
) -> Result[Connect]:
    """A source of connections whose sessions are all set alike and whose cells are text.

    UTC, strict, utf8mb4, nothing cut by `group_concat_max_len`, no time limit on statements.
    """
    address = mysql_address(url, password=password) if isinstance(url, str) else Success(url)
    match address:
        case Success(found) if _unreadable(found):
            file = display(str(found.option_file))
            return Failure(InvalidValue("mysql", "the URL", f"names {file}, which cannot be read"))
        case Success(found):
            return Success(_Opener(found, read_timeout))
        case Failure() as failure:
            return failure


def dynamodb_client(
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    production: bool = False,
    bulk: bool = False,
    checksums: bool = True,
    patience: float = 1.0,
) -> Result[DynamoClient]:
    """A boto3 client as the SDK configures it, but without its retries: dalkit has its own.

    `bulk` waits longer for replies, `patience` is the share of that time. `production` refuses an
    endpoint on this machine, and credentials that are none. Only such an endpoint is given
    credentials and a region when there are none.
    """
    local = endpoint_url is not None and is_local(endpoint_url)
    refused = not_production(endpoint_url or "", None) if production else None
    if refused is not None:
        return Failure(refused)
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(region_name=region)
        keys: dict[str, Any] = {"endpoint_url": endpoint_url}
        found = session.get_credentials()
        if found is None:
            if not local:
                return Failure(missing_credentials())
            keys |= {"aws_access_key_id": "dalkit", "aws_secret_access_key": "dalkit"}
        keys["region_name"] = session.region_name or ("us-east-1" if local else None)
        client: Any = session.client("dynamodb", config=_sdk(bulk, patience), **keys)
        refused = not_production(client.meta.endpoint_url, key_of(found)) if production else None
    except (BotoCoreError, ValueError) as error:
        return Failure(InvalidValue("dynamodb", "configuration", redacted(str(error))))
    return Failure(refused) if refused else Success(watch_replies(client, checksums=checksums))


def _fault(parts: SplitResult, database: str, options: Mapping[str, str]) -> str:
    if parts.scheme not in ("mysql", "mariadb") or parts.fragment or not database:
        return (
            "is not of the form mysql://user@host:port/database "
            "(a name's special characters as %40 and the like)"
        )
    unknown = sorted(options.keys() - _OPTIONS)
    if unknown:
        known = ", ".join(sorted(_OPTIONS))
        return f"has the unknown option {display(unknown[0])}; there are {known}"
    if "/" in database or re.search(r"%(?![0-9A-Fa-f]{2})", parts.netloc + parts.path):
        return "has a database name that is not one word; write / as %2F and % as %25"
    return ""


def _host(parts: SplitResult) -> str | None:
    return unquote(parts.hostname) if parts.hostname else None


def _unreadable(address: MysqlAddress) -> bool:
    if address.option_file is None:
        return False
    file = os.path.expanduser(address.option_file)  # noqa: PTH111 - the driver opens it, not dalkit
    return not os.access(file, os.R_OK)


@final
@frozen
class _Opener:
    address: MysqlAddress
    read_timeout: float
    tls: TlsContexts = field(factory=TlsContexts, init=False, eq=False, repr=False)

    def __call__(self) -> Connection[Any]:
        return self._open(self.read_timeout)

    def within(self, seconds: float) -> Connection[Any]:
        """The same within so many seconds: about ten messages go to and fro before it is ready."""
        each = max(0.05, min(seconds / 10, 3.0))
        return self._open(each, connect_timeout=each, within=seconds)

    def _open(
        self, read_timeout: float, *, connect_timeout: float = 10.0, within: float = math.inf
    ) -> Connection[Any]:
        options = _options(self.address, read_timeout, connect_timeout)
        connection: Connection[Any] = _driver()(self.tls, {**options, "defer_connect": True})
        with cut_off(connection, within):
            try:
                connection.connect()
                set_session(connection)
            except BaseException:
                if connection.open:
                    connection.close()
                raise
        return connection


@cache
def _driver() -> Any:
    """PyMySQL's connection, which makes a TLS context of its own each time, with one that is kept.

    A context passed as an option would refuse servers without TLS.
    """
    from pymysql import connections

    base: Any = connections.Connection

    class Kept(base):  # type: ignore[misc]  # its stubs do not know the method that is replaced
        def __init__(self, tls: TlsContexts, options: Mapping[str, Any]) -> None:
            self._tls = tls
            super().__init__(**options)

        def _create_ssl_ctx(self, options: Mapping[str, Any]) -> Any:
            return self._tls.of(options, super()._create_ssl_ctx)

    return Kept


def _options(
    address: MysqlAddress, read_timeout: float, connect_timeout: float
) -> Mapping[str, Any]:
    from pymysql.converters import encoders

    return {
        "user": address.user,
        "password": (address.password or "").encode(),
        "host": address.host,
        "port": address.port,
        "database": address.database,
        "unix_socket": address.unix_socket,
        "read_default_file": address.option_file,
        "ssl_ca": address.ssl_ca,
        "ssl_verify_identity": True if address.ssl_ca else None,
        "ssl_disabled": address.ssl_disabled or None,
        "charset": "utf8mb4",
        "sql_mode": SQL_MODE,
        "conv": encoders,
        "connect_timeout": min(connect_timeout, 10.0),
        "read_timeout": read_timeout,
        "write_timeout": min(read_timeout, 600.0),
        "autocommit": True,
    }


def _sdk(bulk: bool, patience: float) -> Any:
    from botocore import __version__ as version
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=False,
        connect_timeout=(3 if bulk else 1) * patience,
        read_timeout=(60 if bulk else 3) * patience,
        max_pool_connections=64,
        user_agent=f"dalkit botocore/{version}",  # else it is put together twice for each request
        tcp_keepalive=True,
    )
