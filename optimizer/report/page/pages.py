"""Plans, comparisons, frontiers, explanations and benchmarks as self-contained pages with charts (extra `report`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.actuals.result import Review
    from optimizer.benchmarks.answer import Answer
    from optimizer.benchmarks.lookup import Benchmarks
    from optimizer.finance.compare.comparison import Comparison
    from optimizer.finance.frontier.result import Frontier
    from optimizer.plan.plan import Plan
    from optimizer.report.layout.parts import Section
    from optimizer.risk.safety.result import Safety
    from optimizer.risk.stress.result import Stress
    from optimizer.whatif.explain.result import Explanation


def check_packages() -> None:
    """Say at once what is missing, before anything is solved for a page.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from importlib.util import find_spec

    from optimizer.language.errors import MissingPackageError

    if find_spec("jinja2") is None or find_spec("vl_convert") is None:
        raise MissingPackageError("pages with charts", "report")


def plan_page(plan: Plan, curve: Frontier | None = None, grid: Frontier | None = None) -> str:
    """A plan as one HTML file.

    Args:
        plan: the plan.
        curve: the result at every budget around today's; see `optimizer.finance.frontier.around.around_today`.
        grid: the same by budget and hours.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_plan import page_of_plan

    return html(page_of_plan(plan, curve, grid))


def comparison_page(comparison: Comparison) -> str:
    """Scenarios side by side as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_comparison import page_of_comparison

    return html(page_of_comparison(comparison))


def frontier_page(frontier: Frontier) -> str:
    """A curve or a map as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_frontier import page_of_frontier

    return html(page_of_frontier(frontier))


def safety_page(safety: Safety) -> str:
    """What it costs to be sure, as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_safety import page_of_safety

    return html(page_of_safety(safety))


def explanation_page(explanation: Explanation) -> str:
    """Why a plan is as it is, as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_explanation import page_of_explanation

    return html(page_of_explanation(explanation))


def stress_page(result: Stress) -> str:
    """A plan under stress as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_stress import page_of_stress

    return html(page_of_stress(result))


def review_page(review: Review) -> str:
    """A plan against results as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_review import page_of_review

    return html(page_of_review(review))


def plain_page(title: str, parts: Iterable[Section]) -> str:
    """Any report as one HTML file without charts; the first of its sections is the answer.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.layout.parts import Sentences
    from optimizer.report.page.document import Page, html

    first, *rest = parts
    lines = first.lines if isinstance(first, Sentences) else []
    blocks = rest if lines else [first, *rest]
    lead, *more = lines or [title]
    return html(
        Page(
            kind="",
            title=title,
            lead=lead,
            proof="",
            proven=False,
            lines=more,
            tiles=[],
            blocks=blocks,
            foot="",
        )
    )


def benchmarks_page(benchmarks: Benchmarks, found: Answer) -> str:
    """What the benchmarks say of a creator, and how it follows size, as one HTML file.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from optimizer.report.page.document import html
    from optimizer.report.page.of_benchmarks import page_of_benchmarks

    return html(page_of_benchmarks(benchmarks, found))
