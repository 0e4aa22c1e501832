"""Reserves against complete enumeration, and by hand."""

from __future__ import annotations

import collections
from typing import Any

import pytest

from optimizer import InfeasibleError, Reserves, Scenario, ScenarioError, optimize, replan, reserves
from optimizer.report.formats import text
from tests.builders import offer, scenario
from tests.enumeration import World
from tests.named_scenarios import named_scenario, replaced
from tests.near import in_world

SEEDS = (*range(1, 90), *range(9001, 9031), *range(18_001, 18_021))
NEAR = {"rel": 1e-7, "abs": 1e-6}


def asked(seed: int) -> tuple[Any, Reserves] | None:
    """The world of a scenario and its reserves; None where it is too large, or books nobody."""
    data = named_scenario(seed)
    if data is None:
        return None
    try:
        return World(data), reserves(Scenario.model_validate(data))
    except (InfeasibleError, ScenarioError):
        return None


@pytest.mark.parametrize("first", range(10))
def test_every_replacement_is_the_best_of_all_there_are(first: int) -> None:
    seen: collections.Counter[str] = collections.Counter()
    for seed in SEEDS[first::10]:
        answer = asked(seed)
        if answer is None:
            continue
        world, found = answer
        base = in_world(world, found.plan)
        names = [one["name"] for one in world.offers]
        alone: dict[str, dict[str, float]] = {}
        for place in found.places:
            dropped = {names.index(one.offer) for one in place.drops}
            by_hand = replaced(world, base, dropped)
            told = {
                "one": place.one,
                "nobody": place.nobody,
                "best": None if place.best is None else getattr(place, place.best),
            }
            for way, stand_in in told.items():
                expected = getattr(by_hand, way)
                label = f"{seed}: {place.name}: {way}"
                assert (stand_in is None) == (expected is None), label
                if stand_in is not None:
                    assert stand_in.loses == pytest.approx(expected, **NEAR), label
            assert place.proven
            assert place.fits == len(by_hand.of)
            alone[place.name] = by_hand.of
            seen[str(place.best)] += 1
        candidates = {name for losses in alone.values() for name in losses}
        least = {
            name: min(losses[name] for losses in alone.values() if name in losses) for name in candidates
        }
        assert {one.books.offer for one in found.next} == candidates
        for one in found.next:
            assert one.stand_in.loses == pytest.approx(least[one.books.offer], **NEAR)
            assert alone[one.in_for][one.books.offer] == pytest.approx(least[one.books.offer], **NEAR)
            assert one.fits == sum(one.books.offer in losses for losses in alone.values())
        lost = [one.stand_in.loses for one in found.next]
        assert lost == sorted(lost)
    assert seen["one"] + seen["several"] + seen["nobody"] > 0


def people(**fields: Any) -> Scenario:
    """ann and bob are booked for 100; cat alone is worth less than dan and eve together."""
    return scenario(
        **{
            "name": "people",
            "budget": 100,
            "objective": "engagements",
            "offers": [
                offer("ann", 60, engagements_per_post=600, hours_per_creator=4, most=1),
                offer("bob", 40, engagements_per_post=300, hours_per_creator=4, most=1),
                offer("cat", 55, engagements_per_post=290, hours_per_creator=5, most=1),
                offer("dan", 30, engagements_per_post=170, hours_per_creator=1, most=1),
                offer("eve", 30, engagements_per_post=160, hours_per_creator=1, most=1),
            ],
            **fields,
        }
    )


def test_by_hand() -> None:
    found = reserves(people())
    assert [place.name for place in found.places] == ["ann", "bob"]  # the hardest to replace first
    ann, bob = found.places
    assert [one.offer for one in ann.one.books] == ["cat"]
    assert (ann.one.value, ann.one.loses, ann.one.cost, ann.one.hours) == (590, 310, -5, 1)
    assert [one.offer for one in ann.several.books] == ["dan", "eve"]
    assert (ann.several.value, ann.several.loses, ann.several.cost, ann.several.hours) == (630, 270, 0, -2)
    assert ann.best == "several"
    assert ann.nobody.loses == 600
    assert [one.offer for one in bob.one.books] == ["dan"]
    assert (bob.one.loses, bob.one.cost, bob.several, bob.fits) == (130, -10, None, 2)
    assert [(one.books.offer, one.in_for, one.stand_in.loses, one.fits) for one in found.next] == [
        ("dan", "bob", 130, 2), ("eve", "bob", 140, 2), ("cat", "ann", 310, 1),
    ]  # fmt: skip
    assert (found.method, found.tried, found.packages, found.unsettled) == ("all", 3, 3, ())


def test_a_saved_plan_is_asked_about_as_it_was_booked() -> None:
    data = people()
    plan = optimize(data, draws=0)
    assert reserves(plan).places == reserves(data).places
    signed = replan(plan, data, keep={"ann": 1}, draws=0).plan
    found = reserves(signed)
    assert [place.name for place in found.places] == ["bob"]
    assert found.notes == ("not asked about, because signed or required: ann",)


def test_where_nobody_fits_the_limits_in_the_way_are_named() -> None:
    tight = people(
        limits=[
            {"name": "enough", "measure": "engagements", "min": 750},
            {"name": "calm", "measure": "hours", "max": 8},
        ]
    )
    ann, bob = reserves(tight).places
    assert (ann.name, ann.best, ann.fits) == ("ann", None, 0)
    assert (ann.one, ann.several, ann.nobody) == (None, None, None)
    assert ann.in_the_way == ("enough", "calm")  # all three bring too little, one takes too long besides
    assert ann.proven
    assert ann.anew is None  # all others together bring 920 for 155, bob, dan and eve 630
    assert bob.best == "one"
    assert bob.nobody is None  # 600 are too few


def test_where_nobody_fits_a_new_plan_may_do() -> None:
    floor = people(
        offers=[
            offer("ann", 60, engagements_per_post=600, most=1),
            offer("bob", 40, engagements_per_post=300, most=1),
            offer("cat", 100, engagements_per_post=760, most=1),
        ],
        limits=[{"name": "enough", "measure": "engagements", "min": 750}],
    )
    for place in reserves(floor).places:
        assert (place.best, place.one) == (None, None)
        assert [one.offer for one in place.anew.books] == ["cat"]
        assert (place.anew.loses, place.anew.cost) == (140, 0)
    assert "Plan again without her, which brings 140 engagements less (16 %): --set" in " ".join(
        text(reserves(floor)).split()
    )


def test_where_nobody_fits_alone_several_may() -> None:
    floor = people(limits=[{"name": "enough", "measure": "engagements", "min": 625}])
    (place,) = (place for place in reserves(floor).places if place.name == "ann")
    assert (place.one, place.best, place.fits) == (None, "several", 0)
    assert [one.offer for one in place.several.books] == ["dan", "eve"]


def test_nobody_is_needed_where_less_is_wanted_and_enough_is_left() -> None:
    cheap = people(
        objective={"minimize": "cost"},
        limits=[{"measure": "creators", "min": 2}, {"measure": "engagements", "min": 465}],
    )
    found = reserves(cheap)
    assert found.value == 70  # bob and dan
    lost = {place.name: place.one.loses for place in found.places}
    assert lost == {"bob": 20, "dan": 25}  # ann; cat, as eve is too few
    assert [place.nobody for place in found.places] == [None, None]
    spare = people(
        objective=[{"minimize": "cost", "within": 1}, "engagements"],
        limits=[{"measure": "engagements", "min": 160}],
    )
    found = reserves(spare)
    assert found.value == 60  # ann, where 30 would do
    (ann,) = found.places
    assert (ann.best, ann.one.loses, ann.nobody) == ("one", -30, None)
    # as cheap as eve, and better in the second objective
    assert [one.offer for one in ann.one.books] == ["dan"]


def test_an_empty_place_is_best_where_less_is_wanted() -> None:
    paid = people(
        objective=[{"minimize": "cost", "within": 1}, "engagements"],
        limits=[{"measure": "engagements", "min": 300, "max": 500}],
    )
    found = reserves(paid)
    assert found.value == 70  # bob and dan; bob alone would do
    dan = next(place for place in found.places if place.name == "dan")
    assert (dan.best, dan.nobody.loses, dan.nobody.books, dan.one.loses) == ("nobody", -30, (), 0)


def test_a_person_says_no_to_all_her_offers_and_does_not_come_in_for_herself() -> None:
    both = scenario(
        budget=100,
        objective="engagements",
        offers=[
            offer("kim-reel", 40, engagements_per_post=400, most=1, person="Kim Vale"),
            offer("kim-post", 30, engagements_per_post=300, most=1, person="Kim Vale"),
            offer("kim-story", 25, engagements_per_post=290, most=1, person="Kim Vale"),
            offer("ann", 60, engagements_per_post=280, most=1),
        ],
    )
    (place,) = reserves(both).places
    assert place.name == "Kim Vale"
    assert {one.offer for one in place.drops} == {"kim-reel", "kim-post", "kim-story"}
    assert [one.offer for one in place.one.books] == ["ann"]
    assert place.one.loses == 990 - 280


def test_offers_with_more_room_stay_and_step_in() -> None:
    mixed = scenario(
        budget=100,
        objective="engagements",
        offers=[
            offer("ann", 50, engagements_per_post=600, most=1),
            offer("nano", 10, engagements_per_post=50, most=20),
        ],
    )
    found = reserves(mixed)
    (place,) = found.places
    assert [(one.offer, one.creators) for one in place.one.books] == [("nano", 1)]
    assert [(one.offer, one.creators) for one in place.several.books] == [("nano", 5)]
    assert (place.one.loses, place.several.loses) == (550, 350)
    assert found.notes == (
        "not asked about, because another one of the same offer steps in: nano (room for more than one)",
    )
