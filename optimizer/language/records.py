"""What results are made of: models and mappings in which nothing can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

K = TypeVar("K")
V = TypeVar("V")


class Deferred(BaseModel):
    """Base of every model: what checks its values is built when first one is made, for a quick start."""

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """As pydantic's, without a look at the variables of whoever made the first one.

        No type of ours is found there, and Python 3.13.0 crashes when asked for the variables of a generator that runs
        (CPython issue 125723).
        """
        return super().model_rebuild(**{"_types_namespace": {}, **options})


class Record(Deferred):
    """Base of all results: nothing in one can be changed, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, with lists and dictionaries among the new values frozen."""
        given = None if update is None else {name: frozen(value) for name, value in update.items()}
        return super().model_copy(update=given, deep=deep)


class FrozenDict(dict[K, V]):
    """A dictionary that refuses to be changed; a copy of it (`dict(...)`) does not."""

    def _refuse(self, *args: object, **values: object) -> NoReturn:
        raise TypeError("a result cannot be changed; take a copy: dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[K, V]]]:
        """For copies and for other processes."""
        return (FrozenDict, (dict(self),))


def frozen(value: Any) -> Any:
    """The same value with tuples for lists and frozen dictionaries for dictionaries, all the way down."""
    if isinstance(value, dict):
        return FrozenDict({key: frozen(inner) for key, inner in value.items()})
    return tuple(frozen(inner) for inner in value) if isinstance(value, list | tuple) else value


def thawed(value: Any) -> Any:
    """Plain dictionaries and lists, which can be changed."""
    if isinstance(value, dict):
        return {key: thawed(inner) for key, inner in value.items()}
    return [thawed(inner) for inner in value] if isinstance(value, list | tuple) else value


if TYPE_CHECKING:
    FrozenMap = Mapping
else:
    FrozenMap = Annotated[dict[K, V], AfterValidator(frozen)]
