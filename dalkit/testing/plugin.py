"""The pytest plugin: the real stores as fixtures, one pair for a whole run.

Nothing starts until a test asks for it. Under pytest-xdist the workers ask the process that
started them, so that they share one pair, which ends with the run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dalkit.testing.services import DynamoDBLocal, MySQLServer
    from dalkit.testing.sharing import Sharing

__all__ = ["dalkit_dynamodb_prefix", "dynamodb_local", "mysql_server"]

_INPUT = "dalkit_services"
_SHARING: pytest.StashKey[Sharing] = pytest.StashKey()


@pytest.fixture(scope="session")
def dynamodb_local(request: pytest.FixtureRequest) -> Iterator[DynamoDBLocal]:
    """A DynamoDB for the whole run; keep tests apart by `dalkit_dynamodb_prefix`."""
    from dalkit.testing import services

    given = _from_controller(request.config, "dynamodb_local")
    if given is not None:
        yield given
    else:
        with services.dynamodb_local() as dynamodb:
            yield dynamodb


@pytest.fixture(scope="session")
def mysql_server(request: pytest.FixtureRequest) -> Iterator[MySQLServer]:
    """A MySQL server for the whole run; keep tests apart by databases of their own."""
    from dalkit.testing import services

    given = _from_controller(request.config, "mysql_server")
    if given is not None:
        yield given
    else:
        with services.mysql_server() as server:
            yield server


@pytest.fixture
def dalkit_dynamodb_prefix() -> str:
    """A prefix for table names that no other test has."""
    return f"t{secrets.token_hex(6)}_"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where to ask for the stores."""
    from dalkit.testing.sharing import Sharing

    config: pytest.Config = node.config
    if _SHARING not in config.stash:
        config.stash[_SHARING] = Sharing.open()
    node.workerinput[_INPUT] = config.stash[_SHARING].address


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the stores that the workers shared."""
    if _SHARING in config.stash:
        config.stash[_SHARING].close()


def _from_controller(config: pytest.Config, name: str) -> Any:
    address = getattr(config, "workerinput", {}).get(_INPUT)
    if address is None:
        return None
    from dalkit.testing.sharing import ask

    return ask(address, name)
