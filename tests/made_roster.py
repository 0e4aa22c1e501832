"""`scenarios/creators.csv`: 300 creators who do not exist, as a discovery tool would export them, usual dirt included.

Run `python -m tests.made_roster` to write it again; the seed is fixed, so that it is always the same file.
"""

from __future__ import annotations

import math
import random
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "scenarios" / "creators.csv"
SEED = 20260301
CREATORS = 300
HEADERS = (
    "Username", "Full name", "Platform", "Country", "Niche", "Followers", "Engagement rate", "Avg. views",
    "Est. fee per post", "Audience credibility", "Creator ID", "Profile URL",
)  # fmt: skip
_FIRST = (
    "Lina", "Mira", "Tano", "Elio", "Nora", "Juna", "Sami", "Rika", "Ole", "Vera", "Ivo", "Maya", "Tilo", "Enza",
    "Luca", "Pia", "Remo", "Ada", "Nils", "Zita",
)  # fmt: skip
_LAST = (
    "Orvella", "Brandtner", "Casamora", "Delvino", "Ferrand", "Grüwald", "Halvetti", "Immenau", "Jorvin", "Kestrel",
    "Lumare", "Montavo",
)  # fmt: skip
_NICHES = ("Food", "Beauty", "Fashion", "Travel", "Fitness", "Home")
_COUNTRIES = (("Italy", 0.4), ("Deutschland", 0.3), ("Schweiz", 0.15), ("FR", 0.1), ("", 0.05))
_HOSTS = {"Instagram": "https://www.instagram.com/{}/", "TikTok": "https://www.tiktok.com/@{}"}


def rows() -> list[list[str]]:
    """All rows below the headers, in the order of the file."""
    random_ = random.Random(SEED)
    made: list[list[str]] = []
    seen: set[str] = set()
    while len(made) < CREATORS:
        first, last = random_.choice(_FIRST), random_.choice(_LAST)
        handle = f"{first}{random_.choice('._')}{last}".lower().replace("ü", "ue") + random_.choice(
            ("", ".it", "_01", ".tv", "x")
        )
        if handle not in seen:
            seen.add(handle)
            made.append(_row(random_, handle, f"{first} {last}", f"C{len(made) + 1:04}"))
    _with_second_accounts(random_, made)
    made[40][8], made[90][6], made[140][7] = "#VALUE!", "#N/A", "#REF!"
    made[200][5] = "0"
    made[210][5] = ""
    made[220][0] = ""
    made[230][11] = ""
    made[60][8] = "€ 8.500,00"  # a digit too many for that size
    made.insert(120, list(made[20]))  # the same row again
    again = list(made[75])
    again[0] = "@" + again[0].upper()
    made.insert(180, again)  # and once more, in other letters
    return made


def _row(random_: random.Random, handle: str, name: str, person: str) -> list[str]:
    platform = random_.choices(("Instagram", "TikTok"), (0.65, 0.35))[0]
    country = random_.choices([c for c, _ in _COUNTRIES], [w for _, w in _COUNTRIES])[0]
    followers = int(10 ** random_.triangular(3.5, 6.2, 4.3))
    rate = min(0.08, max(0.004, 0.166 * followers**-0.18 * random_.lognormvariate(0, 0.4)))
    views = int(followers * min(1.2, max(0.14, random_.lognormvariate(-1.4, 0.5))))
    fee = 5 * round(0.042 * followers**0.86 * random_.lognormvariate(0, 0.5) / 5)
    return [
        random_.choice(("", "", "@")) + handle,
        name,
        platform,
        country,
        random_.choice(_NICHES),
        _people(followers),
        "-" if random_.random() < 0.06 else f"{100 * rate:.2f} %".replace(".", ","),
        "n/a" if random_.random() < 0.3 else _people(views),
        random_.choice(("", "-", "auf Anfrage")) if random_.random() < 0.22 else _euros(fee),
        f"{random_.uniform(0.62, 0.97):.1%}".replace(".", ","),
        person,
        _HOSTS[platform].format(handle),
    ]


def _with_second_accounts(random_: random.Random, made: list[list[str]]) -> None:
    """Some people have a second account, on the other platform, under the same id."""
    for first in random_.sample(range(CREATORS), 16)[::2]:
        other = (first + 150) % CREATORS
        made[other][1], made[other][10] = made[first][1], made[first][10]


def _people(number: int) -> str:
    if number >= 1_000_000:
        return f"{number / 1e6:.2f} Mio".replace(".", ",")
    return f"{number / 1e3:.1f}K".replace(".", ",") if number >= 10_000 else f"{number:,}".replace(",", ".")


def _euros(amount: int) -> str:
    whole = f"{amount:,}".replace(",", ".")
    return f"€ {whole},00" if amount >= 1000 else f"€ {amount}"


def text() -> str:
    """The whole file: two title lines, an empty line, headers, rows, a note and a line of totals."""
    lines = [
        "Creator list: spring campaign" + ";" * 11,
        "Exported on 2026-03-01;;;;;;;;;;;",
        "",
        ";".join(HEADERS),
    ]
    for number, row in enumerate(rows()):
        lines.append(";".join(row))
        if number in (99, 199):
            lines.append(";" * 11)
    known = sum(1 for row in rows() if row[8].startswith("€"))
    lines += ["", f"Total;;;;;;;;{known} fees;;;", "Made-up people, any likeness is by chance" + ";" * 11]
    return "\r\n".join(lines) + "\r\n"


if __name__ == "__main__":
    FILE.write_bytes(text().encode("utf-8-sig"))
    print(f"{math.ceil(len(text()) / 1000)} KB written to {FILE.name}")
