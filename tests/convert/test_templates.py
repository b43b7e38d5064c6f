"""Key templates, made and read back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dalkit import kinds
from dalkit.convert.refusal import Refusal
from dalkit.convert.templates import cuts_of, parse, render
from dalkit.schema.definition import Part, Template

KINDS: dict[str, kinds.Kind] = {
    "id": kinds.Integer(0, 10**9),
    "rank": kinds.Integer(-99, 99),
    "name": kinds.Text(20),
    "other": kinds.Text(20),
    "at": kinds.DateTime(),
    "state": kinds.Enum(("new", "old")),
    "price": kinds.Fixed(6, 2),
}
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        (Template(("U#", Part("id"))), {"id": 7}, "U#7"),
        (Template(("U#", Part("id", 10))), {"id": 7}, "U#0000000007"),
        (Template((Part("rank", 4), "#")), {"rank": -5}, "-005#"),
        (
            Template((Part("at"), Part("state"), Part("id"))),
            {"at": MOMENT, "state": "new", "id": 1},
            "2026-01-02T03:04:05Znew1",
        ),
        (Template((Part("name"), "#", Part("id"))), {"name": "a#b", "id": 3}, "a#b#3"),
        (Template((Part("id"), "#", Part("name"))), {"name": "a#b", "id": 3}, "3#a#b"),
        (
            Template((Part("price"), "|", Part("name"))),
            {"price": Decimal("1.50"), "name": ""},
            "1.50|",
        ),
        (
            Template((Part("name"), "#", Part("other")), escape=True),
            {"name": "a#%", "other": "%23"},
            "a%23%25#%2523",
        ),
    ],
)
def test_a_template_reads_back(template: Template, values: dict[str, Any], text: str) -> None:
    """What a template makes, it reads."""
    cuts = cuts_of(template, KINDS)

    assert render(template, KINDS, values) == text
    assert cuts is not None
    assert parse(template, cuts, KINDS, text) == values


@pytest.mark.parametrize(
    "template",
    [
        Template((Part("name"), "#", Part("other"))),
        Template((Part("name"), Part("other")), escape=True),
        Template((Part("id"), Part("rank"))),
        Template((Part("name"), "5", Part("id"))),
    ],
)
def test_a_template_with_two_readings_is_not_read(template: Template) -> None:
    """Only what has one reading is read."""
    assert cuts_of(template, KINDS) is None


@pytest.mark.parametrize("text", ["", "U#", "U#07", "U#-1", "V#7", "U#7 ", "U#７", "U#1_0", "7"])
def test_a_text_that_the_template_does_not_make_is_refused(text: str) -> None:
    """Reading is exact: made again, the text is the same."""
    template = Template(("U#", Part("id")))
    cuts = cuts_of(template, KINDS)
    assert cuts is not None

    with pytest.raises(Refusal):
        parse(template, cuts, KINDS, text)


def test_none_leaves_the_text_out() -> None:
    """A template with a part that is None makes nothing."""
    assert render(Template(("U#", Part("id"))), KINDS, {"id": None}) is None
