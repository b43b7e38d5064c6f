"""What configuration production takes, and what the doctor tells of it: never a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import boto3
import pytest
from botocore.config import Config

from dalkit import Failure, get
from dalkit.result import CredentialsMissing, InvalidValue, Unsupported
from dalkit.run.aws import aws_facts, dummy_key
from dalkit.run.config import dynamodb_client
from dalkit.run.doctor import diagnose_client, diagnose_dynamodb, diagnose_mysql
from dalkit.run.events import Event
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.retry import Backoff

REAL = "AKIA0123456789ABCDEF"
SECRET = "wJalrXUtnFEMI"
DUMMIES = [
    "x",
    "dalkit",
    "dummy",
    "test",
    "fake",
    "local",
    "AKIAIOSFODNN7EXAMPLE",
    "DUMMYIDEXAMPLE",
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """An environment in which the SDK finds nothing; the function gives it credentials."""
    for name in (
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
        "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def given(key: str) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)

    return given


def asked(db: Any, records: Any) -> Any:
    """The error of a query."""
    return db.run(get(records.things, records.ThingKey(1))).failure()


def test_the_production_configuration_without_credentials_fails_as_it_must(records: Any) -> None:
    """Every query answers that there are none; nothing is made up, and nothing is raised."""
    error = asked(dynamodb(region="eu-west-1", production=True), records)

    assert isinstance(error, CredentialsMissing)
    assert "AWS_ACCESS_KEY_ID" in str(error)


@pytest.mark.parametrize("key", DUMMIES)
def test_the_production_configuration_refuses_dummy_credentials(
    environment: Callable[[str], None], records: Any, key: str
) -> None:
    """Those that tests use are none that AWS would give; the message holds no secret."""
    environment(key)

    error = asked(dynamodb(region="eu-west-1", production=True), records)

    assert isinstance(error, Unsupported)
    assert SECRET not in str(error)


def test_the_production_configuration_without_a_region_is_told(
    environment: Callable[[str], None], records: Any
) -> None:
    """No region is made up."""
    environment(REAL)

    assert isinstance(asked(dynamodb(production=True), records), InvalidValue)


def test_production_takes_a_client_by_the_same_rules(records: Any) -> None:
    """Where it is, and who asks, whoever made it."""
    local = boto3.client(
        "dynamodb", endpoint_url="http://127.0.0.1:1", region_name="x",
        aws_access_key_id=REAL, aws_secret_access_key=SECRET,
    )  # fmt: skip
    dummy = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key=SECRET
    )

    for client in (local, dummy):
        error = asked(dynamodb(client, production=True), records)
        assert isinstance(error, Unsupported)


def test_credentials_that_come_later_are_found(
    environment: Callable[[str], None], records: Any
) -> None:
    """A backend that began without them looks again."""
    db = dynamodb(region="eu-west-1", production=True)
    first = asked(db, records)
    environment("test")

    assert isinstance(first, CredentialsMissing)
    assert isinstance(asked(db, records), Unsupported)


@pytest.mark.parametrize("key", [REAL, "ASIAXYZXYZXYZXYZXYZX"])
def test_a_real_key_is_no_dummy(environment: Callable[[str], None], key: str) -> None:
    """Long-lived and temporary ones alike."""
    environment(key)

    assert not dummy_key(key)
    assert not isinstance(dynamodb_client(region="eu-west-1", production=True), Failure)


def test_the_doctor_tells_what_is_used_and_from_where(
    environment: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Region, credentials and endpoint, with the name of what gave them, and no secret."""
    environment(REAL)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    found = diagnose_dynamodb(production=True)
    text = "\n".join(map(str, found))

    assert not any(one.wrong for one in found)
    assert "DynamoDB region: eu-west-1 (from AWS_DEFAULT_REGION)" in text
    assert "DynamoDB credentials: AKIA… (from env)" in text
    assert "https://dynamodb.eu-west-1.amazonaws.com (from the region)" in text
    assert SECRET not in text
    assert REAL not in text


def test_the_doctor_tells_what_is_wrong(
    environment: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local endpoint of the environment, and no credentials, are both told."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:8000")
    facts = aws_facts(region="eu-west-1", production=True)

    assert facts.endpoint_from == "AWS_ENDPOINT_URL"
    assert [type(one).__name__ for one in facts.faults] == ["Unsupported", "CredentialsMissing"]
    environment(REAL)
    assert len(aws_facts(region="eu-west-1").faults) == 0


def test_a_local_endpoint_that_is_asked_for_needs_no_credentials() -> None:
    """As `dynamodb` makes some up for it."""
    assert aws_facts(endpoint_url="http://127.0.0.1:8000").faults == ()


@pytest.mark.parametrize(
    ("url", "environment_", "source"),
    [
        ("mysql://me:hush@db/shop", {}, "the URL"),
        ("mysql://me@db/shop", {"DALKIT_MYSQL_PASSWORD": "hush"}, "DALKIT_MYSQL_PASSWORD"),
        ("mysql://me@db/shop?read_default_file=~/.my.cnf", {}, "the option file"),
        ("mysql://me@db/shop", {}, ""),
    ],
)
def test_the_doctor_tells_whence_a_password_comes(
    url: str, environment_: dict[str, str], source: str
) -> None:
    """But not the password."""
    found = diagnose_mysql(url, environment=environment_)
    text = "\n".join(map(str, found))

    assert [one.source for one in found if one.what == "MySQL password"] == [source]
    assert "me@db:3306/shop" in text
    assert "hush" not in text


def test_a_bad_url_is_told_without_repeating_it() -> None:
    """It may hold a password."""
    (found,) = diagnose_mysql("ftp://me:hush@db/x", environment={})

    assert found.wrong
    assert "hush" not in str(found)


def test_the_doctor_looks_at_a_client() -> None:
    """The SDK's own timeouts outlast every query; its retries do no harm; a dummy key is told."""
    plain = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key=SECRET
    )
    ours = dynamodb_client(endpoint_url="http://127.0.0.1:1").unwrap()

    def wrong(client: Any, **options: Any) -> list[str]:
        return [one.what for one in diagnose_client(client, **options) if one.wrong]

    assert wrong(plain) == ["DynamoDB timeouts"]
    assert wrong(plain, production=True) == ["DynamoDB endpoint", "DynamoDB timeouts"]
    assert wrong(ours) == []
    assert SECRET not in "".join(map(str, diagnose_client(plain, production=True)))


def test_a_backend_tells_once_what_may_harm_of_a_client(records: Any) -> None:
    """Its timeouts and its own retries; of one as dalkit makes it, nothing."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": SECRET, "region_name": "x"}
    retrying = Config(retries={"mode": "legacy", "total_max_attempts": 5})
    address = "http://127.0.0.1:1"
    plain = boto3.client("dynamodb", endpoint_url=address, config=retrying, **keys)
    ours = dynamodb_client(endpoint_url="http://127.0.0.1:1").unwrap()

    def told(client: Any) -> list[str]:
        said: list[Event] = []
        db = dynamodb(client, on_event=said.append, backoff=Backoff(attempts=1))
        for _ in range(2):
            asked(db, records)
        return [one.detail for one in said if one.kind == "warning"]

    timeouts, retries = told(plain)
    assert timeouts.startswith("DynamoDB timeouts: 60 s to connect")
    assert retries.startswith("the SDK's own retries: legacy, 5 attempts")
    assert SECRET not in timeouts + retries
    assert told(ours) == []
    assert told(AsDax()) == []


def test_the_doctor_tells_of_mysql_s_times_and_retries() -> None:
    """They are dalkit's own."""
    text = "\n".join(map(str, diagnose_mysql("mysql://me@db/shop", environment={})))

    assert "MySQL timeouts: at most 3 s for each message of a connect, 10 s for a query" in text
    assert "MySQL retries: dalkit's own, 4 attempts within the deadline" in text


@final
class AsDax:
    """A client that has methods and nothing else."""

    def get_item(self, **_: Any) -> dict[str, Any]:
        """No item."""
        return {}
