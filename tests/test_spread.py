"""Passes over a very large roster by the workers of a Dask cluster: the same numbers as here, to the last digit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from optimizer.cli.commands import cli
from optimizer.finance.frontier.frontier import frontier
from optimizer.flow import optimize
from optimizer.jobs.cluster import Cluster, ClusterError, cluster, versions
from optimizer.language.errors import SolverError
from optimizer.load import load_scenario
from optimizer.solve import everybody as module
from optimizer.solve.box import Sizes
from optimizer.solve.everybody import SPREAD, Everybody, Spread, everybody
from optimizer.solve.lagrangian import Planned, plan_roster
from optimizer.solve.pricing import bound, look, nearest
from optimizer.solve.roster import CHUNK, Roster
from tests.roster_arrays import large, small
from tests.shell import ROOT
from tests.shell import optimize as command
from tests.speed.roster import SCENARIO, write_roster

PAGES = ("docs/explanation/large-rosters.md", "docs/how-to/a-hundred-thousand-creators.md")


class HeldHere:
    """Parts that are no further than here."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts

    def each(self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        return [function(part, *job) for part, job in zip(self.parts, jobs, strict=True)]

    def release(self) -> None:
        self.parts = []


class Here(Cluster):
    """A cluster that is this process."""

    def __init__(self, count: int) -> None:
        self.count = count

    def threads(self) -> int:
        return self.count

    def hold(self, parts: Sequence[Any]) -> Any:
        return HeldHere(parts)


@pytest.fixture
def tiny_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few creators are spread, some to each part."""
    monkeypatch.setattr(module, "CHUNK", 100)
    monkeypatch.setattr("optimizer.solve.pricing.CHUNK", 100)
    monkeypatch.setattr(module, "SPREAD", 1)


def same(one: Planned, other: Planned) -> bool:
    """Whether two answers are the same to the last digit, but for the seconds."""
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("choice", "prices"))
    plain = {
        name: getattr(one, name) == getattr(other, name)
        for name in ("status", "value", "bound", "proof", "opinions", "undecided", "open", "passes")
    }
    return arrays and all(plain.values())


@pytest.mark.parametrize("parts", [1, 2, 7])
@pytest.mark.parametrize("seed", range(6))
def test_a_pass_in_parts_is_the_pass_over_everybody(tiny_pieces: None, parts: int, seed: int) -> None:
    roster = large(1_030, 23, seed)
    rng = np.random.default_rng(seed)
    y = rng.uniform(0, 2, roster.rows) / roster.scales()[1]
    radius = np.maximum(np.abs(y), 1e-3)
    at = np.sort(rng.choice(roster.creators, 40, replace=False))
    spread = Spread(roster, Here(parts))
    assert spread.parts == parts
    for r in (None, radius):
        whole, told = look(roster, y, r), spread.look(y, r, near=30, at=at)
        assert np.array_equal(told.choice, whole.choice)
        assert told.total == whole.total
        assert np.array_equal(nearest(told.distance, 30), nearest(whole.distance, 30))
        assert np.array_equal(told.distance[at], whole.distance[at])
        assert np.all((told.distance == whole.distance) | np.isinf(told.distance))
    sides = replace(roster, upper=roster.upper * 1.5)
    assert spread.bound(y, sides) == bound(sides, y) == Everybody(roster).bound(y, sides)


def test_the_smallest_are_the_first_of_those_that_tie() -> None:
    numbers = np.array([2.0, 1.0, np.inf, 1.0, 0.5, 1.0])
    assert nearest(numbers, 2).tolist() == [1, 4]
    assert nearest(numbers, 3).tolist() == [1, 3, 4]
    assert nearest(numbers, 0).tolist() == []
    assert nearest(numbers, 9).tolist() == [0, 1, 2, 3, 4, 5]
    assert nearest(np.full(4, np.inf), 2).tolist() == [0, 1]


def test_small_rosters_have_the_same_answer_in_parts(tiny_pieces: None) -> None:
    sizes = Sizes(sample=10, growth=2, undecided=8, rest=4, core=20)
    for seed in range(40):
        roster = small(seed)
        local = plan_roster(roster, gap=1e-6, seconds=30, sizes=sizes)
        with everybody(roster, Here(3)) as spread:
            assert spread.parts == 1  # as few creators as one piece has
            assert same(local, plan_roster(roster, gap=1e-6, seconds=30, sizes=sizes, everybody=spread))


@pytest.mark.parametrize("limits", [3, 23])
def test_a_large_roster_has_the_same_answer_in_parts(tiny_pieces: None, limits: int) -> None:
    roster = large(6_000, limits)
    local = plan_roster(roster, gap=1e-3, seconds=60)
    with everybody(roster, Here(5)) as spread:
        assert spread.parts == 5
        assert same(local, plan_roster(roster, gap=1e-3, seconds=60, everybody=spread))


def test_twins_have_the_same_answer_in_parts(tiny_pieces: None) -> None:
    one = large(6_000, 3)
    twins = one.part(np.zeros(6_000, dtype=np.int64))
    local = plan_roster(twins, gap=1e-3, seconds=60)
    with everybody(twins, Here(4)) as spread:
        assert same(local, plan_roster(twins, gap=1e-3, seconds=60, everybody=spread))


def test_only_very_many_creators_and_only_a_cluster_are_spread() -> None:
    roster = large(100, 3)
    with everybody(roster, Here(2)) as one, everybody(roster, None) as two:
        assert one.parts == two.parts == 0
    with ThreadPoolExecutor(1) as threads, everybody(roster, threads) as three:
        assert three.parts == 0


# --- Dask --------------------------------------------------------------------------------------------------


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario with 33,000 rows: two parts, and more than become offers."""
    monkeypatch.setattr(module, "SPREAD", 30_000)
    write_roster(tmp_path / "creators.csv", 2 * CHUNK + 500)
    path = tmp_path / "plan.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def told(plan: Any) -> str:
    """A plan as JSON, but for the seconds."""
    return re.sub(r'"seconds":[^,}]*', "", plan.model_dump_json())


def test_a_dask_cluster_gives_the_same_plan_bound_and_certificate(scheduler: str, csv: Path) -> None:
    local = load_scenario(csv)
    with cluster(scheduler) as executor:
        spread = load_scenario(csv, executor=executor)
    assert local._sieved.parts == 0
    assert spread._sieved.parts == 2
    for name in ("bound", "status", "booked", "checked", "kept", "creators"):
        assert getattr(local._sieved, name) == getattr(spread._sieved, name), name
    assert local.offer_names() == spread.offer_names()
    assert told(optimize(local, draws=0)) == told(optimize(spread, draws=0))


def test_a_worker_that_dies_is_replaced(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPREAD", 1)
    roster = large(3 * CHUNK, 3)
    y = np.zeros(roster.rows)
    with cluster(scheduler) as executor, everybody(roster, executor) as spread:
        assert isinstance(spread, Spread)
        before = look(roster, y)
        spread.look(y)
        spread.held.each(ends_once, [(str(tmp_path / "died"), n == 1) for n in range(spread.parts)])
        assert (tmp_path / "died").exists()
        after = spread.look(y, near=roster.creators)
    assert np.array_equal(after.choice, before.choice)
    assert np.array_equal(after.distance, before.distance)
    assert after.total == before.total


def ends_once(part: Roster, mark: str, mine: bool) -> None:
    """Ends the worker, unless somebody did so before."""
    if mine and not Path(mark).exists():
        Path(mark).touch()
        os._exit(7)


def ends(part: Roster, *rest: Any) -> None:
    """Ends the worker."""
    os._exit(7)


def fails(part: Roster, *rest: Any) -> None:
    """Is out of memory."""
    raise MemoryError("no room\nfor it")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (ends, "ended from outside, twice"),
        (fails, r"a worker of the cluster failed \(MemoryError: no room for it\)"),
    ],
)
def test_a_worker_that_dies_twice_or_fails_is_an_error(
    how: Callable[..., None], message: str, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPREAD", 1)
    monkeypatch.setattr(module, "seen_of_part", how)
    with (
        cluster(scheduler) as executor,
        everybody(large(3 * CHUNK, 3), executor) as spread,
        pytest.raises(SolverError, match=message),
    ):
        spread.look(np.zeros(3))


def test_a_cluster_that_is_gone_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    monkeypatch.setattr(module, "SPREAD", 1)
    monkeypatch.setattr("optimizer.jobs.cluster.SECONDS", 2.0)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
        ) as local,
        cluster(local.scheduler_address) as executor,
        everybody(large(2 * CHUNK, 3), executor) as spread,
    ):
        local.scale(0)
        local.close()
        with pytest.raises(ClusterError, match="was lost while it was at work"):
            spread.look(np.zeros(3))


# --- the command -------------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    """The command in this process, where fewer rows may be many."""
    return CliRunner().invoke(cli, list(arguments))


def test_the_command_prints_the_same_and_says_that_workers_looked(scheduler: str, csv: Path) -> None:
    plain = run("plan", str(csv), "--no-risk")
    spread = run("plan", str(csv), "--no-risk", "--scheduler", scheduler)
    assert plain.exit_code == spread.exit_code == 0
    without = re.compile(r"[\d.]+ s\)")
    assert without.sub("", spread.stdout) == without.sub("", plain.stdout)
    assert "bound over all 33,268 creators" in plain.stdout
    line = "--scheduler: the workers looked at the rows in 2 parts\n"
    assert line in spread.stderr
    assert spread.stderr.replace(line, "") == plain.stderr


def test_workers_plan_a_market_each_and_a_point_each(
    scheduler: str, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(csv.parent)
    Path("more.yaml").write_text("extends: plan.yaml\nname: more\nbudget: 300_000\n", encoding="utf-8")
    looked: list[str] = []
    monkeypatch.setattr("optimizer.solve.kept.sift", lambda *given: looked.append("here"))
    ran = run("compare", "plan.yaml", "more.yaml", "--scheduler", scheduler, "--no-risk", "--no-bridge")
    assert ran.exit_code == 0, ran.output
    text = " ".join(ran.stdout.split())
    assert text.count("plan and bound are over all 33,268 creators") == 2
    assert looked == []
    monkeypatch.undo()
    with cluster(scheduler) as executor:
        loaded = load_scenario(csv)
        over = {"budget": [150_000, 300_000]}
        there, here = (frontier(loaded, over, draws=0, executor=one) for one in (executor, None))
    assert [point.value for point in there.points] == [point.value for point in here.points]
    assert there.over_all


def old_numpy(process: int) -> dict[str, str]:
    """The versions of this process, with an old numpy in one of them."""
    return {**versions(), **({"numpy": "0.1"} if os.getpid() == process else {})}


def test_workers_need_the_same_numpy(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(versions()) == {"creatormix", "pulp", "highspy", "numpy"}
    monkeypatch.setattr("optimizer.jobs.cluster.versions", partial(old_numpy, os.getpid()))
    with (
        pytest.raises(ClusterError, match=r"has numpy .*, this machine has 0\.1; install the same"),
        cluster(scheduler),
    ):
        pass


def test_the_command_says_that_a_cluster_is_not_used(scheduler: str) -> None:
    ran = command("plan", "scenarios/quickstart.yaml", "--no-risk", "--scheduler", scheduler)
    plain = command("plan", "scenarios/quickstart.yaml", "--no-risk")
    seconds = re.compile(r"[\d.]+ s\)")
    assert ran.code == 0
    assert seconds.sub("", ran.text) == seconds.sub("", plain.text)
    assert ran.message == (
        "--scheduler: not used; it is for rosters of 200,000 creators and more in CSV files, all others are planned "
        "here\n"
    )


def test_a_scheduler_that_is_not_there_is_bad_usage() -> None:
    for address, message in (
        ("tcp://127.0.0.1:1", "the Dask scheduler tcp://127.0.0.1:1 cannot be reached"),
        ("127.0.0.1:8786", "is no address of a Dask scheduler; write it like tcp://10.0.0.5:8786"),
    ):
        ran = command("plan", "scenarios/quickstart.yaml", "--scheduler", address)
        assert (ran.code, ran.out) == (2, b"")
        assert message in " ".join(ran.message.split())


def test_workers_that_die_end_the_command_with_an_error(
    scheduler: str, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "seen_of_part", ends)
    ran = run("plan", str(csv), "--no-risk", "--scheduler", scheduler)
    assert (ran.exit_code, ran.stdout) == (4, "")
    assert (
        "a process that solved a part of this was ended from outside, twice (for its memory?)" in ran.stderr
    )


def test_the_size_that_is_told_is_the_one_that_is_meant() -> None:
    option = next(one for one in cli.commands["plan"].params if "--scheduler" in one.opts)
    pages = [load_scenario.__doc__, option.help]
    pages += [(ROOT / page).read_text("utf-8") for page in ("CHANGELOG.md", *PAGES)]
    for text in pages:
        assert f"{SPREAD:,}" in str(text)
