"""`optimize learn results.csv`, as a user runs it; and the calibration, on a made-up panel."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests import calibration
from tests.shell import Ran, optimize

HEAD = "Creator,Platform,Format,Followers,Post,Impressions,Likes,Comments,Shares,Saves,Paid\n"


def export(path: Path, creators: int = 8, currency: str = "USD") -> Path:
    rng = np.random.default_rng(4)
    lines = [HEAD.replace("Paid", f"Paid ({currency})")]
    for number in range(creators):
        for post in range(2):
            views = round(30_000 * math.exp(rng.normal(-0.5, 0.5)))
            likes = round(views * 0.05)
            paid = 400 + 10 * number if post == 0 else ""
            lines.append(
                f"@maker_{number},Instagram,Reel,30000,p{post},{views},{likes},{likes // 30},{likes // 9},"
                f"{likes // 11},{paid}\n"
            )
    path.write_text("".join(lines), encoding="utf-8")
    return path


def learn(folder: Path, *words: str) -> Ran:
    return optimize("learn", *words, cwd=folder)


def test_the_set_that_is_written_plans_and_reading_twice_changes_no_byte(tmp_path: Path) -> None:
    export(tmp_path / "results.csv")
    ran = learn(tmp_path, "results.csv", "-o", "house.yaml")
    assert ran.code == 0, ran.message
    assert ran.text.startswith("house: own results over global-2026\n")
    assert "16 results are known (16 new), of 8 creators by name." in " ".join(ran.text.split())
    assert ran.message == "wrote house.yaml; in a scenario: benchmarks: house.yaml\n"
    first = (tmp_path / "house.yaml").read_bytes()
    again = learn(tmp_path, "results.csv", "--house", "house.yaml", "-o", "house.yaml")
    assert again.code == 0, again.message
    assert (tmp_path / "house.yaml").read_bytes() == first
    assert "(0 new, 16 read before, which count once)" in " ".join(again.text.split())
    (tmp_path / "next.yaml").write_text(
        "budget: 5_000\nobjective: impressions\nbenchmarks: house.yaml\noffers:\n"
        "  - {name: maker_1, platform: instagram, format: reel, followers: 30_000, creators: {max: 1}}\n"
        "  - {tier: micro, platform: instagram, format: reel, creators: {max: 9}}\n",
        encoding="utf-8",
    )
    planned = optimize("next.yaml", "--format", "json", "--no-risk", cwd=tmp_path)
    assert planned.code == 0, planned.message
    sources = {(a["offer"], a["field"]): a["source"] for a in json.loads(planned.text)["assumptions"]}
    assert sources["maker_1", "reach_rate"].startswith("own results: 2, weight")
    assert sources["micro-instagram-reel", "reach_rate"].startswith("own results: 16 of 8 creators, weight")
    assert sources["maker_1", "cost_per_post"].startswith("own results: 1, weight")


def test_the_answer_as_json_has_groups_and_people(tmp_path: Path) -> None:
    export(tmp_path / "results.csv")
    found = json.loads(learn(tmp_path, "results.csv", "--format", "json").text)
    assert {entry["field"] for entry in found["groups"]} >= {"cost_per_post", "reach_rate", "engagement_rate"}
    assert len({entry["creator"] for entry in found["people"]}) == 8
    assert (found["results"], found["creators"], found["over"]) == (16, 8, "global-2026")
    entry = next(e for e in found["groups"] if e["field"] == "reach_rate" and e["tier"] == "micro")
    assert entry["new"] == pytest.approx(entry["old"] * entry["factor"], rel=0.01)


def test_every_named_creator_is_in_markdown(tmp_path: Path) -> None:
    export(tmp_path / "results.csv")
    text = learn(tmp_path, "results.csv", "--format", "md").text
    assert all(f"maker\\_{number}" in text for number in range(8))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name files of results: optimize learn results.csv -o house.yaml"),
        (("euro.csv",), "what was paid is in EUR, the benchmark set in USD"),
        (("results.csv", "-o", "house.csv"), "a benchmark set ends in .yaml or .yml, not in .csv"),
        (("results.csv", "--rate", "EUR"), "--rate EUR: write CODE=NUMBER"),
        (("results.csv", "--rate", "EUR=0"), "a rate is above 0"),
        (("results.csv", "--house", "rates.yaml"), "was not learnt from results"),
        (("results.csv", "--house", "none.yaml"), "none.yaml: cannot be read"),
        (("results.csv", "--next", "s.yaml"), "--next asks about a scenario"),
        (("results.csv", "-o", "results.yaml", "--house", "broken.yaml"), "no column 'fild'"),
    ],
)
def test_what_is_refused_says_why(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    export(tmp_path / "results.csv")
    export(tmp_path / "euro.csv", currency="EUR")
    (tmp_path / "rates.yaml").write_text(
        "name: rates\nas_of: 2026-01-01\ncorrections: {cost_per_post: x 0.8}\n", encoding="utf-8"
    )
    (tmp_path / "broken.yaml").write_text(
        "name: b\nas_of: 2026-01-01\nlearnt: |\n  fild,platform\n  reach_rate,instagram\n", encoding="utf-8"
    )
    ran = learn(tmp_path, *words)
    assert ran.code == 2
    assert message in " ".join(ran.message.split())
    assert not (tmp_path / "house.csv").exists()


def test_a_stated_rate_makes_euros_dollars(tmp_path: Path) -> None:
    export(tmp_path / "euro.csv", currency="EUR")
    half, one = (
        json.loads(learn(tmp_path, "euro.csv", "--rate", f"EUR={rate}", "--format", "json").text)["groups"]
        for rate in ("0.5", "1")
    )
    dear, cheap = (
        next(e["factor"] for e in found if e["field"] == "cost_per_post" and e["tier"])
        for found in (half, one)
    )
    assert dear > 1.5 * cheap


# --- calibration ---------------------------------------------------------------------------------------------


def test_the_calibration_scores_any_panel_of_that_shape(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    panel = tmp_path / "panel.csv"
    with panel.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(["platform", "creator", "month", "followers", "views", "likes", "comments", "shares"])
        for number in range(150):
            followers = round(math.exp(rng.normal(11, 1)))
            own, response = rng.normal(-1.5, 0.8), rng.normal(-3, 0.4)
            for month in ("2025-01", "2025-02", "2025-03"):
                views = followers * math.exp(own + rng.normal(0, 0.4))
                likes = views * math.exp(response + rng.normal(0, 0.15))
                write(["tiktok", f"a{number}", month, followers, round(views), round(likes), "", ""])
    found = list(calibration.scores(calibration.read(panel)))
    assert [(each.question, each.field) for each in found] == [
        (question, field) for question in calibration.QUESTIONS for field in calibration.FIELDS
    ]
    for each in found:
        assert each.learn <= 1.02 * np.nanmin([each.raw, each.tier]), each
        assert 0.7 <= each.inside <= 0.9, each
    assert calibration.table(found).count("\n") == 7


def test_without_a_panel_nothing_is_scored_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PANEL", raising=False)
    assert calibration.main([]) == 0
    assert capsys.readouterr().out.startswith("no panel given - nothing is scored; say where it is:")
    assert calibration.main([str(tmp_path / "none.csv")]) == 1
