"""`python -m dalkit.cli`, the same as `dalkit`."""

from __future__ import annotations

import sys

from dalkit.cli import main

sys.exit(main())
