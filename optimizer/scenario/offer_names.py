"""What offers are called in a plan: by the name they give, else by their labels, each by a name of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def joined_labels(labels: Iterable[str | None]) -> str:
    """The name of an offer that gives none: tier, platform, format, country and tags, as far as it has them."""
    return "-".join(label for label in labels if label) or "offer"


def unique_names(named: Iterable[tuple[str | None, str]]) -> list[str]:
    """The names of offers in the plan, from the name that each gives, if any, and its default one."""
    offers = list(named)
    taken = {name for name, _ in offers if name is not None}
    names = []
    for name, default in offers:
        if name is None:
            taken.add(name := numbered(default, taken))
        names.append(name)
    return names


def numbered(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `name-2`, `name-3`, ... that is not taken."""
    number = 2
    chosen = name
    while chosen in taken:
        chosen, number = f"{name}-{number}", number + 1
    return chosen
