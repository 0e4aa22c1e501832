"""The command that shows what the benchmarks say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.group import cli
from optimizer.cli.options import ending_of
from optimizer.cli.output import check_output, emit_sections, emit_text, write
from optimizer.cli.streams import encoded
from optimizer.language.names import word

if TYPE_CHECKING:
    from optimizer.benchmarks.answer import Answer
    from optimizer.benchmarks.lookup import Benchmarks


@cli.command()
@click.argument("size", required=False)
@click.argument("platform", required=False)
@click.argument("format_", metavar="[FORMAT]", required=False)
@click.option("--country", metavar="COUNTRY", help="Market, by code or name: IT, Italy. Moves fees.")
@click.option("--set", "set_name", default="global-2026", show_default=True, metavar="NAME",
              help="A packaged set or a file.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="Default: text.")
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also draw fee, reach and engagement by size as a page (.html).")  # fmt: skip
def benchmarks(size: str | None, platform: str | None, format_: str | None, country: str | None, set_name: str,
               form: str, plot: str | None) -> None:  # fmt: skip
    """Show what a creator costs and brings, with sources.

    \b
    SIZE      followers (45k) or a tier (micro); every tier where left out
    PLATFORM  instagram, tiktok, youtube, facebook, x; every one where left out
    FORMAT    post, reel, story, video, ...; the platform's usual one by default
    """
    ending_of(plot, "a page", (".html", ".htm"))
    if plot is not None:
        check_output(plot)
    try:
        if platform is None:
            if plot is not None:
                raise click.UsageError(
                    "--plot draws one platform; name it: optimize benchmarks 45k instagram"
                )
            _overview(set_name, size, country, form)
            return
        benchmarks, found = _answer(set_name, size or "", platform, format_, country)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    from optimizer.report.sections.benchmarks import answer_json, answer_sections, answer_title

    if plot is not None:
        from optimizer.cli.errors import translated_errors
        from optimizer.report.page.pages import benchmarks_page

        with translated_errors("text"):
            write(plot, encoded(benchmarks_page(benchmarks, found)))
    if form == "json":
        emit_text(answer_json(benchmarks, found) + "\n", None)
    else:
        emit_sections(answer_title(benchmarks, found), answer_sections(found), form, None)


def _load(set_name: str) -> Benchmarks:
    from optimizer.benchmarks.lookup import Benchmarks
    from optimizer.benchmarks.packaged import load_set

    return Benchmarks(load_set(set_name, Path()))


def _country(text: str | None) -> str | None:
    from optimizer.language.countries import parse_country

    return None if text is None else parse_country(text)


def _answer(
    set_name: str, size: str, platform: str, format: str | None, country: str | None
) -> tuple[Benchmarks, Answer]:
    """Raises `ValueError` with a message for the user."""
    from optimizer.benchmarks.answer import answer
    from optimizer.benchmarks.lookup import Place

    benchmarks = _load(set_name)
    platform = word(platform)
    known = benchmarks.named_platforms
    if known and platform not in known:  # a set without platforms holds for every one
        from optimizer.language.errors import did_you_mean

        raise ValueError(f"{benchmarks.name} has no platform {platform!r}; {did_you_mean(platform, known)}")
    wrong = benchmarks.unknown_format(platform, format)
    if wrong is not None:
        raise ValueError(wrong)
    tier, followers = _size(size)
    place = Place(tier, platform, None if format is None else word(format), followers, _country(country))
    return benchmarks, answer(benchmarks, place)


PEOPLE = 8_200_000_000
"""All there are."""


def _size(text: str) -> tuple[str | None, float | None]:
    """A tier, or a number of followers.

    Raises:
        ValueError: for anything else.
    """
    from optimizer.language.quantities import parse_number, refuse_two_numbers

    if not any(character.isdigit() for character in text):
        return word(text), None
    refuse_two_numbers(text)
    followers = parse_number(text)
    if not 1 <= followers <= PEOPLE:
        raise ValueError(f"{text} followers: a number from 1 to {PEOPLE:,} is wanted")
    return None, followers


def _overview(set_name: str, size: str | None, country: str | None, form: str) -> None:
    """Every platform, at one size or at every tier. Raises `ValueError` with a message for the user."""
    from optimizer.report.sections.benchmarks import (
        overview,
        overview_json,
        overview_sections,
        overview_title,
    )

    benchmarks, code = _load(set_name), _country(country)
    tier, followers = _size(size) if size else (None, None)
    answers = overview(benchmarks, tier, followers, code)
    if form == "json":
        emit_text(overview_json(benchmarks, answers) + "\n", None)
    else:
        emit_sections(overview_title(benchmarks, size, code), overview_sections(answers), form, None)
