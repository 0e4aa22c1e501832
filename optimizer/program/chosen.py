"""Which offers the filter words of a change mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.language.countries import parse_country
from optimizer.language.errors import did_you_mean
from optimizer.language.names import WORDS
from optimizer.program.terms import Terms
from optimizer.scenario.fields import parse_word
from optimizer.scenario.offer import FILTER_KEYS
from optimizer.scenario.stress import Word


class WrongChangeError(Exception):
    """What is wrong with one change."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


def chosen_offers(terms: Sequence[Terms], words: Iterable[Word]) -> list[int]:
    """Which offers the words of a filter mean: several values of one key are alternatives, all keys must fit.

    Raises:
        WrongChangeError: where a word means nothing, or two things.
    """
    where: dict[str, set[str]] = {}
    listed = list(words)
    skip = False
    for number, word in enumerate(listed):
        if skip:
            skip = False
            continue
        if (
            word.key is None
            and word.value in ("offer", "offers")
            and not word.quoted
            and number + 1 < len(listed)
        ):
            word, skip = Word(listed[number + 1].value, "name", True), True
        for key, value in _meant(terms, word).items():
            where.setdefault(key, set()).add(value)
    fitting = [
        i for i, t in enumerate(terms) if all(t.labels(key) in values for key, values in where.items())
    ]
    if not fitting:
        said = " and ".join(" or ".join(sorted(values)) for values in where.values())
        raise WrongChangeError(f"no offer is {said}", "each of them is there, but not in one offer")
    return fitting


def _meant(terms: Sequence[Terms], word: Word) -> dict[str, str]:
    """Key -> value of one word."""
    keys = [*FILTER_KEYS, *dict.fromkeys(key for t in terms for key in t.tags)]
    if word.key is not None:
        asked = "name" if word.key == "offer" else word.key
        if asked not in keys:
            raise WrongChangeError(f"no offer has a {word.key!r}", did_you_mean(word.key, keys))
        keys = [asked]
    found: dict[str, str] = {}
    for key in keys:
        labels = list(dict.fromkeys(label for t in terms if (label := t.labels(key)) is not None))
        value = _label(labels, key, word.value)
        if value is not None:
            found[key] = value
    if not found:
        every = list(
            dict.fromkeys(label for key in keys for t in terms if (label := t.labels(key)) is not None)
        )
        what = "no offer is" if word.key is None else f"no offer has {word.key}"
        raise WrongChangeError(f"{what} {word.value!r}", did_you_mean(word.value, every))
    sets = {tuple(t.labels(key) == value for t in terms) for key, value in found.items()}
    if len(sets) > 1:
        ways = " or ".join(f"{key}={_quoted(value)}" for key, value in found.items())
        raise WrongChangeError(f"{word.value!r} could be {' or '.join(found)}", f"write {ways}")
    key = next(iter(found))
    return {key: found[key]}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'" if any(sign in value for sign in " ,'\"=") else value


def _label(labels: Sequence[str], key: str, written: str) -> str | None:
    """The label that a word is: as written, under another name of it, or in other capitals."""
    if written in labels:
        return written
    try:
        meant = (
            parse_word(written) if key in WORDS else parse_country(written) if key == "country" else written
        )
    except ValueError:
        meant = written
    if meant in labels:
        return meant
    same = [label for label in labels if label.casefold() == written.casefold()]
    return same[0] if len(same) == 1 else None
