"""Models that say in Python what they take: every problem at once, a signature that is readable, help with units."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from optimizer.language.errors import ScenarioError
from optimizer.language.measures import MEASURES, RATIOS, REACH
from optimizer.language.records import Deferred
from optimizer.scenario.validation import problems_in


class Written(NamedTuple):
    """How a value may be written, in words; stands among the metadata of a field's type."""

    words: str


class _Words(str):
    """An annotation that shows as it is."""

    def __repr__(self) -> str:
        return str(self)


_MEASURES = ", ".join([*MEASURES, REACH.name, *RATIOS])
"""What stands for `{measures}` in the string under a field."""


@cache
def field_docs(model: type[BaseModel]) -> Mapping[str, str]:
    """Field -> the string under it in the source, read when somebody asks, so that planning does not pay for it."""
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    except (OSError, TypeError):  # installed without its source
        return {}
    assert isinstance(node, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and field.target.id in model.model_fields
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split()).replace("{measures}", _MEASURES)
    return found


def summary(model: type[BaseModel]) -> str:
    """The docstring of a model without its fields."""
    return inspect.cleandoc(model.__dict__.get("__doc__") or "")


def _help(model: type[BaseModel]) -> str:
    lines = [f"    {name}: {text}" for name, text in field_docs(model).items()]
    return "\n".join([summary(model), "", "Args:", *lines]) if lines else summary(model)


def _signature(model: type[BaseModel]) -> inspect.Signature:
    parameters = []
    for name, field in model.model_fields.items():
        default = (
            inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
        )
        kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=_Words(type_words(kind))
            )
        )
    return inspect.Signature(parameters)


def type_words(kind: Any) -> str:
    """A type as a reader of a signature needs it."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        written = [part.words for part in args[1:] if isinstance(part, Written)]
        return written[0] if written else type_words(args[0])
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(type_words(arg) for arg in args))
    if origin is Literal:
        return " | ".join(repr(arg) for arg in args)
    if origin in (tuple, list):
        return f"list[{type_words(args[0])}]"
    if origin is dict:
        return f"dict[{type_words(args[0])}, {type_words(args[1])}]"
    return "None" if kind is type(None) else getattr(kind, "__name__", str(kind))


if TYPE_CHECKING:
    Described = Deferred
else:

    class _Describing(type(BaseModel)):
        def __call__(cls, *args: Any, **values: Any) -> Any:
            try:
                return super().__call__(*args, **values)
            except ValidationError as error:
                raise ScenarioError(problems_in(error, cls).problems) from None

        @property
        def __signature__(cls) -> inspect.Signature:
            return _signature(cls)

        @__signature__.setter
        def __signature__(cls, value: Any) -> None:
            """Pydantic's own, which shows validators."""

        @property
        def __doc__(cls) -> str:
            return _help(cls)

    class Described(Deferred, metaclass=_Describing):
        """Base of what can be built in Python and written in a file.

        In the metaclass, because pydantic makes the models inside a model without calling it: their problems are told
        together with all others, in one `ScenarioError`.
        """
