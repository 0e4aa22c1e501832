"""The command line: exit codes, formats, files, messages; in this process where that is enough."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer.cli.commands import cli
from optimizer.cli.progress import progress
from optimizer.plan.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
QUICKSTART = str(ROOT / "scenarios" / "quickstart.yaml")
TOO_TIGHT = str(ROOT / "scenarios" / "too-tight.yaml")
HEAVY = ("numpy", "pulp", "highspy", "pydantic", "yaml")


def run(*words: str, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, list(words), prog_name="optimize", input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def in_process(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from optimizer.cli.main import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **variables})


# --- the default command -----------------------------------------------------------------------------------


def test_a_first_argument_that_is_no_command_is_a_scenario() -> None:
    short, long = run(QUICKSTART), run("plan", QUICKSTART)
    seconds = re.compile(r"\d+\.\d+ s")
    assert short.exit_code == 0
    assert seconds.sub("", short.stdout) == seconds.sub("", long.stdout)
    assert short.stdout.splitlines()[1].startswith("32,000 engagements for 20,000 USD")


def test_options_may_stand_before_the_scenario() -> None:
    result = run("--set", "budget=10000", "--format", "json", QUICKSTART)
    assert json.loads(result.stdout)["limits"][0]["max"] == 10_000


def test_a_mistyped_command_is_not_taken_for_a_file() -> None:
    result = run("chekc")
    assert result.exit_code == 2
    assert "did you mean 'check'?" in result.stderr


def test_no_argument_shows_the_help() -> None:
    assert "Usage: optimize" in run().output


def test_the_scenario_can_come_from_standard_input() -> None:
    text = Path(QUICKSTART).read_text(encoding="utf-8")
    result = run("-", "--format", "json", given=text)
    assert json.loads(result.stdout)["objective"]["value"] == 32_000
    broken = run("-", given="budget: 10,000\nobjective: engagements\noffers: [{name: a}]\n")
    assert broken.exit_code == 2
    assert broken.stderr.startswith("<stdin>:1:1: budget: ")


# --- formats and files -------------------------------------------------------------------------------------


def test_json_is_a_plan_and_nothing_else_is_printed() -> None:
    result = run(QUICKSTART, "--format", "json")
    plan = Plan.model_validate_json(result.stdout)
    assert plan.status == "optimal"
    assert result.stderr == ""
    keys = {
        "status",
        "objective",
        "lines",
        "totals",
        "limits",
        "unused",
        "flags",
        "assumptions",
        "solver",
        "scenario",
    }
    assert keys | {"currency", "version"} <= set(json.loads(result.stdout))


@pytest.mark.parametrize(
    ("ending", "start"),
    [(".json", "{"), (".csv", "offer,tier,platform"), (".md", "# "), (".txt", "Quickstart\n")],
)
def test_the_ending_of_the_file_chooses_the_format(ending: str, start: str, tmp_path: Path) -> None:
    target = tmp_path / f"plan{ending}"
    result = run(QUICKSTART, "-o", str(target))
    assert result.stdout == ""
    assert result.stderr == f"wrote {target}\n"
    assert target.read_text(encoding="utf-8").startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [target.name], "no temporary file is left behind"


def test_a_file_that_cannot_be_written_is_a_message_and_leaves_nothing(tmp_path: Path) -> None:
    result = run(QUICKSTART, "-o", str(tmp_path / "no" / "plan.json"))
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr
    assert not list(tmp_path.iterdir())


def test_an_old_file_survives_a_failed_run(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    target.write_text("precious", encoding="utf-8")
    assert run(TOO_TIGHT, "-o", str(target)).exit_code == 3
    assert target.read_text(encoding="utf-8") == "precious"


def test_a_saved_plan_is_reported_again_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    run(QUICKSTART, "-o", str(target))
    for form in ("text", "md", "csv"):
        assert run("report", str(target), "--format", form).stdout
    again = run("report", str(target), "--format", "json").stdout
    assert Plan.model_validate_json(again) == Plan.model_validate_json(target.read_text(encoding="utf-8"))


def test_reporting_a_saved_plan_needs_no_solver(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    run(QUICKSTART, "-o", str(target))
    code = "import sys; from optimizer.cli.commands import cli; cli(['report', sys.argv[1]], standalone_mode=False); " \
           "print(sorted({'pulp', 'highspy'} & set(sys.modules)))"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "32,000 engagements" in done.stdout


@pytest.mark.parametrize("text", ["no json", "{}", '{"status": "optimal"}'])
def test_a_file_that_is_no_plan_is_said(text: str, tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    target.write_text(text, encoding="utf-8")
    result = run("report", str(target))
    assert result.exit_code == 2
    assert "is not a plan saved by this version" in result.stderr
    assert "optimize scenario.yaml -o plan.json" in result.stderr


def test_save_lp_writes_the_program(tmp_path: Path) -> None:
    target = tmp_path / "program.lp"
    assert run(QUICKSTART, "--save-lp", str(target)).exit_code == 0
    text = target.read_text(encoding="utf-8")
    assert "budget" in text
    assert "effort_hours" in text
    missing = run(QUICKSTART, "--save-lp", str(tmp_path / "no" / "program.lp"))
    assert missing.exit_code == 2
    assert "cannot be written" in missing.stderr


# --- options -----------------------------------------------------------------------------------------------


def test_set_changes_values_and_repeats() -> None:
    result = run(QUICKSTART, "--set", "budget=10_000", "--set", "effort_hours=80", "--format", "json")
    limits = {limit["name"]: limit["max"] for limit in json.loads(result.stdout)["limits"]}
    assert limits == {"budget": 10_000, "effort_hours": 80}


def test_a_set_option_without_a_value_or_path_is_explained() -> None:
    assert "write PATH=VALUE" in run(QUICKSTART, "--set", "budget").stderr
    result = run(QUICKSTART, "--set", "budgt=3")
    assert result.exit_code == 2
    assert result.stderr.startswith("--set budgt: budgt: unknown key 'budgt' (did you mean 'budget'?)")


def test_gap_and_time_limit_reach_the_solver() -> None:
    assert run(QUICKSTART, "--gap", "0.5%", "--time-limit", "5").exit_code == 0
    result = run(QUICKSTART, "--gap", "5")
    assert result.exit_code == 2
    assert "--set solver.gap" in result.stderr


# --- exit codes --------------------------------------------------------------------------------------------


def test_exit_2_names_every_problem_with_its_place(tmp_path: Path) -> None:
    target = tmp_path / "bad.yaml"
    target.write_text("budget: 10,000\nobjektive: engagements\noffers: [{name: a}]\n", encoding="utf-8")
    result = run(str(target))
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert lines[0].startswith(f"{target}:1:1: budget: '10,000' could mean two numbers")
    assert any(line.startswith(f"{target}:2:1: objektive: unknown key") for line in lines)
    assert lines[-1].endswith("problems; nothing was planned")
    assert result.stdout == ""


def test_exit_3_says_which_limits_conflict_and_the_ways_out() -> None:
    result = run(TOO_TIGHT)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "these 3 limits cannot hold together" in result.stderr
    assert "Ways out:" in result.stderr
    as_json = run(TOO_TIGHT, "--format", "json")
    record = json.loads(as_json.stdout)
    assert record["status"] == "infeasible"
    assert len(record["conflict"]) == 3
    assert all(way["possible"] for way in record["ways_out"])
    assert run(TOO_TIGHT, "--format", "md").stdout.startswith("# No plan")


def test_exit_4_when_time_is_up_before_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer import flow
    from optimizer.language.errors import SolverError

    def late(*_: object, **__: object) -> None:
        raise SolverError("no plan was found in 1 seconds", timed_out=True)

    monkeypatch.setattr(flow, "solve_verified", late)
    result = run(QUICKSTART, "--format", "json")
    assert result.exit_code == 4
    assert json.loads(result.stdout) == {"status": "not_found", "message": "no plan was found in 1 seconds"}
    assert "No plan: no plan was found in 1 seconds." in result.stderr


def test_a_missing_file_is_a_message_not_a_traceback() -> None:
    done = in_process("quikstart.yaml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "there is no such file" in done.stderr


# --- the other commands ------------------------------------------------------------------------------------


def test_check_says_what_would_be_planned_without_solving(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.solve import solver as solve

    monkeypatch.setattr(solve, "solve", None)
    result = run("check", QUICKSTART)
    assert result.exit_code == 0
    assert result.stdout.startswith("Quickstart: can be planned. 4 offers make 4 packages; 2 limits;")


def test_new_writes_a_scenario_that_plans_and_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "mine.yaml"
    assert run("new", str(target)).exit_code == 0
    assert run(str(target)).exit_code == 0
    again = run("new", str(target))
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert run("new").stdout == target.read_text(encoding="utf-8")


def test_schema_is_json_schema() -> None:
    schema = json.loads(run("schema").stdout)
    assert schema["properties"]["budget"]["description"].startswith("Hard ceiling on cost")


def test_benchmarks_show_figures_with_sources_and_refuse_unknown_words() -> None:
    result = run("benchmarks", "micro", "instagram")
    assert "reach rate" in result.stdout
    assert "Sources and reasons" in result.stdout
    answers = json.loads(run("benchmarks", "nano", "--format", "json").stdout)
    assert {answer["tier"] for answer in answers} == {"nano"}
    wrong = run("benchmarks", "mikro")
    assert wrong.exit_code == 2
    assert "did you mean 'micro'?" in wrong.stderr
    assert run("benchmarks", "--set", "global-2024").exit_code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    assert "_OPTIMIZE_COMPLETE" in run("completion", shell).stdout


def test_completion_offers_commands_and_files() -> None:
    words = in_process(
        _OPTIMIZE_COMPLETE="bash_complete", COMP_WORDS="optimize ", COMP_CWORD="1"
    ).stdout.splitlines()
    assert {"plain,plan", "plain,check", "plain,explain"} <= set(words)
    assert any(word.startswith("file,") for word in words)


# --- quick to start, quiet, plain --------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["explain", "--help"], ["--version"]])
def test_help_loads_no_heavy_library(words: list[str]) -> None:
    code = (
        "import sys\nfrom optimizer.cli.commands import cli\n"
        "try:\n    cli(sys.argv[1:], standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_piped_output_is_plain_and_80_columns_wide() -> None:
    done = in_process("scenarios/quickstart.yaml")
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert done.stderr == ""


def test_a_long_solve_says_what_it_is_doing_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for watched, said in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", watched)
        with progress() as say:
            say("solving for engagements")
            time.sleep(2.2 if said else 0.0)
        assert ("solving for engagements … 2 s" in watched.getvalue()) is said
        assert not said or watched.getvalue().endswith("\r\x1b[K"), "the line is wiped in the end"


def test_ctrl_c_is_a_word_and_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer import flow

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, "solve_verified", interrupted)
    result = run(QUICKSTART)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "stopped\n")


def test_nothing_is_sent_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a plan asks the network")

    monkeypatch.setattr(socket, "socket", refuse)
    assert run(QUICKSTART).exit_code == 0


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    """Where scripts are not on the path, `python -m optimizer` is the command, under its own name."""
    (tmp_path / "s.yaml").write_text(
        "objective: creators\noffers: [{creators: {max: 3}}]\n", encoding="utf-8"
    )
    module = [sys.executable, "-m", "optimizer"]
    plan = subprocess.run(
        [*module, "s.yaml", "--format", "csv"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (plan.returncode, plan.stdout.splitlines()[1].split(",")[5]) == (0, "3"), plan.stderr
    wrong = subprocess.run([*module, "plan"], capture_output=True, text=True, cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Usage: optimize plan ")
