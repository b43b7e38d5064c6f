"""The commands and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn, final

from dalkit.cli.output import one_line

__all__ = ["parser"]


@final
class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints never repeat a password of a URL."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {one_line(message)}\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = _Parser(
        prog="dalkit",
        description="One contract, two stores: check it, make its records and tables, move the "
        "data from MySQL to DynamoDB, prove that both hold the same.",
        epilog="exit status: 0 all well, 1 problems or differences, 2 misuse",
    )
    whole.add_argument("--version", action="version", version=_version())
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _check(commands)
    _records(commands)
    _tables(commands)
    _sql(commands)
    _export(commands)
    _load(commands)
    _verify(commands)
    _doctor(commands)
    return whole


def _check(commands: Any) -> None:
    one = _command(commands, "check", "tell every problem of a contract, and of MySQL's data")
    one.add_argument("--ddl", metavar="FILE", help="the MySQL schema as CREATE TABLE statements")
    one.add_argument(
        "--mysql", metavar="URL",
        help="a live server, as mysql://user@host/db: its schema, unless --ddl gives one, and "
        "every row, read once",
    )  # fmt: skip
    one.add_argument(
        "--no-data", dest="data", action="store_false", help="read no rows from the live server"
    )
    one.add_argument(
        "--patterns", metavar="FILE",
        help="the access patterns there are: Python with PATTERNS, or a JSON list of names",
    )  # fmt: skip
    one.add_argument(
        "--loss", action="store_true", help="tell of every column whether it is carried, and how"
    )
    one.add_argument("--json", action="store_true", help="print the problems as JSON")


def _records(commands: Any) -> None:
    one = _command(commands, "records", "print the module of record classes")
    _schema(one)
    one.add_argument(
        "--check", metavar="FILE", help="print how FILE differs; exit status 1 if it does"
    )


def _tables(commands: Any) -> None:
    one = _command(commands, "tables", "print the DynamoDB tables as CreateTable requests")
    _schema(one)
    one.add_argument("--create", action="store_true", help="create them, unless they are there")
    _store(one)


def _sql(commands: Any) -> None:
    one = _command(commands, "sql", "print the SELECTs that read each entity's rows")
    _schema(one)
    one.add_argument("--views", action="store_true", help="as CREATE OR REPLACE VIEW")


def _export(commands: Any) -> None:
    one = _command(commands, "export", "write every table as a file of DynamoDB JSON lines")
    _mysql(one)
    one.add_argument("--out", type=_folder, metavar="DIR", required=True, help="where the files go")
    one.add_argument("--gzip", action="store_true", help="pack them")
    one.add_argument("--json", action="store_true", help="print one JSON value a line")


def _load(commands: Any) -> None:
    one = _command(commands, "load", "put every row of MySQL into DynamoDB as an item")
    _mysql(one)
    _store(one)
    one.add_argument("--create", action="store_true", help="create missing tables first")
    mode = one.add_mutually_exclusive_group()
    mode.add_argument(
        "--only-missing", dest="mode", action="store_const", const="only-missing", default="empty",
        help="leave items alone that are there",
    )  # fmt: skip
    mode.add_argument(
        "--overwrite", dest="mode", action="store_const", const="overwrite",
        help="put over items that are there",
    )  # fmt: skip
    _running(one)


def _verify(commands: Any) -> None:
    one = _command(commands, "verify", "compare both stores, attribute by attribute, both ways")
    _mysql(one)
    one.add_argument(
        "--generated", action="store_true",
        help="compute the items in Python instead of SQL; every table read is held in memory",
    )  # fmt: skip
    _store(one)
    _running(one)


def _doctor(commands: Any) -> None:
    one = _plain(
        commands, "doctor", "tell what would be used to reach the stores, and what is wrong"
    )
    one.add_argument("--endpoint-url", metavar="URL", help="another DynamoDB than the region's")
    one.add_argument("--region", metavar="NAME", help="the AWS region")
    one.add_argument(
        "--production", action="store_true",
        help="refuse endpoints on this machine, and credentials that are none",
    )  # fmt: skip
    one.add_argument("--mysql", metavar="URL", help="as mysql://user@host:port/db")
    one.add_argument("--json", action="store_true", help="print it as JSON")


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    one = _plain(commands, name, text)
    one.add_argument("contract", metavar="CONTRACT", help="the contract, a JSON file, or -")
    return one


def _plain(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    one.set_defaults(run=_runner(name), command=name)
    return one


def _schema(one: argparse.ArgumentParser, *, needed: bool = True) -> None:
    source = one.add_mutually_exclusive_group(required=needed)
    source.add_argument("--ddl", metavar="FILE", help="the MySQL schema as CREATE TABLE statements")
    source.add_argument("--mysql", metavar="URL", help="or a live server, as mysql://user@host/db")


def _mysql(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--mysql", metavar="URL", required=True,
        help="mysql://user@host:port/db, with ?unix_socket= or ?read_default_file=; the password "
        "comes from DALKIT_MYSQL_PASSWORD or the option file",
    )  # fmt: skip
    one.add_argument(
        "--ddl", metavar="FILE", help="take MySQL's schema from FILE, not from the server"
    )


def _store(one: argparse.ArgumentParser) -> None:
    one.add_argument("--endpoint-url", metavar="URL", help="another DynamoDB than the region's")
    one.add_argument("--region", metavar="NAME", help="the AWS region")
    one.add_argument("--prefix", metavar="TEXT", default="", help="put before each table's name")
    one.add_argument(
        "--no-checksums", dest="checksums", action="store_false",
        help="for stores that send no CRC32 of their replies",
    )  # fmt: skip


def _running(one: argparse.ArgumentParser) -> None:
    one.add_argument("--threads", type=_threads, default=4, metavar="N", help="4 unless told")
    one.add_argument("--json", action="store_true", help="print one JSON value a line")


def _folder(text: str) -> str:
    if text.strip():
        return text
    raise argparse.ArgumentTypeError("a folder's name, not an empty text")


def _threads(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= 64 and len(text) < 3:
        return int(text)
    raise argparse.ArgumentTypeError("a number from 1 to 64")


def _runner(name: str) -> Callable[[argparse.Namespace], int]:
    """The command's function, whose module is imported when it is run."""

    def run(arguments: argparse.Namespace) -> int:
        if name in ("check", "records", "sql", "tables"):
            from dalkit.cli import commands as module
        elif name == "doctor":
            from dalkit.cli import doctor as module  # type: ignore[no-redef]  # one of the three
        else:
            from dalkit.cli import moving as module  # type: ignore[no-redef]  # one of the three
        function: Callable[[argparse.Namespace], int] = getattr(module, name)
        return function(arguments)

    return run


def _version() -> str:
    from dalkit import __version__

    return f"dalkit {__version__}"
