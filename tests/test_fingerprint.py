"""Fingerprints, the way to JSON and back, and benchmark files that a scenario names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, load_scenario, optimize, parse_scenario
from optimizer.language.quantities import Estimate
from optimizer.program.program import program_of
from tests.test_load import FULL, write

# --- fingerprint and round trip ----------------------------------------------------------------------------

SAME = [
    FULL,
    "# a comment\n" + FULL,
    FULL.replace("60_000", "60000.0"),
    FULL.replace("8%", "0.08").replace("12M", "12_000_000"),
    FULL.replace("tier: macro}", "tier: [macro]}"),
    FULL.replace("reach]", "{maximize: reach}]"),
    FULL.replace("measures: {samples: {per: creator}}", "measures: {samples: creator}"),
    FULL.replace("tier: nano", "tier: Nano"),
    FULL + "solver: {gap: 0.01%, whole_creators: true}\nnotes: null\n",
    "\n".join(reversed(FULL.split("\n", 5)[:5])) + "\n" + FULL.split("\n", 5)[5],
]


@pytest.mark.parametrize("text", SAME)
def test_equal_content_has_equal_fingerprints(text: str) -> None:
    scenario, other = parse_scenario(text), parse_scenario(FULL)
    assert scenario.sha256() == other.sha256()
    assert scenario == other
    assert hash(scenario) == hash(other)


@pytest.mark.parametrize(
    "change",
    [
        {"budget": 60_001},
        {"name": "Summer"},
        {"offers[0].cost_per_post": [59, 60, 61]},
        {"offers[1].tags.market": "UK"},
        {"limits[1].max": "33.31% of budget"},
        {"limits[0].measure": "posts"},
        {"solver.gap": 0},
        {"objective[0].within": 0},
        {"measures.samples.per": "post"},
    ],
    ids=str,
)
def test_other_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    scenario = parse_scenario(FULL)
    assert scenario.with_changes(change).sha256() != scenario.sha256()
    assert scenario.with_changes(change) != scenario


def test_fingerprint_is_the_same_on_every_machine_and_in_every_version() -> None:
    """Plans carry it; a change of this value makes saved plans look as if they came from another scenario."""
    text = "objective: creators\nbudget: 10\noffers: [{cost_per_post: 1}]\n"
    assert parse_scenario(text).sha256() == FINGERPRINT


FINGERPRINT = "63e15a61dc02ba7f851ec44886aee31adbc11bf307913ceb147fbc9c63f18f69"


@pytest.mark.parametrize("only_set", [True, False])
def test_json_gives_an_equal_scenario_again(tmp_path: Path, only_set: bool) -> None:
    scenario = parse_scenario(FULL.replace("33.3%", "0.1234567890123456"))
    text = scenario.model_dump_json(exclude_unset=only_set)
    (tmp_path / "spring.json").write_text(text)
    for again in (
        Scenario.model_validate_json(text),
        parse_scenario(text),
        load_scenario(tmp_path / "spring.json"),
    ):
        assert again == scenario
        assert again.sha256() == scenario.sha256()


def test_python_values_give_an_equal_scenario_again() -> None:
    scenario = parse_scenario(FULL)
    assert Scenario.model_validate(scenario.model_dump()) == scenario


# --- benchmark files ---------------------------------------------------------------------------------------

RATES = """\
name: house
as_of: 2025-06-01
currency: USD
over: none
figures:
  - {field: followers, tier: nano, platform: instagram, typical: 4000}
  - {field: cost_per_post, tier: nano, platform: instagram, low: 40, typical: 60, high: 90,
     sources: [House 2025]}
  - {field: engagement_rate, tier: nano, platform: instagram, typical: 5%}
"""
TOP = "objective: engagements\nbudget: 600\nbenchmarks: {}\noffers: [{{tier: nano, platform: instagram}}]\n"


@pytest.mark.parametrize("name", ["rates.yaml", "./rates.yaml", "./rates.YML", "sub/rates.yaml"])
def test_benchmark_file_is_found_from_the_scenario_and_becomes_part_of_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "plans"
    (folder / "sub").mkdir(parents=True)
    (folder / name).write_text(RATES)
    (folder / "top.yaml").write_text(TOP.format(name))
    scenario = load_scenario(folder / "top.yaml")
    (folder / name).unlink()
    assert optimize(scenario).objective.value == pytest.approx(10 * 4000 * 0.05)
    again = Scenario.model_validate_json(scenario.model_dump_json())
    assert again == scenario
    price = program_of(again).packages.terms[0].numbers["cost_per_post"]
    assert price.estimate == Estimate(40, 60, 90)
    assert price.origin == "benchmark"
    assert "House 2025" in price.source


def test_benchmark_file_of_a_base_is_found_from_the_base(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    write(tmp_path / "house", rates=RATES, base="benchmarks: rates.yaml\n")
    write(
        tmp_path,
        top=TOP.replace("benchmarks: {}", "extends: house/base.yaml").replace("{{", "{").replace("}}", "}"),
    )
    assert isinstance(load_scenario(tmp_path / "top.yaml").benchmarks, dict)


def test_benchmark_file_of_an_override_is_found_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    write(tmp_path / "here", rates=RATES)
    write(tmp_path, top=TOP.format("global-2026"))
    monkeypatch.chdir(tmp_path / "here")
    assert isinstance(load_scenario("../top.yaml", {"benchmarks": "rates.yaml"}).benchmarks, dict)


def test_fingerprint_covers_the_figures_of_a_benchmark_file(tmp_path: Path) -> None:
    write(tmp_path, rates=RATES, top=TOP.format("rates.yaml"))
    before = load_scenario(tmp_path / "top.yaml").sha256()
    write(tmp_path, rates=RATES.replace("typical: 60", "typical: 61"))
    assert load_scenario(tmp_path / "top.yaml").sha256() != before


def test_a_thousand_offers_load_in_one_pass() -> None:
    """A roster; each offer is read, checked and resolved once."""
    offer = {
        "tier": "nano",
        "followers": 4000,
        "cost_per_post": 60,
        "engagement_rate": 0.05,
        "creators": {"max": 1},
    }
    offers = [{"name": f"creator {i}", **offer} for i in range(1000)]
    scenario = parse_scenario(json.dumps({"objective": "engagements", "budget": 1000, "offers": offers}))
    assert len(program_of(scenario).packages.terms) == 1000
