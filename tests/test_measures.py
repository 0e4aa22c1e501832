"""A measure is four lines of code: in the table, its formula, what it varies with, its second telling."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from optimizer.language.measures import COUNTED, MEASURES
from optimizer.plan.plan import FLAT, Amounts
from tests.documents import ROOT

# The example of CONTRIBUTING.md: file below optimizer/, the line it goes after, the new lines.
EDITS = {
    "language/measures.py": (
        '        Measure("posts", "posts", "deliverables booked"),\n',
        '        Measure("real_impressions", "impressions", "times a post is shown to real people of the audience",\n'
        '                ("impressions_per_post",)),\n',
    ),
    "program/packages.py": (
        '    "posts": lambda m: m.k,\n',
        '    "real_impressions": lambda m: m.real * m.k * m.column("impressions_per_post"),\n',
    ),
    "program/forms.py": (
        '    "impressions": _IMPRESSIONS,\n',
        '    "real_impressions": (*_REAL, *_IMPRESSIONS),\n',
    ),
    "solve/verify.py": (
        "        k = Decimal(posts)\n",
        '        if measure == "real_impressions":\n'
        '            shown = get(offer, "impressions_per_post")\n'
        "            return None if shown is None else self._real(offer) * k * shown\n",
    ),
}

ASK = """
import csv, io, json, sys, zipfile
from optimizer import Plan, ScenarioError, Scenario, explain, frontier, goal, optimize
from optimizer.plan.saved import read_plan
from optimizer.report import formats
from optimizer.scenario.json_schema import schema_text

offers = [
    {"name": "a", "cost_per_post": 10, "impressions_per_post": 100, "authentic": 0.5, "creators": {"max": 5}},
    {"name": "b", "cost_per_post": 10, "impressions_per_post": 80, "authentic": 0.9, "creators": {"max": 5}},
]
limits = [
    {"measure": "real_impressions", "where": {"name": "a"}, "min": "20% of real_impressions"},
    {"measure": "real_impressions", "min": 100, "max": 1000},
]
asked = Scenario(budget=60, objective="real_impressions", offers=offers, limits=limits)
plan = optimize(asked)
print("status", plan.status)
print("value", plan.objective.value, plan.totals.of("real_impressions"), plan.totals.real_impressions)
print("lines", [(line.offer, line.creators, line.real_impressions) for line in plan.lines])
print("limits", [(limit.measure, limit.value) for limit in plan.limits][1:])
print("json", json.loads(plan.model_dump_json())["totals"]["real_impressions"])
print("record", sum(row["real_impressions"] for row in plan.records()))
print("csv", [row["real_impressions"] for row in csv.DictReader(io.StringIO(formats.csv(plan)))])
text = formats.text(plan)
print("text", "real impressions" in text.partition("Totals")[0], "real impressions: 388 impressions" in text)
print("saved", read_plan(plan.model_dump_json(), "plan.json") == plan)
print("goal", goal(asked, {"real_impressions": 200}).needed)
print("frontier", [point.best for point in frontier(asked, {"budget": [30, 60]}).points])
print("explain", explain(asked, sections=["prices"]).prices[0].name)
print("schema", "real_impressions" in schema_text())
book = zipfile.ZipFile(io.BytesIO(formats.workbook(plan)))
print("workbook", "Real impressions" in book.read("xl/sharedStrings.xml").decode())
try:
    optimize(Scenario(budget=60, objective="real_impressions", offers=[{"cost_per_post": 1}]))
except ScenarioError as error:
    print("missing", error.problems[0].hint)
from tests.regenerate import measure_table
row = "| real_impressions | impressions | times a post is shown to real people of the audience |"
print("glossary", row in measure_table())
"""

ANSWERS = {
    # six creators; a brings 50 of real people, b 72, of whom there are five: one of a and five of b would be the most
    # (410), but a fifth of it has to come of a: two and four (388, of which 100)
    "status": "optimal",
    "value": "388.0 388.0 388.0",
    "lines": "[('a', 2, 100.0), ('b', 4, 288.0)]",
    "limits": "[('real_impressions', 100.0), ('real_impressions', 388.0)]",
    "json": "388.0",
    "record": "388.0",
    "csv": "['100.0', '288.0']",
    "text": "True True",
    "saved": "True",
    "goal": "40.0",
    "frontier": "[194.0, 388.0]",
    "explain": "budget",
    "schema": "True",
    "workbook": "True",
    "missing": "give impressions_per_post",
    "glossary": "True",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the package says of a made-up measure, after the three edits and no other."""
    folder = tmp_path_factory.mktemp("measure")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "optimizer", folder / "optimizer", ignore=ignored)
    shutil.copytree(
        ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "golden", "published")
    )
    for name, (after, lines) in EDITS.items():
        file = folder / "optimizer" / name
        text = file.read_text(encoding="utf-8")
        assert text.count(after) == 1, name
        file.write_text(text.replace(after, after + lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


@pytest.mark.parametrize("what", ANSWERS)
def test_a_measure_in_four_files_is_everywhere(what: str, answers: dict[str, str]) -> None:
    assert answers[what] == ANSWERS[what]


def test_the_walk_in_contributing_is_the_one_that_is_tried() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name, (_, lines) in EDITS.items():
        assert f"`optimizer/{name}`" in text
        for line in lines.splitlines():
            assert line.strip() in text


def test_totals_records_and_tables_have_every_measure_in_one_order() -> None:
    assert set(COUNTED) == set(MEASURES)
    assert list(Amounts.model_fields)[: len(COUNTED)] == list(COUNTED)
    assert [name for name in FLAT if name in MEASURES] == list(COUNTED)


def test_no_module_besides_these_lists_the_measures() -> None:
    """A list of eight or more of them elsewhere is one that somebody has to keep up."""
    import ast

    owners = {"language/measures.py", "program/packages.py", "report/sections/plan.py", "plan/plan.py"}
    found = set()
    for file in sorted((ROOT / "optimizer").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
                parts = node.keys if isinstance(node, ast.Dict) else node.elts
                named = {part.value for part in parts if isinstance(part, ast.Constant)}
                if len(named & set(MEASURES)) >= 8:
                    found.add(str(file.relative_to(ROOT / "optimizer")))
    assert found <= owners
