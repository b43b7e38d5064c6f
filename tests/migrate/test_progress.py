"""The progress line tells rate and time left, and takes itself away."""

from __future__ import annotations

from io import StringIO

from dalkit.migrate.progress import Progress


def test_the_line_tells_how_far_how_fast_how_long() -> None:
    """At most twice a second; a table of which nothing is known has no time left."""
    time = [0.0]
    stream = StringIO()
    progress = Progress(stream, {"Users": 10_000}, now=lambda: time[0])
    for seconds, count in ((0.0, 0), (0.4, 500), (2.0, 2_000), (2.2, 2_200)):
        time[0] = seconds
        progress("Users", count)
    time[0] = 10.0
    progress("Carts", 5)
    progress.clear()

    said = stream.getvalue()
    assert said.startswith("\rUsers: 2,000 rows, 1,000/s, about 8 s left\rCarts: 5 rows")
    assert "left" not in said.split("Carts")[1]
    assert said.endswith("\r")
