"""**Contract** is what was promised. **Records** are what the data is.
**Queries** are what is wanted. **Backends** are where it lives.
Everything between them is a pure function.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
