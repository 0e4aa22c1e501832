"""What explanations ask, in which order, in how much time, and what they may say of it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import yaml

from optimizer import InfeasibleError, optimize
from optimizer.program.program import program_of
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.explanation import explanation_sections
from optimizer.scenario.scenario import Scenario
from optimizer.whatif.explain.estimates import estimates_of
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.negotiation import negotiate
from optimizer.whatif.explain.result import SECTIONS
from tests.builders import Data, offer, scenario
from tests.changes import best_by_counting
from tests.shell import optimize as run


def words(asked: Scenario, **options: Any) -> str:
    found = explain(asked, **options)
    return re.sub(r"\s+", " ", sections_text("x", explanation_sections(found)))


def exactly(number: int, **fields: Any) -> Data:
    """A scenario that books exactly so many creators."""
    return {
        "budget": 700,
        "objective": "engagements",
        "offers": [offer("a", 40, engagements_per_post=90, most=7), offer("b", 70, engagements_per_post=130, most=7)],
        "limits": [{"measure": "creators", "min": number, "max": number}],
        **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    "limit",
    [
        {"measure": "creators", "min": 10, "max": 10},
        {"measure": "cost", "min": 700, "max": 700},
        {"measure": "cost", "where": {"name": "a"}, "min": "40% of cost", "max": "40% of cost"},
        {"measure": "cost", "where": {"name": "a"}, "min": "40% of budget", "max": "40% of budget"},
    ],
    ids=["count", "money", "share of a total", "share of the budget"],
)
def test_limits_with_equal_sides_are_explained(limit: Data) -> None:
    data = exactly(10, limits=[limit])
    found = explain(Scenario.model_validate(data))
    assert found.best == best_by_counting(data)
    assert {p.path for p in found.prices} >= {"limits[0].min", "limits[0].max"}
    for price in found.prices:
        assert all(point.status != "refused" for point in price.points), (
            "no step makes a floor exceed its ceiling"
        )
    sides = {p.side: p.local_price for p in found.prices if p.path.startswith("limits")}
    assert min(v for v in sides.values() if v is not None) == 0, "one side at most holds the plan"


def test_bookings_with_equal_sides_are_explained() -> None:
    data = exactly(10, limits=[])
    data["offers"][0]["creators"] = {"min": 7, "max": 7}
    found = explain(Scenario.model_validate(data))
    assert found.best == best_by_counting(data)


def test_an_offer_that_has_to_be_in_never_drops_out() -> None:
    signed = offer("signed", 100, engagements_per_post=1, least=1, most=1)
    free = offer("free", 100, engagements_per_post=30, most=5)
    asked = scenario(budget=500, objective="engagements", offers=[signed, free])
    found = explain(asked, sections=["negotiation"])
    sheet = {n.offer: n for n in found.negotiation}
    leaves = sheet["signed"].stays_to
    assert leaves is not None
    assert leaves.inside is not None
    assert leaves.outside is not None
    assert leaves.no_plan
    optimize(asked.with_changes({"offers[0].cost_per_post": leaves.inside}))
    with pytest.raises(InfeasibleError):
        optimize(asked.with_changes({"offers[0].cost_per_post": leaves.outside}))
    other = sheet["free"].stays_to
    assert other is not None
    assert not other.no_plan
    text = words(asked, sections=["negotiation"])
    assert "signed has to be in the plan: at " in text
    assert "no plan is left" in text
    assert "then no plan" in text
    assert "Least room to pay more: signed" not in text


def test_an_offer_without_room_to_pay_more_drops_out_at_a_number() -> None:
    pair = [offer(name, 100, engagements_per_post=worth, most=20) for name, worth in (("a", 100), ("b", 99))]
    text = words(scenario(budget=1_000, objective="engagements", offers=pair), sections=["negotiation"])
    assert "No room to pay more: a drops out at 102 USD per post, 2 % above today's 100." in text
    assert "Least room" not in text


def test_nothing_is_said_to_stand_out_only_where_all_was_looked_at() -> None:
    plain = scenario(
        budget=100, objective="engagements", offers=[offer("a", 10, engagements_per_post=5, most=20)]
    )
    assert "Nothing was looked at: time was up." in words(plain, time_limit=1e-9)
    assert "stands out" not in words(plain, time_limit=1e-9)
    assert "Nothing was asked." in words(plain, sections=[])


def test_numbers_are_written_out_and_in_the_singular() -> None:
    offers = [offer("a", 40.37, engagements_per_post=1, hours_per_creator=1, most=1),
              offer("b", 1_234_567_890.5, engagements_per_post=0.0004, hours_per_creator=0.5, most=9)]  # fmt: skip
    limits = [{"measure": "cost", "where": {"name": "a"}, "max": "0.004% of budget"}]
    asked = scenario(
        budget=12_345_678_905.5, effort_hours=2.5, objective="engagements", offers=offers, limits=limits
    )
    text = words(asked)
    assert not re.search(r"\d[eE][+-]?\d", text)
    assert not re.search(r"\b1 (creators|hours|engagements|points|posts)\b", text)
    assert "+123,456,789 USD" in text


def test_a_base_of_nothing_has_no_percentage() -> None:
    offers = [offer(name, 100, engagements_per_post=n, most=9) for name, n in (("a", 5), ("b", 6), ("c", 7))]
    thirds = {"measure": "cost", "per": "offer", "max": "33% of cost"}
    asked = scenario(budget=300, objective="engagements", offers=offers, limits=[thirds])
    text = words(asked)
    assert "without it 21 engagements instead of 0." in text
    assert "better." not in text.replace("never better", "")
    assert {(u.reason, u.detail) for u in optimize(asked).unused} == {
        ("left out by a limit", f"cost ({name})") for name in "abc"
    }


def test_steps_of_shares_are_points() -> None:
    from optimizer.report.page.steps import steps_chart

    offers = [
        offer("a", 100, engagements_per_post=9, most=9),
        offer("b", 100, engagements_per_post=5, most=9),
    ]
    half = {"measure": "cost", "where": {"name": "b"}, "min": "50% of cost"}
    found = explain(
        scenario(budget=1000, objective="engagements", offers=offers, limits=[half]), sections=["prices"]
    )
    chart = steps_chart(found)
    assert chart is not None
    assert "+5 points" in chart.finding
    assert "-1 point " in chart.finding
    assert "500 points" not in chart.finding


def rows_of_offers(count: int) -> Scenario:
    """Offers each a little worse than the one before; money for the better third of them."""
    offers = [
        offer(f"o{n:02}", 100, engagements_per_post=200 - n, hours_per_creator=1, most=1)
        for n in range(count)
    ]
    return scenario(budget=100 * (count // 3) + 50, objective="engagements", offers=offers)


def test_booked_and_nearest_offers_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rows_of_offers(12)
    order: list[tuple[int, bool]] = []

    def noted(
        text: str, index: int, creators: Any, kinds: Any, until: float, near: Any, planned: bool
    ) -> Any:
        order.append((index, planned))
        return negotiate(text, index, creators, kinds, until, near, planned)

    monkeypatch.setattr("optimizer.whatif.explain.explain.negotiate", noted)
    monkeypatch.setattr("optimizer.whatif.explain.explain.PLANNED", 4 * 12)
    found = explain(asked, sections=["negotiation"])
    # Booked: 0 to 3, of which 3 has least room; nearest to coming in is 4.
    assert [index for index, planned in order if planned] == [3, 2, 4, 5]
    about = {n.offer: n.enters_at or n.stays_to for n in found.negotiation}
    assert about["o06"] is not None
    assert about["o06"].inside is None
    assert about["o06"].about == pytest.approx(100 * 194 / 196)
    text = words(asked, sections=["negotiation"])
    assert "8 offers of 12 that are farther from turning were not planned again" in text


def test_estimates_are_where_the_linear_program_turns() -> None:
    asked = rows_of_offers(12)
    text = asked.model_dump_json(exclude_unset=True)
    first, last = estimates_of(text, (0, 11))
    # The last of which half is bought sets the price: of the others the sixth, with 195 for 100; of all the fifth.
    assert first.fee == pytest.approx(100 * 200 / 195)
    assert last.rate == pytest.approx(196)
    assert program_of(asked).packages.terms[11].get("engagements_per_post") == 189


def hard(count: int = 40) -> Data:
    """Hit four numbers exactly by choosing creators, which takes branch and bound for ever."""
    columns = [[(37 * n * (m + 3) + 11 * n * n + 29 * m) % 97 + 1 for n in range(count)] for m in range(4)]
    offers = [
        {"name": f"c{n}", "cost_per_post": 1000 + n, "creators": {"max": 1},
         "measures": {f"m{m}": columns[m][n] for m in range(4)} | {"short": 0}}
        for n in range(count)
    ]  # fmt: skip
    slack = [{"name": f"s{m}{way}", "cost_per_post": 1, "creators": {"max": 300},
              "measures": {f"m{m}": sign, "short": 1}}
             for m in range(4) for way, sign in (("up", 1), ("down", -1))]  # fmt: skip
    return {
        "name": "hard",
        "budget": 1_000_000,
        "objective": {"minimize": "short"},
        "measures": {name: {"per": "creator"} for name in ("m0", "m1", "m2", "m3", "short")},
        "offers": [*offers, *slack],
        "limits": [
            {"measure": f"m{m}", "min": sum(columns[m]) // 2, "max": sum(columns[m]) // 2} for m in range(4)
        ],
    }


@pytest.mark.parametrize("command", ["explain", "alternatives", "compare"])
def test_commands_end_soon_after_their_time(tmp_path: Any, command: str) -> None:
    path, other = tmp_path / "hard.yaml", tmp_path / "other.yaml"
    path.write_text(yaml.safe_dump(hard()), encoding="utf-8")
    other.write_text(yaml.safe_dump(exactly(3)), encoding="utf-8")
    began = time.perf_counter()
    files = [str(path), str(other)] if command == "compare" else [str(path)]
    ran = run(command, *files, "--total-time", "2", "--jobs", "2")
    # two seconds, a solve that is told to end, start and end of processes; far more where the machine is busy
    assert time.perf_counter() - began < 15
    assert b"Traceback" not in ran.err
    assert ran.text.count("Nothing stands out") == ran.text.count(
        "Nothing stands out in what was looked at; time was up"
    )
    if command == "explain":
        assert ran.code == 0
        assert "Time was up for" in ran.text


def test_what_has_to_change_together_is_said() -> None:
    # 40 of a cost 4,000 and take 40 hours; the floor needs them, so neither money nor hours alone are enough.
    offers = [offer("a", 100, engagements_per_post=10, hours_per_creator=1, most=60),
              offer("b", 400, engagements_per_post=12, hours_per_creator=1, most=60)]  # fmt: skip
    floor = {"measure": "engagements", "min": 400}
    asked = scenario(budget=2000, effort_hours=20, objective="engagements", offers=offers, limits=[floor])
    with pytest.raises(InfeasibleError) as caught:
        optimize(asked)
    error = caught.value
    assert [c.name for c in error.conflict][-1:] == ["engagements"]
    assert all(member.text in str(error) for member in error.conflict)
    joint = [way for way in error.ways_out if len(way.changes) > 1]
    assert len(joint) == 1
    assert set(joint[0].changes) == {"budget", "effort_hours"}
    assert joint[0].text.endswith(" together")
    optimize(asked.with_changes(joint[0].changes))
    for path in joint[0].changes:
        with pytest.raises(InfeasibleError):
            optimize(asked.with_changes({path: joint[0].changes[path]}))


def test_every_section_is_a_part() -> None:
    assert SECTIONS == ("prices", "rules", "negotiation", "tipping")
