"""The example that has every construct of the format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def everything_text() -> str:
    """A contract with every join, calculation, transformation and option, as text."""
    return (Path(__file__).parent / "everything.json").read_text(encoding="utf-8")


@pytest.fixture
def everything(everything_text: str) -> dict[str, Any]:
    """The same contract as a JSON value that a test may change."""
    value: dict[str, Any] = json.loads(everything_text)
    return value
