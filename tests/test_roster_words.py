"""JSON records in any shape; headers of other tools and languages."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from optimizer.language.errors import ScenarioError
from optimizer.roster.words import meant, near, table
from tests.rosters import column, reading, roster, values

# --- JSON --------------------------------------------------------------------------------------------------

RECORDS = [
    {
        "username": "anna",
        "stats": {"followers": 5000, "engagementRate": 0.032},
        "tags": ["a", "b"],
        "price": 120.5,
    },
    {"username": "ben", "stats": {"followers": 6000, "engagementRate": None}, "price": None},
]


@pytest.mark.parametrize("shape", ["list", "under a key", "a line each"])
def test_records_in_any_shape(shape: str) -> None:
    text = {
        "list": json.dumps(RECORDS, indent=1),
        "under a key": json.dumps({"total": 2, "results": RECORDS}),
        "a line each": "\n".join(map(json.dumps, RECORDS)),
    }[shape]
    asked = {
        "followers": "stats followers",
        "engagement_rate": {"from": "stats engagementRate", "unit": "fraction"},
    }
    found = reading(text, "creators.json", columns=asked)
    assert found.roster.problems == ()
    assert values(found, "followers") == {"anna": 5000, "ben": 6000}
    assert values(found, "cost_per_post") == {"anna": Decimal("120.5"), "ben": None}
    assert (found.roster.rows, found.roster.kept) == (2, 2)


@pytest.mark.parametrize(
    "text", ["{", "[1, 2]", "{}", "[]", '{"a": 1}', '{"a": [{"b": 1}], "c": [{"b": 1}]}', '"x"']
)
def test_json_without_records_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ScenarioError) as error:
        reading(text, "creators.json")
    assert error.value.problems[0].hint


# --- headers of other tools --------------------------------------------------------------------------------

LANGUAGES = {
    "de": ("Benutzername", "Land", "Abonnenten", "Honorar pro Post", "Interaktionsrate"),
    "fr": ("Nom d'utilisateur", "Pays", "Abonnés", "Tarif par post", "Taux d'engagement"),
    "it": ("Nome utente", "Paese", "Seguaci", "Tariffa per post", "Tasso di coinvolgimento"),
    "es": ("Nombre de usuario", "País", "Seguidores", "Precio por publicación", "Tasa de interacción"),
    "pt": ("Nome de usuário", "País", "Seguidores", "Preço por post", "Taxa de engajamento"),
    "vi": ("Tên người dùng", "Quốc gia", "Người theo dõi", "Giá mỗi bài đăng", "Tỷ lệ tương tác"),
    "id": ("Nama pengguna", "Negara", "Pengikut", "Harga per postingan", "Tingkat keterlibatan"),
    "en": ("Account handle", "Location", "Follower Count", "Rate per post", "Avg. ER"),
    "glued": ("accountName", "CountryCode", "followersCount", "costPerPost", "engagementRate"),
    "shouting": ("USERNAME", "COUNTRY", "FOLLOWERS", "EST. FEE (USD)", "ENG. RATE %"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_in_the_languages_of_the_trade(language: str) -> None:
    fields = [meant(title) for title in LANGUAGES[language]]
    assert fields == ["name", "country", "followers", "cost_per_post", "engagement_rate"]


def test_every_header_of_the_table_means_its_field_or_that_of_an_earlier_line() -> None:
    assert len(table()) > 400
    assert all(table().values())


def test_engagement_alone_is_a_rate_or_a_count_by_what_stands_below() -> None:
    rate = roster("username,followers,engagement\na,5000,3.2\nb,6000,2\nc,900,4\n")
    assert column(rate, "engagement_rate").sum == pytest.approx(0.092)
    count = roster("username,followers,engagement\na,5000,320\nb,6000,200\nc,900,140\n")
    assert column(count, "engagements_per_post").sum == 660


TOOLS = {
    "Modash": (
        "Username,Full name,Followers,Engagement rate,Avg. likes,Country",
        "name full_name followers engagement_rate - country",
    ),
    "HypeAuditor": (
        "Account,ER %,Subscribers,Est. post price,Category",
        "name engagement_rate followers cost_per_post tags.niche",
    ),
    "Upfluence": (
        "Instagram username,Community size,Engagement rate,Location",
        "name followers engagement_rate country",
    ),
    "CreatorIQ": (
        "Publisher,Network,Network handle,Total followers,Avg. engagement rate",
        "full_name platform name followers engagement_rate",
    ),
    "Heepsy": (
        "Username,Followers,Estimated cost per post,Audience quality",
        "name followers cost_per_post authentic",
    ),
    "Influencity": (
        "Social profile,Followers,Estimated fee,Language",
        "name followers cost_per_post tags.language",
    ),
    "Kolsquare": (
        "KOL handle,Community,Avg. views,Country",
        "name followers impressions_per_post country",
    ),
    "Favikon": (
        "Creator handle,Platform,Followers,Estimated collaboration price",
        "name platform followers cost_per_post",
    ),
    "Collabstr": (
        "Creator,Profile URL,Followers,Starting price",
        "full_name url followers cost_per_post",
    ),
    "Phlanx": (
        "Instagram name,Followers,Engagement ratio,Earnings per post",
        "name followers engagement_rate cost_per_post",
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_headers_of_the_tools(tool: str) -> None:
    titles, fields = TOOLS[tool]
    assert [meant(title) or "-" for title in titles.split(",")] == fields.split()


def test_words_that_only_look_like_a_header_are_left_alone() -> None:
    for title in (
        "Avg. likes",
        "Followers growth",
        "Audience country",
        "Likes per post",
        "CPE",
        "Contact email",
        "Posts",
    ):
        assert meant(title) is None, title
        assert near(title) is None, title
