"""Reserves where reach has segments and persons, where there are many, in time; what they say, and what they refuse."""

from __future__ import annotations

import csv
import io
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from optimizer import InfeasibleError, Reserves, Scenario, ScenarioError, reserves
from optimizer.program.program import program_of
from optimizer.report.formats import csv as csv_of
from optimizer.report.formats import markdown, page, text, workbook
from optimizer.solve.exact import best_for
from optimizer.whatif.reserves import reserves as made
from tests.builders import as_yaml, offer, scenario
from tests.by_segments import cost_of, plans, random_scenario, reach_of
from tests.test_cli import run
from tests.test_reserves import people

NEAR = 2e-6


def in_segments(seed: int) -> dict[str, Any]:
    """Named creators who reach people in two segments; one person has two or three offers."""
    data = random_scenario(random.Random(f"reserves {seed}"), segments=2, persons=seed % 2 == 0)
    for each in data["offers"]:
        each["creators"] = {"max": 1}
    more = random_scenario(random.Random(f"more {seed}"), segments=2)["offers"]
    data["offers"] += [each | {"name": f"r{n}", "creators": {"max": 1}} for n, each in enumerate(more)]
    if seed % 3 == 0:
        data["limits"] = [{"measure": "reach", "segment": "s0", "min": 100}]
    return data


@pytest.mark.parametrize("seed", range(8))
def test_reach_over_segments_and_persons_is_as_every_plan_has_it(seed: int) -> None:
    data = in_segments(seed)
    found = reserves(Scenario(**data))
    program = program_of(Scenario(**data))
    packages = program.packages
    booked = {(line.offer, line.posts_per_creator) for line in found.plan.lines}
    base = tuple(int(packages.key(p) in booked) for p in range(packages.count))
    before = reach_of(data, program, base)
    person = {one["name"]: one.get("person", one["name"]) for one in data["offers"]}
    floor = 100 if data.get("limits") else 0
    assert found.places
    for place in found.places:
        dropped = {person[one.offer] for one in place.drops}
        own = [person[packages.key(p)[0]] in dropped for p in range(packages.count)]
        kept = [n for n, mine in zip(base, own, strict=True) if not mine]
        alone, whoever = [], []
        for plan in plans(program):
            rest = [n for n, mine in zip(plan, own, strict=True) if not mine]
            if sum(plan) != sum(rest) or any(n < k for n, k in zip(rest, kept, strict=True)):
                continue
            if cost_of(program, plan) > data["budget"] or (
                floor and reach_of(data, program, plan, "s0") < floor
            ):
                continue
            loses = before - reach_of(data, program, plan)
            whoever.append(loses)
            alone += [loses] if sum(rest) == sum(kept) + 1 else []
        best = place.best and getattr(place, place.best)
        assert (place.one and place.one.loses) == (
            min(alone) and pytest.approx(min(alone), rel=NEAR, abs=0.01) if alone else None
        )
        assert (best and best.loses) == (pytest.approx(min(whoever), rel=NEAR, abs=0.01) if whoever else None)


# --- many, in time, in other processes -----------------------------------------------------------------------


def roster(names: int) -> Scenario:
    rng = random.Random(names)
    return scenario(
        budget=400,
        objective="engagements",
        offers=[
            offer(f"c{n}", rng.randint(20, 90), engagements_per_post=rng.randint(10, 200), most=1)
            for n in range(names)
        ],
    )


def worth(name: str, asked: dict[str, tuple[float, float]]) -> float:
    """What a creator brings beyond what her money brings where it is worth least in the program of fractions."""
    left, price = 400.0, 0.0
    for brings, costs in sorted(asked.values(), key=lambda one: -one[0] / one[1]):
        left -= costs
        if left < 0:
            price = brings / costs
            break
    return asked[name][0] - price * asked[name][1]


def test_where_there_are_many_those_worth_most_at_the_prices_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everybody = reserves(roster(60))
    monkeypatch.setattr(made, "PAIRS", 10)
    monkeypatch.setattr(made, "SHORTLIST", 12)
    monkeypatch.setattr(made, "SOLVED", 5)
    some = reserves(everybody.plan)
    assert (everybody.method, everybody.tried) == ("all", everybody.packages)
    assert (some.method, some.tried, some.packages) == ("prices", 12, everybody.packages)
    asked = {
        one.name: (one.engagements_per_post.typical, one.cost_per_post.typical) for one in roster(60).offers
    }
    booked = {line.offer for line in some.plan.lines}
    rest = sorted(set(asked) - booked, key=lambda name: -worth(name, asked))[:12]
    left = 400 - sum(asked[name][1] for name in booked)
    for place in some.places:
        brings, costs = asked[place.name]
        fitting = [asked[name][0] for name in rest if asked[name][1] <= left + costs]
        assert (place.one and place.one.loses) == (brings - max(fitting) if fitting else None)
        assert place.fits == len(fitting)
        assert not place.proven or place.one is None
    assert "Tried: the 12 of" in text(some)
    said = " ".join(text(some).split())
    unproven = sum(not place.proven for place in some.places)
    assert 0 < unproven < len(some.places)
    assert f"Whether several do better together is not known for {unproven} of the 13 places" in said


def test_other_processes_find_the_same() -> None:
    here = reserves(people())
    with ProcessPoolExecutor(1) as executor:
        assert reserves(people(), executor=executor).places == here.places


def test_what_time_does_not_allow_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = reserves(people()).plan

    def too_slow(*job: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(made, "whoever_fits", too_slow)
    found = reserves(plan, time_limit=60)
    assert found.unsettled == ("whether several do better in the place of ann, bob, because time was up",)
    assert [place.proven for place in found.places] == [False, False]
    assert found.places[0].best == "one"
    none = reserves(plan, time_limit=0.0)
    assert none.unsettled == ("who comes in for ann, bob, because time was up",)
    assert (none.places, none.next) == ((), ())
    assert "Not settled in the time there was" in text(none)


def test_a_plan_that_forgets_what_stays_is_never_taken() -> None:
    from optimizer.whatif.reserves.rest import kept_rows, without

    program = program_of(people())
    only_ann = without(program, [1, 2, 3, 4])
    rows = kept_rows(only_ann, program.packages.measures["creators"][:5] * [1, 0, 0, 0, 0])
    found = best_for(only_ann, program.packages.measures["cost"], maximize=False, seconds=20, rows=rows)
    assert found.columns.tolist() == [1, 0, 0, 0, 0]


# --- refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"solver": {"whole_creators": False}}, "nobody is booked by name where creators are fractions"),
        ({"objective": {"maximize": "engagements", "confidence": 0.9}},
         "`reserves` counts what a replacement loses by typical numbers"),
        ({"stress": {"dearer": "fees +20%"},
          "objective": {"maximize": "engagements", "over": "stress", "by": "worst"}},
         "a replacement loses engagements in one scenario, and this objective is held against stress cases"),
        ({"offers": [offer("nano", 10, engagements_per_post=5, most=20)]}, "the plan books no named creator"),
        ({"budget": 1}, "the plan books nobody, so there is nobody to replace"),
        ({"offers": [offer("ann", 60, engagements_per_post=5, least=1, most=1)]},
         "every named creator of the plan is signed or required"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused_with_the_reason(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        reserves(people(**fields))
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)


def test_other_refusals() -> None:
    with pytest.raises(ValueError, match="candidates must be a number from 0 upwards, not -1"):
        reserves(people(), candidates=-1)
    with pytest.raises(InfeasibleError):
        reserves(people(limits=[{"measure": "engagements", "min": 5000}]))
    assert reserves(people(), candidates=0).next == ()
    assert len(reserves(people(), candidates=2).next) == 2


# --- what is said --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Reserves:
    return reserves(people())


def test_the_text_says_who_to_book_and_what_that_loses(found: Reserves) -> None:
    assert text(found) == TEXT


TEXT = """\
people
Who to book if one of the 2 named creators of the plan says no; all other
bookings stay, all limits hold.
Hardest to replace: ann, for whom dan + eve come in: 270 engagements less (30
%).
Easiest: bob, for whom dan comes in: 130 engagements less (14 %), 10 USD less.

If somebody says no
  says no book instead loses engagements share cost hours
  ───────────────────────────────────────────────────────
  ann     dan + eve                  270  30 %    0    -2
          or only cat                310  34 %   -5    +1
  bob     dan                        130  14 %  -10    -3
  Cost and hours: by how much more (+) or less (-). Cost in USD.

Who to ask next
    ask next in the place of loses engagements share cost hours fits
  ──────────────────────────────────────────────────────────────────
  1 dan      bob                           130  14 %  -10    -3    2
  2 eve      bob                           140  16 %  -10    -3    2
  3 cat      ann                           310  34 %   -5    +1    1
  In the place where each loses least. Fits: for how many of the 2 each could
  come in alone.

Worth knowing
  Tried: all 3 packages (a creator with a number of posts) that have room, each
  in every place.
"""


def test_where_nobody_comes_in_the_way_on_is_said() -> None:
    tight = people(
        offers=[
            offer("@ann.x", 60, engagements_per_post=600, most=1),
            offer("bob", 40, engagements_per_post=300, most=1),
        ],
        limits=[{"name": "enough", "measure": "engagements", "min": 750}],
    )
    said = " ".join(text(reserves(tight)).split())
    assert "Nobody comes in for @ann.x, bob." in said
    assert (
        "@ann.x: no plan keeps all others and every limit. Plan again without her: "
        """--set 'offers["@ann.x"].creators.max=0'""" in said
    )
    alone = people(offers=[offer("ann", 60, engagements_per_post=600, most=1)])
    assert "Hardest to replace: ann, nobody fits: 600 engagements less (100 %), 60 USD less." in text(
        reserves(alone)
    )


def test_every_format(found: Reserves) -> None:
    assert Reserves.model_validate_json(found.model_dump_json()) == found
    assert markdown(found).startswith("# people\n")
    assert "| ann | dan + eve | 270 | 30 % | 0 | -2 |" in markdown(found).replace("**", "")
    assert "dan + eve" in page(found)
    assert workbook(found).startswith(b"PK")


def test_rows_of_the_csv(found: Reserves) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(found))))
    assert [(row["list"], row["says_no"], row["way"], row["best"], row["book"], row["loses"]) for row in rows] == [
        ("says_no", "ann", "one", "no", "cat", "310.0"),
        ("says_no", "ann", "several", "yes", "dan + eve", "270.0"),
        ("says_no", "ann", "nobody", "no", "", "600.0"),
        ("says_no", "bob", "one", "yes", "dan", "130.0"),
        ("says_no", "bob", "nobody", "no", "", "300.0"),
        ("next", "bob", "one", "", "dan", "130.0"),
        ("next", "bob", "one", "", "eve", "140.0"),
        ("next", "ann", "one", "", "cat", "310.0"),
    ]  # fmt: skip
    assert (rows[0]["cost"], rows[0]["hours"], rows[0]["value"], rows[0]["fits"]) == (
        "-5.0",
        "1.0",
        "590.0",
        "3",
    )


def test_the_command_takes_a_scenario_or_a_plan_as_it_was_booked(tmp_path: Path) -> None:
    file, saved = tmp_path / "s.yaml", tmp_path / "p.json"
    file.write_text(as_yaml(people().model_dump(mode="json", exclude_unset=True)), encoding="utf-8")
    assert run(str(file), "--no-risk", "-o", str(saved)).exit_code == 0
    told = run("reserves", str(file), "--jobs", "1").stdout
    assert told == TEXT
    assert run("reserves", str(saved), "--jobs", "1").stdout == TEXT
    changed = run("reserves", str(saved), "--jobs", "1", "--set", "budget=60", "--next", "1").stdout
    assert "ann" in changed
    assert "2 eve" not in changed
    refused = run(
        "reserves", str(file), "--set", "offers=[{name: nano, cost_per_post: 1, engagements_per_post: 1}]"
    )
    assert refused.exit_code == 2
    assert "the plan books no named creator" in refused.stderr
