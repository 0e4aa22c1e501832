"""Writing the page of a plan: with the curve and the map around today's numbers, which takes some solving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.options import pool
from optimizer.cli.output import emit_text
from optimizer.cli.progress import progress

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.scenario.scenario import Scenario

SECONDS = 60.0
"""Longest time for the curve and the map; where it is short they have fewer points, or are left out. Long enough that a
busy machine draws the same page as an idle one."""


def emit_plan_page(plan: Plan, scenario: Scenario | None, output: str | None) -> None:
    """The page of a plan to a file or the screen; the scenario is taken from the plan where it is not at hand."""
    from pydantic import ValidationError

    from optimizer.finance.frontier.around import around_today
    from optimizer.finance.frontier.one_point import RANGE_DRAWS
    from optimizer.language.errors import OptimizerError
    from optimizer.report.formats import page
    from optimizer.report.page.pages import check_packages
    from optimizer.scenario.scenario import Scenario

    check_packages()
    curve = grid = None
    with progress() as say, pool(None) as executor:
        say("planning at other budgets and hours for the charts")
        try:
            again = scenario or Scenario.model_validate(plan.inputs)
            seconds = min(SECONDS, again.solver.time_limit)
            draws = RANGE_DRAWS if plan.risk is not None else 0
            curve, grid = around_today(again, executor=executor, time_limit=seconds, draws=draws)
        except (OptimizerError, ValidationError) as error:  # the plan itself stands without them
            first = str(error).splitlines()[0]
            click.echo(f"the page is without the result curve and the map: {first}", err=True)
        say("drawing")
        text = page(plan, curve, grid)
    emit_text(text, output)
