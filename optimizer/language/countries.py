"""Countries by their two-letter code (ISO 3166-1 alpha-2), and how people write them."""

from __future__ import annotations

from optimizer.language.errors import did_you_mean
from optimizer.language.names import word

COUNTRIES: dict[str, str] = {
    "AE": "United Arab Emirates", "AM": "Armenia", "AR": "Argentina", "AT": "Austria", "AU": "Australia",
    "AZ": "Azerbaijan", "BD": "Bangladesh", "BE": "Belgium", "BG": "Bulgaria", "BH": "Bahrain", "BO": "Bolivia",
    "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CI": "Ivory Coast", "CL": "Chile", "CN": "China",
    "CO": "Colombia", "CR": "Costa Rica", "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
    "DO": "Dominican Republic", "DZ": "Algeria", "EC": "Ecuador", "EE": "Estonia", "EG": "Egypt", "ES": "Spain",
    "ET": "Ethiopia", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GE": "Georgia", "GH": "Ghana",
    "GR": "Greece", "GT": "Guatemala", "HK": "Hong Kong", "HR": "Croatia", "HU": "Hungary", "ID": "Indonesia",
    "IE": "Ireland", "IL": "Israel", "IN": "India", "IS": "Iceland", "IT": "Italy", "JM": "Jamaica", "JO": "Jordan",
    "JP": "Japan", "KE": "Kenya", "KH": "Cambodia", "KR": "South Korea", "KW": "Kuwait", "KZ": "Kazakhstan",
    "LB": "Lebanon", "LK": "Sri Lanka", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco",
    "MM": "Myanmar", "MN": "Mongolia", "MO": "Macao", "MT": "Malta", "MX": "Mexico", "MY": "Malaysia",
    "NG": "Nigeria", "NL": "Netherlands", "NO": "Norway", "NP": "Nepal", "NZ": "New Zealand", "OM": "Oman",
    "PA": "Panama", "PE": "Peru", "PH": "Philippines", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal",
    "PY": "Paraguay", "QA": "Qatar", "RO": "Romania", "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia",
    "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "SN": "Senegal", "TH": "Thailand",
    "TN": "Tunisia", "TR": "Turkey", "TZ": "Tanzania", "UA": "Ukraine", "UG": "Uganda", "US": "United States",
    "UY": "Uruguay", "UZ": "Uzbekistan", "VN": "Vietnam", "ZA": "South Africa",
}  # fmt: skip
"""Code -> name, of the countries that a scenario can name."""

_ALSO = {
    "uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "united states of america": "US",
    "korea": "KR", "uae": "AE", "czech republic": "CZ", "viet nam": "VN", "türkiye": "TR", "holland": "NL",
    "the netherlands": "NL",
}  # fmt: skip
_BY_NAME = (
    {word(name): code for code, name in COUNTRIES.items()} | {word(code): code for code in COUNTRIES} | _ALSO
)


def country_code(text: str) -> str | None:
    """The code of a country written as code or name, in any case; None where it is not known."""
    return _BY_NAME.get(word(text.strip()))


def parse_country(value: object) -> str:
    """The code of a country written as code or name.

    Raises:
        ValueError: with the list of countries, where it is not known.
    """
    code = country_code(value) if isinstance(value, str) else None
    if code is None:
        hint = did_you_mean(str(value), [*COUNTRIES.values(), *COUNTRIES]) if isinstance(value, str) else ""
        if value is False:
            hint = "YAML may have read NO as false; write it in quotes"
        message = f"unknown country {value!r}" + (f" ({hint})" if hint else "")
        raise ValueError(f"{message}; known, by code or name: {', '.join(COUNTRIES)}")
    return code
