"""What a query prints does not depend on how its process hashes."""

from __future__ import annotations

import pytest

from dalkit.fields.values import shown


@pytest.mark.parametrize("members", [{"b", "a", "c"}, frozenset("cab")])
def test_members_are_printed_in_order(members: object) -> None:
    """A set and a frozenset alike."""
    assert shown(members) == "{'a', 'b', 'c'}"
