"""An account however it is written: `@Name`, `name`, `https://www.instagram.com/name/`."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

from optimizer.language.csv_in import without_apostrophe

_HOSTS = {
    "instagram.com": "instagram", "instagr.am": "instagram", "tiktok.com": "tiktok", "youtube.com": "youtube",
    "youtu.be": "youtube", "facebook.com": "facebook", "fb.com": "facebook", "x.com": "x", "twitter.com": "x",
    "twitch.tv": "twitch", "pinterest.com": "pinterest", "linkedin.com": "linkedin", "threads.net": "threads",
    "threads.com": "threads", "snapchat.com": "snapchat",
}  # fmt: skip
PLATFORMS = frozenset(_HOSTS.values())
"""Where accounts are."""
_URL = re.compile(
    r"(?:https?://)?(?:(?:www|m|mobile|vm|[a-z]{2})\.)?([a-z0-9-]+\.[a-z]{2,3})/(.*)",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE_NAME = ("channel", "c", "user", "add", "in", "company", "profile", "people")


class Account(NamedTuple):
    """A name as it stands in a plan, without @, and the platform that its link names."""

    name: str
    platform: str | None = None

    @property
    def key(self) -> str:
        """By which accounts are compared: letter case makes no other account."""
        return self.name.casefold()


def account(text: str) -> Account | None:
    """The account that a cell names; None where it is empty or a link without a name."""
    text = without_apostrophe(normalize("NFC", text).strip())
    found = _URL.fullmatch(text)
    if found and found[1].lower() in _HOSTS:
        parts = [part for part in re.split(r"[?#]", found[2])[0].split("/") if part]
        while len(parts) > 1 and parts[0].lower() in _BEFORE_NAME:
            parts = parts[1:]
        name = parts[0].removeprefix("@") if parts else ""
        return Account(name, _HOSTS[found[1].lower()]) if name else None
    name = text[1:].strip() if text.startswith(("@", "＠")) else text
    return Account(name) if name else None
