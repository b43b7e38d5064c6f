"""MySQL's side of the promise: its tables, and SQL fragments as a closed tree with two readings."""
