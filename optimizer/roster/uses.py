"""Which column of a roster is used for what: as the user says, else by its header; two for one are asked back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from optimizer.language.errors import did_you_mean
from optimizer.language.names import word
from optimizer.roster.accounts import PLATFORMS
from optimizer.roster.column import Asked
from optimizer.roster.figures import is_blank, read_body, token
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.result import Refusal
from optimizer.roster.words import NUMBERS, TEXTS, header, is_number, meant, near
from optimizer.scenario.roster import RosterColumn, RosterFile

FIELDS = (*TEXTS, *sorted(NUMBERS), "source", "notes")
"""What a column can be used for, besides tags.NAME and measures.NAME."""
_POWERS = {"thousand": 3, "million": 6, "one": 0}
_RATE_WORDS = (
    "rate",
    "er",
    "erf",
    "taux",
    "tx",
    "tasso",
    "tasa",
    "taxa",
    "ty",
    "ti",
    "tingkat",
    "quote",
    "percent",
)
_NAMES = ("name", "url", "full_name")
"""What names the creators, the best first."""
_FIRST_WINS = (
    "url",
    "full_name",
    "tags.niche",
    "tags.language",
    "tags.gender",
    "tags.city",
    "tags.agency",
    "tags.market",
)


class Use(NamedTuple):
    """A column and what it is used for; None with the reason where it is not."""

    column: int
    title: str
    field: str | None
    note: str = ""
    asked: Asked = Asked()


def unique_titles(titles: Sequence[str]) -> list[str]:
    """Headers by which columns can be named: a second one of the same name gets (2)."""
    seen: dict[str, int] = {}
    result = []
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
        result.append(title if seen[title] == 1 or not title else f"{title} ({seen[title]})")
    return result


def uses_of(headed: Headed, asked: RosterFile, refuse: Callable[[Refusal], None]) -> list[Use]:
    """What each column is used for.

    Args:
        headed: headers and rows.
        asked: what the user says.
        refuse: takes what is wrong.
    """
    titles = unique_titles(headed.titles)
    wanted = {field: (column.title, _how(column)) for field, column in asked.columns.items()}
    by_column = asked_for(titles, wanted, FIELDS, refuse)
    check_titles(asked.ignore, titles, refuse)
    taken = {field for field, _ in by_column.values()}
    found: list[Use] = []
    for column, title in enumerate(titles):
        if column in by_column:
            field, how = by_column[column]
            found.append(Use(column, title, field, "", how))
        elif not title:
            found.append(Use(column, "", None, "no header"))
        elif title in asked.ignore:
            found.append(Use(column, title, None, "ignored"))
        else:
            found.append(_guessed(column, headed, title, taken, asked, refuse))
    found = one_each(found, headed, _FIRST_WINS, refuse)
    found = _without_repeats(found, by_column)
    return _named(found, headed, refuse)


def asked_for(
    titles: Sequence[str],
    wanted: Mapping[str, tuple[str, Asked]],
    fields: Collection[str],
    refuse: Callable[[Refusal], None],
) -> dict[int, tuple[str, Asked]]:
    """Column -> field and how it is read, as the user says.

    Args:
        titles: of the file.
        wanted: field -> header of its column, and how it is read.
        fields: that there are; where these are an offer's, tags.NAME and measures.NAME too.
        refuse: takes what is wrong.
    """
    result: dict[int, tuple[str, Asked]] = {}
    more = ("tags.NAME", "measures.NAME") if fields is FIELDS else ()
    for field, (title, how) in wanted.items():
        place = ("columns", field)
        if field not in fields and not (more and field.startswith(("tags.", "measures."))):
            known = [name for name in fields if name != "full_name"]
            hint = did_you_mean(field, known) or f"known: {', '.join([*known, *more])}"
            refuse(Refusal(message=f"no column can be used as {field!r}", hint=hint, place=place))
            continue
        at = [i for i, one in enumerate(titles) if one == title]
        at = at or [i for i, one in enumerate(titles) if one and _same(one, title)]
        if len(at) != 1:
            what = "no column" if not at else "more than one column"
            hint = did_you_mean(title, [one for one in titles if one])
            refuse(Refusal(message=f"{what} has the header {title!r}", hint=hint, place=place))
        elif at[0] in result:
            refuse(
                Refusal(
                    message=f"column {title!r} is used as {result[at[0]][0]} already",
                    hint="name each once",
                    place=place,
                )
            )
        else:
            result[at[0]] = (field, how)
    return result


def check_titles(ignored: Sequence[str], titles: Sequence[str], refuse: Callable[[Refusal], None]) -> None:
    """Columns that are to be ignored are there."""
    for title in ignored:
        if title not in titles:
            hint = did_you_mean(title, [one for one in titles if one])
            refuse(Refusal(message=f"no column has the header {title!r}", hint=hint, place=("ignore",)))


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _how(wanted: RosterColumn) -> Asked:
    unit = wanted.unit
    bare = unit if unit in ("percent", "fraction") else None
    return Asked(wanted.decimal, bare, _POWERS.get(unit or ""), wanted.currency)


def _guessed(
    column: int,
    headed: Headed,
    title: str,
    taken: set[str],
    asked: RosterFile,
    refuse: Callable[[Refusal], None],
) -> Use:
    field = meant(headed.titles[column])
    if field is None:
        nearly = near(title)
        if nearly is not None and nearly not in taken and could_be(nearly, headed, column):
            hint = f"say columns: {{{nearly}: {title}}}, or ignore: [{title}]"
            refuse(nearly_one(nearly, title, hint, headed.line, column))
        return Use(column, title, None, "not known")
    if field == "name" and "platform" not in taken and _names_platforms(headed, column):
        field = "platform"  # a German Kanal is a channel, or the network it is on
    if field == "engagement_rate" and counts(headed, column, title):
        field = "engagements_per_post"
    if field in taken:
        return Use(column, title, None, f"columns says which one is {field}")
    return Use(column, title, field)


def nearly_one(field: str, title: str, hint: str, line: int, column: int) -> Refusal:
    """A header with a slip of the pen in it."""
    message = f"the header {title!r} is nearly one of {field}, but not quite"
    return Refusal(message=message, hint=hint, line=line, column=column + 1, header=title)


def _names_platforms(headed: Headed, column: int) -> bool:
    """Whether every cell of a column names a platform, and no other column is headed as that."""
    others = [title for other, title in enumerate(headed.titles) if other != column]
    if any(meant(title) == "platform" for title in others) or not any(meant(t) in _NAMES for t in others):
        return False
    cells = [cell for row in headed.rows if (cell := row.cells[column]) != ""]
    return bool(cells) and all(isinstance(cell, str) and word(cell) in PLATFORMS for cell in cells)


def could_be(field: str, headed: Headed, column: int) -> bool:
    """Whether a column can be a field by what stands in it: numbers, or names."""
    if field != "name" and not is_number(field):
        return False
    cells = [cell for row in headed.rows if (cell := row.cells[column]) != ""]
    numeric = sum(not isinstance(cell, str) or token(cell) is not None for cell in cells)
    return 2 * numeric > len(cells) if is_number(field) else 2 * numeric < len(cells)


def counts(headed: Headed, column: int, title: str) -> bool:
    """Whether a column headed `engagement` holds counts: no percent sign and most of it above 100."""
    words = header(title).key
    if header(title).percent or any(words.startswith(w) or words.endswith(w) for w in _RATE_WORDS):
        return False
    read = [token(c) for row in headed.rows if isinstance(c := row.cells[column], str) and not is_blank(c)]
    tokens = [one for one in read if one is not None]
    if any(one.percent for one in tokens):
        return False
    sizes = [
        float(read_body(one.body, ".") or read_body(one.body, ",") or 0) * 10 ** (one.power or 0)
        for one in tokens
    ]
    sizes += [float(c) for row in headed.rows if not isinstance(c := row.cells[column], str)]
    return bool(sizes) and median(sizes) > 100


def one_each(
    found: Sequence[Use], headed: Headed, first_wins: Collection[str], refuse: Callable[[Refusal], None]
) -> list[Use]:
    """One column for each field: identical ones are used once, others asked back, or of `first_wins` the first used."""
    first: dict[str, Use] = {}
    result = []
    for use in found:
        before = first.setdefault(use.field, use) if use.field is not None else use
        if before is use:
            result.append(use)
            continue
        line = _differs(headed, before.column, use.column)
        result.append(
            use._replace(
                field=None,
                note=f"the same as {before.title!r}"
                if line is None
                else f"{before.title!r} is used as {use.field}",
            )
        )
        if line is not None and use.field not in first_wins:
            both = f"{before.title!r} and {use.title!r}"
            message = f"two columns could be {use.field}, {both}; they differ, first in line {line}"
            hint = f"say which: columns: {{{use.field}: {before.title}}}"
            refuse(
                Refusal(message=message, hint=hint, line=headed.line, column=use.column + 1, header=use.title)
            )
    return result


def _differs(headed: Headed, one: int, other: int) -> int | None:
    """The line of the first row in which two columns differ; None for none."""
    return next((row.line for row in headed.rows if _bare(row.cells[one]) != _bare(row.cells[other])), None)


def _bare(cell: Cell) -> object:
    return cell.casefold() if isinstance(cell, str) else cell


def _without_repeats(found: list[Use], by_column: dict[int, tuple[str, Asked]]) -> list[Use]:
    """What says a second time what other columns say is not used, unless it is asked for."""
    fields = {use.field for use in found}
    repeats = {}
    if "engagement_rate" in fields:
        repeats["engagements_per_post"] = "the engagement rate says it"
    if {"cost_per_post", "impressions_per_post"} <= fields:
        repeats["cpm"] = "it follows from the fee and the impressions"
    return [
        use._replace(field=None, note=repeats[use.field])
        if use.field in repeats and use.column not in by_column
        else use
        for use in found
    ]


def _named(found: list[Use], headed: Headed, refuse: Callable[[Refusal], None]) -> list[Use]:
    """The best of handle, link and name becomes the name; a link beside a handle still tells the platform."""
    by_field = {use.field: use for use in found if use.field in _NAMES}
    best = next((field for field in _NAMES if field in by_field), None)
    if best is None:
        shown = ", ".join(repr(title) for title in headed.titles if title)
        message = f"no column names the creators; the headers are {shown}"
        hint = "say which: columns: {name: HEADER}"
        refuse(Refusal(message=message, hint=hint, line=headed.line, column=1))
        return found
    has_platform = any(use.field == "platform" for use in found)
    result = []
    for use in found:
        if use.field == best and best != "name":
            note = "links" if best == "url" else ""
            result.append(use._replace(field="name", note=note))
        elif use.field == "url":
            use = use if not has_platform else use._replace(field=None, note="name and platform are known")
            result.append(use._replace(note="tells the platform") if use.field else use)
        elif use.field == "full_name":
            note = f"{by_field[best].title!r} names them"
            result.append(use._replace(field=None, note=note))
        else:
            result.append(use)
    return result
