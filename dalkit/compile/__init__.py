"""Queries, tables and whole exports as requests: text and values, nothing sent."""
