"""Clients are made as the URL and the SDK's configuration say, and never tell a password."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import botocore
import pymysql
import pytest

from dalkit.result import CredentialsMissing, Failure, InvalidValue, Success, Unsupported
from dalkit.run.config import dynamodb_client, is_local, mysql_address, mysql_connect
from dalkit.run.mysql import rows, snapshot
from dalkit.testing.services import MySQLServer

NOTHING: dict[str, str] = {}


def read(url: str, **options: Any) -> Any:
    """The address of a URL that is good."""
    answer = mysql_address(url, environment=options.pop("environment", NOTHING), **options)
    assert isinstance(answer, Success), answer
    return answer.unwrap()


def test_a_url_is_read_whole() -> None:
    """User, host, port, database and socket are percent-decoded."""
    found = read("mysql://a%40b@[::1]:3307/my%2Fdb".replace("%2F", "_") + "?unix_socket=/tmp/a%20b")

    assert (found.user, found.host, found.port) == ("a@b", "::1", 3307)
    assert (found.database, found.unix_socket) == ("my_db", "/tmp/a b")


def test_the_nearest_password_wins() -> None:
    """The given one, then the URL's, then the environment's."""
    environment = {"DALKIT_MYSQL_PASSWORD": "c"}

    assert read("mysql://u:b@h/d", password="a", environment=environment).password == "a"
    assert read("mysql://u:%62@h/d", environment=environment).password == "b"
    assert read("mysql://u@h/d", environment=environment).password == "c"
    assert read("mysql://u@h/d").password is None


def test_no_text_of_an_address_holds_the_password() -> None:
    """Neither str nor repr gives the password away."""
    found = read("mysql://u:geheim@h/d")

    assert "geheim" not in str(found) + repr(found)
    assert str(found) == "u@h:3306/d"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "u:geheim@h/d",
        "http://u:geheim@h/d",
        "mysql://u:geheim@h",
        "mysql://u:geheim@h/",
        "mysql://u:geheim@h:99999/d",
        "mysql://u:geheim@h:x/d",
        "mysql://u:geheim@[::1/d",
        "mysql://u:geheim@h/d?socket=x",
        "mysql://u:geheim@h/d?unix_socket",
        "mysql://u:geheim@h/d#x",
        "mysql://u:geheim@h/d/e",
        "mysql://u:geheim%@h/d",
    ],
)
def test_a_bad_url_is_refused_without_being_repeated(url: str) -> None:
    """What is wrong is said; the URL, which may hold a password, is not."""
    answer = mysql_address(url, environment=NOTHING)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), InvalidValue)
    assert "geheim" not in str(answer.failure())


def test_an_option_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """The driver would go on without it, and log in as somebody else."""
    answer = mysql_connect(f"mysql://h/d?read_default_file={tmp_path}/none.cnf")

    assert isinstance(answer, Failure)
    assert "none.cnf" in str(answer.failure())


def test_every_session_is_set_alike(mysql_server: MySQLServer, dalkit_database: str) -> None:
    """UTC, strict, utf8mb4, whole groups; cells are text, bytes or None."""
    with snapshot(mysql_connect(_url(mysql_server, dalkit_database)).unwrap()) as connection:
        ((zone, mode, cut, packet, charset),) = rows(
            connection,
            "SELECT @@session.time_zone, @@session.sql_mode, @@session.group_concat_max_len, "
            "@@max_allowed_packet, @@character_set_client",
        )
        cells = rows(connection, "SELECT 7, 1.50, 'ä', x'00ff', b'11', NULL, DATE '2026-01-02'")

    assert (zone, charset, cut) == ("+00:00", "utf8mb4", packet)
    assert "STRICT_ALL_TABLES" in mode
    assert "ANSI_QUOTES" not in mode
    assert cells == (("7", "1.50", "ä", b"\x00\xff", b"\x03", None, "2026-01-02"),)


def test_the_option_file_logs_in(
    mysql_server: MySQLServer,
    dalkit_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """User and password may come from `[client]` of an option file."""
    monkeypatch.delenv("DALKIT_MYSQL_PASSWORD", raising=False)
    options = tmp_path / "my.cnf"
    options.write_text(
        f'[client]\nuser={mysql_server.user}\npassword="{mysql_server.password}"\n'
        f"host={mysql_server.host}\nport={mysql_server.port}\n"
    )
    url = f"mysql:///{dalkit_database}?read_default_file={options}"
    with snapshot(mysql_connect(url).unwrap()) as connection:
        assert rows(connection, "SELECT DATABASE()") == ((dalkit_database,),)


def test_one_tls_context_serves_every_connection(
    mysql_server: MySQLServer, dalkit_database: str
) -> None:
    """It is made once; it verifies no more and no less than the driver's own does."""
    pair: list[Any] = []
    connect = mysql_connect(_url(mysql_server, dalkit_database)).unwrap()
    for _ in range(2):
        with snapshot(connect) as connection:
            pair.append(connection)
            assert rows(connection, "SELECT 1") == (("1",),)
    own: Any = pymysql.connections.Connection(defer_connect=True)

    first, second = (one.ctx for one in pair)
    assert first is second
    assert (first.verify_mode, first.check_hostname) == (own.ctx.verify_mode, False)
    assert all(one._ssl_required is own._ssl_required for one in pair)


def test_without_tls_there_is_no_context(mysql_server: MySQLServer, dalkit_database: str) -> None:
    """None is made, and the connection is plain."""
    url = _url(mysql_server, dalkit_database) + "?ssl_disabled=1"
    with snapshot(mysql_connect(url).unwrap()) as connection:
        ((_, cipher),) = rows(connection, "SHOW STATUS LIKE 'Ssl_cipher'")

        assert not cast("Any", connection).ssl
    assert cipher == ""


def test_a_server_that_the_ca_does_not_know_is_refused_each_time(
    mysql_server: MySQLServer, dalkit_database: str
) -> None:
    """Kept or new, the context verifies; a server without TLS is refused as well."""
    url = (
        _url(mysql_server, dalkit_database)
        + f"?ssl_ca={Path(botocore.__file__).with_name('cacert.pem')}"
    )
    connect = mysql_connect(url).unwrap()

    for _ in range(2):
        with pytest.raises(pymysql.err.OperationalError, match=r"(?i)certificate|SSL is required"):
            connect()


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0:8000", True),
        ("https://dynamodb.eu-west-1.amazonaws.com", False),
        ("http://10.0.0.1:8000", False),
        ("http://[", False),
    ],
)
def test_which_endpoints_are_local(url: str, local: bool) -> None:
    """Only this machine's own addresses are."""
    assert is_local(url) is local


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment in which the SDK finds nothing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("no_credentials")
def test_without_credentials_there_is_no_client() -> None:
    """Credentials are made up for an endpoint on this machine and for no other."""
    for options in ({"region": "eu-west-1"}, {"endpoint_url": "http://10.0.0.1:8000"}):
        answer = dynamodb_client(**options)  # type: ignore[arg-type]  # mypy sees dict[str, str]
        assert isinstance(answer, Failure)
        assert isinstance(answer.failure(), CredentialsMissing)
    assert isinstance(dynamodb_client(endpoint_url="http://127.0.0.1:8000"), Success)


def test_production_refuses_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a local endpoint that is passed nor one of the SDK's configuration is taken."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    passed = dynamodb_client(endpoint_url="http://localhost:8000", production=True)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000")
    configured = dynamodb_client(region="eu-west-1", production=True)

    for answer in (passed, configured):
        assert isinstance(answer, Failure)
        assert isinstance(answer.failure(), Unsupported)


def test_the_sdk_does_not_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dalkit retries; two layers would multiply."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA0123456789ABCDEF")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    client = dynamodb_client(region="eu-west-1", production=True).unwrap()

    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"


def _url(server: MySQLServer, database: str) -> str:
    return server.url.replace("@", f":{server.password}@") + database
