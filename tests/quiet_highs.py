"""HiGHS by hand, for tests that solve without our own code."""

from __future__ import annotations

import highspy


def quiet_highs() -> highspy.Highs:
    """A HiGHS of one thread that prints nothing.

    A thread that has run HiGHS with several threads (the default on machines of more than two processors) refuses to
    run it with another number of them, so all tests of a process have to ask for the same.
    """
    highspy.Highs.resetGlobalScheduler(True)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    return highs
