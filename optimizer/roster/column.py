"""A whole column of numbers: how they are written is found by looking at all of them, and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import Literal, NamedTuple

from optimizer.roster.figures import REMEMBERED, Token, read_body
from optimizer.roster.grid import Cell
from optimizer.roster.kinds import by_kind, unreadable
from optimizer.roster.words import COUNTS, MONEY, SHARES, Header

Decimals = Literal[".", ","]
Bare = Literal["percent", "fraction"]
RATES = (Decimal("0.001"), Decimal("0.4"))
"""Between these lies the median of a column of rates: below a thousandth or above two in five it is read wrongly."""
OF_ONE = 100
FARTHEST_ENDS = 100
"""Beyond this factor between its ends something else is meant than a range: a date, two numbers."""


class Wrong(NamedTuple):
    """What is wrong in a column: at a row (by its position), in words, with a hint; of one cell, or of the whole."""

    row: int
    message: str
    hint: str
    whole: bool = False


@dataclass(frozen=True)
class Asked:
    """What the user says of a column; None for what is to be found."""

    decimal: Decimals | None = None
    bare: Bare | None = None
    power: int | None = None
    currency: str | None = None


@dataclass
class Numbers:
    """A column read.

    Attributes:
        values: for each row its number, None where it is blank or cannot be read; of a range the middle.
        ranges: row -> low and high, where a range is written.
        currencies: for each row the currency that is written there; "" for none.
        format: how the numbers are written, in words.
        blanks: cells that say nothing; of these `errors` are errors of formulas.
        wrong: what cannot be read, or could be read in two ways.
        fractional: rows of a count that are not whole.
    """

    values: list[Decimal | None]
    currencies: list[str]
    format: str = ""
    blanks: int = 0
    errors: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    ranges: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    decisive: Decimals | None = None


def decimals_of(cells: Sequence[Cell], what: str) -> Decimals | None:
    """The decimal sign that a column proves; None where its cells leave it open, or contradict each other."""
    parted = by_kind(cells, what)
    fits = _fits([token for _, token in parted.tokens if _has_sign(token)], what)
    return fits[0] if len(fits) == 1 else None


def numbers(
    cells: Sequence[Cell],
    what: str,
    title: str,
    header: Header,
    asked: Asked,
    others: frozenset[Decimals],
    delimiter: str | None,
) -> Numbers:
    """The numbers of a column.

    Args:
        cells: of the column, one for each row.
        what: the field that it is used for.
        title: its header as the file has it, for messages.
        header: its header, read.
        asked: what the user says of it.
        others: decimal signs that other columns of the file prove.
        delimiter: of the file.
    """
    parted = by_kind(cells, what)
    found = Numbers([None] * len(cells), [""] * len(cells), blanks=parted.blanks, errors=parted.errors)
    found.wrong += [Wrong(row, *unreadable(text, title, what)) for row, text in parted.unreadable]
    signed = [(row, one) for row, one in parted.tokens if _has_sign(one)]
    decimal = asked.decimal or _decimal(signed, what, title, others, delimiter, found)
    if decimal is None:
        return found
    readable: list[tuple[int, Token | None, Decimal]] = [(row, None, value) for row, value in parted.plain]
    for row, one in parted.tokens:
        value = read_body(one.body, decimal)
        if value is None:
            message = f"{one.body!r} cannot be read with a decimal {_named(decimal)}, as the column has it"
            found.wrong.append(Wrong(row, message, "write it like the other cells"))
            continue
        readable.append((row, one, -value if one.negative else value))
    readable.sort(key=lambda each: each[0])
    scale = _bare_scale(readable, what, title, header, asked, found)
    ends: dict[int, list[tuple[Token, Decimal]]] = {}
    for row, written, value in readable:
        if written is not None and row in parted.ranged:
            ends.setdefault(row, []).append((written, value))
        else:
            found.values[row] = _scaled_by(written, value, scale)
        if written is not None:
            found.currencies[row] = written.currency
    for row, pair in ends.items():
        _add_range(row, parted.ranged[row], pair, scale, found)
    found.format = described(
        [one for _, one, _ in readable if one is not None], bool(parted.plain), decimal, scale, what
    )
    if found.ranges:
        found.format += " (ranges: the middle)"
    return found


def _scaled_by(written: Token | None, value: Decimal, scale: Decimal | None) -> Decimal | None:
    """A number with its percent sign or its thousands, or else as all numbers without these are meant."""
    if written is not None and written.percent:
        return value / OF_ONE
    if written is not None and written.power:
        return value.scaleb(written.power)
    return None if scale is None else value * scale


def _add_range(
    row: int, text: str, pair: Sequence[tuple[Token, Decimal]], scale: Decimal | None, found: Numbers
) -> None:
    """A range: its middle as the value, its ends beside it; what is none is wrong."""
    if len(pair) < 2:  # an end cannot be read, which is said already
        return
    (low, low_value), (high, high_value) = pair
    if high.power and not low.power and low_value < high_value:  # 1-2k is from 1,000, 500-1k from 500
        low = low._replace(power=high.power)
    ends = [_scaled_by(low, low_value, scale), _scaled_by(high, high_value, scale)]
    if ends[0] is None or ends[1] is None:
        return
    if not 0 < ends[0] <= ends[1]:
        found.wrong.append(Wrong(row, f"{text!r} is no range", "write the smaller number first, above 0"))
    elif ends[1] > FARTHEST_ENDS * ends[0]:
        message = f"{text!r} is no range: its ends are more than {FARTHEST_ENDS} times apart"
        found.wrong.append(Wrong(row, message, "is it a date, or two numbers? write one number or a range"))
    else:
        found.ranges[row] = ends[0], ends[1]
        found.values[row] = (ends[0] + ends[1]) / 2


def _has_sign(one: Token) -> bool:
    return "." in one.body or "," in one.body


def _fits(signed: Sequence[Token], what: str) -> list[Decimals]:
    """The decimal signs with which every number can be read."""
    different = set(signed)  # a column says the same again and again
    return [sign for sign in _SIGNS if all(_possible(one, sign, what) for one in different)]


_SIGNS: tuple[Decimals, Decimals] = (".", ",")


@lru_cache(maxsize=REMEMBERED)
def _possible(one: Token, decimal: Decimals, what: str) -> bool:
    """Whether a number can be meant with this decimal sign.

    A share is never written in thousands, and nobody separates thousands with a point before K or M.
    """
    if read_body(one.body, decimal) is None:
        return False
    other = _other(decimal)
    if decimal not in one.body and one.body.count(other) == 1:
        return not (what in SHARES or one.percent or (one.power and other == "."))
    return True


def _decimal(
    signed: list[tuple[int, Token]],
    what: str,
    title: str,
    others: frozenset[Decimals],
    delimiter: str | None,
    found: Numbers,
) -> Decimals | None:
    """The decimal sign of a column; None where that is asked back."""
    different = {one for _, one in signed}
    possible = {one for one in different if any(_possible(one, sign, what) for sign in _SIGNS)}
    readable = [(row, one) for row, one in signed if one in possible]
    fits = _fits([one for _, one in readable], what)
    if len(fits) == 1:
        found.decisive = fits[0] if readable else None
        return fits[0]
    ask = f"columns: {{{what}: {{from: {_quoted(title)}, decimal: ','}}}} or decimal: '.'"
    if not fits:
        firsts = [next(pair for pair in readable if not _possible(pair[1], sign, what)) for sign in _SIGNS]
        (row, one), (other_row, other) = firsts
        message = (
            f"{one.body} has a decimal comma, {other.body} (row {other_row + 1} of the data) a decimal point"
        )
        found.wrong.append(Wrong(row, message, "write the column in one way", whole=True))
        return None
    doubtful = [(row, one) for row, one in readable if read_body(one.body, ".") != read_body(one.body, ",")]
    if not doubtful:
        return next(iter(others)) if len(others) == 1 else "."
    decimal = _by_evidence([one for _, one in doubtful], what, others, delimiter)
    if decimal is None:
        row, one = doubtful[0]
        values = [f"{_scaled(one, sign):,}" for sign in (_other_of(one), _own_of(one))]
        message = (
            f"{one.body} could mean {values[0]} or {values[1]}, and no other number of the file tells which"
        )
        found.wrong.append(Wrong(row, message, f"say it: {ask}", whole=True))
    return decimal


def _own_of(one: Token) -> Decimals:
    return "." if "." in one.body else ","


def _other_of(one: Token) -> Decimals:
    return _other(_own_of(one))


def _scaled(one: Token, decimal: Decimals) -> Decimal:
    value = read_body(one.body, decimal)
    assert value is not None
    return (value.scaleb(one.power) if one.power else value).normalize() + 0


def _by_evidence(
    doubtful: list[Token], what: str, others: frozenset[Decimals], delimiter: str | None
) -> Decimals | None:
    """The decimal sign of numbers like 1.234 or 1,234, by what else the file shows."""
    written = {_own_of(one) for one in doubtful}
    if len(written) > 1:
        return None
    (own,) = written
    if len(others) == 1:
        (sign,) = others
        counted = what in COUNTS and sign == own and not all(one.power for one in doubtful)
        return None if counted else sign  # a count with decimals is no count
    if what in MONEY and any(one.currency for one in doubtful):
        return _other(own)  # no price has three decimals
    return "." if own == "," and delimiter == "," and not others else None


def _bare_scale(
    readable: list[tuple[int, Token | None, Decimal]],
    what: str,
    title: str,
    header: Header,
    asked: Asked,
    found: Numbers,
) -> Decimal | None:
    """What numbers without a sign of percent or thousands are multiplied with; None where that is asked back."""
    bare = [(row, value) for row, one, value in readable if one is None or not (one.percent or one.power)]
    nonzero = [(row, value) for row, value in bare if value]
    signs = any(one is not None and one.percent for _, one, _ in readable)
    of = None
    if nonzero:
        values = [value for _, value in nonzero]
        of = Unsigned(*nonzero[0], median(values), max(values))
    return bare_scale(of, signs, what, title, header, asked, found)


class Unsigned(NamedTuple):
    """Numbers of a column without a sign of percent or thousands, as they are written, those that are 0 left out."""

    row: int
    """Of the first of them."""
    first: Decimal
    middle: Decimal
    most: Decimal


def bare_scale(
    bare: Unsigned | None,
    signs: bool,
    what: str,
    title: str,
    header: Header,
    asked: Asked,
    found: Numbers,
) -> Decimal | None:
    """What bare numbers are multiplied with; None where that is asked back, by `found.wrong`.

    Args:
        bare: what they are like; None where all of them are 0, or there are none.
        signs: whether other cells of the column have a sign of percent.
        what, title, header, asked: as in `numbers`.
        found: gets what is wrong.
    """
    if what not in SHARES:
        power = asked.power if asked.power is not None else header.power
        return Decimal(10) ** power
    hundredth = Decimal("0.01")
    if asked.bare is not None:
        return hundredth if asked.bare == "percent" else Decimal(1)
    if bare is None:
        return hundredth
    row, value, middle, most = bare
    low, high = (
        RATES
        if what in ("engagement_rate", "reach_rate", "click_rate", "conversion_rate")
        else (hundredth, Decimal(1))
    )
    if what in ("click_rate", "conversion_rate"):
        low = Decimal("0.0005")
    as_fraction = most <= 1 and low <= middle <= high
    as_percent = low <= middle / OF_ONE <= high
    if what not in ("engagement_rate", "reach_rate", "click_rate", "conversion_rate") and most > 1:
        as_percent = True
    if (header.percent or signs) and as_percent and most > 1:
        as_fraction = False
    if as_fraction != as_percent:
        return hundredth if as_percent else Decimal(1)
    number = f"{value.normalize():f}"
    hint = f"say it: columns: {{{what}: {{from: {_quoted(title)}, unit: percent}}}} or unit: fraction"
    percent, whole = f"{value.normalize():f} %", f"{(value * OF_ONE).normalize():f} %"
    if as_fraction:
        found.wrong.append(Wrong(row, f"{number} could mean {percent} or {whole}", hint, whole=True))
    else:
        message = f"{number} fits neither as {percent} nor as {whole}: half of this column is no such rate"
        found.wrong.append(Wrong(row, message, f"check the header; or {hint}", whole=True))
    return None


def described(tokens: list[Token], plain: bool, decimal: Decimals, scale: Decimal | None, what: str) -> str:
    """How a column is written, by an example: `EUR 1.234,50`, `1,5 K, M`, `1.5 %`, `1 234`."""
    bodies = [one.body for one in tokens]
    gap = next(
        (sign for sign in (_other(decimal), " ", "'", "’") if any(sign in body for body in bodies)), ""
    )
    fraction = f"{decimal}5" if any(decimal in body for body in bodies) else ""
    counted = any(one.percent or one.power for one in tokens)
    example = (
        f"1{gap}234{fraction}" if gap or not (fraction or counted) else f"1{fraction}" if fraction else "12"
    )
    currencies = " or ".join(sorted({one.currency for one in tokens if one.currency}))
    powers = sorted({one.power for one in tokens if one.power})
    text = (
        f"{currencies} {example}".strip()
        + (" " if powers else "")
        + ", ".join(_POWER_NAMES[p] for p in powers)
    )
    if any(one.percent for one in tokens):
        text += " %"
    elif what in SHARES and scale is not None:
        text += " (percent without its sign)" if scale < 1 else " (fractions)"
    elif scale is not None and scale > 1:
        text += f" (counted in {_POWER_WORDS.get(scale.adjusted(), scale)})"
    return "numbers of the file" if plain and not tokens else text


_POWER_NAMES = {3: "K", 5: "lakh", 6: "M", 7: "crore", 9: "B"}
_POWER_WORDS = {3: "thousands", 6: "millions"}


def _other(decimal: Decimals) -> Decimals:
    return "," if decimal == "." else "."


def _named(decimal: Decimals) -> str:
    return "point" if decimal == "." else "comma"


def _quoted(title: str) -> str:
    return title if title.replace(" ", "").isalnum() else f'"{title}"'
