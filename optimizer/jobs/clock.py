"""The time left for a whole command."""

from __future__ import annotations

import time


class Clock:
    """The time left for a whole command."""

    def __init__(self, seconds: float | None) -> None:
        self._deadline = None if seconds is None else time.perf_counter() + seconds

    @classmethod
    def until(cls, moment: float) -> Clock:
        """To a moment of `time.time()`, which other processes know as well; infinite for no limit."""
        return cls(None if moment == float("inf") else moment - time.time())

    @property
    def moment(self) -> float:
        """When time is up, as `time.time()` has it; infinite without a limit."""
        return time.time() + self.left

    @property
    def left(self) -> float:
        """Seconds left; infinite without a limit."""
        return float("inf") if self._deadline is None else self._deadline - time.perf_counter()

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return self.left <= 0
