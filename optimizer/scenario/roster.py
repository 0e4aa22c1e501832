"""How a scenario names a file of creators: which columns mean what, which rows take part, what all of them share."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from optimizer.language.errors import FieldError
from optimizer.scenario.fields import Key, Note
from optimizer.scenario.offer import Frozen, check_currency

EXAMPLE = "write e.g. columns: {followers: Followers, cost_per_post: {from: Fee, decimal: ','}}"


class RosterColumn(Frozen):
    """One column of a roster, where its numbers could be read in two ways."""

    stands_at: ClassVar[tuple[str, ...]] = ("rosters", "*", "columns", "*")

    title: Note = Field(alias="from")
    """Its header in the file."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign of its numbers: 1.234 is 1234 with a decimal comma. Default: as the whole column shows."""
    unit: Literal["percent", "fraction", "thousand", "million", "one"] | None = None
    """What its bare numbers count: rates in percent or as fractions, others in thousands, millions or ones.
    Default: as header and column show."""
    currency: Note | None = None
    """Currency of its prices. Default: as written in the file, else the scenario's. ISO 4217."""

    @field_validator("currency", mode="before")
    @classmethod
    def _iso(cls, value: Any) -> Any:
        return value if value is None else check_currency(value)


class RosterFile(Frozen):
    """A file of named creators: each row becomes an offer with room for one creator."""

    stands_at: ClassVar[tuple[str, ...]] = ("rosters", "*")

    file: Note
    """CSV, TSV, XLSX or JSON records; the path starts from this file's folder."""
    columns: dict[Key, RosterColumn] = Field(default_factory=dict)
    """Field of an offer, tags.NAME or measures.NAME -> header of its column, only where the guess is wrong; or {from:
    HEADER, decimal: ",", unit: percent, currency: EUR} where numbers could be read in two ways."""
    ignore: tuple[Note, ...] = ()
    """Headers of columns that are not used."""
    defaults: dict[Key, Any] = Field(default_factory=dict)
    """Fields of an offer for rows that leave them empty, e.g. {platform: instagram, format: reel}."""
    keep: dict[Key, Any] = Field(default_factory=dict)
    """Which rows take part: a field or a header -> one value, a list of them, or {min: 5_000, max: 50_000}."""
    offer: dict[Key, Any] = Field(default_factory=dict)
    """Fields of an offer for all rows, e.g. {posts_per_creator: {min: 1, max: 3}}."""
    fill: Literal["never"] | None = None
    """never: what a row leaves out is not filled by the benchmarks. Default: filled at the creator's own size."""
    header: int | None = None
    """Line of the headers. Default: found."""
    sheet: Note | None = None
    """Sheet of a workbook. Default: the first of those with the most headers that are known."""
    encoding: Note | None = None
    """utf-8, utf-16, cp1252, ... Default: found."""
    delimiter: Note | None = None
    """What separates the cells of a CSV file. Default: found."""

    @field_validator("columns", mode="before")
    @classmethod
    def _titles(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for group in ("tags", "measures"):  # {tags: {niche: Category}} is {tags.niche: Category}
                inner = value.get(group)
                if isinstance(inner, dict) and "from" not in inner:
                    value = {k: v for k, v in value.items() if k != group}
                    value |= {f"{group}.{key}": one for key, one in inner.items()}
            for key, one in value.items():
                if not isinstance(one, str | dict | int | float | RosterColumn):
                    raise FieldError("a header is wanted here", EXAMPLE, at=(key,))
            plain = (str, int, float)
            value = {key: {"from": one} if isinstance(one, plain) else one for key, one in value.items()}
        return value

    @field_validator("ignore", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value
