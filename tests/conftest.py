"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_process() -> Iterator[None]:
    """Commands that a test calls in its own process start no worker processes unless `--jobs` asks for them.

    To start them takes longer than what the tests plan, and what is printed is the same. The default is for commands
    that are run as processes of their own (test_output_bytes, test_shell_signals).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.jobs.processes.processors", lambda: 1)
        yield
