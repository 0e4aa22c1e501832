"""Which column of a file of results is used for what: as the user says, else by its header and what stands below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from statistics import median

from optimizer.language.measures import TOLD
from optimizer.results.dates import is_date
from optimizer.results.table import TEXTS
from optimizer.results.words import DERIVED, ESTIMATE, meant, near, status_of
from optimizer.roster.accounts import linked
from optimizer.roster.column import Asked
from optimizer.roster.figures import Token, is_blank, read_body, token
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.result import Refusal
from optimizer.roster.uses import Use, asked_for, could_be, nearly_one, one_each, unique_titles
from optimizer.roster.words import header, is_number

Cells = Mapping[Cell, int]
FIELDS = (*(name for name in TEXTS if name != "name"), "delivered", "currency", *TOLD)
"""What a column can be used for."""
BOOKED = ("offer", "creator", "post")
"""What says of which booking a row is."""
_NAMES = ("creator", "link", "full_name", "person")
"""What names the creator, the best first."""
_FIRST_WINS = frozenset(
    ("date", "id", "post", "country", "full_name", "link", "person", "delivered", "offer")
)
_NOTES = {
    DERIVED: "follows from other columns",
    ESTIMATE: "planned or estimated, no result",
}
_SOMETIMES = frozenset({"paid", "hours", "conversions", "revenue"})
"""Headers of these fields also head columns of words: whether paid, how a result is called."""
_OWN_IDS = 0.9
"""Of the rows: with fewer different ones a column of ids does not tell results apart; some stand there twice."""
_ENOUGH = 2_000
"""Different cells by which it is told what a column holds."""
_SEVERAL = _SOMETIMES | {
    "creators", "creator", "full_name", "link", "post", "posts", "delivered", "date", "engagements", "followers",
    "impressions", "id",
}  # fmt: skip
"""Fields whose headers could mean another one by what stands below."""
_OF_STUDIO = {
    "followers": (("subscribers", "abonnenten"), "followers that were won, in an export of YouTube Studio"),
    "impressions": (("impressions", "impressionen"), "thumbnails shown, in an export of YouTube Studio"),
}
"""What exports with a watch time head otherwise: field -> keys of headers, and what they are there."""
_COUNTED = re.compile(
    r"\b(num\w*|número|numéro|nombre|anzahl|zahl|jumlah|số|count|cantidad|quantit\w+|nr|no|nº|n°)\b"
)
_MOST_OF_TEXT = 1000
"""Numbers beyond this in a column headed `posts` count no posts."""
_MOST_OF_RATES = 100
"""Broken numbers below this in a column headed `engagement` are percentages."""


def uses_of(
    headed: Headed, wanted: Mapping[str, tuple[str, Asked]], refuse: Callable[[Refusal], None]
) -> list[Use]:
    """What each column is used for.

    Args:
        headed: headers and rows.
        wanted: field -> header of its column and how it is read, as the user says.
        refuse: takes what is wrong.
    """
    titles = unique_titles(headed.titles)
    by_column = asked_for(titles, wanted, FIELDS, refuse)
    taken = {field for field, _ in by_column.values()}
    found: list[Use] = []
    for column, title in enumerate(titles):
        if column in by_column:
            found.append(Use(column, title, by_column[column][0], "", by_column[column][1]))
        elif not title:
            found.append(Use(column, "", None, "no header"))
        else:
            found.append(_guessed(column, headed, title, taken, refuse))
    found = _links_first(found, headed, by_column)
    return _named(one_each(found, headed, _FIRST_WINS, refuse), headed, refuse)


def _guessed(
    column: int, headed: Headed, title: str, taken: set[str], refuse: Callable[[Refusal], None]
) -> Use:
    what = meant(headed.titles[column])
    if what is None:
        nearly = near(title)
        if nearly is not None and nearly not in taken and could_be(nearly, headed, column):
            hint = f"say columns: {{{nearly}: {title}}}, or give it another header"
            refuse(nearly_one(nearly, title, hint, headed.line, column))
        return Use(column, title, None, "not known")
    field, note = _looked_at(what, headed, column)
    if field in (DERIVED, ESTIMATE):
        return Use(column, title, None, _NOTES[field])
    if field in taken:
        return Use(column, title, None, f"columns says which one is {field}")
    return Use(column, title, field, note)


def _looked_at(field: str, headed: Headed, column: int) -> tuple[str | None, str]:
    """The field of a column by what stands in it, where its header could mean several; None with the reason."""
    if field not in _SEVERAL:
        return field, ""
    title = headed.titles[column]
    cells = _told(headed, column)
    if field == "creators":
        field = field if could_be(field, headed, column) else "full_name"
    if field in ("creator", "full_name", "link", "post") and _mostly(cells, _leads_to_post):
        return "post", ""
    if field == "link":
        return ("link", "") if _mostly(cells, _is_link) else (None, "no links to accounts or posts")
    if field in ("post", "posts"):
        return _post_or_posts(field, title, cells), ""
    if field in ("delivered", "date"):
        return _delivered_or_date(field, cells)
    if field == "id" and len(cells) < _OWN_IDS * sum(cells.values()):
        return None, "not one for each row"
    if field == "conversions" and (header(title).currency or any(_money(cell) for cell in cells)):
        return "revenue", "money, so the value of sales"
    if field == "engagements" and _rates(title, cells):
        return DERIVED, ""
    if field in _OF_STUDIO and any("watchtime" in header(one).key for one in headed.titles):
        key = header(title).key
        return (None, _OF_STUDIO[field][1]) if key in _OF_STUDIO[field][0] else (field, "")
    if field in _SOMETIMES and cells and not could_be(field, headed, column):
        return None, "holds no numbers"
    return field, ""


def _links_first(found: list[Use], headed: Headed, by_column: Mapping[int, object]) -> list[Use]:
    """Of several columns that name posts the one with links is used: they tell the platform, too."""
    posts = [use for use in found if use.field == "post"]
    if len(posts) < 2 or any(use.column in by_column for use in posts):
        return found
    best = next((use for use in posts if _all_links(headed, use.column)), posts[0])
    note = f"{best.title!r} is used as post"
    return [use._replace(field=None, note=note) if use in posts and use != best else use for use in found]


def _told(headed: Headed, column: int) -> Cells:
    """Different cells of a column that say something, and how often each stands there.

    Of very many only some, which do not depend on the order of the rows.
    """
    different = Counter(row.cells[column] for row in headed.rows)
    cells = [cell for cell in different if not isinstance(cell, str) or not is_blank(cell)]
    if len(cells) > _ENOUGH:
        cells = sorted(cells, key=str)[:: len(cells) // _ENOUGH]
    return {cell: different[cell] for cell in cells}


def _mostly(cells: Cells, fits: Callable[[Cell], bool]) -> bool:
    """Whether most cells are of a kind."""
    return 2 * sum(count for cell, count in cells.items() if fits(cell)) > sum(cells.values())


def _is_link(cell: Cell) -> bool:
    return isinstance(cell, str) and "/" in cell and linked(cell) is not None


def _leads_to_post(cell: Cell) -> bool:
    link = linked(cell) if isinstance(cell, str) and "/" in cell else None
    return link is not None and link.of_post


def _number(cell: Cell) -> Token | None:
    return Token(str(cell)) if isinstance(cell, Decimal) else token(cell)


def _money(cell: Cell) -> bool:
    return isinstance(cell, str) and (read := token(cell)) is not None and read.currency != ""


def _post_or_posts(field: str, title: str, cells: Cells) -> str:
    """Whether a column names posts or counts them: `Post` with 1, 2, 3 numbers them, `Posts` counts."""
    counted = field == "posts" or _COUNTED.search(title.casefold()) is not None

    def few(cell: Cell) -> bool:
        read = _number(cell)
        return read is not None and read.body.isdigit() and int(read.body) < _MOST_OF_TEXT

    return "posts" if counted and (not cells or _mostly(cells, few)) else "post"


def _delivered_or_date(field: str, cells: Cells) -> tuple[str | None, str]:
    """What a column headed `published`, `delivered` or `live` says: whether, when, or how many."""

    def dated(cell: Cell) -> bool:
        return is_date(cell if isinstance(cell, str) else f"{cell:f}")

    def told(cell: Cell) -> bool:
        return status_of(str(cell)) is not None

    if _mostly(cells, dated):
        return "date", ""
    if _mostly(cells, told):
        return "delivered", ""
    if field == "delivered" and _mostly(cells, lambda cell: _number(cell) is not None):
        return "posts", ""
    if not cells:
        return field, ""
    return (
        None,
        "holds no dates" if field == "date" else "says neither that something was delivered nor that not",
    )


def _rates(title: str, cells: Cells) -> bool:
    """Whether a column headed `engagement` holds rates."""
    read = [one for cell in cells if (one := _number(cell)) is not None]
    if header(title).percent or any(one.percent for one in read):
        return True
    sizes = [
        float(read_body(one.body, ".") or read_body(one.body, ",") or 0) for one in read if not one.power
    ]
    broken = [size for size in sizes if size != round(size)]
    return len(sizes) == len(read) and 2 * len(broken) > len(sizes) > 0 and median(sizes) < _MOST_OF_RATES


def _named(found: list[Use], headed: Headed, refuse: Callable[[Refusal], None]) -> list[Use]:
    """The best of handle, link, name and number is the creator; a link beside a handle still tells the platform."""
    by_field = {use.field: use for use in found if use.field in _NAMES}
    best = next((field for field in _NAMES if field in by_field), None)
    fields = {use.field for use in found}
    if best is None and not fields & set(BOOKED):
        shown = ", ".join(repr(title) for title in headed.titles if title)
        message = (
            f"no column says of which booking a row is: no offer, creator or post; the headers are {shown}"
        )
        hint = "say which: columns: {creator: HEADER}, or offer, or post"
        refuse(Refusal(message=message, hint=hint, line=headed.line, column=1))
    result = []
    for use in found:
        if use.field not in _NAMES:
            result.append(use)
        elif use.field == best:
            result.append(use._replace(field="creator", note="links" if best == "link" else ""))
        elif use.field == "link" and "platform" not in fields and _all_links(headed, use.column):
            result.append(use._replace(field="platform", note="tells the platform"))
        else:
            assert best is not None
            result.append(use._replace(field=None, note=f"{by_field[best].title!r} names them"))
    return result


def _all_links(headed: Headed, column: int) -> bool:
    return all(_is_link(cell) for cell in _told(headed, column))


def numeric(use: Use) -> bool:
    """Whether a column holds numbers."""
    return use.field is not None and is_number(use.field)
