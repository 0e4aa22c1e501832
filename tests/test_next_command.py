"""`optimize learn --next` as a shell sees it: what it prints, its exit codes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer import NextTests, load_scenario, next_tests
from optimizer.cli.commands import cli
from tests.shell import optimize

AUTUMN = """\
name: Autumn
currency: USD
budget: 30_000
effort_hours: 240
objective: engagements
offers:
  - {name: reels, platform: instagram, cost_per_post: 480, engagements_per_post: 1_150, hours_per_creator: 4,
     creators: {max: 60}}
  - {name: tiktoks, platform: tiktok, cost_per_post: 450, hours_per_creator: 4, engagements_per_post: [400, 950, 2_300],
     spread: 0.6, post_spread: 0.4, creators: {max: 60}}
  - {name: the host, platform: youtube, cost_per_post: [5_000, 6_500, 11_000], engagements_per_post: 15_000,
     hours_per_creator: 20, creators: {max: 1}}
"""


@pytest.fixture
def autumn(tmp_path: Path) -> Path:
    path = tmp_path / "autumn.yaml"
    path.write_text(AUTUMN, encoding="utf-8")
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["learn", *(str(word) for word in words)])


def test_the_answer_comes_first_and_is_the_library_s(autumn: Path) -> None:
    ran = optimize("learn", "--next", str(autumn))
    assert (ran.code, ran.err) == (0, b"")
    lines = ran.text.splitlines()
    assert lines[0] == "Autumn"
    assert " ".join(lines[1:4]).startswith(
        "Test engagements_per_post of tiktoks first: knowing it is worth about "
    )
    assert "which would have brought 950 engagements." in " ".join(lines[:5])
    assert max(map(len, lines)) <= 80
    told = optimize("learn", "--next", str(autumn), "--format", "json", "--jobs", "2")
    assert (told.code, told.err) == (0, b"")
    found = NextTests.model_validate_json(told.text)
    assert found == next_tests(load_scenario(autumn))
    assert found.numbers[0].net == pytest.approx(found.numbers[0].test_value - 950)  # type: ignore[operator]


def test_it_is_written_to_files(autumn: Path) -> None:
    for name, begins in (("n.json", "{"), ("n.md", "# Autumn"), ("n.txt", "Autumn")):
        path = autumn.with_name(name)
        assert run("--next", autumn, "-o", path, "--jobs", "1").exit_code == 0
        assert path.read_text(encoding="utf-8").startswith(begins)


def test_hours_of_asking_and_changes_count(autumn: Path) -> None:
    tight = ("--next", autumn, "--set", "effort_hours=216", "--jobs", "1", "--format", "json")
    by_hours = {}
    for hours in ("0", "3"):
        found = json.loads(run(*tight, "--quote-hours", hours).stdout)
        (fee,) = (one for one in found["numbers"] if one["field"] == "cost_per_post")
        by_hours[hours] = fee
    assert (by_hours["0"]["brought"], by_hours["0"]["worth_it"]) == (0, True)
    assert by_hours["3"]["hours"] == 3
    assert by_hours["3"]["brought"] > 0
    assert by_hours["0"]["value"] == by_hours["3"]["value"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name files of results: optimize learn results.csv -o house.yaml; or a scenario: --next"),
        (("--next", "FILE", "--quote-hours", "-1"), "--quote-hours: -1 is negative"),
        (("--next", "FILE", "--quote-hours", "soon"), "--quote-hours: "),
        (("--next", "FILE", "-o", "next.csv"), "use --format text, json or md"),
        (("--next", "none.yaml"), "there is no such file"),
        (
            ("--next", "FILE", "--set", "objective={maximize: engagements, confidence: 90%}"),
            "ask without it, e.g. --set objective=engagements",
        ),
    ],
)
def test_bad_usage_says_what_to_write(autumn: Path, words: tuple[str, ...], message: str) -> None:
    ran = run(*(autumn if word == "FILE" else word for word in words))
    assert ran.exit_code == 2
    assert message in ran.stderr


def test_without_a_plan_the_reason_is_told(autumn: Path) -> None:
    ran = run("--next", autumn, "--set", "limits=[{measure: posts, min: 500}]", "--jobs", "1")
    assert ran.exit_code == 3
    assert "No plan satisfies every limit" in ran.stderr


def test_names_from_a_file_are_shown_safely(autumn: Path) -> None:
    autumn.write_text(AUTUMN.replace("name: tiktoks", 'name: "tik\\e[31m|toks"'), encoding="utf-8")
    ran = optimize("learn", "--next", str(autumn), "--jobs", "1")
    assert ran.code == 0
    assert b"\x1b" not in ran.out
    told = run("--next", autumn, "--jobs", "1", "--format", "md").stdout
    assert "\x1b" not in told
    assert "\\|toks" in told
