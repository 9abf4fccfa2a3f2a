"""Parses SIRET and SIREN numbers altered by spreadsheets: the number, and the doubt about it.

>>> parse_siret("555 000 000 00017"[:17]) == ("55500000000017", CHECK)
True
>>> parse_siret("5,55E+13"), parse_siret("5500000000020")[0]
(('', 'A spreadsheet took its digits: 14 are due, and the number is unknown.'), '05500000000020')
"""

import re
from typing import Final

#: Digits of the number of an establishment, and of that of a firm, which it begins with.
SIRET: Final = 14
SIREN: Final = 9

#: What is doubtful, in the words of an issue.
CHECK: Final = "Its last digit does not fit the others: one may be wrong. It is kept."
PADDED: Final = "{} digits: a spreadsheet took the first zero away, which is put back."
_LOST: Final = "A spreadsheet took its digits: {} are due, and the number is unknown."
_OTHER: Final = "It is no number of {} digits, and is read as unknown."

_ROUNDED: Final = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_BLANKS: Final = re.compile(r"[\s\u200b\u2060\ufeff]+")
#: La Poste has more establishments than numbers that fit.
_POST: Final = "356000000"


def parse_siret(text: str, digits: int = SIRET) -> tuple[str, str]:
    """Return the number that a cell holds, and what is doubtful about it; nothing where its digits are lost.

    Blanks are taken out. The first zero that a spreadsheet took is put back, and an issue says so; a number whose
    last digit does not fit the others is kept, and an issue says so.

    >>> parse_siret("732 829 320 00074"), parse_siret("732829320", SIREN)
    (('73282932000074', ''), ('732829320', ''))
    """
    bare = _BLANKS.sub("", text).removeprefix("'")
    if not bare:
        return "", ""
    if re.fullmatch(rf"[0-9]{{{digits}}}", bare):
        return bare, "" if has_valid_check_digit(bare) else CHECK
    if re.fullmatch(rf"[0-9]{{{digits - 1}}}", bare):
        number, doubt = f"0{bare}", PADDED.format(digits - 1)
        return number, doubt if has_valid_check_digit(number) else f"{doubt} {CHECK}"
    return "", (_LOST if _ROUNDED.fullmatch(bare) else _OTHER).format(digits)


def is_like_siret(text: str, digits: int = SIRET) -> bool:
    """Tell whether a cell is a number of so many digits, or one that a spreadsheet spoilt."""
    return bool(parse_siret(text, digits)[0]) or _ROUNDED.fullmatch(_BLANKS.sub("", text)) is not None


def has_valid_check_digit(number: str) -> bool:
    """Tell whether the last digit of a number fits the others (Luhn), or as those of La Poste do.

    >>> (has_valid_check_digit("73282932000074"), has_valid_check_digit("73282932000075"),
    ...  has_valid_check_digit("35600000000048"))
    (True, False, True)
    """
    weighted_digits = [int(sign) * (2 if n % 2 else 1) for n, sign in enumerate(reversed(number))]
    is_luhn = sum(each - 9 if each > 9 else each for each in weighted_digits) % 10 == 0  # noqa: PLR2004  (digits of the product)
    return is_luhn or (number.startswith(_POST) and sum(map(int, number)) % 5 == 0)
