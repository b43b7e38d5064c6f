"""Nothing acknowledged is lost and nothing happens twice, whatever breaks on the way.

`make faults` (`DALKIT_FAULTS=long`) asks for more, and keeps the figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dalkit.testing.faults import dynamodb_faults, mysql_faults
from dalkit.testing.faults.chained import Chained
from dalkit.testing.faults.history import History
from dalkit.testing.faults.ledger import Ledger
from dalkit.testing.faults.owned import Batches, Inserts, Registers
from dalkit.testing.faults.reads import Reads
from dalkit.testing.faults.workloads import Bank, Sums

pytestmark = pytest.mark.slow

SIZES = {
    "dynamodb": ((300, 1_000, 0.2), (7_000, 70_000, 0.1)),
    "dynamodb-exactly-once": ((150, 500, 0.2), (2_500, 20_000, 0.1)),
    "mysql": ((300, 1_000, 0.05), (7_000, 60_000, 0.02)),
    "mysql-marker": ((100, 300, 0.05), (1_500, 10_000, 0.03)),
    "mysql-kills": ((200, 500, 0.06), (10_000, 40_000, 0.05)),
}
"""Faults, operations, and faults per message: in `make test`, and in `make faults`."""

HOLDS = {"hold-before", "hold-after"}
KILLS = ("kill-before", "kill-during")


def _often(names: Sequence[str], times: int) -> tuple[str, ...]:
    """All but the late ones; those that cost a timeout come more seldom."""
    quick = sorted(set(names) - HOLDS - {"late"})
    return (*(times * quick), *sorted(HOLDS))


def _size(name: str) -> dict[str, Any]:
    wanted, operations, rate = SIZES[name][os.environ.get("DALKIT_FAULTS") == "long"]
    return {"name": name, "wanted": wanted, "operations": operations, "rate": rate}


def _few_batches(ledger: Ledger, history: History) -> Batches:
    return Batches(ledger, history, most=4)


def _unsettled(ledger: Ledger, history: History) -> Registers:
    """A killed COMMIT may still be under way when the client knows of its end."""
    return Registers(ledger, history, settled=False)


def test_faults_on_dynamodb(on_dynamodb: Callable[..., Any]) -> None:
    """Every fault but `late`, on every workload."""
    found = on_dynamodb().soak(
        [Sums, Bank, Registers, Inserts, Batches, Reads, Chained],
        faults=_often(tuple(dynamodb_faults.FAULTS), 2),
        **_size("dynamodb"),
    )

    assert found.findings == {}
    assert set(found.left.values()) == {0}
    assert found.answers["Success"] > 0.5 * found.operations


def test_sums_exactly_once_on_dynamodb(on_dynamodb: Callable[..., Any]) -> None:
    """With `exactly_once` an addition is repeated under its token, also when it comes late."""
    found = on_dynamodb(exactly_once=True).soak(
        [Sums, Bank, Inserts],
        faults=(*_often(tuple(dynamodb_faults.FAULTS), 2), "late"),
        **_size("dynamodb-exactly-once"),
        seed=2,
    )

    assert found.findings == {}
    assert set(found.left.values()) == {0}
    assert found.answers.get("Ambiguous", 0) < 0.02 * found.operations


def test_faults_on_mysql(on_mysql: Callable[..., Any]) -> None:
    """Every fault but `late`, on every workload; a lost COMMIT is `Ambiguous`."""
    found = on_mysql().soak(
        [Sums, Bank, _unsettled, Inserts, _few_batches, Reads, Chained],
        faults=_often(tuple(mysql_faults.FAULTS), 12),
        **_size("mysql"),
    )

    assert found.findings == {}
    assert set(found.left.values()) == {0}
    assert found.answers["Success"] > 0.5 * found.operations


def test_a_marker_on_mysql(on_mysql: Callable[..., Any]) -> None:
    """With a marker nobody doubts a lost COMMIT for long."""
    found = on_mysql(marker_table="dalkit_marker").soak(
        [Sums, Bank, Inserts],
        faults=("commit-lost", "commit-lost", "commit-unsent", "reset-before", "deadlock"),
        **_size("mysql-marker"),
        seed=3,
    )

    assert found.findings == {}
    assert set(found.left.values()) == {0}
    assert found.answers.get("Ambiguous", 0) < 0.05 * found.operations


def test_killed_connections_on_mysql(on_mysql: Callable[..., Any]) -> None:
    """The server ends connections under eight threads: no answer is another's, none is wrong."""
    found = on_mysql().soak(
        [Sums, Bank, _unsettled, Chained, Reads],
        faults=KILLS,
        **_size("mysql-kills"),
        seed=4,
    )

    assert found.findings == {}
    assert set(found.left.values()) == {0}
