"""The page's colours: one name each, a value for light and one for dark.

Charts are drawn once, in the light values. The style sheet turns every `fill` and `stroke` of exactly such a value into
the variable of that name, so the same drawing follows the reader's light or dark setting, is light in print, and is
still right where a mail program drops the style sheet. That is why no two names may share a light value.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.language.names import TIERS


class Colour(NamedTuple):
    """A colour on a light and on a dark page, as #rrggbb."""

    light: str
    dark: str


COLOURS: dict[str, Colour] = {
    "paper": Colour("#ffffff", "#12161c"),
    "surface": Colour("#f5f6f8", "#1b212a"),
    "ink": Colour("#1b2430", "#e8ecf1"),
    "muted": Colour("#566070", "#a3aebd"),
    "hairline": Colour("#dfe3e9", "#313a46"),
    "mark": Colour("#7b8695", "#7d8999"),
    "accent": Colour("#1d4f7c", "#7fb8ea"),
    "good": Colour("#00694f", "#4cc9a0"),
    "warn": Colour("#9a4300", "#f0a066"),
    # tiers: Okabe and Ito's palette, which stays apart for colour-blind readers; darker on a light page, so
    # that words in the colour of the paper can be read on every bar
    "nano": Colour("#9f6700", "#e69f00"),
    "micro": Colour("#267ab0", "#6ec3f2"),
    "mid": Colour("#008060", "#009e73"),
    "macro": Colour("#003d63", "#2a84cc"),
    "mega": Colour("#b8457f", "#cc79a7"),
    # the bridge; the sign stands beside every bar, so that colour is never the only word
    "gain": Colour("#007a5c", "#2bb58c"),
    "loss": Colour("#b8480a", "#f08a4b"),
    "total": Colour("#5f6b7a", "#8a97a8"),
    # the map: six steps of the result, and the text on each
    "heat1": Colour("#e9f1f8", "#1a2938"),
    "heat2": Colour("#cadded", "#1e3b54"),
    "heat3": Colour("#a5c6e0", "#224f73"),
    "heat4": Colour("#7bacd2", "#2a6693"),
    "heat5": Colour("#3775a6", "#58a3d6"),
    "heat6": Colour("#1c5484", "#97cbee"),
    "on1": Colour("#1b2431", "#e8ecf0"),
    "on2": Colour("#1b2432", "#e8ecef"),
    "on3": Colour("#1b2433", "#f2f5f8"),
    "on4": Colour("#1b2434", "#ffffff"),
    "on5": Colour("#fffffe", "#0c131b"),
    "on6": Colour("#fffffd", "#0c131a"),
}
HEAT_STEPS = 6
OTHERS = ("macro", "nano", "mid", "mega", "micro", "total")
"""For platforms, offers and scenarios, in this order."""


def light(name: str) -> str:
    """A colour as charts are drawn in it."""
    return COLOURS[name].light


def group_colours(groups: list[str]) -> list[str]:
    """Names of colours for groups of a mix: a tier has its own everywhere, others take turns."""
    if all(group in TIERS for group in groups):
        return list(groups)
    return [OTHERS[i % len(OTHERS)] for i in range(len(groups))]


def variables(theme: str) -> str:
    """CSS declarations of every colour for "light" or "dark"."""
    return "".join(f"--{name}:{getattr(colour, theme)};" for name, colour in COLOURS.items())


def chart_rules() -> str:
    """CSS rules that turn the colours of a drawing into variables."""
    return "".join(
        f'.plot [{part}="{colour.light}"]{{{part}:var(--{name})}}\n'
        for name, colour in COLOURS.items()
        for part in ("fill", "stroke")
    )
