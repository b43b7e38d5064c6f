"""The migration contract: its text to values, and every problem with its place."""
