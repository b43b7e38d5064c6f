"""MySQL itself (9.7 at the time of writing) on Debian, whose stable releases carry only MariaDB.

The packages of Debian's *sid* suite are fetched by apt into the cache and unpacked there: the
system's own packages, sources and settings stay as they are, and root is not needed. The server
runs with the C library that it came with.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dalkit.testing.cache import make_once
from dalkit.testing.console import ServiceError, run, say

__all__ = ["debian_mysql"]

_PACKAGE = "mysql-server-core"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SOURCE = f"deb [signed-by={_KEYRING}] http://deb.debian.org/debian sid main\n"
_FOLDERS = ("state/lists/partial", "cache/archives/partial", "parts")
_SETTINGS = """
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "{folder}/parts";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{folder}/parts";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
"""


def debian_mysql() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The command that runs MySQL's server, and the options that tell it where its files are."""
    home = make_once("mysql-of-debian-sid", _fetch)
    loader = _only(home, "lib*/ld-linux*.so.*", "usr/lib*/ld-linux*.so.*")
    program = _only(home, "usr/sbin/mysqld", "usr/libexec/mysqld")
    libraries = (path for path in home.glob("usr/lib/*-linux-gnu*") if path.is_dir())
    command = (str(loader), "--library-path", ":".join(map(str, libraries)), str(program))
    share = _only(home, "usr/share/mysql*/english").parent
    places = (f"--lc-messages-dir={share}", f"--character-sets-dir={share / 'charsets'}")
    return command, places


def _fetch(folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and _KEYRING.is_file()):
        raise ServiceError(
            "MySQL itself can be fetched on Debian only (it takes apt-get, dpkg-deb and"
            f" {_KEYRING}): install MySQL so that its mysqld is on the PATH, or name a server"
            " in DALKIT_MYSQL_URL"
        )
    say("fetching MySQL from Debian's sid suite (65 MB, once)")
    apt = folder / "apt"
    for name in _FOLDERS:
        (apt / name).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(_SOURCE)
    (apt / "apt.conf").write_text(_SETTINGS.format(folder=apt))
    settings = {"APT_CONFIG": str(apt / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}
    run(("apt-get", "update", "-q"), environment=settings)
    run(("apt-get", "install", "-q", "-y", "--download-only", _PACKAGE), environment=settings)
    for archive in sorted((apt / "cache" / "archives").glob("*.deb")):
        run(("dpkg-deb", "--extract", archive, folder))
    shutil.rmtree(apt)


def _only(home: Path, *patterns: str) -> Path:
    for pattern in patterns:
        for path in sorted(home.glob(pattern)):
            return path
    raise ServiceError(f"{home} holds no {patterns[0]}: remove the folder to fetch it again")
