"""Measured overlaps and followers of a scenario: segments of its audience, bounds of its plans, what `check` says."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from optimizer import Scenario, check
from optimizer.cli.commands import cli
from optimizer.program.measured import Measured, measured
from optimizer.program.program import program_of
from tests.builders import offer, scenario

PEOPLE = 10_000


def one(name: str, followers: float, **fields: Any) -> dict[str, Any]:
    """An offer of one creator who reaches everybody that follows."""
    return offer(name, 10, followers=followers, **{"reach_rate": 1.0, "most": 1, **fields})


def of(audience: dict[str, Any], *offers: dict[str, Any]) -> Scenario:
    return scenario(
        objective="reach", budget=1000, audience={"people": PEOPLE, **audience}, offers=list(offers)
    )


def found(planned: Scenario) -> Measured:
    result, problems = measured(planned, program_of(planned).packages.terms)
    assert not problems
    assert result is not None
    return result


def shared(result: Measured, people: float = PEOPLE) -> np.ndarray:
    """What the segments make of the overlaps, shape (offers, offers)."""
    follows = result.segments.shares * result.whole[:, None] / result.segments.people
    return (follows * result.segments.people) @ follows.T


THREE = (one("ana", 2000), one("bo", 1000), one("cy", 800))


def test_nothing_measured_is_nothing() -> None:
    assert measured(of({}, *THREE), program_of(of({}, *THREE)).packages.terms) == (None, [])
    bare = scenario(objective="creators", offers=[offer("x", most=1)])
    assert measured(bare, program_of(bare).packages.terms) == (None, [])


def test_people_and_shares_of_the_smaller_say_the_same() -> None:
    people = {"unit": "people", "pairs": [["ana", "bo", 400], ["ana", "cy", 0], ["bo", "cy", 200]]}
    share = {"unit": "share", "pairs": [["ana", "bo", "40%"], ["ana", "cy", 0], ["bo", "cy", "25%"]]}
    one_way, other = found(of({"overlaps": people}, *THREE)), found(of({"overlaps": share}, *THREE))
    np.testing.assert_allclose(one_way.shared, other.shared)
    assert (one_way.pairs, one_way.unknown, one_way.creators) == (3, 0, 3)
    assert one_way.shared[0, 1] == 400
    assert one_way.shared[1, 2] == pytest.approx(200)
    assert one_way.average_overlap == pytest.approx(600 / (1000 + 800 + 800))
    assert shared(one_way)[0, 1] == pytest.approx(400, rel=0.05)


def test_of_the_shared_people_the_same_part_is_real_and_on_target_as_of_the_smaller() -> None:
    """400 of bo's 1,000 follow ana; half of bo's following is the audience, so 200 of the audience are shared."""
    overlaps = {"unit": "people", "pairs": [["ana", "bo", 400]]}
    offers = (one("ana", 2000, on_target=0.9), one("bo", 1000, authentic=0.5))
    result = found(of({"overlaps": overlaps}, *offers))
    np.testing.assert_allclose(result.whole, [1800, 500])
    assert result.shared[0, 1] == pytest.approx(200)


def test_unlisted_pairs_are_unknown_or_nobody() -> None:
    pairs = {"unit": "people", "pairs": [["ana", "bo", 400]], "listed": ["ana", "bo", "cy"]}
    unknown = found(of({"overlaps": pairs}, *THREE))
    assert (unknown.pairs, unknown.unknown) == (1, 2)
    assert np.isnan(unknown.shared[0, 2])
    zero = found(of({"overlaps": {**pairs, "unlisted": "zero"}}, *THREE))
    assert (zero.pairs, zero.unknown) == (3, 0)
    assert zero.shared[0, 2] == 0
    assert shared(zero)[0, 2] < 20
    missing = {**pairs, "listed": ["ana", "bo"], "unlisted": "zero"}  # of cy the file says nothing at all
    assert np.isnan(found(of({"overlaps": missing}, *THREE)).shared[0, 2])


def test_offers_that_are_not_measured_are_spread_by_size() -> None:
    overlaps = {"unit": "people", "pairs": [["ana", "bo", 900], ["ana", "nano", 10]], "near": {"cy": "Cyd"}}
    planned = of({"overlaps": overlaps}, *THREE, offer("nano", 1, followers=100, reach_rate=1.0, most=50))
    result = found(planned)
    by_size = result.segments.people / PEOPLE
    np.testing.assert_allclose(result.segments.shares[2], by_size)
    np.testing.assert_allclose(result.segments.shares[3], by_size)
    assert not np.allclose(result.segments.shares[0], by_size, rtol=0.1)
    assert (result.unmeasured, result.several, result.near) == (("cy",), ("nano",), {"cy": "Cyd"})
    assert result.creators == 2


def test_more_shared_people_than_followers_are_told_with_the_line() -> None:
    overlaps = {
        "file": "pairs.csv",
        "unit": "people",
        "pairs": [["ana", "bo", 1200, 7], ["bo", "cy", 806, 9]],
    }
    (problem,) = [p for p in check(of({"overlaps": overlaps}, *THREE)) if "follow" in p.message]
    assert str(problem) == (
        "pairs.csv:7: 1,200 people follow ana and bo, but bo has only 1,000 followers who can be reached (correct the "
        "line, or followers of bo)"
    )
    rounded = {**overlaps, "pairs": [["bo", "cy", 806, 9]]}  # within 1 %: followers are rounded numbers
    assert found(of({"overlaps": rounded}, *THREE)).shared[1, 2] == 800


@pytest.mark.parametrize(
    ("audience", "message"),
    [
        ({"overlaps": "pairs.csv"}, "audience.overlaps: pairs.csv was not read (load the scenario from a file, or give "
         "unit and pairs)"),
        ({"overlaps": {"unit": "people", "pairs": [["x", "y", 5]]}},
         "audience.overlaps: no pair is left of offers that are one creator each and whose followers are known (write "
         "creators: {max: 1} in these offers)"),
        ({"followers": "f.csv"},
         "audience.followers: f.csv was not read (load the scenario from a file, or give groups)"),
        ({"followers": {"groups": [[["ana"], 9000], [["bo"], 2000]]}},
         "audience.followers: 11,000 people follow somebody, but the audience has only 10,000 (raise audience.people)"),
        ({"followers": {"groups": [[["ana"], 1500], [["ana", "bo"], 1000]]}, "people": 20_000},
         None),
        ({"followers": {"groups": [[["ana"], 1000], [["ana", "bo"], 900]]}},
         "offers[0]: ana has 2,000 followers in the audience, but the file lists 1,900 (set followers, reachable or "
         "on_target so that it has 1,900)"),
    ],
)  # fmt: skip
def test_message_is_exactly(audience: dict[str, Any], message: str | None) -> None:
    said = [str(p) for p in check(of(audience, one("ana", 2000), one("bo", 900)))]
    assert said == ([] if message is None else [message])


# --- who follows whom -------------------------------------------------------------------------------------


def test_groups_by_hand() -> None:
    """3 people follow ana, 2 both, 1 bo; 4 of 10 follow nobody."""
    groups = [[["ana"], 3], [["bo", "ana"], 2], [["bo"], 1]]
    result = found(of({"followers": {"groups": groups}, "people": 10}, one("ana", 5), one("bo", 3)))
    np.testing.assert_array_equal(result.segments.people, [3, 2, 1, 4])
    by_hand = [[3 / 5, 2 / 5, 0, 0], [0, 2 / 3, 1 / 3, 0]]
    np.testing.assert_allclose(result.segments.shares, by_hand, atol=2e-9)  # one in a billion is everybody's
    np.testing.assert_array_equal(result.shared[0, 1], 2)
    assert (result.latent, result.pairs, result.unknown) == (None, 1, 0)
    assert result.average_overlap == pytest.approx(2 / 3)


def test_groups_are_merged_for_the_creators_that_there_are() -> None:
    groups = [[["ana", "x"], 3], [["ana"], 2], [["x"], 4]]
    result = found(of({"followers": {"groups": groups}, "people": 10}, one("ana", 5)))
    np.testing.assert_array_equal(result.segments.people, [5, 5])


def test_everybody_may_follow_somebody() -> None:
    result = found(
        of({"followers": {"groups": [[["ana"], 5], [["bo"], 5]]}, "people": 10}, one("ana", 5), one("bo", 5))
    )
    np.testing.assert_array_equal(result.segments.people, [5, 5])


def test_reach_by_groups_is_the_number_of_people() -> None:
    """Every plan of random audiences: whole followings reached are counted, halves of them are expected by people."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        sets = [set(np.flatnonzero(rng.random(30) < share)) | {0} for share in rng.uniform(0.1, 0.8, 4)]
        people: dict[tuple[str, ...], int] = {}
        for person in range(30):
            key = tuple("abcd"[i] for i in range(4) if person in sets[i])
            people[key] = people.get(key, 0) + 1
        groups = [[list(key), n] for key, n in people.items() if key]
        offers = [one("abcd"[i], len(sets[i])) for i in range(4)]
        result = found(of({"followers": {"groups": groups}, "people": 31}, *offers))
        whole = np.array([len(s) for s in sets], dtype=float)
        for size, fraction in itertools.product((1, 2, 3, 4), (1.0, 0.5)):
            for plan in itertools.combinations(range(4), size):
                at = list(plan)
                follows = fraction * result.segments.shares[at] * whole[at, None] / result.segments.people
                reach = float(np.sum(result.segments.people * (1 - np.prod(1 - follows, axis=0))))
                true = sum(1 - (1 - fraction) ** sum(p in sets[i] for i in plan) for p in range(30))
                assert reach == pytest.approx(true, rel=1e-5)
                low, high = result.bounds(at, fraction * whole[at])
                assert low - 1e-9 <= true <= high + 1e-9


# --- bounds -----------------------------------------------------------------------------------------------


def test_bounds_of_a_plan() -> None:
    overlaps = {"unit": "people", "pairs": [["ana", "bo", 400], ["ana", "cy", 0], ["bo", "cy", 200]]}
    result = found(of({"overlaps": overlaps}, *THREE))
    assert result.bounds([0, 1], np.array([2000.0, 1000.0])) == pytest.approx((2600, 2600))
    assert result.bounds([0, 1], np.array([1000.0, 500.0])) == pytest.approx(
        (1400, 1400)
    )  # halves share a quarter
    low, high = result.bounds([0, 1, 2], np.array([2000.0, 1000.0, 800.0]))
    assert (low, high) == pytest.approx(
        (3200, 3200)
    )  # 400 and 200 are other people, or cy would share with ana
    assert result.bounds([], np.array([])) == (0.0, 0.0)


def test_two_creators_of_one_offer_may_be_anybody() -> None:
    overlaps = {"unit": "people", "pairs": [["ana", "bo", 400]]}
    planned = of({"overlaps": overlaps}, *THREE, offer("nano", 1, followers=100, reach_rate=1.0, most=50))
    assert found(planned).bounds([3, 3], np.array([100.0, 100.0])) == (100.0, 200.0)


# --- what `check` says ------------------------------------------------------------------------------------


def checked(folder: Path, audience: str, text: str, offers: str = "") -> str:
    (folder / "pairs.csv").write_text(text, encoding="utf-8")
    names = [("ana", 2000), ("bo", 1000), ("cy", 800)]
    listed = "".join(
        f"  - {{name: {name}, followers: {n}, reach_rate: 50%, cost_per_post: 9, creators: {{max: 1}}}}\n"
        for name, n in names
    )
    path = folder / "s.yaml"
    path.write_text(
        f"name: Spring\nbudget: 100\nobjective: reach\naudience: {{people: 10k, {audience}}}\n"
        f"offers:\n{listed}{offers}",
        encoding="utf-8",
    )
    result = CliRunner().invoke(cli, ["check", str(path)])
    assert result.exit_code == 0, result.output
    first, *rest = result.output.splitlines()
    assert first.startswith("Spring: can be planned.")
    return "\n".join(rest)


def test_check_says_how_well_segments_fit(tmp_path: Path) -> None:
    text = "a,b,people\nana,bo,400\nana,cyd,9\nbo,zoe,1\n"
    nano = "  - {name: nano, followers: 500, reach_rate: 50%, cost_per_post: 9, creators: {max: 9}}\n"
    lines = checked(tmp_path, "overlaps: pairs.csv", text + "ana,nano,3\n", nano).splitlines()
    assert lines[0] == "Overlaps: 1 pair of 2 creators; on average two share 40.0 % of the smaller audience."
    assert lines[1].startswith("10 segments by default: overlaps are met to ")
    assert lines[1].endswith("; too few pairs to hold some out and test that (fewer than 20).")
    assert lines[2:] == [
        "note: nothing is measured of cy ('cyd' in the file may be cy): counted as if everybody in the audience were "
        "as likely to follow them.",
        "note: nano may be several creators, so what is measured does not apply; creators: {max: 1} says it is one.",
        "note: 2 lines are about creators whom the scenario does not have.",
    ]


def test_check_says_which_pairs_are_unknown_and_keeps_a_given_number(tmp_path: Path) -> None:
    lines = checked(
        tmp_path, "overlaps: {file: pairs.csv, segments: 3}", "a,b,share\nana,bo,40%\nana,cy,5%\n"
    ).splitlines()
    assert lines[0] == (
        "Overlaps: 2 pairs of 3 creators; on average two share 24.4 % of the smaller audience; 1 more pair unknown."
    )
    assert lines[1].startswith("3 segments as given: overlaps are met to ")
    assert lines[2:] == [
        "note: the export leaves out pairs, which count as unknown. Say what it means: unlisted: zero where pairs that "
        "share nobody are left out, else unlisted: unknown."
    ]


@pytest.mark.parametrize("said", ["unknown", "zero"])
def test_check_asks_nothing_where_it_is_said_what_an_export_leaves_out(tmp_path: Path, said: str) -> None:
    text = "a,b,share\nana,bo,40%\nana,cy,5%\n"
    assert "unlisted" not in checked(tmp_path, f"overlaps: {{file: pairs.csv, unlisted: {said}}}", text)


def test_check_asks_nothing_where_pairs_that_share_nobody_are_listed(tmp_path: Path) -> None:
    text = "a,b,share\nana,bo,40%\nana,cy,0%\n"
    assert "unlisted" not in checked(tmp_path, "overlaps: pairs.csv", text)


def test_check_counts_followers(tmp_path: Path) -> None:
    text = "creator,person\n" + "".join(
        f"{name},{i}\n" for name, first, count in (("ana", 0, 2000), ("bo", 1600, 1000), ("cy", 5000, 800))
        for i in range(first, first + count)
    )  # fmt: skip
    assert checked(tmp_path, "followers: pairs.csv", text) == (
        "Followers: 3 creators, counted person by person as 5 groups of people who follow the same creators; on "
        "average two share 15.4 % of the smaller audience."
    )
