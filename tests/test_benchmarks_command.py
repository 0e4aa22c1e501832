"""`optimize benchmarks` as a user meets it: by size, by tier, as JSON, as a page; and what is wrong with a question."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from optimizer.cli.commands import cli
from tests.documents import ROOT

RUNNER = CliRunner()


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli, ["benchmarks", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = RUNNER.invoke(cli, ["benchmarks", *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def test_the_answer_for_one_size():
    text = run("45k", "instagram", "reel", "--country", "IT")
    assert text.startswith("instagram reel, 45,000 followers (micro), Italy; global-2026\n")
    text = " ".join(text.split())
    for part in ("A post costs about", "8 in 10 sources", "8 in 10 creators", "CPM", "per 1,000 engagements",
                 "by weight", "Italy x 0.8"):  # fmt: skip
        assert part in text
    assert "No country: the fee is the mix of the sources" in run("45k", "instagram", "reel")


def test_json_says_the_same_and_what_follows_from_it():
    data = json.loads(run("45k", "instagram", "reel", "--country", "Italy", "--format", "json"))
    assert [data[key] for key in ("followers", "tier", "platform", "format", "country")] == [
        45_000, "micro", "instagram", "reel", "IT",
    ]  # fmt: skip
    fee, reach, rate = (data["fields"][name] for name in ("cost_per_post", "reach_rate", "engagement_rate"))
    for field in (fee, reach, rate):
        assert field["low"] < field["typical"] < field["high"]
        assert field["spread"] > 0
        assert field["kind"] == "benchmark"
        assert 0 < sum(source["weight"] for source in field["sources"]) <= 1
    assert rate["base"] == "followers"
    implied = data["implied"]
    assert implied["cpm"] == pytest.approx(1000 * fee["typical"] / (45_000 * reach["typical"]), rel=1e-3)
    assert implied["cpe"] == pytest.approx(fee["typical"] / (45_000 * rate["typical"]), rel=1e-3)
    hours = data["fields"]["hours_per_creator"]["typical"] + data["fields"]["hours_per_post"]["typical"]
    assert implied["hours_per_1000_engagements"] == pytest.approx(
        1000 * hours / (45_000 * rate["typical"]), rel=1e-3
    )


def test_views_are_the_base_where_rates_are_of_views():
    data = json.loads(run("45k", "tiktok", "--format", "json"))
    reach, rate = (data["fields"][name]["typical"] for name in ("reach_rate", "engagement_rate"))
    assert data["fields"]["engagement_rate"]["base"] == "impressions"
    assert data["implied"]["engagements"] == pytest.approx(45_000 * reach * rate, rel=1e-3)


def test_a_tier_is_its_geometric_middle():
    assert json.loads(run("micro", "instagram", "--format", "json"))["followers"] == 31_600
    assert json.loads(run("mega", "tiktok", "--format", "json"))["followers"] == pytest.approx(3_160_000)
    assert json.loads(run("mid", "tiktok", "--format", "json"))["followers"] == 158_000


def test_other_names_are_understood():
    assert run("45k", "ig", "reels") == run("45k", "instagram", "reel")
    assert run("45K", "Instagram", "REEL", "--country", "gb") == run(
        "45000", "instagram", "reel", "--country", "United Kingdom"
    )


def test_overviews():
    every = run()
    for place in ("instagram post", "tiktok video", "youtube video", "facebook post", "x post"):
        assert re.search(rf"^  {place}", every, re.M)
    assert every.count("  nano ") == every.count("  mega ") >= 10
    micro = json.loads(run("micro", "--format", "json"))
    assert {answer["tier"] for answer in micro} == {"micro"}
    sized = json.loads(run("45k", "--country", "VN", "--format", "json"))
    assert {(answer["followers"], answer["country"]) for answer in sized} == {(45_000, "VN")}


def test_own_set_with_corrections(tmp_path):
    (tmp_path / "house.yaml").write_text(
        "name: house\nas_of: 2026-11-01\ncorrections: {fee: x 0.8 for micro instagram}\n", encoding="utf-8"
    )
    own = json.loads(run("45k", "instagram", "--set", str(tmp_path / "house.yaml"), "--format", "json"))
    packaged = json.loads(run("45k", "instagram", "--format", "json"))
    ratio = own["fields"]["cost_per_post"]["typical"] / packaged["fields"]["cost_per_post"]["typical"]
    assert ratio == pytest.approx(0.8, rel=0.01)
    assert own["fields"]["reach_rate"] == packaged["fields"]["reach_rate"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("45k", "instagrm"), "has no platform 'instagrm'; did you mean 'instagram'?"),
        (("45k", "instagram", "igtv"), "its formats there are post, carousel, reel, story"),
        (("45k", "instagram", "--country", "Narnia"), "unknown country 'Narnia'"),
        (("45k", "instagram", "--country", "Narnia"), "IT, "),
        (("huge", "instagram"), "unknown tier 'huge' (known: nano, micro, mid, macro, mega)"),
        (("huge",), "unknown tier 'huge'"),
        (("0", "instagram"), "0 followers: a number from 1 to 8,200,000,000 is wanted"),
        (("9e15", "instagram"), "a number from 1 to 8,200,000,000 is wanted"),
        (("45.000", "instagram"), "could mean two numbers"),
        (("45,3k", "instagram"), "decimal comma"),
        (("45k", "instagram", "--set", "nowhere.yaml"), "cannot be read"),
        (("45k", "instagram", "--plot", "curve.png"), "curve.png"),
        (("45k", "--plot", "curve.html"), "--plot draws one platform"),
    ],
)
def test_wrong_questions_are_answered(arguments, message):
    assert message in refused(*arguments)


def test_the_page_draws_three_curves(tmp_path):
    pytest.importorskip("vl_convert")
    file = tmp_path / "curve.html"
    assert "A post costs about" in run("45k", "tiktok", "--country", "IT", "--plot", str(file))
    page = file.read_text(encoding="utf-8")
    for title in ("Fee of a post, USD", "Reach rate, %", "Engagement rate, % of impressions"):
        assert title in page
    assert page.count("<svg") >= 6  # wide and narrow


def test_own_figures_are_not_called_public_and_currencies_are_told_apart(tmp_path):
    (tmp_path / "house.yaml").write_text(
        "name: house\nas_of: 2026-11-01\ncurrency: EUR\n"
        "figures: [{field: cost_per_post, platform: instagram, low: 250, typical: 380, high: 600}]\n",
        encoding="utf-8",
    )
    own = run("micro", "instagram", "--set", str(tmp_path / "house.yaml"))
    assert "A post costs about 380 EUR (250 to 600)," in own
    assert "No country" not in own
    both = run("micro", "--set", str(tmp_path / "house.yaml"))
    assert re.search(r"instagram post +31,600 +380 EUR ", both)
    assert re.search(r"tiktok video +31,600 +[\d,]+ USD ", both)
    assert "fee, CPM and CPE (fee per engagement) in EUR or USD" in " ".join(both.split())


def test_a_set_that_stands_alone_is_shown(tmp_path):
    (tmp_path / "house.yaml").write_text(
        "name: house\nas_of: 2026-11-01\nover: none\nfigures: [{field: cost_per_post, typical: 380}]\n",
        encoding="utf-8",
    )
    assert "A post costs about 380 USD" in run("micro", "instagram", "--set", str(tmp_path / "house.yaml"))
    assert "tiktok video" in run("micro", "--set", str(tmp_path / "house.yaml"))


def test_what_a_plan_counts_is_said_beside_what_followers_do():
    data = json.loads(run("45k", "instagram", "reel", "--format", "json"))
    shares = [data["fields"][name]["typical"] for name in ("authentic", "completion")]
    assert data["implied"]["cpe_planned"] == pytest.approx(
        data["implied"]["cpe"] / shares[0] / shares[1], rel=1e-3
    )
    assert "of real followers, and of those creators who post" in " ".join(
        run("45k", "instagram", "reel").split()
    )


def test_every_key_of_the_json_stands_in_the_reference():
    page = (
        (ROOT / "docs" / "reference" / "outputs.md")
        .read_text(encoding="utf-8")
        .partition("## Benchmarks as JSON")[2]
    )
    data = json.loads(run("45k", "instagram", "reel", "--format", "json"))
    keys = {*data, *data["implied"], *(key for field in data["fields"].values() for key in field)}
    assert {key for key in keys if f"`{key}`" not in page} == set()
