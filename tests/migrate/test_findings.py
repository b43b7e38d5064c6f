"""What a run tells is one line a finding, whatever stands in the data."""

from __future__ import annotations

import pytest

from dalkit.migrate.findings import Collision, Different, Extra, Finding, Missing, Refused

NASTY = "x\n0 differences: 0 missing\x1b[31m"


@pytest.mark.parametrize(
    "finding",
    [
        Refused(NASTY, NASTY, NASTY, NASTY, NASTY),
        Collision(NASTY, NASTY, (NASTY, NASTY)),
        Missing(NASTY, NASTY, NASTY),
        Extra(NASTY, NASTY),
        Different(NASTY, NASTY, NASTY, NASTY, NASTY),
    ],
)
def test_a_name_or_key_cannot_begin_a_line(finding: Finding) -> None:
    """Newlines and control characters are printed as escapes."""
    assert str(finding).isprintable()
    assert "\\n0 differences" in str(finding)
