"""Reading 100,000 rows of results: `python -m tests.speed results`."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from pathlib import Path

from optimizer.results.read import read_results

ROWS = (1_000, 10_000, 100_000)
HEADERS = (
    "Username", "Platform", "Post URL", "Post date", "Status", "Views", "Reach", "Likes", "Comments", "Shares", "Saves",
    "Clicks", "Fee (EUR)",
)  # fmt: skip


def write(path: Path, rows: int) -> None:
    """A made-up export: a row for each post, three for each creator, views with thousands separators."""
    draw = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADERS)
        for row in range(rows):
            views = draw.randrange(500, 2_000_000)
            counts = [int(views * share) for share in (0.8, 0.05, 0.002, 0.001, 0.003, 0.004)]
            fee = f"{draw.randrange(50, 5_000)}.50" if row % 3 == 0 else ""
            day = f"2026-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
            link = f"https://www.instagram.com/p/C{row}/"
            name = f"@creator{row // 3}"
            out.writerow([name, "Instagram", link, day, "published", f"{views:,}", *counts, fee])


def reading() -> None:
    """Seconds of wall clock and of the processor for files of several sizes."""
    print(f"\n{'results, read from a CSV file: rows':58} {'seconds':>8} {'cpu':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in ROWS:
            path = Path(folder) / "results.csv"
            write(path, rows)
            began, used = time.perf_counter(), time.process_time()
            found = read_results([path]).results
            assert found.rows == rows
            print(f"{rows:58,} {time.perf_counter() - began:8.2f} {time.process_time() - used:7.2f}")
