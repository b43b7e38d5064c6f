"""The example's modules, loaded from their files: `contracts/` is an example, not a package."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "contracts" / "online_store"


def _module(name: str) -> ModuleType:
    spec = spec_from_file_location(f"online_store_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def store_folder() -> Path:
    """The folder of the example."""
    return FOLDER


@pytest.fixture(scope="session")
def seed() -> ModuleType:
    """The example's `seed.py`."""
    return _module("seed")


@pytest.fixture(scope="session")
def access_patterns() -> ModuleType:
    """The example's `access_patterns.py`."""
    return _module("access_patterns")
