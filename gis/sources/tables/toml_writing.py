"""Texts, keys and comments as TOML has them, for files that a person reads and corrects."""

import json
import re


def toml_text(text: str) -> str:
    """Write a text between quotes, as TOML reads it back."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(text: str) -> str:
    """Write a key, between quotes where it must be."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else toml_text(text)


def comment(text: str, most: int = 90) -> str:
    """Return a text on one line, cut where it is long, for a comment."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
