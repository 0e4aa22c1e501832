"""Reach in workbooks, recalculated by LibreOffice: over segments and persons live, over measured overlaps as solved."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest

from optimizer import Plan, Scenario, optimize
from optimizer.program.program import Program, program_of
from optimizer.report.workbook.workbooks import comparison_workbook, plan_workbook
from tests.by_segments import random_scenario, reach_of
from tests.edited_workbooks import edited, read, row_of
from tests.programs import needs
from tests.workbooks import Both, Workbook, both, wrong_cells

pytestmark = needs("soffice")

HEADING = "Reach by segment (estimate)"
NAMES = ("segments", "three", "persons", "one person", "in one", "fractions")


@cache
def data_of(name: str) -> dict[str, Any]:
    """A scenario with the name of the plan that it makes."""
    count = {"three": 3, "one person": 1}.get(name, 2)
    persons = name in ("persons", "one person", "in one", "parts of persons")
    data = random_scenario(random.Random(f"book {name}"), segments=count, persons=persons)
    data["budget"] *= 3
    for offer in data["offers"]:
        offer["platform"] = "tiktok" if offer["name"] in ("o0", "o1") else "instagram"
        offer["impressions_per_post"] = offer["followers"] * offer["reach_rate"] * 1.5
    data["limits"] = [
        {"measure": "reach", "where": {"platform": "tiktok"}, "min": 10},
        {"measure": "reach", "segment": "s0", "min": 20},
        {"measure": "reach", "per": "creator", "segment": "s0", "max": 1e6, "name": "each in s0"},
        {
            "measure": "reach",
            "segment": "s0",
            "where": {"platform": "tiktok"},
            "min": 5,
            "name": "of tiktok in s0",
        },
    ]
    if persons:
        for offer in [offer for offer in data["offers"] if "person" in offer][:2]:
            offer["creators"] = {"min": 1, "max": 1}
        data["budget"] = 1e5
    if name == "in one":
        data["objective"] = {"maximize": "reach", "segment": "s1"}
    if name in ("fractions", "parts of persons"):
        data["solver"] = {"whole_creators": False, "gap": 1e-5}
    return data


@cache
def made(name: str) -> Plan:
    return optimize(Scenario(**data_of(name)), draws=0)


def measured_plan() -> Plan:
    names = ("ana", "bo", "cy", "di")
    pairs = [(a, b, 120) for i, a in enumerate(names) for b in names[i + 1 :]]
    return optimize(
        Scenario(
            budget=300,
            objective="reach",
            audience={"people": 50_000, "overlaps": {"unit": "people", "pairs": pairs}},
            limits=[{"measure": "reach", "min": 100}],
            offers=[
                {
                    "name": name,
                    "followers": 2000,
                    "reach_rate": 0.5,
                    "cost_per_post": 100,
                    "creators": {"max": 1},
                }
                for name in names
            ],
        ),
        draws=0,
    )


def changed(name: str) -> tuple[dict[str, Any], bytes]:
    """The data and the workbook of a plan after somebody has typed other people, shares and rates."""
    data = data_of(name)
    book = read(plan_workbook(made(name)))
    offers = [dict(offer) for offer in data["offers"]]
    sizes = dict(data["audience"]["segments"])
    sizes["s1"] *= 1.4
    offers[0]["segments"] = {**offers[0]["segments"], "s0": offers[0]["segments"]["s0"] / 2}
    offers[1]["reach_rate"] /= 2
    cells = {
        ("Plan", book.find("Plan", "s1", "People", below=HEADING)): sizes["s1"],
        ("Plan", book.find("Plan", offers[0]["name"], "Share in s0")): offers[0]["segments"]["s0"],
        ("Plan", book.find("Plan", offers[1]["name"], "Reach rate")): offers[1]["reach_rate"],
    }
    for sheet, at in cells:
        assert book.written[sheet][at].fill.fgColor.rgb == "FFFFF6CC", "an input cell is yellow"
    new = {**data, "audience": {**data["audience"], "segments": sizes}, "offers": offers}
    return new, edited(plan_workbook(made(name)), cells)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    from optimizer import compare

    files = {name: plan_workbook(made(name)) for name in (*NAMES, "parts of persons")}
    files |= {f"{name}, changed": changed(name)[1] for name in ("segments", "three", "persons")}
    files["measured"] = plan_workbook(measured_plan())
    at = read(files["measured"]).find("Plan", measured_plan().lines[0].offer, "Reach rate")
    files["measured, changed"] = edited(files["measured"], {("Plan", at): 0.1})
    one = Scenario(**data_of("segments"))
    files["compared"] = comparison_workbook(
        compare([one, one.with_changes({"budget": 400})], names=["One", "Two"], draws=0)
    )
    return both(files, tmp_path_factory.mktemp("office"))


def booked(name: str, program: Program) -> tuple[int, ...]:
    creators = dict.fromkeys(range(program.packages.count), 0)
    for line in made(name).lines:
        (at,) = (p for p in creators if program.packages.key(p) == (line.offer, line.posts_per_creator))
        creators[at] = int(line.creators)
    return tuple(creators.values())


@pytest.mark.parametrize("name", [*NAMES, "parts of persons", "measured", "compared"])
def test_every_formula_comes_to_the_value_stored_with_it_and_every_check_is_true(
    name: str, books: dict[str, Both]
) -> None:
    assert wrong_cells(books[name].stored, books[name].fresh) == []
    answers = books[name].fresh.checks()
    assert answers
    assert [check for check, true in answers.items() if not true] == []


def reached_in(book: Workbook, segment: str) -> float:
    return float(book.value("Plan", segment, "Reached", below=HEADING))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("one person", "fractions")])
def test_each_segment_is_reached_as_its_meaning_says(name: str, books: dict[str, Both]) -> None:
    data, book = data_of(name), books[name].fresh
    program = program_of(Scenario(**data))
    plan = booked(name, program)
    for segment in data["audience"]["segments"]:
        expected = reach_of(data, program, plan, only=segment)
        assert reached_in(book, segment) == pytest.approx(expected, rel=1e-9)
    assert reached_in(book, "All") == pytest.approx(reach_of(data, program, plan), rel=1e-9)
    two = book.value("Plan", "Reached by two or more", "Reached", below=HEADING)
    assert two == pytest.approx(made(name).totals.reach_two_or_more, rel=1e-6, abs=1e-3)
    often = book.value("Plan", "Average frequency", "Reached", below=HEADING)
    assert often == pytest.approx(made(name).totals.frequency, rel=1e-9)


@pytest.mark.parametrize("name", ["segments", "three", "persons"])
def test_reach_and_limits_by_segment_follow_what_is_typed(name: str, books: dict[str, Both]) -> None:
    """Shapes stay: they are inputs of their own in the workbook."""
    new, book = changed(name)[0], books[f"{name}, changed"].fresh
    program = program_of(Scenario(**data_of(name)))
    plan = booked(name, program)
    assert reached_in(book, "All") == pytest.approx(reach_of(new, program, plan), rel=1e-9)
    assert reached_in(book, "All") != pytest.approx(made(name).totals.reach, rel=1e-3)
    in_s0 = reach_of(new, program, plan, only="s0")
    assert book.value("Limits", "reach (s0)", "In the plan") == pytest.approx(in_s0, rel=1e-9)
    tiktok = {
        **new,
        "offers": [o if o["platform"] == "tiktok" else {**o, "followers": 0} for o in new["offers"]],
    }
    of_tiktok = reach_of(tiktok, program, plan)
    assert book.value("Limits", "reach (tiktok)", "In the plan") == pytest.approx(of_tiktok, rel=1e-9)
    both_ways = reach_of(tiktok, program, plan, only="s0")
    assert book.value("Limits", "of tiktok in s0", "In the plan") == pytest.approx(both_ways, rel=1e-9)
    largest = max(
        new["offers"][int(program.packages.offer[p])]["segments"]["s0"]
        * new["offers"][int(program.packages.offer[p])]["followers"]
        * (
            1
            - (1 - new["offers"][int(program.packages.offer[p])]["reach_rate"])
            ** int(program.packages.posts[p])
        )
        for p, n in enumerate(plan)
        if n
    )
    assert book.value("Limits", "each in s0", "In the plan") == pytest.approx(largest, rel=1e-9)
    assert book.value("Limits", "of tiktok in s0", "Counts") == "tiktok, in s0"


def test_numbers_behind_the_plan_have_the_sizes_of_the_segments_and_what_is_typed(
    books: dict[str, Both],
) -> None:
    before = data_of("segments")["audience"]["segments"]
    after = changed("segments")[0]["audience"]["segments"]
    book = books["segments, changed"].fresh
    rows = {row[1]: (row[2], row[5]) for row in book.values["Assumptions"].iter_rows(values_only=True)}
    assert {name: rows[f"People in {name}"] for name in before} == {
        name: (before[name], pytest.approx(after[name])) for name in before
    }
    assert rows["People in the audience"] == (sum(before.values()), pytest.approx(sum(after.values())))


def test_a_person_on_two_offers_is_booked_twice_and_reaches_nobody_twice(books: dict[str, Both]) -> None:
    persons = {line.person for line in made("persons").lines}
    assert len([line for line in made("persons").lines if line.person]) > len(persons - {None}) == 1
    book = books["persons"].fresh
    assert book.value("Plan", "o0", "Person") == "Kim Vale"
    assert "Person" not in [cell.value for cell in books["segments"].fresh.values["Plan"][7]]


def test_an_objective_in_one_segment_is_a_figure_of_its_own(books: dict[str, Both]) -> None:
    book, plan = books["in one"].fresh, made("in one")
    label = "Reach in s1, estimate (objective)"
    assert book.value("Summary", label, "In this workbook") == pytest.approx(plan.objective.value, rel=1e-9)
    assert book.value("Summary", "Reach, estimate", "In this workbook") == pytest.approx(plan.totals.reach)
    assert ("As the solver returned it", "objective reach in s1 to certificate") in book.checks()


@pytest.mark.parametrize("name", ["measured", "parts of persons"])
def test_reach_that_no_formula_follows_is_a_constant_and_says_so(name: str, books: dict[str, Both]) -> None:
    book = books[name].fresh
    plan = made(name) if name != "measured" else measured_plan()
    at = f"B{row_of(book, 'Plan', 'People reached at least once')}"
    assert books[name].stored.written["Plan"][at].data_type == "n", "no formula"
    assert book.values["Plan"][at].value == pytest.approx(plan.totals.reach, rel=1e-12)
    notes = [str(cell.value) for cell in book.values["Plan"]["A"]]
    assert any(
        n.startswith("Constants, ") and n.endswith("they do not follow what is changed here.") for n in notes
    )
    limit = next(limit for limit in plan.limits if limit.measure == "reach")
    assert book.value("Limits", limit.name, "In the plan") == pytest.approx(limit.value)
    assert "a constant" in book.value("Limits", limit.name, "When solved")
    assert not any(check.startswith(("reach", "limit reach", "objective reach")) for _, check in book.checks()
                   if (_ == "As the solver returned it"))  # fmt: skip


def test_a_constant_stays_where_another_number_is_typed(books: dict[str, Both]) -> None:
    book = books["measured, changed"].fresh
    at = f"B{row_of(book, 'Plan', 'People reached at least once')}"
    assert book.values["Plan"][at].value == pytest.approx(measured_plan().totals.reach, rel=1e-12)
    assert book.value("Plan", measured_plan().lines[0].offer, "Gross reach") == pytest.approx(200, rel=1e-9)


def test_compared_workbooks_have_the_segments_of_each(books: dict[str, Both]) -> None:
    book, data = books["compared"].fresh, data_of("segments")
    less = optimize(Scenario(**data | {"budget": 400}), draws=0)
    for sheet, plan in (("Plan 1 One", made("segments")), ("Plan 2 Two", less)):
        assert book.value(sheet, "All", "Reached", below=HEADING) == pytest.approx(
            plan.totals.reach, rel=1e-6
        )
        for one in plan.segments:
            reached = book.value(sheet, one.name, "Reached", below=HEADING)
            assert reached == pytest.approx(one.reached, rel=1e-6)


def test_persons_on_more_lines_than_a_formula_can_name_are_constants() -> None:
    offers = [
        {"name": f"o{i}", "person": f"p{i // 4}", "followers": 1000, "reach_rate": 0.1, "cost_per_post": 10,
         "creators": {"max": 1}}
        for i in range(152)
    ]  # fmt: skip
    plan = optimize(
        Scenario(budget=30, objective="creators", audience={"people": 10**6}, offers=offers), draws=0
    )
    notes = [str(cell.value) for cell in Workbook(plan_workbook(plan)).values["Plan"]["A"]]
    assert "Constants, of many persons with several offers: they do not follow what is changed here." in notes
