"""The page of each problem code, made from the table of codes and an example that triggers it.

`python -m dalkit.testing.code_pages FOLDER` writes one page for each code that has an example in
`tests/golden/codes`, and an index of all codes. An example is a JSON object: `contract` (or `text`,
or `bytes` in base64, where the document is no JSON), `ddl`, and where needed `patterns` (the
declared access patterns) and `with` (other codes that the fault cannot do without). Those in the
folder `live` beside it have `data` too, statements that fill the tables, and what is `said` of it.
"""

from __future__ import annotations

import argparse
import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, final

from attrs import frozen

from dalkit.contract.codes import CODES
from dalkit.contract.problems import Code, Problem, display, in_order
from dalkit.contract.reader import read_contract
from dalkit.schema.checks import checks
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

__all__ = ["EXAMPLES", "Example", "main", "pages", "problems_of", "read_examples"]

EXAMPLES = Path("tests/golden/codes")
_LONGEST = 1_200
_SECTIONS = {
    "1": "The document's form",
    "2": "Names, fragments and templates",
    "3": "What the contract would do",
    "4": "The MySQL schema",
    "5": "Live data",
}


@final
@frozen(kw_only=True)
class Example:
    """A document and a schema that bring a code about."""

    code: str
    document: bytes
    ddl: str
    patterns: frozenset[str] | None = None
    companions: frozenset[str] = frozenset()
    """Codes that may be found beside the example's own."""
    data: tuple[str, ...] = ()
    """Statements that fill the tables, for a code of live data."""
    said: tuple[str, ...] = ()
    """What a check says of that data."""


def read_examples(folder: Path) -> Mapping[str, Example]:
    """The examples in a folder by their codes."""
    return {path.stem: _example(path) for path in sorted(folder.glob("DK*.json"))}


def _example(path: Path) -> Example:
    given: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    patterns = given.get("patterns")
    return Example(
        code=path.stem,
        document=_document(given),
        ddl=given.get("ddl", ""),
        patterns=None if patterns is None else frozenset(patterns),
        companions=frozenset(given.get("with", ())),
        data=tuple(given.get("data", ())),
        said=tuple(given.get("said", ())),
    )


def _document(given: Mapping[str, Any]) -> bytes:
    if "bytes" in given:
        return b64decode(given["bytes"])
    if "text" in given:
        return str(given["text"]).encode()
    return json.dumps(given["contract"], indent=2, ensure_ascii=False).encode()


def problems_of(example: Example) -> tuple[Problem, ...]:
    """Everything that a check of the example finds, the contract's problems first."""
    contract, problems = read_contract(example.document)
    if contract is None:
        return problems
    source, of_ddl = read_ddl(example.ddl)
    schema, more = resolve(contract, source)
    found = [*problems, *more]
    if schema is not None:
        found += checks(contract, source, schema, patterns=example.patterns)
    return (*in_order(found), *of_ddl)


def pages(examples: Mapping[str, Example]) -> Mapping[str, str]:
    """File names and texts: a page for each code that has an example, and the index."""
    made = {f"{code}.md": _page(CODES[code], one) for code, one in examples.items()}
    return {"README.md": _index(examples), **made}


def _page(row: Code, example: Example) -> str:
    parts = [f"# {row.code}: {_sentence(row.title)}", f"Severity: **{row.severity}**"]
    parts.append(row.explanation)
    if row.fix:
        parts.append(f"What to do: {row.fix}.")
    parts += ["## An example", _fenced("text" if _is_text(example) else "json", _shown(example))]
    if example.ddl:
        parts += ["with the MySQL schema", _fenced("sql", example.ddl.rstrip("\n"))]
    if example.patterns is not None:
        declared = ", ".join(f"`{name}`" for name in sorted(example.patterns))
        parts.append(f"and the declared access patterns {declared}.")
    if example.data:
        rows = "".join(f"{one};\n" for one in example.data).rstrip("\n")
        parts += ["and these rows", _fenced("sql", rows)]
    lines = example.said or [str(one) for one in problems_of(example) if one.code == row.code]
    parts += ["A check says", _fenced("text", "\n".join(lines[:5]))]
    return "\n\n".join(parts) + "\n"


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]


def _is_text(example: Example) -> bool:
    try:
        json.loads(example.document)
    except (ValueError, RecursionError):
        return True
    return len(example.document) > _LONGEST and b"\n" not in example.document


def _shown(example: Example) -> str:
    text = display(example.document.decode(errors="backslashreplace"))
    if not _is_text(example) or len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}\n(and so on, {len(text):,} characters in all)"


def _fenced(mark: str, text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{mark}\n{text}\n{fence}"


def _index(examples: Mapping[str, Example]) -> str:
    lines = ["# Problem codes", "", "What a check of a contract can say, by code."]
    for digit, title in _SECTIONS.items():
        rows = [row for code, row in sorted(CODES.items()) if code[2] == digit]
        if rows:
            lines += ["", f"## {title}", "", "| code | severity | what |", "|---|---|---|"]
            lines += [_row(row, row.code in examples) for row in rows]
    return "\n".join(lines) + "\n"


def _row(row: Code, paged: bool) -> str:
    code = f"[{row.code}]({row.code}.md)" if paged else row.code
    return f"| {code} | {row.severity} | {_sentence(row.title)} |"


def main(arguments: Iterable[str] | None = None) -> None:
    """Write the pages, and remove those of codes that are no more."""
    parser = argparse.ArgumentParser(prog="python -m dalkit.testing.code_pages")
    parser.add_argument("folder", type=Path, help="where to write the pages")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="default: %(default)s")
    given = parser.parse_args(None if arguments is None else list(arguments))
    live = read_examples(given.examples.with_name("live"))
    made = pages({**read_examples(given.examples), **live})
    given.folder.mkdir(parents=True, exist_ok=True)
    for path in given.folder.glob("DK*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (given.folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
