"""A page as data, and its HTML: one file with drawings, data, style sheet and script, and no address in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from optimizer.language.errors import MissingPackageError
from optimizer.language.numbers import printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.page.chart import Chart
from optimizer.report.page.colours import chart_rules, variables
from optimizer.report.page.render import bundle, svg

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Tile:
    """A key figure: "99,551.52", "USD", "cost", "99.6 % of the budget"."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Names and values, such as a certificate."""

    title: str
    rows: list[tuple[str, str]]
    note: str = ""


@dataclass(frozen=True)
class Folded:
    """Sections behind a line that opens them; not printed, so `instead` says where they are."""

    summary: str
    sections: list[Section]
    instead: str = ""


@dataclass(frozen=True)
class Beside:
    """A chart or a section and another one beside it, where there is room."""

    title: str
    left: Chart | Section
    right: Section


@dataclass(frozen=True)
class Charts:
    """Charts, two side by side where there is room."""

    title: str
    charts: list[Chart]


@dataclass(frozen=True)
class Heading:
    """Where a new part of the page begins."""

    title: str
    text: str = ""


Block = Section | Beside | Facts | Folded | Charts | Heading


@dataclass(frozen=True)
class Page:
    """Everything a page says, most important first.

    Attributes:
        kind: "Plan", "Comparison", ...: the word above the title.
        title: name of the scenario.
        lead: the answer in one sentence.
        proof: how sure it is; "" where there is nothing to prove.
        proven: whether it is proven.
        lines: further sentences of the answer.
        tiles: key figures.
        blocks: the rest.
        foot: when, by whom and with what it was made; under the title and at the foot.
    """

    kind: str
    title: str
    lead: str
    proof: str
    proven: bool
    lines: list[str]
    tiles: list[Tile]
    blocks: Sequence[Block]
    foot: str
    language: str = field(default="en")


def html(page: Page) -> str:
    """The page as one HTML file. Equal pages give equal text.

    Raises:
        MissingPackageError: without the packages of the extra `report`.
    """
    from markupsafe import Markup

    environment = _environment()
    charts = list(_charts(page))
    drawings = {
        chart.key: {
            size: Markup(
                svg(getattr(chart, size), f"{chart.key}-{size}")
            )  # our own drawing, text escaped by Vega
            for size in ("wide", "narrow")
        }
        for chart in charts
    }
    specs = {chart.key: {"wide": chart.wide, "narrow": chart.narrow} for chart in charts}
    scripts = [_inline(text) for text in (bundle(), _file("live.js"))] if charts else []
    return environment.get_template("page.html.jinja").render(
        page=page,
        drawings=drawings,
        island=Markup(_island(specs)),
        style=Markup(_style()),
        scripts=[Markup(text) for text in scripts],
        policy=_policy(scripts),
        kind_of=lambda block: type(block).__name__,
    )


def _charts(page: Page) -> Iterator[Chart]:
    for block in page.blocks:
        if isinstance(block, Charts):
            yield from block.charts
        elif isinstance(block, Beside) and isinstance(block.left, Chart):
            yield block.left


def _policy(scripts: list[str]) -> str:
    """What the page may do: run exactly its own scripts, show itself, and ask nobody for anything."""
    none = "'none'"
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes or none}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _inline(script: str) -> str:
    """A script that can stand in a page."""
    lowered = script.lower()
    assert "</script" not in lowered, "the script would end early"
    assert "<!--" not in script, "the script would be read as a comment"
    return script


def _island(value: Any) -> str:
    """JSON that can stand in a page: nothing in it ends the element or a line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _style() -> str:
    css = _file("style.css").replace("/* light */", variables("light"))
    return css.replace("/* dark */", variables("dark")).replace("/* charts */", chart_rules())


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _words(text: str) -> str:
    """A sentence, with commands between backticks set as such."""
    from markupsafe import Markup, escape

    parts = printable(text).split("`")
    whole = len(parts) % 2 == 1
    marked = (
        Markup("<code>{}</code>").format(part) if whole and i % 2 else escape(part)
        for i, part in enumerate(parts)
    )
    return Markup("").join(marked) if whole else escape(printable(text))


@cache
def _environment() -> Environment:
    try:
        import jinja2
    except ImportError:
        raise MissingPackageError("pages with charts", "report") from None
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = printable
    environment.filters["words"] = _words
    environment.filters["indent_of"] = lambda cell: len(cell) - len(cell.lstrip(" "))
    return environment


__all__ = ["Block", "Charts", "Facts", "Folded", "Heading", "Page", "Sentences", "Table", "Tile", "html"]
