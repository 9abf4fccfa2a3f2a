"""Formats issues and counts as lines of text."""

from gis.schemas import Row
from gis.sources.tables.toml_writing import comment_text


def issue_line(issue: Row, subject: str, width: int = 0) -> str:
    """Tell an issue in one line: what it is of, the column and the value where there are any, and the message.

    >>> issue_line({"column_name": "jobs", "value": "n.c.", "message": "No number."}, "sites s1")
    'sites s1, jobs: `n.c.`. No number.'
    >>> issue_line({"column_name": "", "value": "", "message": "The file is empty."}, "file")
    'file. The file is empty.'
    """
    column = f", {issue['column_name']}" if issue["column_name"] else ""
    shown_text = comment_text(issue["value"], width) if width else " ".join(issue["value"].split())
    value = f": `{shown_text}`" if shown_text else ""
    return f"{subject}{column}{value}. {' '.join(issue['message'].split())}"


def counted_words(number: int, word: str) -> str:
    """Write how many there are.

    >>> counted_words(1, "issue"), counted_words(1200, "row"), counted_words(0, "issue")
    ('1 issue', '1,200 rows', '0 issues')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"
