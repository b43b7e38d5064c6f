"""check, records and tables: clear lines, stable exit statuses, never a traceback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Dalkit = Callable[..., Any]
Changed = Callable[[Callable[[Any], object]], str]


def test_a_good_contract(dalkit: Dalkit, contract: str, ddl: str) -> None:
    """No error, exit status 0, and the last line counts what there is."""
    said = dalkit("check", contract, "--ddl", ddl)

    assert said.status == 0
    assert not [line for line in said.lines if line.startswith("error ")]
    assert said.lines[-1].startswith(f"{contract}: ")
    assert said.err == ""


def test_without_a_schema_the_form_is_checked_and_that_is_said(
    dalkit: Dalkit, contract: str
) -> None:
    """Nobody should take a form check for the whole."""
    said = dalkit("check", contract)

    assert said.status == 0
    assert "only the document's form" in said.lines[-1]


def test_each_problem_is_one_line_with_code_place_and_fix(
    dalkit: Dalkit, changed_contract: Changed, ddl: str
) -> None:
    """`error DK… /pointer: text [fix]`, and exit status 1."""

    def misspell(document: Any) -> None:
        document["tables"][1]["source_table"] = "prodcts"

    path = changed_contract(misspell)
    said = dalkit("check", path, "--ddl", ddl)
    machine = dalkit("check", path, "--ddl", ddl, "--json")

    (line,) = [one for one in said.lines if "/tables/1/source_table:" in one]
    assert line.startswith("error DK")
    assert "products" in line
    assert line.endswith("]")
    assert (said.status, machine.status) == (1, 1)
    found = json.loads(machine.out)
    assert found["ok"] is False
    assert "/tables/1/source_table" in [one["pointer"] for one in found["problems"]]


def test_faults_of_form_and_of_names_are_told_in_one_run(
    dalkit: Dalkit, changed_contract: Changed, ddl: str
) -> None:
    """A table that is sound by itself is held against the schema beside one that is not."""

    def break_two(document: Any) -> None:
        document["tables"][0]["table"] = 7
        document["tables"][1]["source_table"] = "prodcts"

    said = dalkit("check", changed_contract(break_two), "--ddl", ddl)

    assert said.status == 1
    assert any("error DK112 /tables/0/table:" in one for one in said.lines)
    assert any("error DK201 /tables/1/source_table:" in one for one in said.lines)


def test_access_patterns_are_checked_when_they_are_given(
    dalkit: Dalkit, contract: str, ddl: str, tmp_path: Path
) -> None:
    """Names in `satisfies` that no declared pattern bears are problems."""
    declared = tmp_path / "patterns.json"
    declared.write_text('["AP99 nothing like it"]')
    python = str(Path(contract).with_name("access_patterns.py"))

    good = dalkit("check", contract, "--ddl", ddl, "--patterns", python)
    bad = dalkit("check", contract, "--ddl", ddl, "--patterns", str(declared))

    assert not [line for line in good.lines if "access pattern" in line]
    assert [line for line in bad.lines if "AP99 nothing like it" in line]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "/nowhere/contract.json"),
        ("check", "/"),
        ("check", "a\x00b"),
        ("records", "{contract}", "--ddl", "/nowhere/schema.sql"),
        ("records", "{contract}", "--mysql", "mysql://u:geheim@127.0.0.1:1/d"),
        ("records", "{contract}", "--mysql", "http://u:geheim@127.0.0.1/d"),
        ("check", "{contract}", "--ddl", "{binary}"),
        ("check", "{contract}", "--ddl", "{ddl}", "--patterns", "{binary}"),
        ("tables", "{contract}", "--ddl", "{ddl}", "--create", "--endpoint-url", "ftp://x"),
        ("load", "{contract}", "--mysql", "mysql://u:geheim@127.0.0.1:1/d"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    dalkit: Dalkit, contract: str, ddl: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Files, folders, servers: said in a line on stderr, without a password or a traceback."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    said = dalkit(*(word.format(contract=contract, ddl=ddl, binary=binary) for word in words))

    assert said.status in (1, 2)
    (line,) = [one for one in said.err.splitlines() if one.startswith("dalkit: ")]
    assert len(line) > 20
    assert "geheim" not in said.out + said.err


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[" * 100_000, b"{}", b'{"tables": 1e400}', b"\x00", b"nul"]
)
def test_any_bytes_as_a_contract_are_problems(
    dalkit: Dalkit, ddl: str, tmp_path: Path, content: bytes
) -> None:
    """Whatever the file holds, the answer is at least one error with a code."""
    path = tmp_path / "contract.json"
    path.write_bytes(content)

    said = dalkit("check", str(path), "--ddl", ddl)

    assert said.status == 1
    assert said.lines[0].startswith("error DK")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("chek",),
        ("check",),
        ("records", "c.json"),
        ("tables", "c.json", "--ddl", "a", "--mysql", "mysql://u:geheim@h/d"),
        ("check", "c.json", "mysql://u:geheim@h/d"),
        ("load", "c.json", "--mysql", "x", "--only-missing", "--overwrite"),
        ("verify", "c.json", "--mysql", "x", "--threads", "0"),
        ("verify", "c.json", "--mysql", "x", "--threads", "１"),
    ],
)
def test_misuse_is_exit_status_2(dalkit: Dalkit, words: tuple[str, ...]) -> None:
    """Argparse's usage and one line, in which no URL's password is repeated."""
    said = dalkit(*words)

    assert said.status == 2
    assert "usage: dalkit" in said.err
    assert "geheim" not in said.err


def test_control_characters_never_reach_the_terminal(dalkit: Dalkit, tmp_path: Path) -> None:
    """Neither from a file's name nor from names in a contract."""
    path = tmp_path / "contract.json"
    path.write_text(json.dumps({"tables": [{"table": "a\x1b[31m", "\x1b[2J": 1}]}))

    said = dalkit("check", str(path))
    missing = dalkit("check", "/nowhere/\x1b[31m")

    assert said.status == 1
    assert "\x1b" not in said.out + said.err + missing.err


def test_the_records_module_is_printed_and_compared(
    dalkit: Dalkit, contract: str, ddl: str, tmp_path: Path
) -> None:
    """The same bytes each time; `--check` tells a stale file by exit status 1."""
    printed = dalkit("records", contract, "--ddl", ddl)
    kept = tmp_path / "records.py"
    kept.write_text(printed.out)
    fresh = dalkit("records", contract, "--ddl", ddl, "--check", str(kept))
    kept.write_text(printed.out + "\n")
    stale = dalkit("records", contract, "--ddl", ddl, "--check", str(kept))

    compile(printed.out, "records.py", "exec")
    assert (printed.status, fresh.status, stale.status) == (0, 0, 1)
    assert fresh.out + fresh.err == ""
    assert "records" in stale.err


def test_the_tables_are_create_table_requests(dalkit: Dalkit, contract: str, ddl: str) -> None:
    """JSON that the AWS command line takes, with the prefix before each name."""
    said = dalkit("tables", contract, "--ddl", ddl, "--prefix", "test-")
    tables = json.loads(said.out)

    assert [one["TableName"] for one in tables] == [
        "test-Users",
        "test-Products",
        "test-Categories",
    ]
    assert all(one["BillingMode"] == "PAY_PER_REQUEST" for one in tables)


def test_a_contract_can_come_from_a_pipe(
    dalkit_process: Callable[..., subprocess.Popen[bytes]], contract: str
) -> None:
    """`-` is stdin."""
    process = dalkit_process("check", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(Path(contract).read_bytes(), timeout=60)

    assert (process.returncode, err) == (0, b"")
    assert b"-: " in out


def test_nobody_reading_is_no_error_message(
    dalkit_process: Callable[..., subprocess.Popen[bytes]], contract: str, ddl: str
) -> None:
    """`dalkit records … | head -1` says nothing about a broken pipe."""
    process = dalkit_process("records", contract, "--ddl", ddl)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()

    assert process.wait(timeout=60) == 1
    assert error == b""


def test_an_export_into_nothing_is_misuse(dalkit: Callable[..., Any], contract: str) -> None:
    """An empty text would be the folder one happens to stand in."""
    said = dalkit("export", contract, "--mysql", "mysql://u@h/d", "--out", "")

    assert said.status == 2
    assert "a folder's name" in said.err
