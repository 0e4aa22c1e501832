"""What was measured about whose audience is whose: overlaps of pairs of creators, or who follows whom.

Files are read when a scenario is (`scenario.overlaps`, `scenario.followers`), and what they say of its creators becomes
part of it: a saved plan is complete without them. Persons are not kept, only how many have the same creators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from optimizer.language.errors import FieldError
from optimizer.language.quantities import kind_of, parse_number, plain, shown
from optimizer.scenario.described import Written
from optimizer.scenario.fields import Key, LargeNumber, Note, Text, parse_text
from optimizer.scenario.offer import Frozen

if TYPE_CHECKING:
    from optimizer.scenario.fields import NumberLike

MOST_SEGMENTS = 60
"""More make plans slow and no estimate better."""


class Pair(NamedTuple):
    """People who follow two creators both."""

    one: str
    other: str
    number: float
    """People, or a share of the smaller audience."""
    line: int | None = None
    """Line of the file."""


class Group(NamedTuple):
    """People who follow exactly the same creators."""

    creators: tuple[str, ...]
    people: float


def _parse_pair(value: Any) -> Pair:
    if isinstance(value, Pair):
        return value
    if not isinstance(value, list | tuple) or len(value) not in (3, 4):
        raise FieldError("a pair is two creators and a number", "write e.g. [ana, bo, 12%]")
    one, other = parse_text(value[0]), parse_text(value[1])
    if one == other:
        raise FieldError(f"{one} is paired with itself")
    number = parse_number(value[2])
    if number < 0:
        raise FieldError(f"{plain(number)} is negative, which an overlap cannot be")
    line = value[3] if len(value) == 4 else None
    return Pair(one, other, number, line if isinstance(line, int) else None)


def _parse_group(value: Any) -> Group:
    if isinstance(value, Group):
        return value
    if not isinstance(value, list | tuple) or len(value) != 2 or not isinstance(value[0], list | tuple):
        raise FieldError(
            "a group is a list of creators and a number of people", "write e.g. [[ana, bo], 120]"
        )
    creators = tuple(sorted({parse_text(name) for name in value[0]}))
    people = parse_number(value[1])
    if people < 0:
        raise FieldError(f"{plain(people)} is negative, which a number of people cannot be")
    return Group(creators, people)


def _parse_count(value: Any) -> int:
    number = parse_number(value)
    if number != int(number) or not 1 <= number <= MOST_SEGMENTS:
        raise FieldError(f"{plain(number)} is no number of segments: it is whole, from 1 to {MOST_SEGMENTS}")
    return int(number)


if TYPE_CHECKING:
    PairField = Pair
    GroupField = Group
    Count = int
else:
    PairField = Annotated[
        Pair,
        PlainValidator(_parse_pair),
        PlainSerializer(lambda pair: list(pair if pair.line is not None else pair[:3])),
        WithJsonSchema({"type": "array", "minItems": 3, "maxItems": 4}),
        Written("[creator, creator, number]"),
    ]
    GroupField = Annotated[
        Group,
        PlainValidator(_parse_group),
        PlainSerializer(lambda group: [list(group.creators), group.people]),
        WithJsonSchema({"type": "array", "minItems": 2, "maxItems": 2}),
        Written("[[creator, ...], people]"),
    ]
    Count = Annotated[
        int,
        PlainValidator(_parse_count),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_SEGMENTS}),
        Written("int"),
    ]


def _file_in_short(data: Any, kind: type, hint: str) -> Any:
    """The name of a file as the mapping that it is short for; what is a mapping already as it is."""
    if isinstance(data, str):
        return {"file": data}
    if not isinstance(data, dict | kind):
        what = f"a {kind_of(data)}" if isinstance(data, list | tuple) else shown(data)
        raise FieldError(f"a file is wanted here, not {what}", hint)
    return data


class Overlaps(Frozen):
    """Overlaps of pairs of creators as measured; segments of the audience are fitted to them."""

    file: Note | None = None
    """CSV file with the columns creator_a, creator_b and people or share (of the smaller audience); a relative path
    starts from the scenario's folder. What follows below `segments` is read from it."""
    unlisted: Literal["unknown", "zero"] = "unknown"
    """What a pair that is not listed means, where both its creators stand somewhere in the file."""
    segments: Count | None = None
    """How many segments to fit. Default: chosen by pairs that are held out."""
    unit: Literal["people", "share"] | None = None
    """What the numbers of `pairs` are: people who follow both, or their share of the smaller audience."""
    pairs: tuple[PairField, ...] | None = None
    """[creator, creator, number] for each pair, and the line of the file."""
    listed: tuple[Text, ...] = ()
    """Creators of the scenario that stand anywhere in the file."""
    ignored: LargeNumber = 0.0
    """Lines of the file about creators whom the scenario does not have."""
    near: dict[Key, Text] = Field(default_factory=dict)
    """Creators of the scenario that are not in the file -> a name in it that is nearly theirs."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            file: str | None = None,
            unlisted: str | None = None,
            segments: int | None = None,
            unit: str | None = None,
            pairs: Sequence[Pair | Sequence[object]] | None = None,
            listed: Sequence[str] | None = None,
            ignored: NumberLike | None = None,
            near: Mapping[str, str] | None = None,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _a_file(cls, data: Any) -> Any:
        """`overlaps: pairs.csv` is short for `overlaps: {file: pairs.csv}`."""
        return _file_in_short(data, Overlaps, "write e.g. overlaps: pairs.csv")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.pairs is None:
            if self.file is None:
                raise FieldError("the overlaps are missing", "write e.g. overlaps: pairs.csv")
            return self
        if self.unit is None:
            raise FieldError("what the numbers of pairs are is missing", "write unit: people or unit: share")
        found: dict[frozenset[str], float] = {}
        for i, pair in enumerate(self.pairs):
            if self.unit == "share" and pair.number > 1:
                raise FieldError(f"{100 * pair.number:.6g} % is no share of an audience", at=("pairs", i))
            if found.setdefault(frozenset(pair[:2]), pair.number) != pair.number:
                raise FieldError(f"{pair.one} and {pair.other} are paired twice", at=("pairs", i))
        return self


class Followers(Frozen):
    """Who of the audience follows whom, person by person: reach is then counted, not estimated."""

    file: Note | None = None
    """CSV file with the columns creator and person (any id, best a hash), a line for each follower; a relative path
    starts from the scenario's folder. What follows is read from it."""
    groups: tuple[GroupField, ...] | None = None
    """[[creator, ...], people]: how many people follow exactly these creators of the scenario."""
    ignored: LargeNumber = 0.0
    """Lines of the file about creators whom the scenario does not have."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            file: str | None = None,
            groups: Sequence[Group | Sequence[object]] | None = None,
            ignored: NumberLike | None = None,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _a_file(cls, data: Any) -> Any:
        """`followers: audiences.csv` is short for `followers: {file: audiences.csv}`."""
        return _file_in_short(data, Followers, "write e.g. followers: audiences.csv")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.groups is None and self.file is None:
            raise FieldError("the followers are missing", "write e.g. followers: audiences.csv")
        return self
