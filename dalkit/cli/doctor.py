"""doctor: what would be used to reach both stores, and what is wrong with it."""

from __future__ import annotations

import argparse
import os

from dalkit.cli.output import counted, dump, one_line, say
from dalkit.run.doctor import Finding, diagnose_dynamodb, diagnose_mysql

__all__ = ["doctor"]


def doctor(arguments: argparse.Namespace) -> int:
    """Print each thing that would be used, and from where; 1 if something is wrong."""
    found = diagnose_dynamodb(
        region=arguments.region,
        endpoint_url=arguments.endpoint_url,
        production=arguments.production,
    )
    if arguments.mysql is not None:
        found += diagnose_mysql(arguments.mysql, environment=os.environ)
    wrong = sum(1 for one in found if one.wrong)
    if arguments.json:
        dump([_value(one) for one in found])
        return int(wrong > 0)
    for one in found:
        for line in str(one).splitlines():
            say(one_line(line) if not line.startswith(" ") else f"  {one_line(line.strip())}")
    say(f"{counted(wrong, 'problem')}" if wrong else "nothing is wrong that can be seen from here")
    return int(wrong > 0)


def _value(one: Finding) -> dict[str, str]:
    return {
        "what": one.what,
        "value": one_line(one.value),
        "source": one.source,
        "wrong": one_line(one.wrong),
    }
