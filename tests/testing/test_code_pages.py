"""The pages of the problem codes: each has an example that triggers it, and none is stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from dalkit.contract.codes import CODES
from dalkit.contract.codes_live import LIVE
from dalkit.testing.code_pages import Example, main, pages, problems_of, read_examples

ROOT = Path(__file__).parents[2]
EXAMPLES = read_examples(ROOT / "tests/golden/codes")
ALL = {**EXAMPLES, **read_examples(ROOT / "tests/golden/live")}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_triggers_its_code(example: Example) -> None:
    """And nothing besides but what it says."""
    found = {one.code for one in problems_of(example)}

    assert example.code in found
    assert found - {example.code} <= example.companions


def test_every_code_has_an_example() -> None:
    """Save those of live data, which a document alone cannot show."""
    wanted = set(CODES) - {row.code for row in LIVE}

    assert set(EXAMPLES) == wanted


def test_the_pages_are_not_stale() -> None:
    """`python -m dalkit.testing.code_pages artifacts/codes` writes them again."""
    folder = ROOT / "artifacts/codes"
    held = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}

    assert held == pages(ALL)


def test_pages_of_codes_that_are_no_more_are_removed(tmp_path: Path) -> None:
    """Other files are left alone."""
    (tmp_path / "DK999.md").write_text("gone")
    (tmp_path / "notes.md").write_text("kept")
    main([str(tmp_path), "--examples", str(ROOT / "tests/golden/codes")])

    assert not (tmp_path / "DK999.md").exists()
    assert (tmp_path / "notes.md").exists()
    assert {path.name for path in tmp_path.iterdir()} - {"notes.md"} == set(pages(ALL))
