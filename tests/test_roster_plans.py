"""A scenario with `rosters:` plans; its saved plan needs no file; how the file is written changes nothing."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario, optimize
from optimizer.plan.saved import read_plan
from tests.rosters import saved

HEADERS = ["Username", "Platform", "Country", "Followers", "Est. fee", "ER", "Niche"]
ROWS = [
    [
        f"name{i:02}",
        ("Instagram", "TikTok")[i % 2],
        ("Italy", "Germany", "Spain")[i % 3],
        str(4000 + 3700 * i),
        "" if i % 5 == 4 else str(60 + 31 * i),
        f"{1 + (7 * i) % 5}.{i % 10}%",
        ("Food", "Sport")[i % 2],
    ]
    for i in range(24)
]
SCENARIO = """
budget: 2_500
effort_hours: 60
objective: engagements
rosters:
  - file: {file}
    defaults: {{hours_per_creator: 4, hours_per_post: 1}}
    offer: {{posts_per_creator: {{min: 1, max: 2}}, repeat_decay: 20%}}
limits:
  - {{measure: cost, where: {{platform: tiktok}}, max: 60% of cost}}
"""


def csv_text(rows: list[list[str]] = ROWS, delimiter: str = ",", end: str = "\n") -> str:
    return "".join(delimiter.join(line) + end for line in [HEADERS, *rows])


def planned(folder: Path, content: str | bytes, file: str = "creators.csv") -> dict[str, Any]:
    path = saved(folder, {"plan.yaml": SCENARIO.format(file=file), file: content})
    scenario = load_scenario(path)
    plan = optimize(scenario, draws=0)
    lines = [(line.offer, line.creators, line.posts_per_creator, line.cost) for line in plan.lines]
    return {"sha": scenario.sha256(), "lines": lines, "totals": plan.totals.model_dump(), "plan": plan}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return planned(tmp_path_factory.mktemp("plain"), csv_text())


def test_each_row_is_an_offer_with_room_for_one(tmp_path: Path, plain: dict[str, Any]) -> None:
    scenario = load_scenario(
        saved(tmp_path, {"plan.yaml": SCENARIO.format(file="c.csv"), "c.csv": csv_text()})
    )
    assert [offer.name for offer in scenario.offers] == sorted(row[0] for row in ROWS)
    by_name = {offer.name: offer for offer in scenario.offers}
    for name, platform, country, followers, fee, rate, niche in ROWS:
        offer = by_name[name]
        assert (offer.platform, offer.country) == (
            platform.lower(),
            {"Italy": "IT", "Germany": "DE", "Spain": "ES"}[country],
        )
        assert offer.followers is not None
        assert offer.followers.typical == float(followers)
        assert (offer.cost_per_post and offer.cost_per_post.typical) == (float(fee) if fee else None)
        assert offer.engagement_rate is not None
        assert offer.engagement_rate.typical == pytest.approx(float(rate.rstrip("%")) / 100)
        assert (offer.creators.max, offer.tags["niche"]) == (1, niche)
    assert plain["plan"].status == "optimal"
    assert all(line[1] == 1 for line in plain["lines"])


OTHER_WAYS = {
    "semicolons": (csv_text(delimiter=";"), "creators.csv"),
    "Windows line ends": (csv_text(end="\r\n"), "creators.csv"),
    "UTF-16": (csv_text().encode("utf-16"), "creators.csv"),
    "UTF-8 with BOM": (csv_text().encode("utf-8-sig"), "creators.csv"),
    "duplicated rows": (csv_text([*ROWS, ROWS[3], ROWS[11], ROWS[3]]), "creators.csv"),
    "a duplicate with @": (csv_text([*ROWS, ["@" + ROWS[0][0], *ROWS[0][1:]]]), "creators.csv"),
    "backwards": (csv_text(ROWS[::-1]), "creators.csv"),
    "shuffled": (csv_text(random.Random(5).sample(ROWS, len(ROWS))), "creators.csv"),
    "title lines": ("Export of March\n\n" + csv_text(), "creators.csv"),
}


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_how_the_file_is_written_changes_nothing(way: str, tmp_path: Path, plain: dict[str, Any]) -> None:
    content, file = OTHER_WAYS[way]
    again = planned(tmp_path, content, file)
    assert again["sha"] == plain["sha"]
    assert (again["lines"], again["totals"]) == (plain["lines"], plain["totals"])


def test_tabs_in_another_file_change_no_booking(tmp_path: Path, plain: dict[str, Any]) -> None:
    again = planned(tmp_path, csv_text(delimiter="\t"), "creators.tsv")
    assert (again["lines"], again["totals"]) == (plain["lines"], plain["totals"])


def test_a_changed_row_changes_the_fingerprint(tmp_path: Path, plain: dict[str, Any]) -> None:
    changed = [*ROWS[:5], [*ROWS[5][:4], "999", *ROWS[5][5:]], *ROWS[6:]]
    assert planned(tmp_path, csv_text(changed))["sha"] != plain["sha"]


def test_the_same_as_offers_written_by_hand(tmp_path: Path, plain: dict[str, Any]) -> None:
    offers = "".join(
        f"  - {{name: {n}, platform: {p}, country: {c}, followers: {f}, engagement_rate: {r}, tags: {{niche: {t}}}, "
        + (f"cost_per_post: {fee}, " if fee else "")
        + "creators: {max: 1}, hours_per_creator: 4, hours_per_post: 1, posts_per_creator: {min: 1, max: 2}, "
        "repeat_decay: 20%}\n"
        for n, p, c, f, fee, r, t in ROWS
    )
    head = SCENARIO[: SCENARIO.index("rosters:")] + "benchmarks: global-2026\n"
    tail = SCENARIO[SCENARIO.index("limits:") :].format()
    path = saved(tmp_path, {"plan.yaml": head + "offers:\n" + offers + tail})
    plan = optimize(load_scenario(path), draws=0)
    lines = [(line.offer, line.creators, line.posts_per_creator, line.cost) for line in plan.lines]
    assert (lines, plan.totals.model_dump()) == (plain["lines"], plain["totals"])


def test_a_saved_plan_is_read_and_checked_without_the_file(tmp_path: Path, plain: dict[str, Any]) -> None:
    text = plain["plan"].model_dump_json()
    again = read_plan(text, "plan.json")
    assert again.totals == plain["plan"].totals
    assert "rosters" not in json.loads(text)["inputs"]
    edited = json.loads(text)
    edited["inputs"]["offers"][0]["followers"] = 1
    with pytest.raises(ScenarioError):
        read_plan(json.dumps(edited), "plan.json")


def test_what_a_row_lacks_is_filled_at_its_own_size_and_marked(plain: dict[str, Any]) -> None:
    from optimizer.benchmarks.lookup import Place, benchmarks_of

    plan = plain["plan"]
    fees = {a.offer: a for a in plan.assumptions if a.field == "cost_per_post"}
    for name, platform, country, followers, fee, _, _ in ROWS:
        code = {"Italy": "IT", "Germany": "DE", "Spain": "ES"}[country]
        if fee:
            assert (fees[name].origin, fees[name].value, fees[name].source) == (
                "yours",
                float(fee),
                "creators.csv",
            )
        else:
            place = Place(None, platform.lower(), None, float(followers), code)
            found = benchmarks_of("global-2026").figure("cost_per_post", place)
            assert found is not None
            assert fees[name].origin in ("benchmark", "assumption")
            assert fees[name].value == pytest.approx(found.figure.typical)


def test_a_booking_that_rests_on_a_filled_fee_carries_a_flag(plain: dict[str, Any]) -> None:
    plan = plain["plan"]
    booked = {line.offer for line in plan.lines}
    filled = sorted(row[0] for row in ROWS if not row[4] and row[0] in booked)
    flags = [flag for flag in plan.flags if flag.code == "filled-in"]
    assert bool(flags) == bool(filled)
    assert filled, "the case must book one"
    assert flags[0].message.startswith(f"{len(filled)} of {len(booked)} named creators booked")
    assert all(name in flags[0].message for name in filled[:3])
    assert flags[0].severity == "warning"


def test_fill_never_refuses_rows_without_a_fee(tmp_path: Path) -> None:
    text = SCENARIO.replace("    defaults", "    fill: never\n    defaults").format(file="c.csv")
    path = saved(tmp_path, {"plan.yaml": text, "c.csv": csv_text()})
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    at = {(Path(p.file or "").name, p.line) for p in error.value.problems}
    assert at == {("c.csv", i + 2) for i, row in enumerate(ROWS) if not row[4]}
    assert all("cost" in p.message and "fill: never" in p.hint for p in error.value.problems)
    full = csv_text([row for row in ROWS if row[4]])
    text = text.replace("engagements", "engagements\nbenchmarks: global-2026")
    plan = optimize(load_scenario(saved(tmp_path, {"plan.yaml": text, "c.csv": full})), draws=0)
    assert not {a.origin for a in plan.assumptions} & {"benchmark", "assumption"}


def test_rows_can_be_changed_by_name_and_set(tmp_path: Path) -> None:
    text = (
        SCENARIO.format(file="c.csv")
        + "offers:\n  name03: {cost_per_post: 7, creators: {min: 1}}\n  name04: null\n"
    )
    path = saved(tmp_path, {"plan.yaml": text, "c.csv": csv_text()})
    scenario = load_scenario(
        path, {"offers.name06.cost_per_post": 8, "rosters[0].keep": {"country": ["IT", "DE"]}}
    )
    by_name = {offer.name: offer for offer in scenario.offers}
    assert by_name["name03"].cost_per_post is not None
    assert by_name["name03"].cost_per_post.typical == 7
    assert "name04" not in by_name
    assert {offer.country for offer in scenario.offers} == {"IT", "DE"}
    assert by_name["name06"].cost_per_post is not None
    assert by_name["name06"].cost_per_post.typical == 8
    with pytest.raises(ScenarioError, match="nothing in offers is named 'name05'"):  # of Spain, not kept
        load_scenario(path, {"offers.name05.cost_per_post": 8, "rosters[0].keep": {"country": ["IT", "DE"]}})


def test_a_roster_stands_beside_offers_and_other_rosters(tmp_path: Path) -> None:
    text = SCENARIO.format(file="c.csv").replace(
        "limits:", "  - file: sub/d.csv\n    defaults: {platform: youtube}\nlimits:"
    )
    text += "offers:\n  - {tier: nano, platform: instagram, cost_per_post: 60, creators: {max: 5}}\n"
    (tmp_path / "sub").mkdir()
    path = saved(
        tmp_path, {"plan.yaml": text, "c.csv": csv_text(), "sub/d.csv": "username,followers\nzed,9000\n"}
    )
    scenario = load_scenario(path)
    assert len(scenario.offers) == 26
    assert {offer.platform for offer in scenario.offers if offer.name == "zed"} == {"youtube"}


def test_the_file_is_looked_for_from_the_scenario_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    files = {
        "plan.yaml": "extends: house/base.yaml\nbudget: 900\n",
        "house/base.yaml": SCENARIO.format(file="c.csv"),
        "house/c.csv": csv_text(),
    }
    assert len(load_scenario(saved(tmp_path, files)).offers) == 24


def test_prices_in_another_currency_are_converted(tmp_path: Path) -> None:
    text = (
        "currency: EUR\nbudget: 1_000\nobjective: impressions\nexchange_rates: {USD: 2}\nrosters:\n"
        "  - file: c.csv\n    defaults: {platform: instagram, hours_per_creator: 1}\n"
    )
    rows = "username,followers,fee\na,5000,$100\nb,6000,€ 90\nc,7000,85\n"
    scenario = load_scenario(saved(tmp_path, {"plan.yaml": text, "c.csv": rows}))
    assert {offer.name: offer.currency for offer in scenario.offers} == {"a": "USD", "b": None, "c": None}
    plan = optimize(scenario, draws=0)
    fees = {a.offer: a.value for a in plan.assumptions if a.field == "cost_per_post"}
    assert fees == {"a": 50, "b": 90, "c": 85}


WRONG = {
    "no such file": ("rosters: [{file: none.csv}]", "there is no such file"),
    "a mapping": ("rosters: {file: c.csv}", "a list of files is wanted here"),
    "unknown key": ("rosters: [{file: c.csv, colums: {}}]", "unknown key 'colums'"),
    "no file": ("rosters: [{columns: {}}]", "this key is required"),
    "unknown field": ("rosters: [{file: c.csv, defaults: {platfrom: x}}]", "unknown key 'platfrom'"),
    "a name for all": ("rosters: [{file: c.csv, offer: {name: x}}]", "each row has its own name"),
    "no such header": (
        "rosters: [{file: c.csv, columns: {followers: Fanz}}]",
        "no column has the header 'Fanz'",
    ),
    "nothing kept": (
        "rosters: [{file: c.csv, keep: {followers: {min: 1M}}}]",
        "none of the 24 rows of c.csv takes part",
    ),
    "another file": ("rosters: [{file: plan.pdf}]", "there is no such file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_the_scenario_is_told_at_its_line(name: str, tmp_path: Path) -> None:
    line, message = WRONG[name]
    path = saved(tmp_path, {"plan.yaml": f"objective: engagements\n{line}\nbudjet: 5\n", "c.csv": csv_text()})
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    first, *rest = error.value.problems
    assert message in first.message
    assert first.hint
    assert (Path(first.file or "").name, first.line) == ("plan.yaml", 2)
    assert any("unknown key 'budjet'" in problem.message for problem in rest)  # all at once


def test_problems_of_the_file_have_its_line_and_column(tmp_path: Path) -> None:
    broken = csv_text([[*ROWS[0][:4], "abc", *ROWS[0][5:]], [*ROWS[1][:3], "many", *ROWS[1][4:]], *ROWS[2:]])
    path = saved(tmp_path, {"plan.yaml": SCENARIO.format(file="c.csv") + "budjet: 5\n", "c.csv": broken})
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    told = {(Path(p.file or "").name, p.line, p.column) for p in error.value.problems}
    assert told >= {("c.csv", 2, 5), ("c.csv", 3, 4)}
    assert any(name == "plan.yaml" for name, _, _ in told)


def test_a_value_that_no_offer_can_have_is_told_at_its_cell(tmp_path: Path) -> None:
    text = SCENARIO.format(file="c.csv")
    rows = "Username,Platform,Followers\na,tiktok,5000\nb,instagram,6000\n"
    text = text.replace("repeat_decay: 20%", "repeat_decay: 200%")
    with pytest.raises(ScenarioError) as error:
        load_scenario(saved(tmp_path, {"plan.yaml": text, "c.csv": rows}))
    (problem,) = error.value.problems  # once, not once for each row
    assert (Path(problem.file or "").name, problem.line) == ("plan.yaml", 8)


def test_a_person_of_two_accounts_is_one_where_a_column_says_so(tmp_path: Path) -> None:
    text = SCENARIO.format(file="c.csv")
    rows = (
        "Username,Platform,Followers,Creator ID\na,tiktok,5000,p1\nb,instagram,6000,p1\nc,instagram,7000,p2\n"
    )
    scenario = load_scenario(saved(tmp_path, {"plan.yaml": text, "c.csv": rows}))
    assert {offer.name: offer.person for offer in scenario.offers} == {"a": "p1", "b": "p1", "c": "p2"}


def test_one_account_in_two_files_is_asked_back_and_on_two_platforms_is_two(tmp_path: Path) -> None:
    text = SCENARIO.format(file="a.csv").replace(
        "limits:", "  - file: b.csv\n    defaults: {platform: tiktok}\nlimits:"
    )
    rows = "Username,Platform,Followers\nanna,instagram,5000\nben,tiktok,6000\n"
    files = {"plan.yaml": text, "a.csv": rows, "b.csv": "user,followers\nAnna,8000\ncleo,7000\n"}
    names = [offer.name for offer in load_scenario(saved(tmp_path, files)).offers]
    assert names == ["anna-instagram", "ben", "Anna-tiktok", "cleo"]
    with pytest.raises(ScenarioError) as error:
        load_scenario(saved(tmp_path, files | {"b.csv": "user,followers\ncleo,7000\n@Ben,6000\n"}))
    (problem,) = error.value.problems
    assert (Path(problem.file or "").name, problem.line) == ("b.csv", 3)
    assert "a.csv, line 3, too" in problem.message
