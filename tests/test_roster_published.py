"""Published selection problems as lists of creators, through `rosters:`; and the same list written in other ways.

Weingartner & Ness, Operations Research 15 (1967): problems weing1 to weing4, money and hours as the two caps.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Plan, load_scenario, optimize
from tests.more import more
from tests.programs import needs_shared_data, shared_data
from tests.rosters import saved
from tests.test_published import ROSTER, assert_proven

HEADERS = ("creator", "fee", "hours", "engagements")
SCENARIO = """
budget: {budget}
effort_hours: {effort_hours}
objective: engagements
solver: {{gap: 0}}
rosters: [{{file: creators.csv, fill: never}}]
"""


def planned(folder: Path, content: str | bytes, budget: float, effort_hours: float) -> Plan:
    text = SCENARIO.format(budget=budget, effort_hours=effort_hours)
    return optimize(load_scenario(saved(folder, {"plan.yaml": text, "creators.csv": content})), draws=0)


def listed() -> list[list[str]]:
    return [[f"creator {n}", *map(str, row)] for n, row in enumerate(ROSTER["creators"], 1)]


def csv_text(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([HEADERS, *rows])
    return text.getvalue()


@pytest.mark.parametrize("name", ROSTER["caps"])
def test_a_list_under_two_caps_reaches_its_published_optimum(name: str, tmp_path: Path) -> None:
    caps = ROSTER["caps"][name]
    plan = planned(tmp_path, csv_text(listed()), caps["budget"], caps["effort_hours"])
    assert_proven(plan, caps["engagements"])
    chosen = [ROSTER["creators"][int(line.offer.split()[1]) - 1] for line in plan.lines]
    assert [sum(column) for column in zip(*chosen, strict=True)] == [
        plan.totals.cost, plan.totals.hours, caps["engagements"],
    ]  # fmt: skip


@needs_shared_data
def test_the_lists_as_they_were_handed_over_do_too(tmp_path: Path) -> None:
    folder = shared_data() / "or_instances"
    expected = json.loads((folder / "two_cap_rosters_expected_developers.json").read_text(encoding="utf-8"))
    assert set(expected) >= set(ROSTER["caps"])
    for name, one in expected.items():
        place = tmp_path / name
        place.mkdir()
        content = (folder / one["csv"]).read_bytes()
        plan = planned(place, content, one["budget"], one["hours_cap"])
        assert_proven(plan, one["published_max_engagements"])


@settings(
    max_examples=more(12, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_neither_order_nor_repeated_rows_nor_how_it_is_written_changes_the_plan(
    data: st.DataObject, tmp_path: Path
) -> None:
    rows = listed()
    again = data.draw(st.lists(st.sampled_from(rows), max_size=6))
    again = [[data.draw(st.sampled_from([row[0], row[0].upper(), f"@{row[0]}"])), *row[1:]] for row in again]
    order = data.draw(st.permutations([*rows, *again]))
    encoding = data.draw(
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    )
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    before = data.draw(st.sampled_from(["", "\n", "Creators of spring\n\n"]))
    text = before + csv_text(order, data.draw(st.sampled_from([",", ";", "\t", "|"])))
    plain = load_scenario(
        saved(
            tmp_path,
            {"plan.yaml": SCENARIO.format(budget=500, effort_hours=500), "creators.csv": csv_text(rows)},
        )
    )
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / "creators.csv").write_bytes(bom + text.replace("\n", end).encode(encoding))
    other = load_scenario(tmp_path / "plan.yaml")
    assert other.sha256() == plain.sha256()
    assert other.offers == plain.offers
    (roster,) = other._rosters
    assert (roster.rows, roster.kept, len(roster.dropped)) == (len(order), len(rows), len(again))
    assert optimize(other, draws=0).objective.value == 130_883
