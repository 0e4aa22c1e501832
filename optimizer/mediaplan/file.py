"""A media plan file (Media Plan Open Data Standard 1.0, 2.0 or 3.0) -> the text of a scenario to start from.

A file of our own carries its scenario, which is taken over with what was changed in the file since. Of any other
file, every line item becomes an offer with the cost and the metrics it has; what is missing is left as a comment.

The versions differ little in what is read here: 1.0 names the author `created_by`, 2.0 the captions of dimensions
`custom_dimensions`; 1.0 knows neither currencies nor a dictionary, and only 3.0 knows KPIs and audiences with a size.

The standard: https://github.com/planmatic/mediaplanschema (MIT).
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any, NoReturn

from pydantic import AliasChoices, ConfigDict, Field, ValidationError, model_validator

from optimizer.language.errors import FieldError, PathItem, Problem, ScenarioError
from optimizer.language.names import composed
from optimizer.language.quantities import kind_of, shown
from optimizer.language.records import Deferred
from optimizer.scenario.fields import Day

OWN = "creatormix"
"""Our key in the standard's `custom_properties`."""
VERSIONS = ("1.0", "2.0", "3.0")
"""Versions of the standard that are read."""
MAX_CHARACTERS = 10_000_000

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Part(Deferred):
    """Fields that are read of one part of the file; others may be there, and null is as good as left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {k: v for k, v in data.items() if v is not None} if isinstance(data, dict) else data


class OwnLine(_Part):
    """What a file of ours says about a line besides the standard's fields."""

    offer: str
    tier: str | None = None
    platform: str | None = None
    format: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    creators: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    posts_per_creator: Annotated[int, Field(ge=1, le=10_000)]
    creators_min: Amount = 0.0
    creators_max: Amount | None = None
    setup_cost: Amount = 0.0
    fixed_cost: Amount = 0.0
    """Part of the cost that does not follow the fee: set-up and commission."""
    numbers: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)
    as_written: dict[str, Amount] = Field(default_factory=dict)
    """The standard's fields when the file was written: what differs was changed since."""


class LineItem(_Part):
    """One line item."""

    name: str
    start_date: Day
    end_date: Day
    cost_total: Amount
    channel: str | None = None
    channel_custom: str | None = None
    vehicle: str | None = None
    vehicle_custom: str | None = None
    partner: str | None = None
    media_product: str | None = None
    adformat: str | None = None
    adformat_custom: str | None = None
    buy_commitment: str | None = None
    is_aggregate: bool = False
    cost_currency: str | None = None
    cost_currency_exchange_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    cost_minimum: Amount | None = None
    cost_maximum: Amount | None = None
    metrics: dict[str, Amount] = Field(default_factory=dict)
    """metric_... fields by their names without that prefix."""
    dimensions: dict[str, str] = Field(default_factory=dict)
    """dim_custom... fields."""
    custom_properties: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        metrics = {
            key.removeprefix("metric_"): value
            for key, value in data.items()
            if re.fullmatch(r"metric_[a-z_]+[0-9]*", key) and key != "metric_formulas" and value is not None
        }
        dimensions = {
            key: value
            for key, value in data.items()
            if re.fullmatch(r"dim_custom[0-9]+", key) and value not in (None, "")
        }
        return data | {"metrics": metrics, "dimensions": dimensions}


class TargetAudience(_Part):
    """One audience of the campaign."""

    name: str
    population_size: Annotated[int, Field(ge=0)] | None = None


class Campaign(_Part):
    """The campaign."""

    name: str
    start_date: Day
    end_date: Day
    budget_total: Amount
    budget_currency: str | None = None
    target_audiences: list[TargetAudience] = Field(default_factory=list)
    kpi_name1: str | None = None
    kpi_name2: str | None = None
    kpi_name3: str | None = None
    kpi_name4: str | None = None
    kpi_name5: str | None = None
    custom_properties: dict[str, Any] = Field(default_factory=dict)

    @property
    def kpis(self) -> list[str]:
        """Names of the campaign's KPIs, in order."""
        names = (self.kpi_name1, self.kpi_name2, self.kpi_name3, self.kpi_name4, self.kpi_name5)
        return [name for name in names if name]


class Meta(_Part):
    """About the file."""

    schema_version: str
    created_by_name: str | None = Field(
        default=None, validation_alias=AliasChoices("created_by_name", "created_by")
    )
    custom_properties: dict[str, Any] = Field(default_factory=dict)

    @property
    def standard(self) -> str:
        """The version of the standard as people write it: "v2.0.0" is 2.0."""
        return str(_standard(self.schema_version))


class Caption(_Part):
    """The meaning of one field that the file's author defined."""

    status: str = "enabled"
    caption: Annotated[str, Field(max_length=100)] = ""


class Dictionary(_Part):
    """Meanings of the fields that the file's author defined."""

    lineitem_custom_dimensions: dict[str, Caption] = Field(
        default_factory=dict,
        validation_alias=AliasChoices("lineitem_custom_dimensions", "custom_dimensions"),
    )
    custom_metrics: dict[str, Caption] = Field(default_factory=dict)


class MediaPlan(_Part):
    """A media plan file, as far as it is read."""

    meta: Meta
    campaign: Campaign
    lineitems: list[LineItem]
    dictionary: Dictionary = Dictionary()


def read_mediaplan(text: str, *, name: str = "<text>") -> MediaPlan:
    """The fields of a media plan file that are read, checked.

    Raises:
        ScenarioError: as for `scenario_from_mediaplan`.
    """
    data = _json(text, name)
    _check_version(data, name)
    try:
        media_plan = MediaPlan.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(_problem(detail, name) for detail in error.errors(include_url=False)) from None
    _check_order(media_plan, name)
    return media_plan


def own_properties(custom_properties: dict[str, Any]) -> dict[str, Any] | None:
    """What this package wrote into `custom_properties`, None where it wrote nothing."""
    own = custom_properties.get(OWN)
    return own if isinstance(own, dict) else None


def own_line(item: LineItem, index: int, name: str) -> OwnLine | None:
    """What this package wrote about a line item, None where it wrote nothing.

    Raises:
        ScenarioError: where that was changed into something else.
    """
    own = own_properties(item.custom_properties)
    if own is None:
        return None
    try:
        return OwnLine.model_validate(own)
    except ValidationError as error:
        path = ("lineitems", index, "custom_properties", OWN)
        raise ScenarioError(_problem(d, name, path) for d in error.errors(include_url=False)) from None


def _json(text: str, name: str) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        _fail(name, "the file is larger than 10 MB", "is this the right file?")
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
        if "\\u" in text.lower() or not text.isascii():
            whole = json.dumps(
                data, ensure_ascii=False
            )  # in it, half of a character is one no other file can hold
            data = json.loads(composed(re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", whole)))
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise ScenarioError(
            [Problem((), message, file=name, line=error.lineno, column=error.colno)]
        ) from None
    except ValueError as error:  # NaN, or a number of thousands of digits
        _fail(name, f"this is not JSON: {error}")
    except RecursionError:
        _fail(name, "values are nested too deeply")
    if not isinstance(data, dict):
        _fail(name, _wanted("object", data), "a media plan has meta, campaign and lineitems")
    return data


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _check_version(data: dict[str, Any], name: str) -> None:
    meta = data.get("meta")
    if not isinstance(meta, dict):
        hint = "a media plan has meta, campaign and lineitems"
        if "lines" in data and "scenario" in data:
            hint = "this is a plan of ours; first: optimize report PLAN --format mediaplan-json -o FILE"
        _fail(name, "this field is missing" if meta is None else _wanted("object", meta), hint, ("meta",))
    version, path = meta.get("schema_version"), ("meta", "schema_version")
    if version is None:
        _fail(name, "this field is missing", 'it says which standard the file follows: "3.0"', path)
    if not isinstance(version, str):
        _fail(name, _wanted("string", version), 'write "3.0"', path)
    if _standard(version) is None:
        known = f"{', '.join(VERSIONS[:-1])} and {VERSIONS[-1]}"
        message = f"version {shown(version)} of the standard is not known, only {known}"
        _fail(name, message, "the mediaplanpy package brings other files to 3.0", path)


def _standard(version: str) -> str | None:
    """Which of `VERSIONS` a file means; None for another. Older files write v1.0.0, and 3.1 would read as 3.0."""
    found = re.fullmatch(r"v?([0-9]+)(\.[0-9]+)*", version)
    return next((v for v in VERSIONS if found and v == f"{found[1]}.0"), None)


def _check_order(media_plan: MediaPlan, name: str) -> None:
    """No dates that end before they begin, and something that can be bought."""
    parts: list[tuple[tuple[PathItem, ...], date, date]] = [
        (("campaign",), media_plan.campaign.start_date, media_plan.campaign.end_date)
    ]
    parts += [(("lineitems", i), x.start_date, x.end_date) for i, x in enumerate(media_plan.lineitems)]
    problems = [
        Problem((*path, "end_date"), f"the last day {end} comes before the first day {start}", file=name)
        for path, start, end in parts
        if end < start
    ]
    own = own_properties(media_plan.meta.custom_properties)
    if not (own and "scenario" in own) and all(item.is_aggregate for item in media_plan.lineitems):
        what = "only aggregates are" if media_plan.lineitems else "nothing is"
        problems.append(Problem(("lineitems",), f"{what} in the list, so there is nothing to buy", file=name))
    if problems:
        raise ScenarioError(problems)


def _fail(name: str, message: str, hint: str = "", path: tuple[PathItem, ...] = ()) -> NoReturn:
    raise ScenarioError([Problem(path, message, hint, file=name)])


_KINDS = {
    "string_type": "string",
    "float_type": "number",
    "int_type": "whole number",
    "bool_type": "true or false",
    "list_type": "list",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}


def _wanted(kind: str, value: Any) -> str:
    article = "" if kind.startswith("true") else "a" + ("n " if kind[0] in "aeio" else " ")
    what = {"mapping": "an object", "list": "a list"}.get(kind_of(value)) or shown(value)
    return f"{article}{kind} is wanted here, not {what}"


def _problem(detail: Any, name: str, at: tuple[PathItem, ...] = ()) -> Problem:
    """One of pydantic's errors in our words, at its place in the file."""
    path: tuple[PathItem, ...] = ()
    for part in (*at, *detail["loc"]):
        if path and path[-1] == "metrics" and isinstance(part, str):
            path = (*path[:-1], f"metric_{part}")
        elif path and path[-1] == "dimensions":
            path = (*path[:-1], part)
        else:
            path = (*path, part)
    kind, value = detail["type"], detail.get("input")
    if kind == "missing":
        return Problem(path, "this field is missing", file=name)
    if kind in _KINDS:
        return Problem(path, _wanted(_KINDS[kind], value), file=name)
    cause = (detail.get("ctx") or {}).get("error")
    if isinstance(cause, FieldError):
        return Problem(path, cause.message, cause.hint, file=name)
    if kind in ("greater_than_equal", "greater_than"):
        return Problem(path, f"{shown(value)} is too small: this cannot be below 0", file=name)
    if kind == "string_too_long":
        return Problem(path, "this is longer than 100 characters", file=name)
    return Problem(path, f"{shown(value)} cannot stand here", file=name)
