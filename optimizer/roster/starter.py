"""A file of creators -> the text of a scenario that plans: with the file named in it, or with its offers written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from optimizer.benchmarks.lookup import Benchmarks, Place, benchmarks_of
from optimizer.benchmarks.making.usual_rate import usual_rate
from optimizer.language.names import word
from optimizer.language.quantities import grouped, nice_step
from optimizer.language.yaml_text import comment, list_lines, mapping_lines, scalar
from optimizer.roster.fees import SET
from optimizer.roster.offers import names_of, offers_of
from optimizer.roster.reading import Reading
from optimizer.roster.rows import Creator
from optimizer.scenario.roster import RosterFile

_WORDS = {
    "insta": "instagram",
    "tiktok": "tiktok",
    "youtube": "youtube",
    "facebook": "facebook",
    "twitter": "x",
}
"""What the name of a file may say of the platform."""
SHARE = 0.1
"""Of what everybody together would ask; a budget to start from, round."""
USUAL = "instagram"


def offers_scenario(reading: Reading, asked: RosterFile, name: str) -> str:
    """A scenario with the rows written out as offers.

    Args:
        reading: the file, read.
        asked: what the user said of it.
        name: of the file.
    """
    platform, why = _platform(reading, asked, name)
    shared = asked.model_copy(update={"defaults": _defaults(asked, platform), "file": name})
    currency = _currency(reading, asked)
    names = names_of([(creator, shared) for creator in reading.creators])
    offers = offers_of(reading.creators, names, shared, currency)
    lines = [*_head(reading, name, currency, platform, why), "", "offers:", *list_lines(offers, 2)]
    return "\n".join(lines) + "\n"


def roster_scenario(reading: Reading, asked: RosterFile, name: str) -> str:
    """A scenario that names the file, so that a new export needs no other change.

    Args:
        reading: the file, read.
        asked: what the user said of it.
        name: of the file, from the folder of the scenario.
    """
    platform, why = _platform(reading, asked, name)
    currency = _currency(reading, asked)
    written: dict[str, Any] = {"file": name}
    written |= {
        key: value
        for key, value in asked.model_dump(mode="json", by_alias=True, exclude_unset=True).items()
        if key not in ("file", "defaults")
    }
    defaults = _defaults(asked, platform)
    if defaults:
        written["defaults"] = defaults
    lines = _head(reading, name, currency, platform, why)
    first, *rest = mapping_lines(written, 4)
    lines += ["", "rosters:", f"  - {first.lstrip(' ')}", *rest]
    if "keep" not in written:
        lines.append(
            "    # keep: {followers: {min: 5_000, max: 500_000}, country: [IT, CH]}   # which rows take part"
        )
    if "offer" not in written:
        lines.append("    # offer: {posts_per_creator: {min: 1, max: 3}}                      # for all rows")
    lines += [
        "",
        "limits:",
        "  - {measure: cost, per: creator, max: 25% of budget}    # no bet on one person larger than this",
    ]
    return "\n".join(lines) + "\n"


def _head(reading: Reading, name: str, currency: str, platform: str | None, why: str) -> list[str]:
    roster = reading.roster
    rest = roster.rows - roster.kept
    title = Path(name.replace("\\", "/")).stem.replace("_", " ").replace("-", " ").strip() or "roster"
    lines = [
        f"# Made from {comment(name)}: {grouped(roster.rows)} rows, {grouped(roster.kept)} creators"
        + (f", {grouped(rest)} left out (`optimize roster {comment(name)}` says which)." if rest else ".")
    ]
    if why:
        lines.append(f"# {why}")
    total = _total(reading.creators, platform, benchmarks_of(SET))
    budget = nice_step(total * SHARE) if total > 0 else 10_000.0
    lines += [
        f"name: {scalar(title)}",
        f"currency: {currency}",
        *_rates(reading, currency),
        f"budget: {budget:_.0f}          # one post of everybody comes to {grouped(float(f'{total:.2g}'), 3)}",
        "# effort_hours: 200     # hard ceiling on coordination",
        "objective: engagements",
        f"benchmarks: {SET}    # fills what rows leave out, at each creator's own size; marked in the plan",
    ]
    return lines


def _rates(reading: Reading, own: str) -> list[str]:
    """The line of exchange rates: of the dollar, in which the benchmarks are, and of other prices of the file."""
    others = sorted({creator.currency for creator in reading.creators if creator.currency} | {"USD"})
    others = [code for code in others if code != own]
    if not others:
        return []
    dollar = usual_rate(own)
    rates = {code: usual_rate(code) for code in others}
    unknown = [code for code, rate in rates.items() if rate is None or dollar is None]
    if unknown or dollar is None:
        return [f"# CHECK: exchange_rates: {{{unknown[0]}: ...}}, how many {unknown[0]} make 1 {own}"]
    written = {code: float(f"{rate / dollar:.4g}") for code, rate in rates.items() if rate is not None}
    (line,) = mapping_lines({"exchange_rates": written})
    return [f"{line}    # CHECK: how many of these make 1 {own}; here as the benchmarks' sources were read"]


def _currency(reading: Reading, asked: RosterFile) -> str:
    """The currency in which most prices are; USD where none is written."""
    counts: dict[str, int] = {}
    for creator in reading.creators:
        if creator.currency is not None:
            counts[creator.currency] = counts.get(creator.currency, 0) + 1
    given = asked.defaults.get("currency")
    return str(given) if given else max(sorted(counts), key=lambda code: counts[code]) if counts else "USD"


def _platform(reading: Reading, asked: RosterFile, name: str) -> tuple[str | None, str]:
    """The platform of rows that name none, and where it comes from; None where all rows name one."""
    given = {**asked.defaults, **asked.offer}.get("platform")
    if given is not None:
        return word(str(given)), ""
    if all(creator.platform is not None for creator in reading.creators):
        return None, ""
    stem = Path(name).stem.casefold()
    found = next((platform for part, platform in _WORDS.items() if part in stem), None)
    if found is not None:
        return found, f"Platform {found}: the file's name says so, no column does."
    return USUAL, f"CHECK: no column says the platform, so {USUAL} is taken."


def _defaults(asked: RosterFile, platform: str | None) -> dict[str, Any]:
    return dict(asked.defaults) if platform is None else {"platform": platform, **asked.defaults}


def _total(creators: Sequence[Creator], platform: str | None, figures: Benchmarks) -> float:
    """What one post of everybody costs: as the rows say, else as the benchmarks do, in any currency."""
    total = 0.0
    for creator in creators:
        fee, followers = creator.values.get("cost_per_post"), creator.values.get("followers")
        if isinstance(fee, Decimal):
            total += float(fee)
        elif isinstance(followers, Decimal) and followers:
            place = Place(None, creator.platform or platform, None, float(followers), None)
            found = figures.figure("cost_per_post", place)
            total += 0.0 if found is None else found.figure.typical
    return total
