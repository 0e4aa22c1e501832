"""Rows of results as they are kept: with what plans say of them, in the set's currency, each known by its fingerprint.

A row with an id of its own, or a link to its post, is known by that: told again, it takes the place of what was told
before. Any other is known by everything it says, and by being the first, second, ... of its like in one file, so that
rows of one file that are alike all count, and the same file read twice counts once.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import TOLD
from optimizer.language.names import folded
from optimizer.plan.plan import Plan
from optimizer.program.program import program_of
from optimizer.results.table import TEXTS, Floats, Results, Texts
from optimizer.roster.accounts import account
from optimizer.scenario.scenario import Scenario

Words = NDArray[np.uint64]
MAX_MEMORY = 400_000_000
"""Bytes that the memory of a set may unfold to; 100,000 rows take a tenth."""


@dataclass(frozen=True)
class Rows:
    """Results as they are kept.

    Attributes:
        keys: fingerprint of each row, shape (rows,).
        texts: as of `Results`; `creator` is the account without @.
        numbers: as of `Results`; `paid` in the set's currency.
    """

    keys: Texts
    texts: Mapping[str, Texts]
    numbers: Mapping[str, Floats]

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)


@dataclass(frozen=True)
class Merged:
    """Rows of before and now, and how many of now were not known, were known, and replaced what was known."""

    rows: Rows
    new: int
    known: int
    replaced: int


def no_rows() -> Rows:
    """What is known before any result."""
    return Rows(
        np.empty(0, dtype=object),
        {name: np.empty(0, dtype=object) for name in TEXTS},
        {name: np.empty(0) for name in TOLD},
    )


def merged(before: Rows, now: Sequence[Rows]) -> Merged:
    """Rows of before, then those of now in order, each fingerprint once; what is told last stands."""
    at: dict[str, int] = {key: place for place, key in enumerate(before.keys.tolist())}
    first = len(at)
    parts = [before, *now]
    keys = [key for part in parts for key in part.keys.tolist()]
    known = replaced = 0
    take: list[int] = list(range(first))
    new = 0
    for place in range(first, len(keys)):
        key = keys[place]
        if key not in at:
            at[key] = len(take)
            take.append(place)
            new += 1
            continue
        known += 1
        if key.startswith("id:") and not _alike(parts, take[at[key]], place):
            take[at[key]] = place
            replaced += 1
    chosen = np.array(take, dtype=np.int64)
    texts = {name: np.concatenate([part.texts[name] for part in parts])[chosen] for name in TEXTS}
    numbers = {name: np.concatenate([part.numbers[name] for part in parts])[chosen] for name in TOLD}
    rows = Rows(np.array([keys[place] for place in take], dtype=object), texts, numbers)
    return Merged(rows, new, known - replaced, replaced)


def _alike(parts: Sequence[Rows], first: int, second: int) -> bool:
    """Whether two rows, numbered over all parts, say the same."""
    return _said(parts, first) == _said(parts, second)


def _said(parts: Sequence[Rows], place: int) -> tuple[object, ...]:
    for part in parts:
        if place < len(part):
            numbers = tuple(
                None if np.isnan(part.numbers[n][place]) else part.numbers[n][place] for n in TOLD
            )
            return (*(part.texts[n][place] for n in TEXTS), *numbers)
        place -= len(part)
    raise IndexError(place)


# --- reading -------------------------------------------------------------------------------------------------


def rows_of(
    results: Results, plans: Iterable[Plan], currency: str, exchange_rates: Mapping[str, float]
) -> Rows:
    """Results as they are kept.

    Args:
        results: as read.
        plans: what was planned: says platform, format, tier, country, followers and posts of its bookings, where a row
            does not, and the currency of what was paid, where the results do not.
        currency: of the set.
        exchange_rates: of 1 of that currency, by code.

    Raises:
        ScenarioError: where money is in another currency and no rate is stated.
    """
    plans = tuple(plans)
    keys = _fingerprints(results)
    texts = {name: results.texts[name].copy() for name in TEXTS}
    numbers = {name: np.asarray(results.numbers[name], dtype=float).copy() for name in TOLD}
    names = _once(texts["creator"], lambda text: ((found := account(text)) and found.name) or "")
    hosts = _once(texts["creator"], lambda text: ((found := account(text)) and found.platform) or "")
    texts["platform"] = np.where(texts["platform"] == "", hosts, texts["platform"]).astype(object)
    texts["creator"] = names
    for plan in plans:
        _say_what_was_planned(plan, texts, numbers)
    if not np.isnan(numbers["paid"]).all():
        said = results.currency or next((plan.currency for plan in plans), None)
        numbers["paid"] = _in_currency(numbers["paid"], said, currency, exchange_rates)
    return Rows(keys, texts, numbers)


def rates_of(plans: Iterable[Plan], currency: str) -> dict[str, float]:
    """How many of each currency make 1 of another, as plans state it."""
    found: dict[str, float] = {}
    for plan in plans:
        rates = {**plan.inputs.get("exchange_rates", {}), plan.currency: 1.0}
        if currency in rates:
            found |= {code: float(rate) / float(rates[currency]) for code, rate in rates.items()}
    return found


def _once(texts: Texts, of: Any) -> Texts:
    """A text for each text, asked once for each that differs."""
    found = {text: of(text) for text in set(texts.tolist())}
    return np.array([found[text] for text in texts.tolist()], dtype=object)


def _in_currency(paid: Floats, said: str | None, currency: str, rates: Mapping[str, float]) -> Floats:
    """Money in the set's currency; NaN where nobody says in which it is."""
    if said is None:
        return np.full(len(paid), np.nan)
    if said == currency:
        return paid
    if said not in rates:
        raise ScenarioError(
            [
                Problem(
                    (),
                    f"what was paid is in {said}, the benchmark set in {currency}",
                    f"say how many {said} make 1 {currency}, e.g. --rate {said}=0.92",
                )
            ]
        )
    return paid / rates[said]


def _say_what_was_planned(plan: Plan, texts: dict[str, Texts], numbers: dict[str, Floats]) -> None:
    """Platform, format, tier, country, followers, posts and creators of bookings, where rows do not say them."""
    scenario = Scenario.model_validate(plan.inputs)
    terms = {each.name: each for each in program_of(scenario).packages.terms}
    lines: dict[str, Any] = {}
    for booked in plan.lines:
        lines.setdefault(folded(booked.offer), booked)
    for booked in plan.lines:
        if booked.person:
            lines.setdefault(folded(booked.person), booked)
    wanted = np.where(texts["offer"] != "", texts["offer"], texts["creator"])
    found = {text: lines.get(folded(text)) for text in set(wanted.tolist()) if text}
    for row in [place for place, text in enumerate(wanted.tolist()) if found.get(text) is not None]:
        line: Any = found[wanted[row]]
        of = terms.get(line.offer)
        for name in ("platform", "format"):
            said, planned = texts[name][row], getattr(line, name) or ""
            if said and planned and said != planned:
                break  # somebody of that name, elsewhere
        else:
            for name in ("platform", "format", "tier"):
                texts[name][row] = texts[name][row] or getattr(line, name) or ""
            texts["country"][row] = texts["country"][row] or (of.country if of is not None else "") or ""
            one = line.room == 1 or line.creators == 1
            if not texts["creator"][row] and one:
                texts["creator"][row] = line.person or line.offer
            values = {
                "followers": of.get("followers") if of is not None else None,
                "posts_per_creator": float(line.posts_per_creator),
                "creators": None if texts["creator"][row] else float(line.creators),
            }
            for name, value in values.items():
                if value is not None and np.isnan(numbers[name][row]):
                    numbers[name][row] = value


def _fingerprints(results: Results) -> Texts:
    """By which each row is known again: its id, else 128 bits of everything it says."""
    lanes = [np.full(results.rows, seed, dtype=np.uint64) for seed in (1, 2)]
    for name in TEXTS:
        if name != "id":
            values = results.texts[name].tolist()
            codes = {
                text: int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) for text in set(values)
            }
            if len(codes) > 1 or codes.keys() != {""}:
                _mix(lanes, name, np.array([codes[text] for text in values], dtype=np.uint64))
    for name in TOLD:
        numbers = np.asarray(results.numbers[name], dtype=float)
        if not np.isnan(numbers).all():
            numbers = np.where(np.isnan(numbers), np.nan, numbers + 0.0)  # one NaN, and no -0
            _mix(lanes, name, numbers.view(np.uint64))
    raw = np.stack(lanes, axis=1).astype(">u8").tobytes()
    seen: dict[tuple[int, str], int] = {}
    keys: list[str] = []
    ids, platforms = _ids(results), results.texts["platform"].tolist()
    for row, file in enumerate(results.file.tolist()):
        if ids[row]:
            own = blake2b(f"{platforms[row]}|{ids[row]}".encode(), digest_size=12).digest()
            keys.append("id:" + base64.b64encode(own).decode())
            continue
        key = base64.b64encode(raw[16 * row : 16 * row + 12]).decode()
        nth = seen[file, key] = seen.get((file, key), 0) + 1
        keys.append(key if nth == 1 else f"{key}:{nth}")
    return np.array(keys, dtype=object)


def _ids(results: Results) -> list[str]:
    """The id of each row: its own, else the link to its post where no other row of the file has it; empty without."""
    links = [post if "://" in post else "" for post in results.texts["post"].tolist()]
    files = results.file.tolist()
    often = Counter(zip(files, links, strict=True))
    own = results.texts["id"].tolist()
    return [
        mine or (link if link and often[file, link] == 1 else "")
        for mine, link, file in zip(own, links, files, strict=True)
    ]


def _mix(lanes: list[Words], name: str, values: Words) -> None:
    """One column more into both lanes: multiply and shift, as splitmix64 does (Steele, Lea, Flood 2014)."""
    salt = np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest()))
    for number, lane in enumerate(lanes):
        z = (lane ^ (values + salt)) * np.uint64((0xBF58476D1CE4E5B9, 0x94D049BB133111EB)[number])
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0x9E3779B97F4A7C15)
        lanes[number] = z ^ (z >> np.uint64(27))


# --- kept in the set -----------------------------------------------------------------------------------------


def packed(rows: Rows) -> str:
    """Rows as one text, always the same for the same rows: JSON, compressed, in base64."""
    data: dict[str, Any] = {"keys": rows.keys.tolist()}
    for name in TEXTS:
        if (rows.texts[name] != "").any():
            data[name] = rows.texts[name].tolist()
    for name in TOLD:
        if not np.isnan(rows.numbers[name]).all():
            data[name] = [None if value != value else value for value in rows.numbers[name].tolist()]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def unpacked(text: str) -> Rows:
    """The rows again.

    Raises:
        ValueError: where the text is not what `packed` makes.
    """
    unfold = zlib.decompressobj()
    try:
        raw = unfold.decompress(base64.b64decode(text, validate=True), MAX_MEMORY)
        data = json.loads(raw)
        count = len(data["keys"])
        texts = {name: np.array(data.get(name, [""] * count), dtype=object) for name in TEXTS}
        numbers = {name: np.array(data.get(name, [None] * count), dtype=float) for name in TOLD}
        keys = np.array(data["keys"], dtype=object)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ValueError("its memory of results cannot be read; learn from all files again") from error
    whole = all(isinstance(text, str) for each in (keys, *texts.values()) for text in each.tolist())
    if (
        unfold.unconsumed_tail
        or not whole
        or any(len(v) != count for v in (*texts.values(), *numbers.values()))
    ):
        raise ValueError("its memory of results cannot be read; learn from all files again")
    return Rows(keys, texts, numbers)
