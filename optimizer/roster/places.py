"""Countries as exports write them: by code or name in several languages, behind a city, with damaged letters."""

from __future__ import annotations

import re
from functools import cache

from optimizer.language.countries import country_code
from optimizer.roster.vocabulary import vocabulary
from optimizer.roster.words import plain_word


@cache
def code_of(text: str) -> str | None:
    """The code of a country as a cell names it; None where it names none, or two."""
    found = _one(text)
    if found is not None:
        return found
    parts = {
        code for part in re.split(r"[,;/|()–]| - ", text) if part.strip() and (code := _one(part)) is not None
    }
    return parts.pop() if len(parts) == 1 else None


def _one(text: str) -> str | None:
    text = text.strip().strip(".")
    found = country_code(text) or vocabulary("country").get(plain_word(text).replace("’", "'"))
    if found is None:
        try:  # UTF-8 that somebody read as Windows-1252 and saved again
            mended = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return None
        found = (
            vocabulary("country").get(plain_word(mended)) or country_code(mended) if mended != text else None
        )
    return found
