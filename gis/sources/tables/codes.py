"""Parser of parcel numbers and commune codes, present and former, in the spellings that people use."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

_INSEE: Final = r"(?:2[AB]|\d{2})\d{3}"
_WHOLE: Final = re.compile(rf"({_INSEE})(\d{{3}})([0-9A-Z]{{2}})(\d{{4}})", re.ASCII)
_ONE_LETTER: Final = re.compile(rf"({_INSEE})(\d{{3}})([A-Z])(\d{{4}})", re.ASCII)
_NO_ZERO: Final = re.compile(r"(\d{4})(\d{3})([A-Z]{2}|0[A-Z])(\d{4})", re.ASCII)
_PARTS: Final = re.compile(rf"({_INSEE})[\W_]+(?:(\d{{1,3}})[\W_]+)?([0-9A-Z]{{1,2}})[\W_]*?(\d{{1,4}})", re.ASCII)

#: Municipal districts, in which the cadastre and INSEE count, and the commune that each is a part of.
DISTRICTS: Final = {
    **{str(code): "75056" for code in range(75101, 75121)},
    **{str(code): "69123" for code in range(69381, 69390)},
    **{str(code): "13055" for code in range(13201, 13217)},
}


def parcel_number(text: str) -> str:
    """Return the 14 characters of a parcel: commune, prefix, section, number; nothing where a text is none.

    Capitals, blanks and zeros before a part are put as the cadastre writes them.

    >>> parcel_number("99001000ab0001"), parcel_number("99001 000 AB 1"), parcel_number("99001000 A0012")
    ('99001000AB0001', '99001000AB0001', '990010000A0012')
    >>> parcel_number("2A004-AB-12"), parcel_number("1004000AB0001"), parcel_number("AB 1")
    ('2A004000AB0012', '01004000AB0001', '')
    """
    spaced_text = " ".join(text.upper().split())
    bare_text = spaced_text.replace(" ", "")
    for candidate_text, form in (
        (bare_text, _WHOLE),
        (bare_text, _ONE_LETTER),
        (bare_text, _NO_ZERO),
        (spaced_text, _PARTS),
    ):
        if matched := form.fullmatch(candidate_text):
            insee, prefix, section, number = matched.groups()
            return insee.zfill(5) + (prefix or "").zfill(3) + section.zfill(2) + number.zfill(4)
    return ""


def parse_commune_code(text: str) -> str:
    """Return the five characters of the code of a commune; nothing where a text is none: communes count from 1.

    >>> (parse_commune_code("2a004"), parse_commune_code("1004"), parse_commune_code("Les Prés"),
    ...  parse_commune_code("99000"))
    ('2A004', '01004', '', '')
    """
    bare_code = "".join(text.split()).upper()
    padded = bare_code.zfill(5) if bare_code.isdecimal() else bare_code
    return padded if re.fullmatch(_INSEE, padded, re.ASCII) and not padded.endswith("000") else ""


def territory_commune_of_code(
    code: str, communes: Collection[str], former: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return which commune of a territory a code is of; nothing elsewhere.

    That is itself, the one that it is a district of, or the one that a commune of this code went into (`former`).

    >>> (territory_commune_of_code("75118", ["75056"]), territory_commune_of_code("75118", ["75118"]),
    ...  territory_commune_of_code("75119", ["75118"]))
    ('75056', '75118', '')
    >>> territory_commune_of_code("99007", ["99001"], {"99007": "99001"})
    '99001'
    """
    return next((each for each in (code, DISTRICTS.get(code, ""), former.get(code, "")) if each in communes), "")


def present_code_of_former(listed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return which commune each former code is of now: of communes with their former codes, `|` between two.

    Of a code that went into several, nobody can tell which is meant: "". One that is a commune of today is that one.

    >>> present_code_of_former([("99001", "99007|99008|99002"), ("99002", "99008")])
    {'99007': '99001', '99008': ''}
    """
    listed_communes = list(listed)
    present_codes, present_of_former = {code for code, _ in listed_communes}, dict[str, str]()
    for code, former in listed_communes:
        for former_code in former.split("|"):
            if former_code and former_code not in present_codes:
                present_of_former[former_code] = code if present_of_former.get(former_code, code) == code else ""
    return present_of_former


#: What stands in the name of a column of postal codes.
_POSTAL: Final = frozenset({"postal", "postale", "postaux", "cp", "cpost", "codepostal", "codpost", "zip", "zipcode"})


def is_postal_heading(name: str) -> bool:
    """Tell whether a column says in its name that it holds postal codes, which are no codes of communes.

    >>> is_postal_heading("Code postal"), is_postal_heading("CP"), is_postal_heading("code_commune")
    (True, True, False)
    """
    return not _POSTAL.isdisjoint(re.split(r"[\W_]+", name.casefold()))


def may_be_postal_code(code: str, communes: Collection[str]) -> bool:
    """Tell whether a code ends as postal codes do and begins as the communes of a territory.

    >>> (may_be_postal_code("99400", ["99001"]), may_be_postal_code("88400", ["99001"]),
    ...  may_be_postal_code("99401", ["99001"]))
    (True, False, False)
    """
    return code.endswith("0") and code[:2] in {each[:2] for each in communes}


def is_commune_of_districts(code: str, communes: Collection[str]) -> bool:
    """Tell whether a code is that of a whole commune of which a territory lists districts: it may be here or not.

    >>> is_commune_of_districts("75056", ["75118"]), is_commune_of_districts("75056", ["75056"])
    (True, False)
    """
    return code not in communes and any(DISTRICTS.get(each) == code for each in communes)
