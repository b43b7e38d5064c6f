"""What every step answers: a Success, or a Failure that holds one error of a closed family.

```
Error
├── what the records are like
│   ├── NotFound             the store answered: no such record
│   ├── ConditionFailed      a write's condition was not true, or a unique value is taken
│   ├── TransactionCancelled one of several writes could not be done, so none was
│   ├── PartlyDone           some writes of a batch were done, the others were not
│   ├── InvalidValue         a value that the other side cannot hold exactly
│   ├── ItemTooLarge         an item over 409,600 bytes
│   ├── KeyTooLarge          a key over 2,048 (partition) or 1,024 (sort) bytes, or empty
│   └── Corrupt              a store holds something that is not what the contract says
├── what was asked
│   ├── Unsupported          asked for what a store, or this version, cannot do
│   ├── ContractError        the contract, or the schema beside it, has problems
│   ├── MissingTable         the store has no such table
│   ├── CredentialsMissing   no credentials were found
│   └── AccessDenied         the store refused the credentials
├── what the store was like: nothing was written
│   ├── Throttled            the store asked to slow down, to the end
│   ├── Conflict             another writer was there at the same time
│   └── Unavailable          the store could not be reached, or broke off
├── why dalkit stopped asking: nothing was written
│   ├── DeadlineExceeded     the time for the query was over
│   ├── CircuitOpen          the store has failed so often that it is left alone for a while
│   └── BudgetExhausted      so much fails that retries would add to it
└── Ambiguous                the write may have been done, or may not: no reply came
```
"""

from __future__ import annotations

from returns.result import Failure, Success

from dalkit.result.answers import Cursor, Page, Result, collect, then
from dalkit.result.errors import (
    AccessDenied,
    Ambiguous,
    BudgetExhausted,
    CircuitOpen,
    ConditionFailed,
    Conflict,
    ContractError,
    Corrupt,
    CredentialsMissing,
    DeadlineExceeded,
    Error,
    InvalidValue,
    ItemTooLarge,
    KeyTooLarge,
    MissingTable,
    NotFound,
    PartlyDone,
    Throttled,
    ThrottlingReason,
    TransactionCancelled,
    Unavailable,
    Unsupported,
    traced,
)
from dalkit.result.trace import Trace

__all__ = [
    "AccessDenied",
    "Ambiguous",
    "BudgetExhausted",
    "CircuitOpen",
    "ConditionFailed",
    "Conflict",
    "ContractError",
    "Corrupt",
    "CredentialsMissing",
    "Cursor",
    "DeadlineExceeded",
    "Error",
    "Failure",
    "InvalidValue",
    "ItemTooLarge",
    "KeyTooLarge",
    "MissingTable",
    "NotFound",
    "Page",
    "PartlyDone",
    "Result",
    "Success",
    "Throttled",
    "ThrottlingReason",
    "Trace",
    "TransactionCancelled",
    "Unavailable",
    "Unsupported",
    "collect",
    "then",
    "traced",
]
