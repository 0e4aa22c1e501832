"""Countries as exports write them: by code or name in several languages, behind a city, with damaged letters."""

from __future__ import annotations

import re
from functools import cache

from optimizer.language.countries import country_code
from optimizer.roster.words import plain_word

_OTHER_NAMES = {
    "DE": "deutschland allemagne germania alemania alemanha duc jerman",
    "AT": "osterreich autriche austria",
    "CH": "schweiz suisse svizzera suiza suica thuy_si swiss",
    "IT": "italien italie italia y",
    "FR": "frankreich francia franca phap prancis",
    "ES": "spanien espagne spagna espana espanha tay_ban_nha spanyol",
    "PT": "portogallo bo_dao_nha portugal",
    "GB": "grossbritannien vereinigtes_konigreich royaume-uni regno_unito reino_unido anh inggris england scotland wales",
    "US": "vereinigte_staaten etats-unis stati_uniti estados_unidos eeuu ee.uu. my hoa_ky amerika_serikat u.s. u.s.a. united_states_of_america usa",
    "BR": "brasilien bresil brasile brasil",
    "VN": "vietnam viet_nam vietname",
    "ID": "indonesien indonesie indonesia",
    "NL": "niederlande pays-bas paesi_bassi paises_bajos paises_baixos ha_lan belanda",
    "BE": "belgien belgique belgio belgica bi",
    "TR": "turkei turquie turchia turquia turki turkiye",
    "MX": "mexiko mexique messico mexico",
    "CA": "kanada canada",
    "JP": "japan japon giappone japon japao nhat_ban jepang",
    "KR": "sudkorea coree_du_sud corea_del_sud corea_del_sur coreia_do_sul han_quoc korea_selatan republic_of_korea",
    "CN": "china chine cina trung_quoc",
    "IN": "indien inde india an_do",
    "RU": "russland russie russia rusia russia russian_federation nga",
    "PL": "polen pologne polonia ba_lan polandia",
    "SE": "schweden suede svezia suecia thuy_dien swedia",
    "NO": "norwegen norvege norvegia noruega na_uy norwegia",
    "DK": "danemark danimarca dinamarca dan_mach",
    "FI": "finnland finlande finlandia phan_lan",
    "GR": "griechenland grece grecia hy_lap yunani",
    "CZ": "tschechien republique_tcheque tchequie repubblica_ceca chequia",
    "ZA": "sudafrika afrique_du_sud sudafrica africa_do_sul nam_phi afrika_selatan",
    "EG": "agypten egypte egitto egipto egito ai_cap mesir",
    "MA": "marokko maroc marocco marruecos marrocos",
    "SA": "saudi-arabien arabie_saoudite arabia_saudita arabia_saudi ksa",
    "AE": "vereinigte_arabische_emirate emirats_arabes_unis emirati_arabi_uniti emiratos_arabes_unidos uae",
    "TH": "thailande tailandia thai_lan",
    "MY": "malaisie malasia malaysia",
    "PH": "philippinen filippine filipinas filipina the_philippines",
    "SG": "singapur singapour singapore singapura",
    "CO": "kolumbien colombie colombia",
    "AR": "argentinien argentine argentina",
    "CL": "chili cile chile",
    "PE": "perou peru",
    "AU": "australien australie australia uc",
    "NZ": "neuseeland nouvelle-zelande nuova_zelanda nueva_zelanda nova_zelandia",
    "IE": "irland irlande irlanda",
    "CI": "elfenbeinkuste cote_d'ivoire costa_d'avorio",
    "UA": "ukraine ucraina ucrania",
    "RO": "rumanien roumanie romania rumania",
    "HU": "ungarn hongrie ungheria hungria",
}  # fmt: skip
"""Code -> other names without accents, blanks as underscores."""


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, names in _OTHER_NAMES.items():
        for name in names.split():
            found.setdefault(name.replace("_", " "), code)
    return found


@cache
def code_of(text: str) -> str | None:
    """The code of a country as a cell names it; None where it names none, or two."""
    found = _one(text)
    if found is not None:
        return found
    parts = {code for part in re.split(r"[,;/|()–]| - ", text) if part.strip() and (code := _one(part)) is not None}
    return parts.pop() if len(parts) == 1 else None


def _one(text: str) -> str | None:
    text = text.strip().strip(".")
    found = country_code(text) or _by_name().get(plain_word(text).replace("’", "'"))
    if found is None:
        try:  # UTF-8 that somebody read as Windows-1252 and saved again
            mended = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return None
        found = _by_name().get(plain_word(mended)) or country_code(mended) if mended != text else None
    return found
