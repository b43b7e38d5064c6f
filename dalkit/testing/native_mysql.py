"""A private MySQL server (MariaDB, or MySQL itself) as a process of its own.

It has its own data folder and socket, a free port on 127.0.0.1, and one user with a password made
for this run. Nothing of the system's own server, its settings or its data is touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import final

from attrs import field, frozen

from dalkit.testing.cache import make_once
from dalkit.testing.console import ServiceError, run, say
from dalkit.testing.debian_mysql import debian_mysql
from dalkit.testing.install import find_program, program
from dalkit.testing.process import greeting, started

__all__ = ["NativeMySQL", "Server", "native_mysql"]

_USER = "dalkit"
_PACKAGES = ("mariadb-server-core",)
_BASIC = ("--no-defaults", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0")
_MARIADB = ("--innodb-log-file-size=16M", "--skip-name-resolve")
_MYSQL = ("--innodb-redo-log-capacity=32M", "--mysqlx=OFF")
_SERVING = (
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    "--default-time-zone=+00:00",
    "--innodb-buffer-pool-size=128M",
    "--max-allowed-packet=64M",
    "--max-connect-errors=1000000",
    "--max-connections=300",
    "--performance-schema=OFF",
)
_SYSTEM_TABLES = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
)


@final
@frozen
class Server:
    """A server program: the command that runs it, its version, and which of the two it is."""

    command: tuple[str, ...]
    version: str
    flavor: str
    places: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def options(self) -> tuple[str, ...]:
        """What every run of this program is given first."""
        root = ("--user=root",) if os.geteuid() == 0 else ()
        own = _MARIADB if self.flavor == "mariadb" else _MYSQL
        return (*self.command, *_BASIC, *self.places, *own, *root)


@final
@frozen(kw_only=True)
class NativeMySQL:
    """Where the started server is, and how one gets in."""

    port: int
    user: str
    password: str = field(repr=False)
    unix_socket: str
    how: str


@contextmanager
def native_mysql() -> Iterator[NativeMySQL]:
    """A server for the block; DALKIT_MYSQL_FLAVOR chooses `mariadb` (the default) or `mysql`."""
    server = _server()
    template = make_once(_template_name(server), lambda folder: _initialize(server, folder))
    password = secrets.token_hex(12)
    say(f"starting {server.flavor} {server.version} on 127.0.0.1")

    def command(folder: Path, port: int) -> list[str]:
        shutil.copytree(template, folder / "data")
        _write_private(folder / "init.sql", _user_statements(password))
        (folder / "files").mkdir()
        return [*server.options, *_SERVING, *_places(folder, port)]

    with started(command, ready=lambda port: greeting("127.0.0.1", port), name=server.flavor) as (
        process,
        port,
    ):
        yield NativeMySQL(
            port=port,
            user=_USER,
            password=password,
            unix_socket=str(process.folder / "mysql.sock"),
            how=f"native {server.flavor} {server.version}, pid {process.pid}",
        )


def _server() -> Server:
    flavor = os.environ.get("DALKIT_MYSQL_FLAVOR") or "mariadb"
    if flavor == "mysql":
        return _mysql_server()
    if flavor != "mariadb":
        raise ServiceError(f'DALKIT_MYSQL_FLAVOR is {flavor!r}; it can be "mariadb" or "mysql"')
    purpose = "a MySQL server"
    found = program("mariadbd", "mysqld", packages=_PACKAGES, purpose=purpose)
    return _described((str(found),))


def _mysql_server() -> Server:
    found = find_program("mysqld")
    if found is not None:
        server = _described((str(found),))
        if server.flavor == "mysql":
            return server
    command, places = debian_mysql()
    return _described(command, places=places)


def _described(command: Sequence[str], *, places: tuple[str, ...] = ()) -> Server:
    said = run((*command, "--no-defaults", "--version"))
    found = re.search(r"Ver\s+(\d+\.\d+\.\d+)", said)
    if not found:
        raise ServiceError(f"{command[-1]} does not tell its version: {said.strip()!r}")
    flavor = "mariadb" if "MariaDB" in said else "mysql"
    return Server(tuple(command), found[1], flavor, places=places)


def _template_name(server: Server) -> str:
    """A name that changes with the program, its version and what we ask of it."""
    program = Path(server.command[-1])
    asked = (*server.options, *_SYSTEM_TABLES, program.stat().st_mtime_ns)
    digest = hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
    return f"{server.flavor}-{server.version}-data-{digest}"


def _initialize(server: Server, folder: Path) -> None:
    """Make an empty data folder in which nobody can log in yet."""
    say(f"preparing an empty data folder for {server.flavor} {server.version} (once)")
    if server.flavor == "mysql":
        folder.rmdir()  # MySQL makes it itself
        run((*server.options, f"--datadir={folder}", "--initialize"))
        return
    shared = _shared_folder(Path(server.command[-1]))
    scripts = (shared / name for name in _SYSTEM_TABLES)
    text = "\n".join(script.read_text() for script in scripts)
    closing = "DELETE FROM global_priv WHERE User IN ('root', '');\n"
    run(
        (*server.options, f"--datadir={folder}", "--bootstrap"),
        text=f"CREATE DATABASE mysql;\nUSE mysql;\n{text}\n{closing}",
    )


def _shared_folder(program: Path) -> Path:
    base = program.resolve().parent.parent / "share"
    for folder in (base / "mysql", base / "mariadb", base):
        if (folder / _SYSTEM_TABLES[0]).is_file():
            return folder
    raise ServiceError(f"{program} came without {_SYSTEM_TABLES[0]}: install its server package")


def _user_statements(password: str) -> str:
    return (
        f"CREATE USER '{_USER}'@'%' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{_USER}'@'%' WITH GRANT OPTION;\n"
    )


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _places(folder: Path, port: int) -> tuple[str, ...]:
    return (
        f"--datadir={folder / 'data'}",
        f"--init-file={folder / 'init.sql'}",
        f"--pid-file={folder / 'mysqld.pid'}",
        f"--secure-file-priv={folder / 'files'}",
        f"--socket={folder / 'mysql.sock'}",
        f"--tmpdir={folder}",
        f"--port={port}",
    )
