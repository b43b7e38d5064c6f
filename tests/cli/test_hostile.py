"""Hostile files, names and URLs on the command line: clear lines, whatever is given."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Dalkit = Callable[..., Any]
GOOD = Path(__file__).parents[2] / "contracts" / "online_store" / "migrationContract.json"
STRANGE = (
    "\x1b[31m", "\x00", "\n", "`; DROP TABLE users; --", "'", '"', "\u202e", "\ud800", "#", "{id}",
    "../../etc/passwd", "a" * 5_000, "", "__proto__", "%s%n", "DALKIT", "0", "１２",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, "", [], {}, [[]], {"a": {}}, [None], "\x1b[2J", {"dalkit": 7},
)  # fmt: skip


def _mutated(seed: int) -> bytes:
    """The good contract after a few changes of its bytes or its values."""
    chosen = random.Random(seed)
    if seed % 3 == 0:
        text = bytearray(GOOD.read_bytes())
        for _ in range(chosen.randint(1, 20)):
            at = chosen.randrange(len(text))
            text[at : at + chosen.randint(0, 40)] = chosen.randbytes(chosen.randint(0, 5))
        return bytes(text)
    document = json.loads(GOOD.read_text())
    for _ in range(chosen.randint(1, 4)):
        holder = chosen.choice(list(_holders(document)))
        key = chosen.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        match seed % 6:
            case 1:
                holder[key] = chosen.choice(VALUES)
            case 2:
                del holder[key]
            case 4 if isinstance(holder, dict):
                holder[chosen.choice(STRANGE)] = holder.pop(key)
            case _:
                holder[key] = chosen.choice(STRANGE)
    return json.dumps(document).encode()


def _holders(value: Any) -> Iterator[Any]:
    """Every object and array that is not empty."""
    if isinstance(value, dict | list) and value:
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from _holders(one)


def _raw(seed: int) -> bytes:
    """What is no contract at all."""
    chosen = random.Random(seed)
    size = chosen.choice((1, 10, 1_000, 100_000))
    return [
        chosen.randbytes(size),
        b"\x00" * size,
        b"[" * size,
        b'{"a":' * size,
        b'{"tables": [' + b"{}," * size,
        b"\xef\xbb\xbf{}",
        '{"tables": "\U0001f600"}'.encode("utf-16"),
        b'{"tables": ' + b"9" * size + b"}",
        b'{"tables": [], "tables": []}',
        b'"' + b"\\u0000" * size + b'"',
        b"NaN",
        b"PK\x03\x04" + chosen.randbytes(size),
        b'{"tables":[{"table":"\x1b[31m' + b"x" * size + b'"}]}',
    ][seed % 13]


def _check_answer(said: Any) -> None:
    """One line for each thing said, an exit status of ours, nothing raw."""
    assert said.status in (0, 1, 2)
    assert "internal error" not in said.err
    assert (said.out + said.err).replace("\n", "").isprintable()
    if said.status:
        lines = [*said.lines, *said.err.splitlines()]
        assert any(line.startswith(("error DK", "dalkit: ")) for line in lines)
    assert all(len(line) < 5_000 for line in [*said.lines, *said.err.splitlines()])


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_a_contract_with_faults_is_answered(
    dalkit: Dalkit, ddl: str, tmp_path: Path, first: int
) -> None:
    """A hundred and fifty changes of a good contract: what is wrong is said, and nothing breaks."""
    path = tmp_path / "contract.json"
    for seed in range(first, first + 25):
        path.write_bytes(_mutated(seed))
        _check_answer(dalkit("check", str(path), "--ddl", ddl, *(["--loss"] * (seed % 2))))


@pytest.mark.parametrize("command", ["check", "records", "tables", "sql"])
def test_what_is_no_contract_is_answered(
    dalkit: Dalkit, ddl: str, tmp_path: Path, command: str
) -> None:
    """Binary junk, deep, large, in other encodings: exit status 1."""
    path = tmp_path / "contract.json"
    for seed in range(26):
        path.write_bytes(_raw(seed))
        said = dalkit(command, str(path), "--ddl", ddl)
        _check_answer(said)
        assert said.status == 1


def test_a_schema_file_may_be_anything(dalkit: Dalkit, contract: str, tmp_path: Path) -> None:
    """The same junk as DDL."""
    path = tmp_path / "schema.sql"
    for seed in range(26):
        path.write_bytes(_raw(seed))
        said = dalkit("check", contract, "--ddl", str(path))
        _check_answer(said)
        assert said.status == 1


def test_a_name_may_hold_anything(dalkit: Dalkit, tmp_path: Path) -> None:
    """Files whose names are escape sequences, half surrogates, line ends."""
    for name in ("\x1b[31m.json", "a\nb.json", "\udcff.json", "-", "--", " ", "é" * 100):
        path = tmp_path / name
        path.write_bytes(b"{}")
        _check_answer(dalkit("check", str(path)))
        path.unlink()
        _check_answer(dalkit("check", str(path)))


def test_what_is_no_file_is_answered(dalkit: Dalkit, tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes into, devices, links in a circle, too long a name."""
    pipe, circle = tmp_path / "pipe", tmp_path / "circle"
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    for path in (tmp_path, pipe, circle, tmp_path / "missing", tmp_path / ("x" * 300)):
        said = dalkit("check", str(path))
        _check_answer(said)
        assert said.status == 2
        assert said.err.startswith("dalkit: cannot read ")
        assert said.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_answered(dalkit: Dalkit, tmp_path: Path) -> None:
    """Permission denied, in one line."""
    path = tmp_path / "contract.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    said = dalkit("check", str(path))

    assert said.status == 2
    assert "Permission denied" in said.err


def test_a_pipe_that_somebody_writes_into_is_read(dalkit: Dalkit, tmp_path: Path) -> None:
    """As a shell's process substitution gives one."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as end:
        end.write(b'{"tables": []}')
    said = dalkit("check", f"/dev/fd/{reading}")
    os.close(reading)

    assert said.err == ""
    assert "/tables" in said.out


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql",
        "mysql:",
        "mysql://",
        "mysql:///",
        "mysql://u@/d",
        "mysql://u@h:99999/d",
        "mysql://u@h:x/d",
        "mysql://u@[::1/d",
        "mysql://u:geheim@127.0.0.1:1/d",
        "mysql://u:geheim@nowhere.invalid/d",
        "mysql://u@127.0.0.1:1/d?what=ever",
        "mysql://u@127.0.0.1:1/d/e",
        "mysql://\x1b[31m@\x00/d",
        "postgres://u:geheim@h/d",
        "file:///etc/passwd",
        "mysql://u%00:geheim@h/d",
        "mysql://u@h/" + "d" * 5_000,
        "\ud800",
    ],
)
@pytest.mark.parametrize("command", ["check", "sql"])
def test_a_url_may_be_anything(dalkit: Dalkit, contract: str, command: str, url: str) -> None:
    """One line on stderr, exit status 1 or 2, and never a password."""
    said = dalkit(command, contract, "--mysql", url)

    assert said.status in (1, 2)
    _check_answer(said)
    assert "geheim" not in said.out + said.err
    assert len([one for one in said.err.splitlines() if one.startswith("dalkit: ")]) <= 1
