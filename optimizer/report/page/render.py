"""Vega-Lite -> SVG and the interactive bundle, through vl-convert: no browser, no network."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from optimizer.language.errors import MissingPackageError
from optimizer.report.page.chart import FONT, Spec

_TAG = re.compile(r"<[^>]+>")
_SAID_OUTSIDE = re.compile(r' (?:role|aria-[a-z]+|font-family)="[^"]*"')
_COORDINATES = re.compile(r' (?:d|transform|x2|y2|width|height)="[^"]*"')
_FINE = re.compile(r"(\.\d\d)\d+")


def svg(spec: Spec, key: str) -> str:
    """A chart as an SVG element for use inside a page; ids begin with `key`, which must be unique on it."""
    drawn: str = _vl_convert().vegalite_to_svg(spec)
    for position, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn))):
        # numbered anew: Vega counts on from the charts before
        drawn = drawn.replace(f'id="{name}"', f'id="{key}-{position}"')
        drawn = drawn.replace(f"url(#{name})", f"url(#{key}-{position})")
    drawn = _TAG.sub(_lean, drawn)
    font = escape(FONT, quote=True)
    return drawn.replace("<svg ", f'<svg focusable="false" aria-hidden="true" font-family="{font}" ', 1)


def _lean(tag: re.Match[str]) -> str:
    """A tag without what the figure around it says already, in hundredths of a pixel."""
    text = _SAID_OUTSIDE.sub("", tag.group())
    return _COORDINATES.sub(lambda found: _FINE.sub(r"\1", found.group()), text)


def png(spec: Spec, scale: float = 2.0) -> bytes:
    """A chart as a picture on white."""
    drawn: bytes = _vl_convert().vegalite_to_png(
        {**spec, "background": "#ffffff", "padding": 12}, scale=scale
    )
    return drawn


@cache
def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that sets `window.vegaEmbed`; about 0.9 MB."""
    script: str = _vl_convert().javascript_bundle()
    return script


def _vl_convert() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingPackageError("pages with charts", "report") from None
    return vl_convert
