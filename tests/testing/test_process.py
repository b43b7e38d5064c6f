"""A store ends with its owner, however the owner ends; what fails while starting is told."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dalkit.testing.console import ServiceError
from dalkit.testing.process import free_port, greeting, owned, scratch, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pidfd is Linux's")

PATIENCE = 60.0  # seconds, the most that anything here may take on a busy machine

OWNER = """
import json, os, sys
from dalkit.testing.native_dynamodb import native_dynamodb
from dalkit.testing.native_mysql import native_mysql
from dalkit.testing import process
folders, scratch = [], process.scratch
def noted():
    folders.append(str(scratch()))
    return process.Path(folders[-1])
process.scratch = noted
with native_dynamodb(), native_mysql():
    pids = [int(open(f"{folder}/pid").read()) for folder in folders]
    print(json.dumps({"folders": folders, "pids": pids}), flush=True)
    sys.stdin.read()
"""

SLEEPER = ["sleep", "1000"]


def ends(pid: int) -> bool:
    """Wait until the process is gone; it need not be a child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def start_owner() -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A process that owns both stores, and where they are."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    return owner, json.loads(owner.stdout.readline())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None])
def test_stores_end_with_their_owner(how: signal.Signals | None) -> None:
    """Killed in any way, or done: both stores are gone and so are their folders."""
    owner, stores = start_owner()
    watchdogs = [parent(pid) for pid in stores["pids"]]
    with owner:
        if how is None:
            assert owner.stdin is not None
            owner.stdin.close()
        else:
            owner.send_signal(how)
        owner.wait(PATIENCE)

    assert all(ends(pid) for pid in stores["pids"])
    assert all(ends(pid) for pid in watchdogs)
    assert not any(Path(folder).exists() for folder in stores["folders"])


def test_a_fork_of_the_owner_does_not_keep_the_store() -> None:
    """A child that inherits the owner's pipe keeps it open; the owner's death still counts."""
    script = (
        "import os, signal, sys\n"
        "from dalkit.testing.process import owned, scratch\n"
        f"with owned({SLEEPER!r}, folder=scratch()) as process:\n"
        "    while not (process.folder / 'pid').exists(): pass\n"
        "    child = os.fork()\n"
        "    if child == 0: signal.pause()\n"
        "    print(process.pid, child, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        store, child = map(int, owner.stdout.readline().split())
        gone = ends(store)
        os.kill(child, signal.SIGKILL)

    assert gone


def test_a_killed_watchdog_takes_the_store_along() -> None:
    """Not even the watchdog's own death leaves a store behind."""
    with started(lambda folder, port: SLEEPER, ready=lambda port: True, name="sleeper") as (
        process,
        _,
    ):
        while not (process.folder / "pid").exists():
            assert not process.ended
        pid = process.pid
        process.watchdog.kill()

        assert ends(pid)
        assert process.watchdog.wait(PATIENCE) == -signal.SIGKILL


def test_a_store_that_ends_at_once_is_quoted() -> None:
    """The message holds what the program said, and its folder is gone."""
    folders: list[Path] = []

    def command(folder: Path, port: int) -> list[str]:
        folders.append(folder)
        return ["sh", "-c", "echo no such option; exit 3"]

    with (
        pytest.raises(
            ServiceError, match="sketch ended while it was starting(.|\n)*no such option"
        ),
        started(command, ready=lambda port: False, name="sketch"),
    ):
        pass

    assert [folder.exists() for folder in folders] == [False]


def test_a_store_that_never_answers_is_given_up() -> None:
    """The wait has an end, and the message says how long it was."""
    with (
        pytest.raises(ServiceError, match="not ready after 0 s"),
        started(lambda *_: SLEEPER, ready=lambda port: False, name="sleeper", seconds=0.1),
    ):
        pass


def test_a_taken_port_is_followed_by_another() -> None:
    """A program that finds its port in use is started again on another one."""
    ports: list[int] = []

    def command(folder: Path, port: int) -> list[str]:
        ports.append(port)
        taken = ["sh", "-c", "echo Address already in use; exit 1"]
        return taken if len(ports) == 1 else SLEEPER

    with started(command, ready=lambda port: len(ports) > 1, name="sleeper") as (_, port):
        assert [ports[-1]] == [port]
        assert len(set(ports)) == 2


def test_a_program_that_is_missing_is_told() -> None:
    """A command that cannot even be run ends the start, not the wait."""
    with (
        pytest.raises(ServiceError, match="ended while it was starting"),
        started(lambda *_: ["/no/such/program"], ready=lambda port: False, name="none"),
    ):
        pass


def test_a_free_port_is_nobody_elses() -> None:
    """While it is held a server can listen on it, and nobody is given it, ours or theirs."""
    with free_port() as first, free_port() as second, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        with socket.create_server(("127.0.0.1", first)), socket.create_server(("", second)):
            assert len({first, second, other.getsockname()[1]}) == 3


def test_a_scratch_folder_is_private_and_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever TMPDIR is, a socket's path fits; nobody else may look inside."""
    deep = tmp_path / ("x" * 80)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    folder = scratch()
    try:
        assert len(str(folder / "mysql.sock")) < 104
        assert folder.stat().st_mode & 0o077 == 0
    finally:
        folder.rmdir()


def test_the_last_command_is_run_after_the_owner(tmp_path: Path) -> None:
    """What must be taken down from outside is taken down when the block ends."""
    note = tmp_path / "note"
    with owned((), folder=scratch(), last=("touch", str(note))):
        assert not note.exists()

    assert note.exists()


def test_no_greeting_is_no_version() -> None:
    """Nothing that answers there is the empty text, not an exception."""
    assert greeting("127.0.0.1", 1) == ""
    assert greeting("127.0.0.1", 1, unix_socket="/no/such/socket") == ""
