"""The one currency in which the money of all files of results is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from optimizer.results.rows import Kept
from optimizer.roster.bulk_columns import Alike
from optimizer.roster.labels import Bools
from optimizer.roster.result import Refusal
from optimizer.roster.rows import DOLLARS

_MONEY = ("paid", "revenue")


def currency_of(
    files: Sequence[Kept],
    names: Sequence[str],
    currency: str | None,
    refuse: Sequence[Callable[[Refusal], None]],
) -> str | None:
    """The currency of all money; None where none is named.

    A bare $ stands for the dollars that are named elsewhere. Where a file names a currency in some cells, the others
    are in it, too.

    Args:
        files: their rows.
        names: of the files.
        currency: of money for which no file names one.
        refuse: of each file, takes what is wrong.
    """
    found: dict[str, tuple[int, int, str]] = {}
    silent = None
    for number, file in enumerate(files):
        own = _named(file)
        for code, (row, field) in own.items():
            found.setdefault(code, (number, row, field))
        if not own and any(
            name in file.numbers and np.any(file.numbers[name][file.keep] > 0) for name in _MONEY
        ):
            silent = number
    named = list(found)
    if silent is not None and currency is not None and currency not in named:
        named.append(currency)
    codes = _one_of(named, currency)
    if len(codes) > 1:
        first, other = codes[:2]
        number, row, field = found.get(other) or found[first]
        elsewhere = "as is said" if first not in found else f"as in {_where(files, names, *found[first][:2])}"
        if other not in found:
            first, other = other, first
            elsewhere = "as is said"
        message = f"this is money in {other}, not in {first} {elsewhere}"
        _refuse(files[number], row, field, message, "give the results of each currency alone", refuse[number])
        return None
    if silent is not None and currency is None and codes:
        number, row, _ = found[next(iter(found))]
        message = f"no currency is named, while {_where(files, names, number, row)} counts in {codes[0]}"
        refuse[silent](Refusal(message=message, hint="write the currency into the header: Paid (EUR)"))
        return None
    if codes and "/" in codes[0]:
        number, row, field = found[codes[0]]
        message = f"this could be money in {codes[0].replace('/', ' or ')}"
        hint = f"say which: columns: {{{field}: {{from: HEADER, currency: {codes[0][:3]}}}}}"
        _refuse(files[number], row, field, message, hint, refuse[number])
        return None
    return codes[0] if codes else None


def _named(file: Kept) -> dict[str, tuple[int, str]]:
    """Code -> the first row that names it, and the field of its cell."""
    found: dict[str, tuple[int, str]] = {}
    for field in _MONEY:
        read = file.columns.of(field)
        if read is None or read.currencies is None or read.numbers is None:
            continue
        rows = np.flatnonzero(file.keep & ~np.isnan(read.numbers))
        for row in rows[:1].tolist() if isinstance(read.currencies, Alike) else rows.tolist():
            if read.currencies[row]:
                found.setdefault(read.currencies[row], (row, field))
    label = file.columns.of("currency")
    if label is not None and label.labels is not None:
        for row in np.flatnonzero(_has_money(file)).tolist():
            code = label.labels.at(row)
            if code is not None:
                found.setdefault(code, (row, "currency"))
    return found


def _has_money(file: Kept) -> Bools:
    has = np.zeros(len(file.keep), dtype=bool)
    for name in _MONEY:
        if name in file.numbers:
            has |= ~np.isnan(file.numbers[name])
    return has & file.keep


def _one_of(codes: Sequence[str], currency: str | None) -> list[str]:
    """The codes without signs that stand for one of the others, or for what is said."""
    several = {code: code.split("/") for code in codes if "/" in code}
    plain = [code for code in codes if code not in several]
    for code, meanings in several.items():
        meant = [one for one in meanings if one in plain or one == currency]
        plain.append(meant[0] if len(meant) == 1 else code)
    plain = list(dict.fromkeys(plain))
    others = [code for code in plain if code != "USD"]
    if "USD" in plain and len(others) == 1 and others[0] in DOLLARS:
        return others
    return [currency] if plain == ["USD"] and currency in DOLLARS and currency is not None else plain


def _where(files: Sequence[Kept], names: Sequence[str], number: int, row: int) -> str:
    return f"line {int(files[number].lines[row])} of {names[number]}"


def _refuse(
    file: Kept, row: int, field: str, message: str, hint: str, refuse: Callable[[Refusal], None]
) -> None:
    read = file.columns.of(field)
    assert read is not None, "a column that names a currency is used"
    line, column = int(file.lines[row]), read.use.column + 1
    refuse(Refusal(message=message, hint=hint, line=line, column=column, header=read.use.title))
