"""Malformed scenarios: the exact message of each, and no input that ends in anything but a message.

The scenarios and their messages stand in tests/malformed/*.txt; here are only those that a text cannot hold.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario, parse_scenario
from optimizer.language.yaml12 import read_yaml

FOLDER = Path(__file__).with_name("malformed")
GOOD = """\
objective: creators
offers:
  - {creators: {max: 3}}
"""


@dataclass
class Case:
    name: str
    files: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for block in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            lines = block.rstrip("\n").split("\n")
            case = Case(f"{path.stem}: {lines[0]}", {"scenario.yaml": ""})
            file = "scenario.yaml"
            for line in lines[1:]:
                if line.startswith(">> "):
                    case.messages.append(line[3:])
                elif line.startswith("@@ "):
                    file = line[3:]
                    case.files[file] = ""
                else:
                    case.files[file] += line + "\n"
            found.append(case)
    return found


CASES = cases()


def messages(path: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_message_is_exactly(case: Case) -> None:
    for name, text in case.files.items():
        Path(name).write_text(text, encoding="utf-8")
    assert messages("scenario.yaml") == case.messages


def test_there_are_enough_cases_and_each_says_something() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(case.messages for case in CASES)


def test_no_message_speaks_of_pydantic_or_python() -> None:
    jargon = re.compile(
        r"pydantic|validation error|input should|type=|value_error|\bstr\b|\bdict\b|\bint\b|\bfloat\b"
        r"|\bNone\b|\bnode\b|\btoken\b|Traceback|function-|<class|\bis is\b|\bare is\b|\(\)|  "
    )
    wrong = [m for case in CASES for m in case.messages if jargon.search(m)]
    assert not wrong


# --- files that a text cannot hold -------------------------------------------------------------------------


def test_missing_file_names_the_one_that_is_there() -> None:
    Path("launch.yaml").write_text(GOOD)
    assert messages("lunch.yaml") == ["lunch.yaml: there is no such file (did you mean 'launch.yaml'?)"]


def test_missing_file_alone() -> None:
    assert messages("lunch.yaml") == ["lunch.yaml: there is no such file"]


def test_names_of_bases_and_sets_that_no_file_can_have() -> None:
    for key in ("extends", "benchmarks"):
        for name in ("x" * 300 + ".yaml", "a/" * 3000 + ".yaml", "a\\0.yaml"):
            Path("s.yaml").write_text(f'{GOOD}{key}: "{name}"\n')
            (message,) = messages("s.yaml")
            assert message.startswith(f"s.yaml:4:1: {key}: ")
    Path("loop.yaml").symlink_to("loop.yaml")
    Path("s.yaml").write_text(f"{GOOD}extends: loop.yaml\n")
    (message,) = messages("s.yaml")
    assert message.startswith("s.yaml:4:1: extends: ")


def test_folder_instead_of_a_file() -> None:
    Path("plans.yaml").mkdir()
    assert messages("plans.yaml") == ["plans.yaml: this is a folder, not a scenario file"]


def test_file_of_more_than_ten_megabytes_is_not_read() -> None:
    Path("big.yaml").write_bytes(b"# " + b"x" * 10_000_000)
    assert messages("big.yaml") == [
        "big.yaml: the file is larger than 10 MB (a scenario is a few kilobytes; is this the right file?)"
    ]


def test_byte_that_is_not_utf8_is_located_in_characters() -> None:
    Path("latin.yaml").write_bytes(GOOD.encode() + "name: Zürich – café".encode() + b" \xe9t\xe9\n")
    assert messages("latin.yaml") == ["latin.yaml:4:21: byte 0xe9 is not UTF-8 text (save the file as UTF-8)"]


@pytest.mark.parametrize(
    ("character", "shown"), [("\a", "U+0007"), ("\0", "U+0000"), ("\x7f", "U+007F"), ("￾", "U+FFFE")]
)
def test_control_character_is_located(character: str, shown: str) -> None:
    Path("bell.yaml").write_text(GOOD + f"name: x{character}\n", encoding="utf-8")
    assert messages("bell.yaml") == [
        f"bell.yaml:4:8: the character {shown} cannot stand in a text file (remove it)"
    ]


def test_half_of_a_character_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"<text>:4:7: the character U\+D83D cannot stand in a text file"):
        parse_scenario(GOOD + "name: \ud83d\n")


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{a: ", "- ", "? "])
def test_deep_nesting_is_refused(opening: str) -> None:
    """At our limit and not at the parser's own, which a newer libyaml meets first where it looks ahead."""
    inner = opening * 50_000
    Path("deep.yaml").write_text(GOOD + ("notes: " if opening[0] in "[{" else "notes:\n  ") + inner + "\n")
    (message,) = messages("deep.yaml")
    assert re.fullmatch(r"deep\.yaml:\d:\d+: values are nested deeper than 40 levels", message)
    if opening == "[":
        assert message.startswith("deep.yaml:4:47:")


def test_deep_nesting_through_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60)]
    Path("deep.yaml").write_text("\n".join(lines) + "\n")
    (message,) = messages("deep.yaml")
    assert message.endswith("values are nested deeper than 40 levels")


@pytest.mark.parametrize("wide", ["[{}]", "{{k: 1, <<: [{}]}}"])
def test_alias_bomb_is_refused_before_it_goes_off(wide: str) -> None:
    lines = ["a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}"]
    for level in range(1, 12):
        lines.append(f"a{level}: &a{level} " + wide.format(", ".join([f"*a{level - 1}"] * 10)))
    Path("bomb.yaml").write_text("\n".join(lines) + "\n")
    (message,) = messages("bomb.yaml")
    assert re.fullmatch(r"bomb\.yaml:6:\d+: aliases expand to more than 2,000,000 values", message)


def test_very_long_text_is_cut_in_messages() -> None:
    Path("long.yaml").write_text(GOOD + "budget: " + "lots" * 5000 + "\n")
    (message,) = messages("long.yaml")
    assert len(message) < 150


def test_number_of_thousands_of_digits_is_refused() -> None:
    Path("long.yaml").write_text(GOOD + "budget: " + "9" * 9000 + "\n")
    assert messages("long.yaml") == [
        "long.yaml:4:1: budget: '999999999999999999999999999999999999999...' is too large"
    ]


# --- fuzzing -----------------------------------------------------------------------------------------------

RICH = """\
name: Spring
currency: USD
exchange_rates: {VND: 25400}
budget: 60_000
effort_hours: 220
objective: [{maximize: engagements, within: 3%}, {maximize: reach}]
audience: {people: 12M, overlap: 8%}
engagement_weights: {likes: 0, comments: 1}
fees: {agency: 15%, contingency: 5%}
tier_borders: {nano: 1k, micro: 10k, macro: {default: 100k, youtube: 250k}}
offers:
  - &nano
    tier: nano
    platform: instagram
    followers: [2k, 4k, 8k]
    cost_per_post: 60
    engagement_rate: 5%
    engagement_mix: {likes: 80%, comments: 20%}
    reach_rate: 20%
    hours_per_creator: 3
    creators: {max: 120}
    posts_per_creator: {min: 1, max: 3}
    measures: {samples: 1}
  - <<: *nano
    name: ana
    followers: 412k
    cpm: 12_000
    cost_per_post: 1_000_000
    currency: VND
    setup_cost: 100
    creators: {min: 1, max: 1}
    bundle_discount: {2: 5%}
    tags: {market: US, flight: march}
  - <<: *nano
    name: reel
    each: {market: {UK: {}, ID: {cost_per_post: 20, creators: {min: 1}}}, flight: [march, may]}
measures:
  samples: {per: creator}
limits:
  - {measure: creators, where: {tier: nano}, max: 100}
  - {measure: cost, where: {platform: instagram}, min: 20% of budget}
  - {measure: cost, per: creator, max: 10% of budget}
  - {measure: cost, per: market, max: 25_000}
  - {measure: cpe, max: 50}
  - {measure: reach, min: 30k}
solver: {gap: 0.01%, time_limit: 60, whole_creators: true}
"""
SPARE = [
    "{", "}", "[", "]", ":", "-", ",", "'", '"', "&a", "*nano", "*ana", "<<: *nano", "!!set", "no", "~",
    "null", "0", "-1", "1e400", "nan", "10,000", "5%", "9999%", "true", "2", "x", "#", "|", ">", "%", "@",
    "\n", "\t", "reach", "cost", "20% of cost", "20% of reach", "[1, 2, 3]", "{min: 2}", "\u2028", "é",
    "name", "per",
]  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    tokens = re.findall(r"\s+|[{}\[\],:]|[^\s{}\[\],:]+", text)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(tokens))
        other = chance.randrange(len(tokens))
        kind = chance.randrange(5)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            tokens[at] = chance.choice(SPARE)
        elif kind == 3:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens[at:at] = tokens[other : other + 4]
    return "".join(tokens)


def outcome(text: str) -> bool:
    """True for a scenario, False for located problems; anything else is a failure of the test."""
    try:
        parse_scenario(text, name="fuzz")
    except ScenarioError as error:
        problems = error.problems
    else:
        return True
    assert problems
    for problem in problems:
        assert problem.file in ("fuzz", "base.yaml")
        assert problem.message
        assert "pydantic" not in str(problem)
        assert "validat" not in str(problem)
    return False


def test_the_text_that_is_mutated_is_a_scenario() -> None:
    assert outcome(RICH)


def test_mutated_text_gives_a_scenario_or_located_problems() -> None:
    chance = random.Random(20_25)
    good = sum(outcome(mutated(RICH, chance)) for _ in range(600))
    assert 20 < good < 580  # both ends of the loader are reached


def random_value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(9 if depth else 7)
    if kind < 4:
        words = [
            "cost",
            "engagements",
            "nano",
            "50%",
            "20% of budget",
            "",
            "1e999",
            "12M",
            "creator",
            "reach",
        ]
        return chance.choice([*words, 0, 1, -1, 3.5, 1e308, 10**400, float("nan"), float("inf"), True, None])
    if kind < 6:
        return chance.choice(["x", "é", "😀", "a\nb", "\t", "'", "{}", "- a", "<<"])
    if kind == 6:
        return chance.randint(-5, 5)
    if kind == 7:
        return [random_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {random_key(chance): random_value(chance, depth - 1) for _ in range(chance.randrange(5))}


def random_key(chance: random.Random) -> str:
    return chance.choice(list(KEYS))


KEYS = sorted(
    set(re.findall(r"(\w+):", RICH)) | {"extends", "benchmarks", "notes", "tier", "<<", "2", "", "é", "x-é"}
)


def test_random_json_gives_a_scenario_or_located_problems() -> None:
    chance = random.Random(7)
    good = 0
    for _ in range(400):
        data = {random_key(chance): random_value(chance, 3) for _ in range(chance.randrange(1, 8))}
        good += outcome(json.dumps(data, ensure_ascii=chance.random() < 0.5))
    assert good == 0  # no such heap of keys has what a scenario needs


def test_random_values_anywhere_in_a_good_scenario_give_a_scenario_or_located_problems() -> None:
    chance = random.Random(11)
    text = json.dumps(read_yaml(RICH, "rich")[0])
    good = 0
    for _ in range(400):
        data = json.loads(text)
        at: Any = data
        while True:
            key = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
                at[key] = random_value(chance, 2)
                break
            at = inner
        good += outcome(json.dumps(data))
    assert 20 < good < 380  # both ends of the loader are reached


def test_random_changes_by_name_give_a_scenario_or_located_problems() -> None:
    named = RICH.replace("{measure: cpe,", "{name: cheap, measure: cpe,")
    Path("base.yaml").write_text(named, encoding="utf-8")
    chance = random.Random(23)
    changes: list[Any] = [{"creators": {"max": 5}}, {"tags": {"zone": "x"}, "notes": None}, {"max": 60}]
    good = 0
    for _ in range(200):
        top: dict[str, Any] = {"extends": "base.yaml"}
        for key, names in (("offers", ["ana", "reel-UK-may", "reel-ID-may"]), ("limits", ["cheap"])):
            if chance.random() < 0.7:
                values = [*changes, None, random_value(chance, 2)]
                top[key] = {name: chance.choice(values) for name in names if chance.random() < 0.4}
        good += outcome(json.dumps(top))
    assert 20 < good < 180
