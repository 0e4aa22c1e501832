"""Numbers and names as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

from optimizer.language.measures import MEASURES, REACH, WHOLE_MONEY, unit_of

UNKNOWN = "–"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Text from a file without characters that steer a terminal or turn the reading direction."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separators: 59,940 or 0.15."""
    if value is None:
        return UNKNOWN
    # halves go away from 0, by the decimal digits that a reader sees, as in spreadsheets: 2.675 is 2.68, 2.665 is 2.67
    with localcontext(rounding=ROUND_HALF_UP):
        text = f"{Decimal(repr(float(value))):,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def round_to(value: float, digits: int) -> float:
    """The number that `number` prints."""
    return float(number(value, digits).replace(",", ""))


def count(value: float | None) -> str:
    """Creators or posts: whole where they are whole."""
    if value is None:
        return UNKNOWN
    return number(value) if abs(value - round(value)) < 1e-9 else number(value, 2)


def significant(value: float | None, digits: int = 3) -> str:
    """A rate or price per something, with so many significant digits and no exponent: 0.145, 12.3, 1,240."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    rounded = abs(float(f"{value:.{digits}g}"))  # 99.96 is 100 in three digits, not 100.0
    decimals = max(0, digits - 1 - math.floor(math.log10(rounded)))
    return number(value, min(decimals, 12))


def few_digits(value: float | None, digits: int = 4) -> str:
    """A step or an amount: whole as it is, else in four digits but with all whole ones: 1,438, 17.5, 0.0004."""
    if value is None:
        return UNKNOWN
    text = number(value) if value == round(value) else significant(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed_few(value: float) -> str:
    """The same with its sign: +1,451, -0.5, +0."""
    text = few_digits(value) if abs(value) < 100 else number(value)
    return text if text.startswith("-") else f"+{text}"


def measured(value: float | None) -> str:
    """A value of any measure: 59,940 and 16 as they are, small fractions in three digits."""
    if value is None:
        return UNKNOWN
    return number(value) if abs(value) >= 100 or value == round(value) else significant(value)


def percent(share: float | None, digits: int = 3) -> str:
    """A share as a percentage: 4.3 %."""
    return UNKNOWN if share is None else f"{_plain(100 * share, digits)} %"


def chance(share: float) -> str:
    """A share of drawn cases: "42 %"; never 0 or 100 % unless it is none or all of them."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "<1 %"
    return ">99 %" if whole == 100 and share < 1 else f"{whole} %"


def cases(confidence: float) -> str:
    """A confidence as people say it: "9 of 10 cases", "19 of 20 cases", "half of the cases", "99.5 % of the cases"."""
    if confidence == 0.5:
        return "half of the cases"
    for whole in (10, 20, 100):
        part = confidence * whole
        if abs(part - round(part)) < 1e-9:
            return f"{round(part)} of {whole} cases"
    return f"{percent(confidence)} of the cases"


def gap_percent(gap: float | None) -> str:
    """A gap; a small one is not rounded to nothing."""
    if gap is None:
        return "unknown"
    return f"{_plain(100 * gap, 2)} %"


def plain_number(value: float) -> str:
    """An assumption's value as a person would write it."""
    if abs(value) >= 1e6:
        return number(value)
    return _plain(value, 3 if abs(value) < 0.001 else 6)


def _plain(value: float, digits: int) -> str:
    """So many significant digits, without trailing zeros and without an exponent: 0.00005, 1,500."""
    text = f"{Decimal(f'{value + 0.0:.{digits}g}'):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def made_line(made: str, authors: Sequence[str], version: str) -> str:
    """`27 November 2026 · Ana Silva · creatormix 0.1.0`: when, by whom and with what a result was made.

    Args:
        made: the day, as 2026-11-27; "" where it is not known.
        authors: whoever answers for the scenarios; "" for none.
        version: of this package.
    """
    parts = [*([day(made)] if made else []), *dict.fromkeys(printable(name) for name in authors if name)]
    return " · ".join([*parts, f"creatormix {version}"])


def day(made: str) -> str:
    """2026-11-27 as 27 November 2026."""
    year, month, number_of = made.split("-")
    return f"{int(number_of)} {MONTHS[int(month) - 1]} {year}"


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def short(value: float | None) -> str:
    """A large count in three digits: 842, 36k, 1.24M."""
    if value is None:
        return UNKNOWN
    for limit, divisor, suffix in ((1e4, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M"), (math.inf, 1e9, "B")):
        if abs(value) < limit * (0.9995 if divisor > 1 else 1):
            return number(value) if divisor == 1 else f"{_plain(value / divisor, 3)}{suffix}"
    return number(value)


def rounded_to_total(
    values: Sequence[float | None], digits: int, total: float | None = None
) -> list[float | None]:
    """Values rounded so that they add up to their rounded sum (largest remainder).

    `total` is that sum where it is printed elsewhere too: at half a cent the last bits of two sums may differ.

    Every rounded value differs from its own by less than one unit of the last digit.
    """
    known = [(i, Decimal(repr(float(v)))) for i, v in enumerate(values) if v is not None]
    if len(known) != len(values) or not known:
        return list(values)
    unit = Decimal(1).scaleb(-digits)
    floors = {i: v.quantize(unit, rounding=ROUND_FLOOR) for i, v in known}
    exact = sum((v for _, v in known), Decimal(0)) if total is None else Decimal(repr(float(total)))
    missing = max(0, int((exact.quantize(unit, ROUND_HALF_UP) - sum(floors.values(), Decimal(0))) / unit))
    by_remainder = sorted(known, key=lambda item: (floors[item[0]] - item[1], item[0]))
    for i, _ in by_remainder[:missing]:
        floors[i] += unit
    return [float(floors[i]) for i in range(len(values))]


def rounded_parts(parts: Sequence[float], digits: int, total: float) -> list[float]:
    """Parts, signed, rounded so that what is printed adds up to a total that is printed in as many digits.

    Each is rounded to the nearest, and what is then missing goes to those with the largest remainders.
    """
    unit = Decimal(1).scaleb(-digits)
    exact = [Decimal(repr(float(part))) for part in parts]
    rounded = [part.quantize(unit, ROUND_HALF_UP) for part in exact]
    missing = int((Decimal(repr(float(total))) - sum(rounded, Decimal(0))).quantize(unit) / unit)
    sign = 1 if missing > 0 else -1
    order = sorted(range(len(parts)), key=lambda i: (-sign * (exact[i] - rounded[i]), i))
    for n in range(abs(missing)):
        rounded[order[n % len(order)]] += sign * unit
    return [float(part) for part in rounded]


def money_digits(values: Sequence[float | None], currency: str) -> int:
    """Decimals that these amounts deserve: none where all are whole or the currency has none, else cents."""
    if currency in WHOLE_MONEY:
        return 0
    return 2 if any(v is not None and abs(v - round(v)) >= 0.005 for v in values) else 0


def gained(value: float, base: float, sign: float) -> float:
    """How much better a value is, tidied; 0 where the difference is only the rounding of floating-point sums."""
    gain = sign * (value - base)
    return 0.0 if abs(gain) <= NOISE * abs(base) else tidy(gain)


NOISE = 1e-9
"""Relative difference below which two values of the same measure are the same number."""


def tidy(number: float) -> float:
    """A float without the noise of its last digits (13 significant ones are kept); whole numbers stay exact."""
    return number if isinstance(number, int) else float(f"{number:.13g}")


def tenths(value: float | None) -> str:
    """Hours and counts: whole, or with one decimal where that is not the same."""
    if value is None:
        return UNKNOWN
    return number(value) if abs(value - round(value)) < 0.05 else number(value, 1)


def counted(value: float, unit: str) -> str:
    """A count with its unit, in the singular where it is one: "1 creator", "12 posts", "146.5 hours"."""
    text = count(value) if unit in ("creators", "posts") else tenths(value)
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def each_further(measure: str, currency: str, price: float, *, more: bool = True) -> str:
    """`each further engagement costs 1.04 USD`, or what each one fewer saves.

    Args:
        measure: of the result.
        currency: of the price.
        price: as `measures.cost_of_each` has it.
        more: whether there is more of the result, not less.
    """
    one = unit_of(measure, currency).removesuffix("s")
    one = {"people": " person"}.get(one, f" {one}")
    if measure not in MEASURES and measure != REACH.name:
        one = " one"  # of a measure that the user has named
    words = f"each further{one} costs" if more else f"each{one} fewer saves"
    return f"{words} {significant(price)} {currency}"
