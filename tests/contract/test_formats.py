"""Templates, date formats, number formats and units of time."""

from __future__ import annotations

import pytest

from dalkit.contract.findings import Fault
from dalkit.contract.formats import (
    DateToken,
    Placeholder,
    date_parts,
    number_format_fault,
    template_parts,
    unit,
)


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("#META", ("#META",)),
        ("{id}", (Placeholder("id"),)),
        (
            "ORDER#{created_at}#{orders.id:010}",
            ("ORDER#", Placeholder("created_at"), "#", Placeholder("orders.id", 10)),
        ),
        ("{a}{b}!", (Placeholder("a"), Placeholder("b"), "!")),
        ("", ()),
    ],
)
def test_templates_have_parts(template: str, parts: tuple[object, ...]) -> None:
    """Literal texts and placeholders come in order and nothing is dropped."""
    assert template_parts(template) == parts


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a", "{ without its other half, at character 1"),
        ("a}", "} without its other half, at character 2"),
        ("{{a}}", "{ without its other half, at character 1"),
        ("x{}", "an empty placeholder"),
        ("x{ }", "an empty placeholder"),
        ("{:010}", "an empty placeholder"),
        ("{ a }", "spaces around"),
        ("{a:10}", 'the width "10"'),
        ("{a:}", 'the width ""'),
        ("{a:000}", 'the width "000"'),
        ("{a:0١}", 'the width "0١"'),
    ],
)
def test_faulty_templates_say_where(template: str, said: str) -> None:
    """Braces that do not pair, empty names and widths that are none."""
    fault = template_parts(template)

    assert isinstance(fault, Fault)
    assert fault.code == "DK151"
    assert said in fault.text


def test_date_formats_have_parts() -> None:
    """Tokens may touch each other and the literals T and Z."""
    parts = date_parts("YYYYMMDDTHH:mm:ss.SSSZ")
    assert isinstance(parts, tuple)
    shown = "".join(f"<{one.name}>" if isinstance(one, DateToken) else one for one in parts)

    assert shown == "<YYYY><MM><DD>T<HH>:<mm>:<ss>.<SSS>Z"


@pytest.mark.parametrize("text", ["ISO8601", "epoch", "epoch-millis"])
def test_date_words_stand_for_themselves(text: str) -> None:
    """They are whole formats, not literal text with tokens."""
    assert date_parts(text) == (text,)


@pytest.mark.parametrize(
    "text", ["YY", "yyyy-MM-dd", "YYYY-MM-DDD", "hh:mm", "YYYYQ", "TTYYYY", "--", "DDth", "iso8601"]
)
def test_unknown_date_tokens_are_faults(text: str) -> None:
    """A letter that means nothing would be printed as it is."""
    fault = date_parts(text)

    assert isinstance(fault, Fault)
    assert fault.code == "DK152"


def test_a_near_date_token_is_suggested() -> None:
    """Other languages spell the tokens in other cases."""
    fault = date_parts("yyyy-MM-DD")

    assert isinstance(fault, Fault)
    assert fault.fix == 'did you mean "YYYY"?'


@pytest.mark.parametrize("text", ["0", "000000", "0.00", "000.0"])
def test_number_formats(text: str) -> None:
    """Zeros, and at most one point between them."""
    assert number_format_fault(text) is None


@pytest.mark.parametrize("text", [".0", "0.", "#,##0", "0.0.0", "00\n", "%05d", "0" * 101, "٠"])
def test_other_number_formats_are_faults(text: str) -> None:
    """Nothing else has a meaning."""
    fault = number_format_fault(text)

    assert fault is not None
    assert fault.code == "DK153"


@pytest.mark.parametrize(
    ("word", "expected"),
    [("days", "DAY"), ("DAY", "DAY"), ("Years", "YEAR"), ("fortnights", None), ("", None)],
)
def test_units_of_time(word: str, expected: str | None) -> None:
    """Singular and plural, in any case."""
    assert unit(word) == expected
