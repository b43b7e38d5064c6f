"""Which operations of DynamoDB may be sent again when nobody knows whether they were done.

| operation                                        | after an ambiguous failure         |
|--------------------------------------------------|------------------------------------|
| reads                                            | sent again                         |
| BatchWriteItem, unconditional put and delete     | sent again                         |
| TransactWriteItems with a token                  | sent again with the same token     |
| conditional put; update that only sets constants | sent again; the old item then says |
|                                                  | whether a condition failed on us   |
| update that adds or appends, and all the others  | not sent again: `Ambiguous`        |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dalkit.run.dynamo_faults import Fault

__all__ = ["READS", "repeatable"]

READS = frozenset(
    {
        "GetItem",
        "BatchGetItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "DescribeTable",
        "DescribeTimeToLive",
        "DescribeLimits",
        "DescribeEndpoints",
        "ListTables",
    }
)


def repeatable(fault: Fault, operation: str, arguments: Mapping[str, Any], attempts: int) -> bool:
    """Whether a request may be sent again after this fault of its attempt number `attempts`."""
    if fault.again == "no" or (fault.again == "once" and attempts > 1):
        return False
    if not fault.ambiguous or operation in READS or operation == "BatchWriteItem":
        return True
    if operation in ("PutItem", "DeleteItem"):
        return "ConditionExpression" not in arguments
    return operation == "TransactWriteItems" and "ClientRequestToken" in arguments
