"""The launcher against the real programs: they start, answer, and let in whom they should."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pymysql
import pytest

from dalkit.testing import compose, services
from dalkit.testing.services import DynamoDBLocal, MySQLServer, ServiceError

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

UNUSED = "127.0.0.1:1"  # nothing listens on port 1


@pytest.fixture(autouse=True)
def _no_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test says itself what the environment names."""
    for name in ("DALKIT_DYNAMODB_ENDPOINT", "DALKIT_MYSQL_URL", "DALKIT_MYSQL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def test_dynamodb_local_lists_tables(dynamodb_local: DynamoDBLocal) -> None:
    """What answers at the endpoint is a DynamoDB."""
    parts = urlsplit(dynamodb_local.endpoint_url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request,"
        " SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
    }
    connection.request("POST", "/", "{}", headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()

    assert list(answer) == ["TableNames"]


def test_mysql_server_is_strict_and_utc(mysql_connection: Connection[Cursor]) -> None:
    """The server starts with what every connection of dalkit asks for."""
    with mysql_connection.cursor() as cursor:
        cursor.execute("SELECT @@sql_mode, @@global.time_zone, @@character_set_server")
        row = cursor.fetchone()

    assert row is not None
    assert "STRICT_TRANS_TABLES" in row[0]
    assert row[1:] == ("+00:00", "utf8mb4")


def test_mysql_server_tells_its_version(
    mysql_server: MySQLServer, mysql_connection: Connection[Cursor]
) -> None:
    """The version of the greeting is what the server says of itself."""
    with mysql_connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        row = cursor.fetchone()

    assert row is not None
    assert row[0].startswith(mysql_server.version)


@pytest.mark.parametrize("user", ["root", "", "dalkit"])
def test_the_private_server_lets_nobody_else_in(user: str, mysql_server: MySQLServer) -> None:
    """Without the run's password no user gets in, by TCP or by the socket."""
    if not mysql_server.how.startswith("native"):
        pytest.skip("the server is not one that dalkit set up")
    for unix_socket in (None, mysql_server.unix_socket):
        place: dict[str, Any] = {"port": mysql_server.port, "unix_socket": unix_socket}
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            pymysql.connect(host=mysql_server.host, user=user, password="", **place)


def test_the_password_is_not_shown(mysql_server: MySQLServer) -> None:
    """Neither repr nor url tells the password."""
    server = MySQLServer(
        host="::1",
        port=3306,
        user="a@b",
        password="hunter2",  # not a password
        unix_socket=None,
        how="",
        version="",
    )

    assert "hunter2" not in repr(server) + server.url
    assert server.url == "mysql://a%40b@[::1]:3306/"


def test_given_stores_are_used_as_they_are(
    dynamodb_local: DynamoDBLocal, mysql_server: MySQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With endpoints in the environment nothing is started."""
    monkeypatch.setenv("DALKIT_DYNAMODB_ENDPOINT", dynamodb_local.endpoint_url)
    monkeypatch.setenv("DALKIT_MYSQL_URL", mysql_server.url)
    monkeypatch.setenv("DALKIT_MYSQL_PASSWORD", mysql_server.password)
    with services.dynamodb_local() as dynamodb, services.mysql_server() as server:
        assert dynamodb.endpoint_url == dynamodb_local.endpoint_url
        assert dynamodb.how == "DALKIT_DYNAMODB_ENDPOINT"
        assert (server.host, server.port, server.user) == (
            mysql_server.host,
            mysql_server.port,
            mysql_server.user,
        )
        assert server.password == mysql_server.password
        assert server.version == mysql_server.version
        assert server.how == "DALKIT_MYSQL_URL"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("localhost:8000", "should look like http://127.0.0.1:8000"),
        ("ftp://localhost", "should look like"),
        (f"http://{UNUSED}", "nothing answers"),
        ("http://127.0.0.1:x", "should look like"),
    ],
)
def test_a_wrong_endpoint_is_told(given: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that cannot be used is named, with what one looks like."""
    monkeypatch.setenv("DALKIT_DYNAMODB_ENDPOINT", given)
    with pytest.raises(ServiceError, match=said) as raised, services.dynamodb_local():
        pass

    assert given in str(raised.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("127.0.0.1:3306", "should look like mysql://"),
        ("postgres://root@127.0.0.1/", "should look like"),
        ("mysql://root@127.0.0.1/shop", "should look like"),
        ("mysql://root@127.0.0.1:99999/", "should look like"),
        (f"mysql://root@{UNUSED}/", "no MySQL server answers"),
    ],
)
def test_a_wrong_server_is_told(given: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be used is named, with what a URL looks like."""
    monkeypatch.setenv("DALKIT_MYSQL_URL", given)
    with pytest.raises(ServiceError, match=said) as raised, services.mysql_server():
        pass

    assert given in str(raised.value)


def test_a_password_in_the_url_is_refused_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password belongs into its own variable; the message does not repeat it."""
    monkeypatch.setenv("DALKIT_MYSQL_URL", "mysql://root:hunter2@127.0.0.1:3306/")
    with (
        pytest.raises(ServiceError, match="DALKIT_MYSQL_PASSWORD") as raised,
        services.mysql_server(),
    ):
        pass

    assert "hunter2" not in str(raised.value)


def test_a_server_of_another_kind_is_no_mysql(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port where something else listens is told apart from a MySQL server."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(30)
        monkeypatch.setenv("DALKIT_MYSQL_URL", f"mysql://root@127.0.0.1:{other.getsockname()[1]}/")
        monkeypatch.setattr("dalkit.testing.process.PATIENCE", 0.2)
        with pytest.raises(ServiceError, match="no MySQL server"), services.mysql_server():
            pass


def test_an_unknown_flavor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """DALKIT_MYSQL_FLAVOR is one of two words."""
    monkeypatch.setattr(compose, "available", lambda: False)
    monkeypatch.setenv("DALKIT_MYSQL_FLAVOR", "postgres")
    with (
        pytest.raises(ServiceError, match='postgres.*"mariadb" or "mysql"'),
        services.mysql_server(),
    ):
        pass
