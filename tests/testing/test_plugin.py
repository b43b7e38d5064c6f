"""The pytest plugin in a run of its own: one pair of stores for all workers, gone afterwards."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from dalkit.testing.console import ServiceError
from dalkit.testing.sharing import Sharing, ask

SUITE = """
import json, os, pathlib, re
import pytest

@pytest.mark.parametrize("number", range(6))
def test_one(number, dynamodb_local, mysql_server, dalkit_dynamodb_prefix):
    pids = [int(re.search(r"pid (\\d+)", store.how)[1]) for store in (dynamodb_local, mysql_server)]
    seen = {"worker": os.getpid(), "pids": pids, "prefix": dalkit_dynamodb_prefix}
    pathlib.Path(f"seen-{number}").write_text(json.dumps(seen))
"""


def run_suite(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file, with nothing given in the environment."""
    (folder / "test_it.py").write_text(text)
    given = ("DALKIT_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(given)}
    if "DALKIT_CACHE" in os.environ:
        environment["DALKIT_CACHE"] = os.environ["DALKIT_CACHE"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def gone(pid: int) -> bool:
    """Whether the process has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ended = select.select([descriptor], [], [], 30)[0]
    os.close(descriptor)
    return bool(ended)


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd is Linux's")
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_has_one_pair_of_stores(workers: str, tmp_path: Path) -> None:
    """With workers or without, all tests see the same two processes, which end with the run."""
    done = run_suite(tmp_path, SUITE, "-n", workers)
    seen = [json.loads(path.read_text()) for path in tmp_path.glob("seen-*")]
    pids = {tuple(one["pids"]) for one in seen}

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(pids) == 1
    assert len({one["worker"] for one in seen}) == max(1, int(workers))
    assert len({one["prefix"] for one in seen}) == len(seen) == 6
    assert all(gone(pid) for pair in pids for pid in pair)


def test_a_run_that_asks_for_no_store_starts_none(tmp_path: Path) -> None:
    """The plugin alone loads no client, no generator of cases, no launcher."""
    heavy = ("boto3", "pymysql", "hypothesis", "sqlglot", "dalkit.testing.services")
    text = f"import sys\ndef test_none(): assert not set({heavy!r}) & set(sys.modules)\n"
    done = run_suite(tmp_path, text, "-p", "no:randomly", "-p", "no:hypothesispytest")

    assert done.returncode == 0, done.stdout


def test_a_worker_learns_why_a_store_did_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error crosses to the process that asked, each time it asks."""
    monkeypatch.setenv("DALKIT_MYSQL_URL", "nonsense")
    sharing = Sharing.open()
    try:
        for _ in range(2):
            with pytest.raises(ServiceError, match="nonsense"):
                ask(sharing.address, "mysql_server")
    finally:
        sharing.close()


def test_who_does_not_know_the_word_is_not_let_in() -> None:
    """Another user's process cannot ask for the password; the workers still can."""
    sharing = Sharing.open()
    try:
        with pytest.raises(Exception, match="digest"):
            ask((sharing.address[0], "00" * 16), "mysql_server")
        with pytest.raises(Exception, match="digest"):
            ask((sharing.address[0], "01" * 16), "mysql_server")
    finally:
        sharing.close()
