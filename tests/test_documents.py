"""What the documents show is true: their examples run, their commands parse, their links lead on.

In a document, blocks marked `python` are run from top to bottom as one program, in a folder that
holds a copy of `contracts/`, with the real stores in the environment; lines of `sh` blocks that
begin with `dalkit` or `make` must be commands of ours; a block that begins with `usage: dalkit`
must be what `--help` prints. Whatever should not be run is marked `text`.
"""

from __future__ import annotations

import argparse
import doctest
import importlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

from dalkit.testing.services import DynamoDBLocal, MySQLServer

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "contracts/**/*.md", "artifacts/**/*.md")
    for path in ROOT.glob(pattern)
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "dalkit").rglob("*.py")
    if re.search(r"^\s*>>> ", path.read_text(), re.MULTILINE)
)
WIDTH: Final = "80"
"""Columns at which the documents show help."""


@frozen
class Block:
    """A fenced block: the line where its text begins, its mark, its text."""

    line: int
    mark: str
    text: str


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a Markdown text, each without its indentation."""
    found = []
    fence = re.compile(r"^([ ]*)(```+)[ ]*([^\n`]*)\n(.*?)^[ ]*\2[ ]*$", re.DOTALL | re.MULTILINE)
    for match in fence.finditer(text):
        indent, _, mark, body = match.groups()
        body = re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        found.append(Block(text[: match.start(4)].count("\n") + 1, mark.strip(), body))
    return found


def commands(text: str) -> list[tuple[int, list[str]]]:
    """The commands of the `sh` blocks, with their lines; continued lines are joined."""
    found = []
    for block in blocks(text):
        if block.mark in ("sh", "bash", "shell", "console"):
            whole = re.sub(r"\\\n\s*", " ", block.text)
            for offset, line in enumerate(whole.splitlines()):
                words = shlex.split(line.removeprefix("$ "), comments=True)
                found.append((block.line + offset, words))
    return found


def program(text: str) -> str:
    """The `python` blocks as one program, each line where it stands in the document."""
    lines: list[str] = []
    for block in blocks(text):
        if block.mark == "python":
            lines += [""] * (block.line - 1 - len(lines))
            lines += block.text.splitlines()
    return "\n".join(lines)


def until_operator(words: list[str]) -> list[str]:
    """A command's own words, before a pipe, a redirection or the next command."""
    stop = next((at for at, word in enumerate(words) if word in ("|", ">", ">>", "&&", "<")), None)
    return words[:stop]


def parser() -> argparse.ArgumentParser | None:
    """What `dalkit.cli.parser()` answers, or None while there is no command line."""
    if importlib.util.find_spec("dalkit.cli") is None:
        return None
    made = importlib.import_module("dalkit.cli").parser()
    assert isinstance(made, argparse.ArgumentParser)
    return made


def refusal(words: list[str]) -> str:
    """Why a command is none of ours, or nothing; it is parsed, not run."""
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return ", ".join(
            f"no target {one}" for one in words[1:] if one not in targets and "=" not in one
        )
    made = parser()
    if made is None:
        return "there is no dalkit.cli"
    try:
        made.parse_args(words[1:])
    except SystemExit as end:
        return "" if not end.code else "the command line refuses it"
    return ""


def helps(made: argparse.ArgumentParser) -> dict[str, str]:
    """The help of a parser and of all its commands, by the words that call it."""
    found = {made.prog: made.format_help()}
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                found |= helps(sub)
    return found


def dead_links(text: str, folder: Path) -> list[str]:
    """The targets of a text's links that should be files here, and are not."""
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", outside)
    return [one for one in targets if "://" not in one and not (folder / one).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_the_commands_of_a_document_are_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every `dalkit …` and `make …` that a document shows can be typed as it stands."""
    refused = [
        f"line {line}: {shlex.join(words)}: {why} {capsys.readouterr().err}"
        for line, words in commands(path.read_text())
        if words[:1] in (["dalkit"], ["make"]) and (why := refusal(until_operator(words)))
    ]

    assert refused == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_the_help_that_a_document_shows_is_the_help(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block that begins with `usage: dalkit` is the output of `--help`, letter by letter."""
    monkeypatch.setenv("COLUMNS", WIDTH)
    shown = [block for block in blocks(path.read_text()) if block.text.startswith("usage: dalkit")]
    made = parser() if shown else None
    known = helps(made) if made else {}

    assert [block.text for block in shown if block.text not in known.values()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_the_links_of_a_document_lead_somewhere(path: Path) -> None:
    """A link to a file of the project leads to one."""
    assert dead_links(path.read_text(), path.parent) == []


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if program(path.read_text())],
    ids=[name for name, path in zip(NAMES, DOCUMENTS, strict=True) if program(path.read_text())],
)
def test_the_examples_of_a_document_run(
    path: Path, tmp_path: Path, dynamodb_local: DynamoDBLocal, mysql_server: MySQLServer
) -> None:
    """The `python` blocks run from top to bottom, as whoever copies them would run them."""
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    (tmp_path / path.name).with_suffix(".py").write_text(program(path.read_text()))
    settings = {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": dynamodb_local.region,
        "DALKIT_DYNAMODB_ENDPOINT": dynamodb_local.endpoint_url,
        "DALKIT_MYSQL_URL": mysql_server.url,
        "DALKIT_MYSQL_PASSWORD": mysql_server.password,
        "PYTHONPATH": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, f"{path.stem}.py"],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_docstring_hold(name: str) -> None:
    """Every `>>>` answers what the docstring says."""
    failed, tried = doctest.testmod(importlib.import_module(name))

    assert tried
    assert failed == 0


def test_a_program_keeps_the_lines_of_its_document() -> None:
    """A traceback points at the document's own line; other blocks are left out."""
    text = "# T\n\n```python\nx = 1\n```\n\n```text\nno\n```\n- list\n  ```python\n  y = x\n  ```\n"

    assert program(text).splitlines() == ["", "", "", "x = 1", *[""] * 7, "y = x"]


def test_commands_are_read_as_a_shell_reads_them() -> None:
    """Prompts, comments, continued lines and pipes are understood."""
    text = "```sh\n$ dalkit check a.json \\\n    --ddl 'b c.sql' > out  # why\nls\n```\n"

    assert commands(text) == [
        (2, ["dalkit", "check", "a.json", "--ddl", "b c.sql", ">", "out"]),
        (3, ["ls"]),
    ]
    assert until_operator(commands(text)[0][1])[-1] == "b c.sql"


@pytest.mark.parametrize("words", [["make", "no-such-target"], ["dalkit", "no-such-command"]])
def test_a_command_that_is_none_of_ours_is_found(words: list[str]) -> None:
    """The test above can fail."""
    assert refusal(words)


def test_a_dead_link_is_found() -> None:
    """Links into the web and within the page are left alone."""
    text = "[a](README.md) [b](missing.md#x) [c](https://x.test/y) [d](#here)\n```\n[e](f)\n```\n"

    assert dead_links(text, ROOT) == ["missing.md"]
