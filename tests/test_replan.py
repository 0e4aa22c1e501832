"""Re-planning after contracts are signed against complete enumeration, and by hand."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Plan, Scenario, ScenarioError, optimize
from optimizer.program.program import program_of
from optimizer.program.signed import with_signed
from optimizer.report.formats import csv as csv_of
from optimizer.report.layout.markdown import sections_markdown
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.replan import replan_sections
from optimizer.scenario.signed import Signed
from optimizer.solve.question import NoPlanError, Question
from optimizer.solve.search import search_plain as search
from optimizer.whatif.replan.replan import Replan, replan
from optimizer.whatif.replan.signed import parse_signed, read_signed
from tests.builders import offer, scenario
from tests.enumeration import World
from tests.near import allowed, best_of, changes, dropped, in_world, near_best
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

CLOSE = 1e-9


def changed(seed: int) -> tuple[dict[str, Any], World, Plan] | None:
    """A random scenario with a budget, and the plan it had when budget and objective were others."""
    data = random_scenario(seed)
    if "budget" not in data or not all("max" in o["creators"] for o in data["offers"]):
        return None
    world = World(data)
    if not 60 < world.size < 1000:
        return None
    objective = ("creators", "impressions", "posts")[seed % 3]
    before = {**data, "objective": objective, "budget": data["budget"] * (1 + seed % 3 / 10)}
    old = plan_or_none(Scenario.model_validate(before))
    return (data, world, old) if old is not None and old.lines else None


COUNT = 32


@cache
def cases() -> list[tuple[dict[str, Any], World, Plan]]:
    return list(islice((case for seed in range(900, 1150) if (case := changed(seed)) is not None), COUNT))


def signed_of(old: Plan, seed: int) -> list[Signed]:
    """Some of the old bookings, some of them with their number of posts."""
    rng = np.random.default_rng(seed)
    result = []
    for line in old.lines:
        creators = int(rng.integers(0, int(line.creators) + 1))
        posts = line.posts_per_creator if rng.random() < 0.5 else None
        taken = [one for one in result if one.offer == line.offer and one.posts_per_creator == posts]
        if creators and not taken:
            result.append(Signed(offer=line.offer, creators=creators, posts_per_creator=posts))
    return result


def keeps(world: World, plan: Any, signed: list[Signed]) -> bool:
    """Whether what is signed is in an enumerated plan."""
    for o, packages in enumerate(world.packages):
        mine = [one for one in signed if one.offer == world.offers[o]["name"]]
        booked = {p["posts"]: n for p, n in zip(packages, plan[o]["counts"], strict=True)}
        if any(booked[one.posts_per_creator] < one.creators for one in mine if one.posts_per_creator):
            return False
        still_open = any(one.posts_per_creator is None for one in mine)
        if still_open and sum(booked.values()) < sum(one.creators for one in mine):
            return False
    return True


@pytest.mark.parametrize("number", range(COUNT))
def test_the_new_plan_is_that_of_complete_enumeration(number: int) -> None:
    data, world, old = cases()[number]
    planned = Scenario.model_validate(data)
    within = (0.0, 0.05, 0.2, 0.3)[number % 4]
    signed = signed_of(old, number) if number % 3 else []
    before = in_world(world, old)
    at_most = 2 if number % 5 == 0 else None
    plans = allowed(world)
    held = [p for p in plans if keeps(world, p, signed)]
    if at_most is not None:
        held = [p for p in held if dropped(before, p) <= at_most]
    if not held:
        with pytest.raises(InfeasibleError) as error:
            replan(old, planned, keep=signed, keep_all_but=at_most, within=within)
        assert error.value.conflict
        return
    found = replan(old, planned, keep=signed, keep_all_but=at_most, within=within)
    _, sign, _ = world.goals[0]
    near = near_best(world, held, within)
    fewest = min(changes(before, p) for p in near)
    leanest = min(world.total(p, "cost") for p in near if changes(before, p) == fewest)
    this = in_world(world, found.plan)
    assert world.keeps_limits(this)
    assert keeps(world, this, signed)
    assert this in near
    assert found.proven
    assert found.free == pytest.approx(best_of(world, plans), rel=CLOSE, abs=CLOSE)
    assert found.best == pytest.approx(best_of(world, held), rel=CLOSE, abs=CLOSE)
    assert found.added + found.dropped == fewest == found.least_changes
    assert found.changes_at_best == min(changes(before, p) for p in near_best(world, held, 0.0))
    assert found.plan.totals.cost == pytest.approx(leanest, rel=CLOSE, abs=CLOSE)
    assert found.dropped == dropped(before, this)
    price = sign * (found.free - found.value)
    assert found.price == pytest.approx(price, abs=1e-6 * max(1.0, abs(found.free)))
    assert min(found.price_of_signed, found.price_of_calm) >= 0


def test_the_cases_put_every_part_to_the_test() -> None:
    assert len(cases()) == COUNT
    results = []
    for number, (data, _, old) in enumerate(cases()):
        try:
            results.append(
                replan(old, Scenario.model_validate(data), keep=signed_of(old, number), within=0.3)
            )
        except InfeasibleError:
            results.append(None)
    found = [r for r in results if r is not None]
    assert 2 <= results.count(None) <= 25
    assert sum(r.price_of_signed > 0 for r in found) >= 3
    assert sum(r.price_of_calm > 0 for r in found) >= 3
    assert sum(r.changes_at_best > r.added + r.dropped for r in found) >= 3
    assert sum(r.added > 0 for r in found) >= 3


def spring(budget: float = 1000, **fields: Any) -> Scenario:
    return scenario(
        name="Spring",
        budget=budget,
        objective="engagements",
        offers=[
            offer("small", 100, engagements_per_post=100, most=6),
            offer("other", 100, engagements_per_post=99, most=6),
            offer("large", 400, engagements_per_post=380, most=2),
        ],
        **fields,
    )


def test_nothing_changes_where_nothing_has_changed() -> None:
    old = optimize(spring())
    found = replan(old, spring())
    assert (found.added, found.dropped, found.kept) == (0, 0, 10)
    assert found.plan.lines == old.lines
    assert (found.price, found.old_value) == (0, old.objective.value)
    assert found.before == old.scenario
    text = sections_text("Spring", replan_sections(found))
    assert "Nothing changes: 10 bookings stay." in text
    assert "keeping costs nothing" in text


def test_a_smaller_budget_drops_the_fewest_and_keeps_what_is_signed() -> None:
    old = optimize(spring())  # 6 small, 4 other
    found = replan(old, spring(700), keep={"other": 4}, within=0.0)
    # free: 6 small + 1 other = 699; with 4 others signed 3 small + 4 other = 696: 3 dropped, none added
    assert (found.free, found.best, found.value) == (699, 696, 696)
    assert (found.price_of_signed, found.price_of_calm, found.price) == (3, 0, 3)
    small, other = found.changes
    assert (small.offer, small.before, small.after, small.dropped, small.signed) == ("small", 6, 3, 3, 0)
    assert (other.offer, other.kept, other.dropped, other.signed) == ("other", 4, 0, 4)
    assert [limit.name for limit in found.plan.limits] == ["budget", "signed: other"]
    assert "3 are dropped" in sections_text("Spring", replan_sections(found))


def test_a_little_is_given_up_in_order_to_change_less() -> None:
    # `other` gets better than `small`: the best plan swaps two, but 2 of 1,006 are given up to change
    # nothing.
    old = optimize(spring())
    better = spring().with_changes({"offers.other.engagements_per_post": 101})
    found = replan(old, better)
    assert (found.best, found.value, found.price_of_calm) == (1006, 1004, 2)
    assert (found.added, found.dropped, found.changes_at_best) == (0, 0, 4)
    strict = replan(old, better, within=0)
    assert (strict.value, strict.added, strict.dropped) == (1006, 2, 2)
    text = " ".join(sections_text("Spring", replan_sections(found)).split())
    assert "Giving up nothing would change 4 bookings instead of 0." in text
    assert "brings 1,004 engagements; changing few bookings costs 2 engagements (0.2 %)." in text


def test_of_plans_with_as_few_changes_the_cheapest_is_taken() -> None:
    planned = scenario(
        objective="engagements",
        effort_hours=2,
        offers=[
            offer("a", 100, engagements_per_post=100, hours_per_creator=1, most=3),
            offer("b", 90, engagements_per_post=100, hours_per_creator=1, most=3),
            offer("c", 80, engagements_per_post=100, hours_per_creator=1, most=3),
        ],
    )
    old = optimize(planned.with_changes({"effort_hours": 1, "offers.c.creators.max": 0}))  # one b
    assert [(line.offer, line.creators) for line in old.lines] == [("b", 1)]
    found = replan(old, planned)
    assert [(c.offer, c.after) for c in found.changes] == [("b", 1), ("c", 1)]


def test_a_dearer_fee_may_cost_bookings_but_not_signed_ones() -> None:
    old = optimize(spring())
    dearer = spring().with_changes({"offers.small.cost_per_post": 250})
    free = replan(old, dearer)
    assert next(c for c in free.changes if c.offer == "small").after < 3
    kept = replan(old, dearer, keep={"small": 3})
    assert next(c for c in kept.changes if c.offer == "small").after == 3
    assert kept.price_of_signed > 0


def test_keep_all_but_holds_or_says_how_many_must_go() -> None:
    old = optimize(spring())
    found = replan(old, spring(800), keep_all_but=2)
    assert (found.dropped, found.keep_all_but) == (2, 2)
    with pytest.raises(InfeasibleError) as error:
        replan(old, spring(700), keep_all_but=2)
    assert error.value.message == "at least 3 bookings of the old plan must be dropped, not only 2"
    assert [c.name for c in error.value.conflict] == ["keep_all_but"]
    assert "--keep-all-but 3" in error.value.ways_out[0].text
    assert replan(old, spring(700), keep_all_but=3).dropped == 3


def test_bookings_that_are_not_offered_any_more_are_dropped_and_said() -> None:
    old = optimize(spring())
    data = spring().model_dump(mode="json", exclude_unset=True)
    data["offers"] = [o for o in data["offers"] if o["name"] != "other"]
    found = replan(old, Scenario.model_validate(data))
    gone = found.changes[-1]
    assert (gone.offer, gone.offered, gone.dropped) == ("other", False, 4)
    assert "Not offered any more: other" in sections_text("Spring", replan_sections(found))
    with pytest.raises(InfeasibleError, match=r"\(not offered any more: 4\)"):
        replan(old, Scenario.model_validate(data), keep_all_but=1)


def test_signed_bookings_that_do_not_fit_are_named_with_the_limit_they_break_and_a_way_out() -> None:
    old = optimize(spring())
    signed = parse_signed("offer,creators\nlarge,2\nsmall,1\n", spring(), name="signed.csv")
    with pytest.raises(InfeasibleError) as error:
        replan(old, spring(700), keep=signed)
    assert error.value.message == "what is signed does not fit the scenario any more"
    assert [(c.name, c.text, c.place) for c in error.value.conflict] == [
        ("budget", "cost: at most 700 USD", ""),
        ("signed: large", "signed: 2 creators of large", "signed.csv:2"),
    ]
    ways = {way.text.split(" (")[0]: way.changes for way in error.value.ways_out if way.possible}
    raised = next(changes for text, changes in ways.items() if text.startswith("raise budget"))
    assert replan(old, spring(700).with_changes(raised), keep=signed).value > 0
    released = next((text, changes) for text, changes in ways.items() if text.startswith("release"))
    assert released == ("release 1 of the signed creators of large", {})


def test_signed_numbers_of_posts_are_kept_as_they_are_signed() -> None:
    planned = scenario(
        objective="engagements",
        budget=600,
        offers=[
            offer("a", 100, engagements_per_post=100, repeat_decay=0.5, posts_per_creator={"max": 2}, most=6)
        ],
    )
    old = optimize(planned)  # six with one post each
    one, two = (
        replan(old, planned, keep=[Signed(offer="a", creators=2, posts_per_creator=k)]) for k in (1, 2)
    )
    assert [(c.posts_per_creator, c.after, c.signed) for c in one.changes] == [(1, 6, 2)]
    assert [(c.posts_per_creator, c.after, c.signed) for c in two.changes] == [(1, 2, 0), (2, 2, 2)]
    both = [Signed(offer="a", creators=2, posts_per_creator=2), Signed(offer="a", creators=2)]
    found = replan(old, planned, keep=both)
    assert sum(c.after for c in found.changes) >= 4
    assert "signed: a ×2" in [limit.name for limit in found.plan.limits]
    too_many = [Signed(offer="a", creators=3, posts_per_creator=2), Signed(offer="a", creators=1)]
    with pytest.raises(InfeasibleError) as error:
        replan(old, planned, keep=too_many)
    assert [c.text for c in error.value.conflict] == [
        "cost: at most 600 USD",
        "signed: 3 creators of a with 2 posts",
        "signed: 3 creators of a with 2 posts and 1 creator of a",
    ]


def test_a_scenario_without_any_plan_says_so_before_anything_signed() -> None:
    old = optimize(spring())
    with pytest.raises(InfeasibleError) as error:
        replan(old, spring(limits=[{"measure": "engagements", "min": 5000}]), keep={"small": 1})
    assert not any(c.name.startswith("signed") for c in error.value.conflict)


def test_a_plan_saved_as_json_and_a_signed_list_cut_from_its_csv_will_do(tmp_path: Path) -> None:
    old = Plan.model_validate_json(optimize(spring()).model_dump_json())
    lines = csv_of(old).splitlines()
    (tmp_path / "signed.csv").write_text("\ufeff" + "\n".join(lines[:2]) + "\n", encoding="utf-8")
    signed = read_signed(tmp_path / "signed.csv", spring())
    assert [(one.offer, one.creators, one.posts_per_creator) for one in signed] == [("small", 6, 1)]
    found = replan(old, spring(600), keep=signed)
    assert found.kept == 6
    assert found.signed[0].place.endswith("signed.csv:2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.csv:1: the file is empty (the first line names the columns: offer,creators)"),
        ("offer,creator\nsmall,1\n", "s.csv:1: unknown column 'creator' (did you mean 'creators'?)\n"
         "s.csv:1: there is no column creators (the first line names the columns: offer,creators)"),
        ("offer,creators,offer\n", "s.csv:1: the column offer is there twice"),
        ("offer,creators\nsmal,1\n", "s.csv:2: the scenario has no offer 'smal' (did you mean 'small'?)"),
        ("offer,creators\nsmall\n", "s.csv:2: creators: a number is missing"),
        ("offer,creators\nsmall,two\n",
         "s.csv:2: creators: 'two' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)"),
        ("offer,creators\n\nsmall,-1\n", "s.csv:3: -1 creators cannot be signed"),
        ("offer,creators\nsmall,1.5\n", "s.csv:2: 1.5 creators cannot be signed (write a whole number)"),
        ("offer,creators\n,1\n", "s.csv:2: the offer is missing"),
        ("offer,creators,posts_per_creator\nsmall,1,3\n",
         "s.csv:2: small is booked with 1 post, not 3 (set posts_per_creator of the offer)"),
        ("offer;creators;posts_per_creator\nsmall;1;x\n", "s.csv:2: posts_per_creator: 'x' is not a number "
         "(write it like 60000, 60_000, 12M, 412k or 5%)"),
        ("offer,creators\nsmall,1,2\n",
         's.csv:2: the line has more values than there are columns (put text with commas in "quotes")'),
        ("offer,creators\nsmall,1\nlarge,1\nsmall,2\n",
         "s.csv:4: small stands on line 2 already (write one line with the sum)"),
        ("offer,creators\nsmal,1\nsmall,x\n",
         "s.csv:2: the scenario has no offer 'smal' (did you mean 'small'?)\n"
         "s.csv:3: creators: 'x' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)"),
    ],
)  # fmt: skip
def test_a_bad_line_of_the_signed_list_is_named_with_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse_signed(text, spring(), name="s.csv")
    assert str(error.value) == message


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_signed(tmp_path / "none.csv", spring())
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_signed(tmp_path, spring())
    (tmp_path / "latin.csv").write_bytes(b"offer,creators\nsm\xe4ll,1\n")
    with pytest.raises(
        ScenarioError, match=r"latin.csv:2: byte 0xe4 is not UTF-8 text \(save the file as CSV UTF-8\)"
    ):
        read_signed(tmp_path / "latin.csv", spring())


def test_signed_bookings_from_python_are_checked_too() -> None:
    old = optimize(spring())
    with pytest.raises(ScenarioError) as error:
        replan(old, spring(), keep={"smal": 1, "large": 0.5})
    assert [str(problem) for problem in error.value.problems] == [
        "keep.smal: the scenario has no offer 'smal' (did you mean 'small'?)",
        "keep.large: 0.5 creators cannot be signed (write a whole number)",
    ]
    with pytest.raises(ValueError, match="within"):
        replan(old, spring(), within=2)
    with pytest.raises(ValueError, match="keep_all_but"):
        replan(old, spring(), keep_all_but=-1)


def test_results_survive_json_and_the_report_fits_80_columns() -> None:
    found = replan(optimize(spring()), spring(700), keep={"other": 4})
    assert Replan.model_validate_json(found.model_dump_json()) == found
    text = sections_text("Spring", replan_sections(found))
    assert max(map(len, text.splitlines())) <= 80
    markdown = sections_markdown("Spring", replan_sections(found))
    assert "| small | 6 | 3 | 3 |  | 3 |  |" in markdown
    assert "| best with what is signed | 696 | 3 |" in markdown


def test_fractions_of_creators_can_be_replanned_too() -> None:
    whole = {"whole_creators": False}
    (signed,) = parse_signed("offer,creators\nother,3.125\n", spring(solver=whole), name="s.csv")
    assert signed.creators == 3.125  # as a plan's own CSV has it
    old = optimize(spring(solver=whole))
    found = replan(old, spring(650, solver=whole), keep={"other": 3.5}, within=0)
    assert found.value == pytest.approx(3.5 * 99 + 3 * 100)
    assert found.added + found.dropped == pytest.approx(3.5)


def test_signed_bookings_that_cannot_be_kept_give_no_plan_rather_than_one_without_them() -> None:
    """The recount knows the limits of the scenario only, and the empty plan keeps all of these."""
    anna = offer("anna", 100, most=3, engagements_per_post=10)
    program = program_of(scenario(offers=[anna], budget=150, objective="engagements"))
    signed = with_signed(program, [Signed(offer="anna", creators=2)])
    goal = program.scenario.objective[0]
    with pytest.raises(NoPlanError):
        search(Question(signed, program.goal_values(goal), maximize=True), 10)
    kept = with_signed(program, [Signed(offer="anna", creators=1)])
    assert search(Question(kept, program.goal_values(goal), maximize=True), 10).columns[0] == 1
