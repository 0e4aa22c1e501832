"""Everything in the project that is generated from the code; `make docs` rewrites it, a test compares it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tests.documents import ROOT, matches, pages, refreshed, run_page, workplace
from tests.library_page import library_reference

HEADER = "<!-- Generated from the code by `make docs`; do not edit. -->\n\n"


def scenario_reference() -> str:
    """`docs/reference/scenario.md` from the JSON schema."""
    from optimizer.scenario.described import field_docs, summary
    from optimizer.scenario.json_schema import FILE_KEYS, OFFER_KEYS, documented_models

    parts = [
        HEADER + "# Scenario file\n",
        "Every key of a scenario file. Numbers may be written `5%`, `0.05`, `12M`, `412k` or `60_000`; where",
        "a number is an assumption of an offer it may be a range `[low, typical, high]`. Unknown keys are",
        "refused, and planners' other words for a key (`fee`, `views`, `market`) are answered with it. Measures,",
        "platforms and formats are understood by their other names: `sales`, `leads` and `orders` are conversions,",
        "`views` are impressions, `ig` is instagram, `reels` are reel.",
        "",
        "What could mean two numbers is refused: `10,000` everywhere, and `3.000`, one to three digits, a point and",
        "three more, where money, people or what is counted of them is meant: fees, budget, followers, the audience,",
        "creators, impressions, limits on any of these. Write `3_000` or `3`. Shares, rates and hours keep their",
        "three decimals, and so does what a program writes as JSON.",
        "",
        "`optimize schema` prints the same as a JSON schema for editors.\n",
    ]
    for where, model in documented_models():
        title = f"`{where}`" if where else "Top level"
        parts.append(f"\n## {title}\n\n{' '.join(summary(model).split())}\n")
        parts.append("| key | default | meaning |\n|---|---|---|")
        for name, info in model.model_fields.items():
            default = "required" if info.is_required() else _default(info)
            parts.append(f"| `{info.alias or name}` | {default} | {_cell(field_docs(model).get(name, ''))} |")
        for name, text in {"": FILE_KEYS, "offers[]": OFFER_KEYS}.get(where, {}).items():
            parts.append(f"| `{name}` |  | {_cell(text)} |")
    return "\n".join(parts) + "\n"


def _default(info: Any) -> str:
    value = info.get_default(call_default_factory=True)
    if value is None or value in ((), {}) or hasattr(value, "model_dump"):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def cli_reference() -> str:
    """`docs/reference/cli.md` from the commands themselves."""
    from optimizer.cli.commands import cli

    parts = [HEADER + "# Command line\n"]
    parts.append(
        "Results go to standard output, progress and messages to standard error.\n\n"
        "| exit code | meaning |\n|---:|---|\n| 0 | done |\n| 1 | a bug |\n"
        "| 2 | bad usage, a scenario that cannot be planned, or a file or stream that cannot be read or written |\n"
        "| 3 | no plan satisfies the limits |\n| 4 | stopped before any plan was found |\n"
        "| 129, 130, 143 | ended by SIGHUP, Ctrl-C or SIGTERM |\n| 141 | nobody reads the output any more |\n"
    )
    # Eighty columns whatever the terminal here; help options are the same whoever asked for help before.
    context = click.Context(cli, info_name="optimize", terminal_width=80, **cli.context_settings)
    parts.append("## optimize\n\n```text\n" + cli.get_help(context) + "\n```\n")
    for name in sorted(cli.commands):
        command = cli.commands[name]
        sub = click.Context(command, info_name=name, parent=context, terminal_width=80)
        parts.append(f"## optimize {name}\n\n```text\n{command.get_help(sub)}\n```\n")
    return "\n".join(parts)


def _schema() -> str:
    from optimizer.scenario.json_schema import schema_text

    return schema_text()


def measure_table() -> str:
    """Every measure and ratio with its unit and meaning, for the glossary."""
    from optimizer.language.measures import MEASURES, RATIOS, REACH, unit_of

    rows = [f"| {m.name} | {m.unit} | {m.meaning} |" for m in (*MEASURES.values(), REACH)]
    rows += [f"| {r.name} | {unit_of(r.name, 'money')} | {r.meaning} |" for r in RATIOS.values()]
    return "\n".join(["| measure | unit | meaning |", "|---|---|---|", *rows]) + "\n"


def glossary() -> str:
    """`docs/glossary.md` with its table of measures as it is now."""
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    before, start, rest = page.partition("<!-- measures -->\n")
    _, end, after = rest.partition("<!-- end -->")
    assert start
    assert end
    return before + start + measure_table() + end + after


def benchmarks_page() -> str:
    """`docs/explanation/benchmarks.md` with its tables as the packaged set and its plans have them now."""
    from optimizer.benchmarks.making.tables import refresh
    from optimizer.benchmarks.packaged import load_set
    from tests.conflict import cells, table

    page = (ROOT / "docs" / "explanation" / "benchmarks.md").read_text(encoding="utf-8")
    before, start, rest = refresh(page, load_set("global-2026")).partition("<!-- table: conflict -->\n")
    _, end, after = rest.partition("<!-- end -->")
    assert start
    assert end
    return before + start + table(cells()) + end + after


GENERATED: dict[str, Callable[[], str]] = {
    "docs/reference/library.md": lambda: HEADER + library_reference(),
    "docs/glossary.md": glossary,
    "docs/explanation/benchmarks.md": benchmarks_page,
    "docs/reference/scenario.md": scenario_reference,
    "docs/reference/cli.md": cli_reference,
    "scenarios/scenario.schema.json": _schema,
}


def refresh_outputs(page: Path) -> str:
    """A page with the output of its commands as it is now."""
    lines = page.read_text(encoding="utf-8").splitlines()
    changes = []
    with tempfile.TemporaryDirectory() as folder, workplace(Path(folder)):
        for example, _, real in run_page(page):
            if not example.output or matches(example.output, real):
                continue
            new = refreshed(example.output, real)
            if new is None:
                print(f"{page.name}: choose anew what to show of: {example.command}", file=sys.stderr)
            else:
                blank = [""] if example.output[-1] == "" else []  # before the next command of a block
                changes.append((example.first, example.last, new + blank))
    for first, last, new in reversed(changes):
        lines[first:last] = new
    return "\n".join(lines) + "\n"


def main() -> None:
    """Rewrite every generated file and every shown output."""
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), encoding="utf-8")
    for page in pages():
        if page.exists():
            page.write_text(refresh_outputs(page), encoding="utf-8")


if __name__ == "__main__":
    main()
