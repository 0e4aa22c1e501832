"""Any result in any format: text, Markdown, CSV, a page with charts, a workbook.

    text(plan)    markdown(comparison)    csv(frontier)    page(explanation)    workbook(plan)

What a result says stands in `sections/` (headings, sentences and tables), how that looks in `layout/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from optimizer.actuals.result import Review
    from optimizer.finance.compare.bridge import Bridge
    from optimizer.finance.compare.comparison import Comparison
    from optimizer.finance.frontier.result import Frontier
    from optimizer.learning.learned import Learned
    from optimizer.learning.result import NextTests
    from optimizer.plan.plan import Plan
    from optimizer.report.layout.csv import Dialect
    from optimizer.report.layout.parts import Section
    from optimizer.risk.safety.result import Safety
    from optimizer.risk.stress.result import Stress
    from optimizer.whatif.alternatives.alternatives import Alternatives
    from optimizer.whatif.explain.result import Explanation
    from optimizer.whatif.goal_result import GoalAnswer
    from optimizer.whatif.replan.replan import Replan
    from optimizer.whatif.reserves.result import Reserves

    Result = (
        Plan
        | Comparison
        | Bridge
        | Frontier
        | Safety
        | Stress
        | Explanation
        | Alternatives
        | GoalAnswer
        | Replan
        | Reserves
        | Review
        | NextTests
        | Learned
    )
    """What commands and the functions of the library answer."""


def text(result: Result, width: int = 80, *, everything: bool = False) -> str:
    """A result as plain text.

    Args:
        result: any.
        width: characters in a line.
        everything: every assumption, input and point rather than the most important ones.
    """
    from optimizer.report.layout.text import sections_text

    return sections_text(title_of(result), sections_of(result, everything=everything), width)


def markdown(result: Result) -> str:
    """A result as GitHub-flavoured Markdown, with every assumption, input and point.

    Args:
        result: any.
    """
    from optimizer.report.layout.markdown import sections_markdown

    return sections_markdown(title_of(result), sections_of(result, everything=True))


def csv(
    result: Plan | Comparison | Frontier | Safety | Stress | Reserves | Review, dialect: Dialect = "plain"
) -> str:
    """The rows of a result with stable headers; numbers unrounded, unknown ones empty.

    Args:
        result: a plan (a row for each line), a comparison (for each figure), a frontier (for each point), what
            `safety` answers (for each plan), a stress test (for each case), reserves (for each replacement) or a
            review (for each line of the plan and beyond it).
        dialect: "plain" for programs; "excel", "excel-semicolon" or "excel-comma" open in Excel by a double click.

    Raises:
        TypeError: for another result.
    """
    from optimizer.report.layout.csv import csv_text

    kind, found = _kind(result), cast("Any", result)
    if kind == "Plan":
        return csv_text([found.columns(), *(row.values() for row in found.records())], dialect)
    if kind == "Comparison":
        from optimizer.report.sections.compare_csv import comparison_rows

        return csv_text(comparison_rows(found), dialect)
    if kind == "Frontier":
        from optimizer.report.sections.frontier_csv import frontier_rows

        return csv_text(frontier_rows(found), dialect)
    if kind == "Safety":
        from optimizer.report.sections.safety_csv import safety_rows

        return csv_text(safety_rows(found), dialect)
    if kind == "Stress":
        from optimizer.report.sections.stress import stress_rows

        return csv_text(stress_rows(found), dialect)
    if kind == "Reserves":
        from optimizer.report.sections.reserves import reserves_rows

        return csv_text(reserves_rows(found), dialect)
    if kind == "Review":
        from optimizer.report.sections.review_csv import review_rows

        return csv_text(review_rows(found), dialect)
    return _none(result, "CSV", _WITH_ROWS)


def page(result: Result, curve: Frontier | None = None, grid: Frontier | None = None) -> str:
    """A result as one HTML file that needs nothing else.

    With charts for a plan, a comparison, a frontier, the price of safety, an explanation, a stress test and a review.

    Args:
        result: any.
        curve: for the page of a plan: the result at every budget around today's (see `around_today`).
        grid: for the page of a plan: the same by budget and hours.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page import pages

    kind, found = _kind(result), cast("Any", result)
    if kind == "Plan":
        return pages.plan_page(found, curve, grid)
    if kind == "Comparison":
        return pages.comparison_page(found)
    if kind == "Frontier":
        return pages.frontier_page(found)
    if kind == "Safety":
        return pages.safety_page(found)
    if kind == "Explanation":
        return pages.explanation_page(found)
    if kind == "Stress":
        return pages.stress_page(found)
    if kind == "Review":
        return pages.review_page(found)
    return pages.plain_page(title_of(result), sections_of(result, everything=True))


def workbook(result: Plan | Comparison | Frontier | Safety | Stress | Reserves | Review) -> bytes:
    """A result as an XLSX file with live formulas and checks.

    Args:
        result: a plan, a comparison, a frontier, what `safety` answers, a stress test, reserves or a review.

    Raises:
        TypeError: for another result.
    """
    from optimizer.report.workbook import workbooks

    kind, found = _kind(result), cast("Any", result)
    if kind == "Plan":
        return workbooks.plan_workbook(found)
    if kind == "Comparison":
        return workbooks.comparison_workbook(found)
    if kind == "Frontier":
        return workbooks.frontier_workbook(found)
    if kind == "Safety":
        return workbooks.safety_workbook(found)
    if kind == "Stress":
        return workbooks.stress_workbook(found)
    if kind == "Reserves":
        return workbooks.reserves_workbook(found)
    if kind == "Review":
        return workbooks.review_workbook(found)
    return _none(result, "workbook", _WITH_ROWS)


def title_of(result: Result) -> str:
    """The title of a report."""
    kind, found = _kind(result), cast("Any", result)
    if kind == "Comparison":
        names = [column.name for column in found.columns]
        return f"{' and '.join(names[1:])} compared with {names[0]}" if len(names) < 4 else "Comparison"
    if kind == "GoalAnswer":
        return "" if found.plan is None else str(found.plan.scenario.name)
    if kind == "Review":
        return f"{found.scenario.name}: what came of it"
    if kind == "Learned":
        return f"{found.name}: own results over {found.over}"
    return "" if kind == "Bridge" else str(found.scenario.name)


def sections_of(result: Result, *, everything: bool = False) -> Iterable[Section]:
    """What a result says, most important first."""
    kind, found = _kind(result), cast("Any", result)
    if kind == "Plan":
        from optimizer.report.sections.plan import sections

        return sections(found, every_assumption=everything)
    if kind == "Comparison":
        from optimizer.report.sections.compare import comparison_sections

        return comparison_sections(found, every_input=everything)
    if kind == "Bridge":
        from optimizer.report.sections.bridge import bridge_sections

        money = [m.unit for m in found.measures if m.measure == "cost"]
        return bridge_sections(found, money[0] if money else "")
    if kind == "Frontier":
        from optimizer.report.sections.frontier import frontier_sections

        return frontier_sections(found, every_point=everything)
    if kind == "Safety":
        from optimizer.report.sections.safety import safety_sections

        return safety_sections(found, everything=everything)
    if kind == "Explanation":
        from optimizer.report.sections.explanation import explanation_sections

        return explanation_sections(found)
    if kind == "Alternatives":
        from optimizer.report.sections.alternatives import alternatives_sections

        return alternatives_sections(found)
    if kind == "GoalAnswer":
        from optimizer.report.sections.goal import goal_sections

        return goal_sections(found)
    if kind == "Replan":
        from optimizer.report.sections.replan import replan_sections

        return replan_sections(found)
    if kind == "Review":
        from optimizer.report.sections.review import review_sections

        return review_sections(found, everything=everything)
    if kind == "Stress":
        from optimizer.report.sections.stress import stress_sections

        return stress_sections(found, everything=everything)
    if kind == "Reserves":
        from optimizer.report.sections.reserves import reserves_sections

        return reserves_sections(found, everything=everything)
    if kind == "NextTests":
        from optimizer.report.sections.next_tests import next_sections

        return next_sections(found)
    if kind == "Learned":
        from optimizer.report.sections.learned import learned_sections

        return learned_sections(found, everything=everything)
    return _none(result, "report", "a result of this package")


def _kind(result: object) -> str:
    """The name of its class, or of the one it is derived from: nothing is imported to find that out."""
    return next((c.__name__ for c in type(result).__mro__ if c.__name__ in _KINDS), "")


_KINDS = frozenset(
    {
        "Plan",
        "Comparison",
        "Bridge",
        "Frontier",
        "Safety",
        "Explanation",
        "Alternatives",
        "GoalAnswer",
        "Replan",
        "Stress",
        "Reserves",
        "Review",
        "NextTests",
        "Learned",
    }
)


_WITH_ROWS = "a plan, a comparison, a frontier, the price of safety, a stress test, reserves or a review"


def _none(result: object, what: str, of: str) -> NoReturn:
    raise TypeError(f"there is a {what} of {of}, not of {type(result).__name__}")
