"""The plan: lines, totals, limits with slack, flags, assumptions, certificate. Numbers only; reports know words.

A plan is complete in itself: saved as JSON it can be read back and reported without solver or scenario.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from pydantic import Field, create_model

from optimizer.language.measures import COUNTED, KINDS
from optimizer.language.numbers import printable, tidy
from optimizer.language.records import FrozenDict, FrozenMap, Record
from optimizer.language.statuses import PlanStatus
from optimizer.plan.audience import MeasuredAudience, ReachAssumptions, SegmentResult
from optimizer.plan.certificate import ObjectiveResult, SolverReport
from optimizer.plan.risk import Risk
from optimizer.program.filling import Origin
from optimizer.scenario.signed import Signed

if TYPE_CHECKING:

    class Counted(Record):
        """A field for every measure: those that type checkers know by name; `Amounts.of` gives any."""

        creators: float | int
        posts: float | int
        cost: float | None
        hours: float | None
        impressions: float | None
        engagements: float | None
        likes: float | None
        comments: float | None
        shares: float | None
        saves: float | None
        clicks: float | None
        conversions: float | None
        revenue: float | None
        cost_of_goods: float | None
        profit: float | None
        gross_reach: float | None

else:
    _KINDS = {"creators": float | int, "posts": float | int}
    Counted = create_model(
        "Counted",
        __base__=Record,
        __module__=__name__,
        **{name: (_KINDS.get(name, float | None), ...) for name in COUNTED},
    )


class Amounts(Counted):
    """Everything that is counted; None means not known. Money in the plan's currency."""

    measures: FrozenMap[str, float | None] = Field(default_factory=FrozenDict)
    """The scenario's own measures."""
    cpm: float | None = None
    cpe: float | None = None
    cpc: float | None = None
    cpa: float | None = None

    def of(self, measure: str) -> float | None:
        """How much there is of a measure, also of the scenario's own; None where that is not known."""
        value: object = self.measures.get(measure, getattr(self, measure, None))
        return value if isinstance(value, int | float) else None


class Line(Amounts):
    """Creators booked on one offer with one number of posts each."""

    offer: str
    tier: str | None
    platform: str | None
    format: str | None
    tags: FrozenMap[str, str] = Field(default_factory=FrozenDict)
    person: str | None = None
    """Who posts, where the scenario names a person; all offers of one reach the same people."""
    posts_per_creator: int
    room: float | int | None = None
    """Creators available on the offer; None where there is no maximum."""
    setup_cost: float = 0.0
    """Part of cost that is paid once for the offer; on the offer's first line."""
    filled: tuple[str, ...] = ()
    """What nobody gave for this one person, so that it is the benchmarks' for that size: `cost_per_post`,
    `engagement_rate`."""


class CostParts(Record):
    """Where the money goes; adds up to the total cost."""

    creators: float
    agency: float
    contingency: float
    commission: float
    setup: float


class Totals(Amounts):
    """Sums over the lines, and what is more than a sum."""

    cost_parts: CostParts | None = None
    reach: float | None = None
    """Distinct people reached at least once. An estimate from the assumed overlap."""
    reach_two_or_more: float | None = None
    """Distinct people reached by two or more creators. An estimate."""
    frequency: float | None = None
    """Impressions on real people of the audience / reach: how often a person who is reached is reached."""


class LimitScope(Record):
    """What a limit counts, and its sides as they were written."""

    cap: Literal["budget", "effort_hours"] | None = None
    """Whether it is the scenario's own cap on money or hours; a limit of that name is none."""
    where: str = ""
    """The filter in words; "" for everything."""
    offers: tuple[str, ...] | None = None
    """Names of the offers it counts; None for all."""
    segments: tuple[str, ...] = ()
    """Segments of the audience in which reach is counted; none for all of it."""
    per_creator: bool = False
    """Whether each creator must keep it, rather than the sum."""
    min: str | float | None = None
    """The floor: a number, or a share of something such as "20% of budget"."""
    max: str | float | None = None
    """The ceiling, likewise."""


class LimitResult(Record):
    """A limit in this plan, in its measure's unit."""

    name: str
    measure: str
    value: float | None
    """None for a ratio of nothing, or a limit per creator where nobody is booked."""
    min: float | None
    max: float | None
    slack: float | None
    """Distance to the nearer side."""
    binding: bool
    """Whether it holds the plan: less slack than the smallest booking on it would use (free up, for a floor)."""
    or_none: bool = False
    """Whether the floor holds only where anything it counts is booked."""
    unused: bool = False
    """Whether, of such a limit, nothing is booked: then the floor asks nothing and slack is that of the ceiling."""
    text: str = ""
    """The limit in words, where a side is a share of something."""
    scope: LimitScope = Field(default_factory=LimitScope)
    """What it counts, and its sides as they were written."""
    signed: Signed | None = None
    """The signed booking that it holds, in a plan made again."""
    confidence: float | None = None
    """In what share of the cases it must be kept; None for by typical numbers. Then slack is that of
    mean and drawn_k sd."""
    dependable: float | None = None
    """mean - drawn_k sd (mean + drawn_k sd for a ceiling), where the bound is a number."""
    k: float | None = None
    """Standard deviations by which the limit was solved for; it is kept by these and by drawn_k."""
    drawn_k: float | None = None
    """Those that the draws of this very plan ask for; k where they agree within 1 %."""


class Unused(Record):
    """An offer that is not in the plan."""

    offer: str
    tier: str | None
    platform: str | None
    format: str | None
    tags: FrozenMap[str, str] = Field(default_factory=FrozenDict)
    reason: str
    """ "no room", "left out by a limit", or "not worth it here"."""
    detail: str = ""


class Flag(Record):
    """Something a careful planner would want to know about this plan."""

    code: str
    severity: Literal["warning", "note"]
    message: str
    advice: str


class Assumption(Record):
    """A number behind the plan and where it comes from."""

    offer: str
    """Name of the offer; "" for numbers of the whole scenario."""
    field: str
    low: float
    value: float
    high: float
    origin: Origin
    source: str
    follows_from: tuple[str, ...] = ()
    """Fields of the same offer that a derived number is worked out from."""


class ScenarioStamp(Record):
    """Which scenario a result answers, whose it is and when the result was made."""

    name: str
    sha256: str
    author: str = ""
    """As the scenario names one."""
    made: str = ""
    """The day, as 2026-11-27, in UTC."""
    creators: int = 0
    """How many creators the scenario's offers were chosen from, where rosters are too large to make an offer of each
    row; 0 where every creator is an offer."""
    kept: int = 0
    """Of these, those that are offers: the plan booked them or came nearest to it; 0 likewise."""


class Plan(Record):
    """The answer to a scenario."""

    status: PlanStatus
    """optimal: proven within the gap asked for; feasible: a valid plan, stopped before the proof."""
    objective: ObjectiveResult
    """The first objective."""
    objectives: tuple[ObjectiveResult, ...]
    """All objectives, in order of importance."""
    lines: tuple[Line, ...]
    """What is booked: one line for each offer and number of posts per creator."""
    totals: Totals
    """Sums over the lines, and reach."""
    limits: tuple[LimitResult, ...]
    unused: tuple[Unused, ...]
    """Offers of which nobody is booked, each with the reason."""
    flags: tuple[Flag, ...]
    """What is worth knowing about the plan and its inputs."""
    assumptions: tuple[Assumption, ...]
    """Every number behind the plan with its range and origin."""
    audience: ReachAssumptions | None
    segments: tuple[SegmentResult, ...] = ()
    """What is reached of each segment of the audience; none where it has no named ones."""
    measured: MeasuredAudience | None = None
    """What the estimate of reach rests on where overlaps or followers were measured; None where none were."""
    solver: SolverReport
    scenario: ScenarioStamp
    inputs: FrozenMap[str, Any]
    """The scenario, as `Scenario.model_validate` reads it: a saved plan can be compared and planned again."""
    currency: str
    whole_creators: bool = True
    version: str
    risk: Risk | None = None
    """What the plan may come to, given the ranges of all numbers; None where nobody asked."""

    def records(self) -> list[dict[str, Any]]:
        """The lines as flat dictionaries, for `pandas.DataFrame(plan.records())` or `polars.DataFrame(...)`.

        All have the same keys; a tag or person that a line does not have is None. There is a key for persons, and one
        for fields that the benchmarks filled in, where any line has one.
        """
        columns = self.columns()
        rows = [dict.fromkeys(columns) | flat_line(line) for line in self.lines]
        return [{name: row[name] for name in columns} for row in rows]

    def columns(self) -> list[str]:
        """The keys of `records`, also of a plan without lines."""
        tags = dict.fromkeys(key for line in self.lines for key in line.tags)
        person = ["person"] if any(line.person is not None for line in self.lines) else []
        filled = ["filled"] if any(line.filled for line in self.lines) else []
        own = dict.fromkeys(name for amounts in (self.totals, *self.lines) for name in amounts.measures)
        return [
            *FLAT,
            *person,
            *filled,
            *(f"tag_{key}" for key in tags),
            *(f"measure_{name}" for name in own),
        ]

    def subtotals(
        self, *keys: Literal["tier", "platform", "format", "offer"]
    ) -> list[tuple[tuple[str, ...], Amounts]]:
        """Sums of the lines that share the given fields, in order of first appearance."""
        groups: dict[tuple[str, ...], list[Line]] = {}
        for key in keys:
            if key not in ("tier", "platform", "format", "offer"):
                raise ValueError(
                    f"lines are not told apart by {key!r} (known: tier, platform, format, offer)"
                )
        for line in self.lines:
            groups.setdefault(tuple(str(getattr(line, key) or "") for key in keys), []).append(line)
        return [(values, sum_amounts(lines)) for values, lines in groups.items()]

    def _repr_html_(self) -> str:
        """The lines as a table for notebooks: what `records` has, but for what no line knows; all text escaped."""
        from html import escape  # notebooks need it, commands do not

        rows = self.records()
        names = [name for name in self.columns() if any(row[name] is not None for row in rows)]
        head = "".join(f"<th>{escape(printable(name))}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_cell(row[name]))}</td>" for name in names) + "</tr>"
            for row in rows
        )
        title = f"<caption>{escape(printable(self.scenario.name))}</caption>"
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


FLAT = ("offer", "tier", "platform", "format", "posts_per_creator", *COUNTED, "cpm", "cpe", "cpc", "cpa")
"""What every line has, in the order of the columns of a table."""


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,.10g}" if isinstance(value, float) else printable(str(value))


def flat_line(line: Line) -> dict[str, Any]:
    """One line as a flat dictionary; tags and own measures get a prefix."""
    row: dict[str, Any] = {name: getattr(line, name) for name in (*FLAT, "person")}
    row["filled"] = " ".join(line.filled) or None
    row |= {f"tag_{key}": value for key, value in line.tags.items()}
    return row | {f"measure_{name}": value for name, value in line.measures.items()}


def ratios(cost: float | None, parts: dict[str, float | None]) -> dict[str, float | None]:
    """cpm, cpe, cpc and cpa of some cost; None where the denominator is unknown or 0."""
    from optimizer.language.measures import RATIOS

    result: dict[str, float | None] = {}
    for name, ratio in RATIOS.items():
        bottom = parts.get(ratio.denominator)
        result[name] = None if cost is None or not bottom else tidy(ratio.factor * cost / bottom)
    return result


def sum_amounts(lines: Iterable[Amounts]) -> Amounts:
    """Sums; a sum with an unknown part is unknown."""
    lines = list(lines)

    def add(values: list[Any]) -> Any:
        return None if any(v is None for v in values) else tidy(sum(values))

    sums = {name: add([getattr(line, name) for line in lines]) for name in COUNTED}
    own = list(dict.fromkeys(name for line in lines for name in line.measures))
    measures = {name: add([line.measures.get(name) for line in lines]) for name in own}
    return Amounts(**sums, measures=measures, **ratios(sums["cost"], sums))


def asked_for(plan: Plan, measure: str) -> bool:
    """Whether a result is worth a line: clicks, conversions and kinds that only the benchmark set knows of are not."""
    if measure in KINDS:
        asked = {*(goal.measure for goal in plan.objectives), *(limit.measure for limit in plan.limits)}
        return measure in asked or any(
            a.field.startswith("engagement_mix.") and a.origin == "yours" for a in plan.assumptions
        )
    if measure not in ("clicks", "conversions"):
        return True
    goals = {goal.measure for goal in plan.objectives}
    limited = {limit.measure for limit in plan.limits}
    words = {
        "clicks": {"clicks", "cpc"},
        "conversions": {"conversions", "cpa", "revenue", "cost_of_goods", "profit"},
    }[measure]
    field = {"clicks": "click_rate", "conversions": "conversion_rate"}[measure]
    return bool(words & (goals | limited)) or any(
        a.field == field and a.origin == "yours" for a in plan.assumptions
    )


def given_plan(plan: Any) -> Plan:
    """The plan, if it is one.

    Raises:
        TypeError: where it is something else, such as the name of its file.
    """
    if isinstance(plan, Plan):
        return plan
    what = (
        "the name of a file: Plan.model_validate_json(text)" if isinstance(plan, str) else type(plan).__name__
    )
    raise TypeError(f"a Plan is wanted, not {what}")


MixBy = Literal["tier", "platform", "offer"]


class Labelled(Protocol):
    """A line of a plan, or an offer."""

    @property
    def tier(self) -> str | None:
        """Its tier, if it has one."""

    @property
    def platform(self) -> str | None:
        """Its platform, if it has one."""


def told_apart_by(things: Iterable[Labelled]) -> MixBy:
    """What a mix is told apart by: tier where all have one and they differ; else platform; else offer."""
    labels = [(thing.tier, thing.platform) for thing in things]
    for by, values in zip(("tier", "platform"), zip(*labels, strict=True), strict=False):
        if None not in values and len(set(values)) > 1:
            return cast("MixBy", by)
    return "offer"
