"""What others say, without the secrets that it may repeat."""

from __future__ import annotations

import re
from typing import Final

from dalkit.contract.problems import display

__all__ = ["redacted"]

_PERSON: Final = re.compile(r"(?<=://)[^/?#\s\"']*@")
"""A name, and a password, in a URL."""
_TOKEN: Final = re.compile(r"(security-token|authorization)([:=])\s*[^\n&\"']*", re.I)
"""A header or parameter in a request that the service repeats when its signature is wrong."""


def redacted(text: str) -> str:
    """The text for a terminal, with … in the place of credentials in URLs and requests."""
    return display(_TOKEN.sub(r"\1\2…", _PERSON.sub("…@", text)))
