"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before numpy is loaded, also in commands that tests start: pytest-xdist runs one process for each processor, and the
# tables here are so small that the threads of a second one mostly wait for each other, each at full speed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DEAREST = (
    "test_workbook_recalculated", "test_documents", "test_page_browser", "test_shell_files",
    "test_dependable", "test_output_bytes", "test_scenarios", "test_page", "test_brute_force", "test_safety",
    "test_bridge", "test_risk_command", "test_shell_signals", "test_compare", "test_frontier_report",
    "test_saved", "test_stories", "test_properties", "test_safety_asked", "test_workbook",
    "test_stress_goals", "test_large", "test_alternatives", "test_frontier", "test_confidence",
    "test_negotiation", "test_frontier_runs", "test_malformed", "test_conflicts", "test_reserves",
    "test_library", "test_replan", "test_tipping", "test_explain", "test_explain_asks", "test_prices",
    "test_goal", "test_mediaplan_reader", "test_made", "test_four_markets", "test_stress",
    "test_stories_told",
)  # fmt: skip
"""Files that take ten seconds and more, the longest first: a long one at the end would keep one process busy and all
others waiting."""


def pytest_configure(config: pytest.Config) -> None:
    """In this order, and not the file with most tests first, which is what pytest-xdist does from 3.8 on if let."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dearest files first; the order within a file is kept."""
    place = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(Path(item.path).stem, len(place)))


@pytest.fixture(scope="session", autouse=True)
def one_process() -> Iterator[None]:
    """Commands that a test calls in its own process start no worker processes unless `--jobs` asks for them.

    To start them takes longer than what the tests plan, and what is printed is the same. The default is for commands
    that are run as processes of their own (test_output_bytes, test_shell_signals).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.jobs.processes.processors", lambda: 1)
        yield


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A local cluster whose two workers are processes, as on other machines; one that dies is replaced, and its job is
    not done again."""
    dask = pytest.importorskip("dask", reason="Dask is not installed")
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.nanny.terminate": "1s"}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
        ) as local,
    ):
        yield local.scheduler_address
