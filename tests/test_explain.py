"""`explain` as a whole: its sentences, sections, executors, progress and time."""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, load_scenario, optimize
from optimizer.report.layout.markdown import sections_markdown
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.explanation import explanation_sections
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.result import SECTIONS, Explanation
from tests.builders import offer, scenario

QUICKSTART = Path(__file__).parents[1] / "scenarios" / "quickstart.yaml"


@cache
def quickstart() -> Scenario:
    return load_scenario(QUICKSTART)


@cache
def explained() -> Explanation:
    return explain(quickstart())


class OneByOne(Executor):
    """An executor that works when asked, on what would travel to another process."""

    def __init__(self) -> None:
        self.jobs: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        function, arguments = pickle.loads(pickle.dumps((fn, args)))
        self.jobs.append(fn.__name__)
        future: Future[Any] = Future()
        try:
            future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
        except TimeoutError as error:
            future.set_exception(error)
        return future


class Never(Executor):
    """An executor whose jobs never come to an end."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_an_explanation_survives_json() -> None:
    text = explained().model_dump_json()
    assert Explanation.model_validate_json(text) == explained()


def test_the_findings_of_quickstart_word_for_word() -> None:
    assert explained().sentences == (
        "Neither 5 % more money nor 5 % more hours brings anything: budget has to grow by up to 1,438 USD before "
        "the plan gets better; coordination hours have to grow by up to 17.5 hours before the plan gets better.",
        "Nearest to coming in: mega-instagram-post, at 9,600 USD per post instead of 18,000 (47 % less).",
        "Least room to pay more: micro-instagram-post stays in up to 675 USD per post, 69 % above today's 400.",
        "Closest call: cost_per_post of macro-instagram-post. At 3,225, 0.78 % above today's 3,200 (tried 2,400 "
        "to 4,000), nano-instagram-post comes in.",
    )  # fmt: skip


def test_the_findings_are_those_of_the_tables() -> None:
    found = explained()
    money, hours = (next(p for p in found.prices if p.path == path) for path in ("budget", "effort_hours"))
    for price in (money, hours):
        (five,) = (p for p in price.points if p.step == pytest.approx(0.05 * price.number))
        assert five.gain == 0
    assert (money.next_better, hours.next_better) == (1437.5, 17.5)
    for path, size in (("budget", 1437.5), ("effort_hours", 17.5)):
        number = getattr(quickstart(), path)
        better = optimize(quickstart().with_changes({path: number + size, "solver.gap": 0})).objective.value
        assert better > 32_000
    fees = {n.offer: n for n in found.negotiation}
    entering = {
        n.offer: n.enters_at.inside / n.fee
        for n in found.negotiation
        if n.enters_at is not None and n.enters_at.inside is not None and n.fee
    }
    assert max(entering, key=entering.__getitem__) == "mega-instagram-post"
    staying = {
        n.offer: n.stays_to.inside / n.fee
        for n in found.negotiation
        if n.stays_to is not None and n.stays_to.inside is not None and n.fee
    }
    assert min(staying, key=staying.__getitem__) == "micro-instagram-post"
    assert set(fees) == set(entering) | set(staying) | {"nano-instagram-post"}
    first = found.tipping[0]
    assert (first.field, first.offer, first.changes_at) == ("cost_per_post", "macro-instagram-post", 3225)


def test_the_report_holds_the_findings_and_every_number_behind_them() -> None:
    found = explained()
    text = sections_text("Quickstart", explanation_sections(found))
    words = re.sub(r"\s+", " ", text)
    for sentence in found.sentences:
        assert sentence in words
    assert max(len(line) for line in text.splitlines()) <= 80
    for row in ("-2,000 USD -2,400 1.20", "+16 hours +0 0", "effort_hours at most 160 +21,500 67 %"):
        assert row in words
    markdown = sections_markdown("Quickstart", explanation_sections(found))
    assert markdown.startswith("# Quickstart\n")
    for heading in ("Findings", "What each rule costs: the plan without it", "Negotiation sheet"):
        assert f"## {heading}\n" in markdown
    assert re.search(r"\| effort\\_hours +\| at most 160 +\| +\+21,500 \| +67 % \|", markdown)


def test_hours_that_hold_back_more_than_money_come_first() -> None:
    # Ten creators of 10 USD and one hour each; 5 % more hours are one more creator, 5 % more money nothing.
    offers = [offer("a", 10, engagements_per_post=7, hours_per_creator=1, most=100)]
    asked = scenario(budget=400, effort_hours=20, objective="engagements", offers=offers)
    found = explain(asked, sections=["prices"])
    assert found.sentences == (
        "Hours hold this plan back more than money (5 % more of each): 1 more hour brings 7 engagements more, "
        "20 more USD bring nothing.",
    )


def test_the_dearest_rule_and_those_that_cost_nothing_are_named() -> None:
    offers = [
        offer("good", 10, engagements_per_post=50, platform="x", most=5),
        offer("bad", 10, engagements_per_post=10, platform="y", most=5),
    ]
    limits = [
        {"name": "some of both", "measure": "posts", "where": {"platform": "y"}, "min": 2},
        {"name": "not too many", "measure": "posts", "max": 50},
    ]
    found = explain(
        scenario(budget=50, objective="engagements", offers=offers, limits=limits), sections=["rules"]
    )
    assert [(rule.name, rule.gain) for rule in found.rules] == [
        ("budget", 130), ("some of both", 80), ("not too many", 0),
    ]  # fmt: skip
    assert found.sentences == (
        "Besides budget and hours, the dearest rule is some of both (posts of y at least 2): without it 250 "
        "engagements, 47 % better.",
        "not too many costs nothing today.",
    )  # fmt: skip


def test_less_cost_is_what_a_cheaper_plan_gains() -> None:
    offers = [offer("a", 30, engagements_per_post=10, hours_per_creator=1, most=9),
              offer("b", 20, engagements_per_post=10, hours_per_creator=5, most=9)]  # fmt: skip
    floor = {"name": "enough", "measure": "engagements", "min": 40}
    asked = scenario(effort_hours=10, objective={"minimize": "cost"}, offers=offers, limits=[floor])
    found = explain(asked, sections=["prices", "rules"])
    # 10 hours: one b and three a, 110; without the cap four b, 80; without the floor nothing.
    assert (found.best, found.unit) == (110, "USD")
    assert {rule.path: rule.gain for rule in found.rules} == {"effort_hours": 30, "limits[0]": 110}
    prices = {price.path: price for price in found.prices}
    hours = {point.step: point.gain for point in prices["effort_hours"].points}
    assert (hours[-1], hours[1]) == (0, 0)
    # It takes eight hours; two b and two a, 100, take twelve; below eight four a, 120, are left.
    assert prices["effort_hours"].next_better == pytest.approx(2, abs=0.05)
    assert prices["effort_hours"].next_worse == pytest.approx(2, abs=0.05)
    # One b in place of one a saves 10 and takes 4 hours.
    assert (prices["effort_hours"].local_dual, prices["effort_hours"].local_price) == (-2.5, 2.5)
    # The floor does not stop at 40: with 1.5 b and 2.5 a one engagement more is 0.1 a and 0 b, less what that hour
    # would save: (30 + 2.5) / 10.
    assert (prices["limits[0].min"].local_dual, prices["limits[0].min"].local_price) == (3.25, 3.25)
    table = sections_text("x", explanation_sections(found))
    assert re.search(r"effort_hours +at most 10 +\+30 ", table)
    assert found.sentences == (
        "0.5 more hours bring nothing.",
        "Besides budget and hours, the dearest rule is enough (engagements at least 40): without it 0 USD, "
        "100 % better.",
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_only_the_sections_asked_for_are_worked_out(section: Any) -> None:
    offers = [
        offer("a", 10, engagements_per_post=[4, 5, 6], most=3),
        offer("b", 8, engagements_per_post=3, most=3),
    ]
    found = explain(scenario(budget=30, objective="engagements", offers=offers), sections=[section])
    parts = {
        "prices": found.prices,
        "rules": found.rules,
        "negotiation": found.negotiation,
        "tipping": found.tipping,
    }
    assert [name for name, part in parts.items() if part] == [section]
    headings = re.findall(r"^## (.*)$", sections_markdown("x", explanation_sections(found)), re.MULTILINE)
    assert len(headings) == 2
    assert headings[0] == "Findings"


def small() -> Scenario:
    offers = [
        offer("a", 90, engagements_per_post=[30, 50, 60], hours_per_creator=2, most=4),
        offer("b", 160, engagements_per_post=[60, 80, 90], hours_per_creator=1, most=4),
    ]
    floor = {"measure": "posts", "min": 2}
    return scenario(budget=500, effort_hours=9, objective="engagements", offers=offers, limits=[floor])


def test_an_executor_gives_the_same_explanation() -> None:
    serial = explain(small())
    alike = OneByOne()
    assert explain(small(), executor=alike) == serial
    assert set(alike.jobs) == {
        "price_of", "rule_cost", "estimates_of", "negotiate", "effects_of", "tipping_point"
    }  # fmt: skip
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert explain(small(), executor=pool) == serial


def test_progress_counts_the_jobs_of_each_section() -> None:
    told: list[tuple[str, int, int]] = []
    explain(small(), on_progress=lambda *args: told.append(args))
    assert list(dict.fromkeys(section for section, _, _ in told)) == list(SECTIONS)
    for section in ("prices", "rules", "negotiation"):
        counts = [(done, total) for name, done, total in told if name == section]
        assert counts == [(n, len(counts)) for n in range(1, len(counts) + 1)]
    assert len([1 for name, _, _ in told if name == "rules"]) == 3


def test_what_time_did_not_allow_is_left_out_and_counted() -> None:
    began = time.perf_counter()
    found = explain(small(), time_limit=1e-9)
    assert time.perf_counter() - began < 15
    assert (found.prices, found.rules, found.negotiation, found.tipping, found.sentences) == (
        (),
        (),
        (),
        (),
        (),
    )
    # Budget and hours, three rules, two offers, two offers' assumptions.
    assert found.unsettled == found.asked == len(explain(small(), sections=["prices"]).prices) + 3 + 2 + 2
    assert found.best == explain(small(), sections=[]).best
    text = sections_text("x", explanation_sections(found))
    words = re.sub(r"\s+", " ", text)
    assert f"Time was up for all {found.unsettled} questions; allow more with --total-time." in words
    assert "Nothing was looked at: time was up." in words
    assert "stands out" not in words


def test_an_executor_that_hangs_does_not_hold_the_explanation() -> None:
    began = time.perf_counter()
    found = explain(small(), executor=Never(), time_limit=0.3, sections=["rules", "negotiation"])
    assert time.perf_counter() - began < 10
    assert found.unsettled == 3 + 2


def test_time_runs_from_the_start_for_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each job is told the moment at which time is up, not how long it may take: late ones have less.
    moments: list[float] = []

    def noted(text: str, index: int, creators: object, kinds: object, until: float, *rest: object) -> None:
        moments.append(until)

    monkeypatch.setattr("optimizer.whatif.explain.explain.negotiate", noted)
    began = time.time()
    explain(small(), sections=["negotiation"], time_limit=7)
    assert len(set(moments)) == 1
    assert moments[0] == pytest.approx(began + 7, abs=1.0)
    assert len(moments) == 2


def test_thresholds_that_time_did_not_allow_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.whatif.explain.negotiation import negotiate

    def late(*args: Any) -> Any:
        return negotiate(*args[:4], until=0.0)

    monkeypatch.setattr("optimizer.whatif.explain.explain.negotiate", late)
    found = explain(small(), sections=["negotiation"])
    reasons = [
        threshold.reason
        for n in found.negotiation
        for threshold in (n.stays_to, n.more_from, n.enters_at, n.must_show)
        if threshold is not None
    ]
    assert found.unsettled == reasons.count("time was up") >= 4


def test_ranges_come_first_whatever_their_effect() -> None:
    found = explain(small(), sections=["tipping"])
    assert [t.field for t in found.tipping if t.has_range] == ["engagements_per_post"] * 2
    by_distance = [t.distance for t in found.tipping if t.distance is not None]
    assert by_distance == sorted(by_distance)
