"""The launcher's dealings with Docker, as a stand-in `docker` program writes them down.

No container runs here: the stores behind the published ports are the real ones of this run.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dalkit.testing import compose, services
from dalkit.testing.services import DynamoDBLocal, MySQLServer, ServiceError


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which `docker` notes how it was called; `ports` says what it publishes."""
    script = tmp_path / "docker"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n'
        f'case "$*" in *" port "*) cat {tmp_path}/ports;; *) cat {tmp_path}/fails 2>&1 && exit 1;;'
        " esac\nexit 0\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name in ("DALKIT_DYNAMODB_ENDPOINT", "DALKIT_MYSQL_URL"):
        monkeypatch.delenv(name, raising=False)
    compose.available.cache_clear()
    monkeypatch.setattr(compose, "available", compose.available.__wrapped__)
    return tmp_path / "calls"


def words(calls: Path) -> list[str]:
    """The Compose command of each call, without the file and the project."""
    return [call.partition(" -p ")[2].partition(" ")[2] for call in calls.read_text().splitlines()]


def test_dynamodb_is_brought_up_and_taken_down(calls: Path, dynamodb_local: DynamoDBLocal) -> None:
    """The endpoint is the published port; after the block the project is down."""
    address = urlsplit(dynamodb_local.endpoint_url).netloc
    (calls.parent / "ports").write_text(f"{address}\n")
    with services.dynamodb_local() as dynamodb:
        assert dynamodb.endpoint_url == f"http://{address}"
        assert dynamodb.how.startswith("Docker Compose project dalkit-")

    assert words(calls)[2:] == [
        "up --detach --wait dynamodb",
        "port dynamodb 8000",
        "down --volumes --timeout 1",
    ]


def test_mysql_is_reached_on_its_published_port(calls: Path, mysql_server: MySQLServer) -> None:
    """The server's version is read from its greeting, so it is the one that answers."""
    (calls.parent / "ports").write_text(f"{mysql_server.host}:{mysql_server.port}\n")
    with services.mysql_server() as server:
        assert server.port == mysql_server.port
        assert server.version == mysql_server.version
        assert server.password


def test_a_port_that_does_not_answer_is_told(calls: Path) -> None:
    """Healthy for Docker and deaf for us: the message names the address."""
    (calls.parent / "ports").write_text("127.0.0.1:1\n")
    with (
        pytest.raises(ServiceError, match="127.0.0.1:1 does not answer"),
        services.mysql_server(),
    ):
        pass

    assert words(calls)[-1] == "down --volumes --timeout 1"


def test_without_an_engine_compose_is_not_used(calls: Path) -> None:
    """A docker program without an engine is no reason to fail."""
    (calls.parent / "fails").write_text("Cannot connect to the Docker daemon\n")

    assert not compose.available()


def test_the_compose_file_publishes_on_loopback_only() -> None:
    """Every published port names 127.0.0.1."""
    lines = compose.compose_file().read_text().splitlines()
    ports = [line.strip() for line in lines if line.strip().startswith('- "127') or ":3306" in line]

    assert len([line for line in ports if line.startswith('- "127.0.0.1:')]) == 2
    assert "0.0.0.0" not in compose.compose_file().read_text().replace("127.0.0.1", "")
