"""An account however it is written: `@Name`, `name`, `https://www.instagram.com/name/`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from optimizer.language.csv_in import without_apostrophe
from optimizer.roster.figures import REMEMBERED

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
_OF_POSTS = frozenset((
    "p", "reel", "reels", "tv", "stories", "video", "videos", "photo", "photos", "watch", "shorts", "live", "status",
    "post", "posts", "pin", "feed", "clip", "clips", "spotlight",
))  # fmt: skip
"""What stands in the path of a link to a post, first or behind the account."""
_BEFORE_NAME = ("channel", "c", "user", "add", "in", "company", "profile", "people")


class Account(NamedTuple):
    """A name as it stands in a plan, without @, and the platform that its link names."""

    name: str
    platform: str | None = None

    @property
    def key(self) -> str:
        """By which accounts are compared: letter case makes no other account."""
        return self.name.casefold()


class Link(NamedTuple):
    """A link to somewhere on a platform: its host, and its path in parts."""

    host: str
    parts: tuple[str, ...]

    @property
    def platform(self) -> str:
        """Where it leads."""
        return _HOSTS[self.host]

    @property
    def of_post(self) -> bool:
        """Whether it leads to a post rather than to an account."""
        return self.host == "youtu.be" or any(part.lower() in _OF_POSTS for part in self.parts[:2])

    @property
    def author(self) -> str | None:
        """The account that it names; None for a post by its number alone."""
        first, second = (*self.parts, "", "")[:2]
        if not self.of_post or first.startswith("@") or first.lower() not in _OF_POSTS:
            named = first if self.host != "youtu.be" else ""
        else:
            named = second if first.lower() == "stories" else ""
        return named.removeprefix("@") or None


@lru_cache(maxsize=REMEMBERED)
def linked(text: str) -> Link | None:
    """The link that a text is; None where it is none to a platform that is known."""
    found = _URL.fullmatch(without_apostrophe(normalize("NFC", text).strip()))
    if not found or found[1].lower() not in _HOSTS:
        return None
    return Link(found[1].lower(), tuple(part for part in re.split(r"[?#]", found[2])[0].split("/") if part))


def account(text: str) -> Account | None:
    """The account that a cell names; None where it is empty or a link without a name."""
    text = without_apostrophe(normalize("NFC", text).strip())
    link = linked(text)
    if link is not None:
        parts = link.parts
        while len(parts) > 1 and parts[0].lower() in _BEFORE_NAME:
            parts = parts[1:]
        name = parts[0].removeprefix("@") if parts else ""
        return Account(name, link.platform) if name else None
    name = text[1:].strip() if text.startswith(("@", "＠")) else text
    return Account(name) if name else None
