"""Proxies that stand in front of the real stores and make calls fail, and what judges the answers.

`DynamoProxy` and `MySQLProxy` do what a `Plan` says and count it; a `History` of what was asked
and answered is held against what the store has in the end.
"""
