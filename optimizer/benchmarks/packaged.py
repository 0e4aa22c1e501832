"""Finding and reading benchmark sets: the packaged ones by name, a user's own by path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimizer.benchmarks.figures import Figure
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.errors import ScenarioError, did_you_mean
from optimizer.language.files import decoded, read_bytes, shown_name, shown_reason

_HOME = Path(__file__).parent
_SUFFIXES = (".yaml", ".yml", ".json")
MAX_BYTES = 20_000_000
"""Largest file that is read as a set: one learnt from 100,000 results of 5,000 creators is smaller."""


@lru_cache(maxsize=1)
def packaged_sets() -> tuple[str, ...]:
    """Names of the sets that come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.json")))


def load_set(name_or_path: str, folder: Path | None = None) -> BenchmarkSet:
    """The benchmark set of that name, or in that file.

    Args:
        name_or_path: a packaged name such as `global-2026`, or a path: anything with a slash or ending in
            .yaml, .yml or .json.
        folder: what a relative path starts from; the current folder by default.

    Raises:
        ValueError: with a message for the user, where there is no such set or it is malformed.
    """
    name = name_or_path.strip()
    if "/" in name or "\\" in name or name.lower().endswith(_SUFFIXES):
        return _read((folder or Path()) / Path(name).expanduser(), name)
    return _packaged(name)


@lru_cache(maxsize=8)
def _packaged(name: str) -> BenchmarkSet:
    known = packaged_sets()
    if name not in known:
        hint = did_you_mean(name, known)
        raise ValueError(
            f"no benchmark set {name!r} ({hint}; a set of your own is a path such as ./rates.yaml)"
        )
    return BenchmarkSet.model_validate_json((_HOME / f"{name}.json").read_text(encoding="utf-8"))


def _read(path: Path, shown: str) -> BenchmarkSet:
    from optimizer.language.yaml12 import (
        read_yaml,  # slower than libyaml's own reader, and safe with any file
    )

    shown = shown_name(shown)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise ValueError(f"benchmark set {shown}: cannot be read ({shown_reason(error)})") from None
    if len(raw) > MAX_BYTES:
        size = f"{MAX_BYTES // 1_000_000} MB"
        raise ValueError(f"benchmark set {shown}: larger than {size}, so it is no set of figures")
    try:
        data, _ = read_yaml(decoded(raw, shown), shown)
    except ScenarioError as error:
        raise ValueError(f"benchmark set {error}") from None
    return _validated(data, shown)


def _validated(data: Any, shown: str) -> BenchmarkSet:
    if not isinstance(data, dict) or not (
        isinstance(data.get("figures"), list) or {"corrections", "learnt"} & set(data)
    ):
        raise ValueError(
            f"benchmark set {shown}: wants `name`, `as_of` and a list `figures` of {{field, tier, platform, "
            "typical, ...}, or `corrections` such as {cost_per_post: x 0.8 for micro instagram}"
        )
    try:
        return BenchmarkSet.model_validate({"name": Path(shown).stem, **data})
    except ValidationError as error:
        first, more = error.errors()[:3], error.error_count() - 3
        problems = "; ".join(_problem(data, detail) for detail in first)
        raise ValueError(
            f"benchmark set {shown}: {problems}" + (f"; and {more} more" if more > 0 else "")
        ) from None


def _problem(data: dict[str, Any], detail: Any) -> str:
    """One error in our words, with the figure it is about: `figures[3] (cost_per_post, nano): ...`."""
    path = ""
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    about = ""
    if detail["loc"][:1] == ("figures",) and len(detail["loc"]) > 1 and isinstance(detail["loc"][1], int):
        figure = data["figures"][detail["loc"][1]]
        if isinstance(figure, dict):
            words = [
                str(figure[name]) for name in ("field", "tier", "platform", "format") if figure.get(name)
            ]
            about = f" ({', '.join(words)})" if words else ""
    if detail["type"] == "extra_forbidden":
        model = BenchmarkSet if len(detail["loc"]) == 1 else Figure
        hint = did_you_mean(str(detail["loc"][-1]), model.model_fields)
        return f"{path}{about}: unknown key" + (f" ({hint})" if hint else "")
    message = "is missing" if detail["type"] == "missing" else detail["msg"]
    if detail["type"] == "value_error":
        message = str(detail["ctx"]["error"])
    return f"{path}{about}: {message}" if path else message
