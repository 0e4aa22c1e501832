"""Every command and example in the README and docs does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from optimizer.language.yaml12 import read_yaml
from optimizer.scenario.scenario import Limit, Offer, Scenario
from tests.documents import ROOT, blocks, examples, matches, pages, refreshed, run_page, workplace
from tests.once import jobs_done_once
from tests.regenerate import GENERATED

ELSEWHERE = re.compile(r"(make|pip install|git clone|cd|eval|python|\.venv/bin/\w+)\b")
"""Commands that are not `optimize`: not run again inside the tests."""
solved_once = pytest.fixture(scope="module", autouse=True)(jobs_done_once)
every_page = pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))


@every_page
def test_every_command_runs_and_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    with workplace(tmp_path):
        for example, code, output in run_page(page):
            assert code in (0, 2, 3, 4), f"{example.command}: exit {code}"
            if code:  # a command that fails on purpose shows its message
                assert example.output, f"{example.command} fails: {output}"
            if example.output:
                both = "\n".join([example.command, *example.output, "--- but prints", *output])
                assert matches(example.output, output), both


def test_other_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in pages():
        for command in (example.command for example in examples(page)):
            if command.startswith("make "):
                target = re.escape(command.split()[1])
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: {command}"
            elif not re.search(r"(^|\| |=\S* )optimize\b|^echo \$\?$", command):
                assert ELSEWHERE.match(command), f"{page.name}: {command}"


@every_page
def test_every_python_example_runs_and_prints_what_its_comments_say(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with workplace(tmp_path):
        for block in blocks(page):
            if block.file:
                Path(block.file).write_text("\n".join(block.lines), encoding="utf-8")
        names: dict[str, object] = {}
        for block in blocks(page):
            if block.language == "python":
                code = compile("\n" * block.first + "\n".join(block.lines), str(page), "exec")
                exec(code, names)
                printed = capsys.readouterr().out
                for line in block.lines:
                    said = re.match(r"print\(.*\) +# (.+)$", line)
                    assert said is None or said[1] in printed, f"{page.name}: {line}"


@every_page
def test_every_yaml_example_is_valid(page: Path) -> None:
    from optimizer.benchmarks.schema import BenchmarkSet

    read: list[tuple[BaseModel, dict[str, Any]]] = []
    for block in blocks(page):
        if block.language != "yaml" or block.file:
            continue  # what has a file name is run with its command
        data = read_yaml("\n".join(block.lines), f"{page.name}:{block.first}")[0]
        if isinstance(data, list):
            for item in data:
                read.append(((Limit if "measure" in item else Offer).model_validate(item), item))
        elif "figures" in data or "corrections" in data:
            read.append((BenchmarkSet.model_validate(data), data))
        else:
            data.pop("extends", None)
            read.append((Scenario.model_validate({"objective": "creators", "offers": [{}], **data}), data))
    assert [set(data) - model.model_fields_set for model, data in read] == [set()] * len(read)


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name](), "run: make docs"


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", text):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file = page.parent / target if target else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What a page's headings can be linked as."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        path = page.relative_to(ROOT / "docs").as_posix()
        assert path == "README.md" or f"]({path})" in index, path


def test_every_command_of_the_program_is_documented() -> None:
    from optimizer.cli.commands import cli

    reference = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    shown = " ".join(example.command for page in pages() for example in examples(page))
    for name in cli.commands:
        assert f"## optimize {name}" in reference
        assert name == "plan" or f"optimize {name}" in shown, f"no page shows optimize {name}"


def test_the_changelog_begins_with_what_is_unreleased_or_with_this_version() -> None:
    from optimizer.__version__ import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert first
    assert first.group(1) in ("Unreleased", __version__)


def test_output_is_refreshed_between_the_elisions_of_the_page() -> None:
    shown = ["answer 1", "…", "Plan", "  a 1", "", "…", "end 0.10 s"]
    real = ["answer 2", "more", "Plan", "  a 2", "  b 3", "", "rest", "end 0.25 s"]
    assert not matches(shown, real)
    new = refreshed(shown, real)
    assert new == ["answer 2", "…", "Plan", "  a 2", "  b 3", "", "…", "end 0.25 s"]
    assert matches(new, real)
    assert matches(["answer 2", "…", "end 9.99 s"], real), "times differ between machines"
    assert refreshed(shown, ["answer 2", "nothing like it"]) is None


def test_code_that_pages_name_exists() -> None:
    """Files, `module.function` and `test_…` in backticks, on the pages that are about code."""
    from importlib import import_module

    from optimizer.scenario.scenario import Audience

    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "docs/explanation/model.md"):
        for word in re.findall(r"`([^`\s]+)`", page.read_text(encoding="utf-8")):
            if re.match(r"(optimizer|tests|docs|scenarios)/[\w./-]+$", word) and "or-none" not in word:
                assert (ROOT / word).exists(), f"{page.name}: {word}"
            elif word.startswith("test_"):
                assert f"def {word}(" in tests, f"{page.name}: {word}"
            elif re.fullmatch(r"[a-z]+\.[a-z_]+", word):
                module, name = word.split(".")
                known = {"audience": set(Audience.model_fields)}.get(module, set())
                if (ROOT / "optimizer" / f"{module}.py").exists() and name not in {"py", *known}:
                    found = import_module(f"optimizer.{module}")
                    assert hasattr(found, name), f"{page.name}: {word}"
