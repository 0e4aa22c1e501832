"""Which scenario a result answers, whose it is and on which day it was made."""

from __future__ import annotations

import os
import time

from optimizer.plan.plan import ScenarioStamp
from optimizer.scenario.scenario import Scenario


def stamp_of(scenario: Scenario) -> ScenarioStamp:
    """The stamp of what is made of a scenario now."""
    few = scenario.chosen_from is not None
    return ScenarioStamp(
        name=scenario.title,
        sha256=scenario.sha256(),
        author=scenario.author or "",
        made=today(),
        creators=int(scenario.chosen_from or 0),
        kept=len(scenario.offers) if few else 0,
    )


def today() -> str:
    """The day as 2026-11-27, in UTC.

    That of SOURCE_DATE_EPOCH (seconds since 1970) where it is set, so that a later day makes the same bytes again
    (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = float(given) if given.isdecimal() else time.time()
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
