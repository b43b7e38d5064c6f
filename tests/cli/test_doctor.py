"""doctor: what would be used, from where, what is wrong; never a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Dalkit = Callable[..., Any]

KEY, SECRET = "AKIA0123456789ABCDEF", "hush"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials in the environment, and nothing else of AWS."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def test_all_well(dalkit: Dalkit) -> None:
    """Exit status 0, one line for each thing."""
    url = f"mysql://me:{SECRET}@db/shop"
    said = dalkit("doctor", "--region", "eu-west-1", "--production", "--mysql", url)

    assert said.status == 0
    assert "DynamoDB region: eu-west-1 (from the argument)" in said.lines
    assert "MySQL password: given (from the URL)" in said.lines
    assert said.lines[-1].startswith("nothing is wrong")
    assert SECRET not in said.out
    assert KEY not in said.out


def test_what_is_wrong(dalkit: Dalkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 1, with the reason below the line; as JSON as well."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    options = ("--region", "eu-west-1", "--production", "--mysql", f"ftp://{SECRET}@x")
    said = dalkit("doctor", *options)
    machine = dalkit("doctor", *options, "--json")

    assert (said.status, machine.status) == (1, 1)
    assert said.lines[-1] == "2 problems"
    assert [one["what"] for one in json.loads(machine.out) if one["wrong"]] == ["DynamoDB", "MySQL"]
    assert SECRET not in said.out + machine.out


def test_secrets_of_an_endpoint_are_not_told(dalkit: Dalkit) -> None:
    """A URL may hold a password before its host."""
    said = dalkit("doctor", "--endpoint-url", f"http://me:{SECRET}@127.0.0.1:8000")

    assert SECRET not in said.out
