"""Rows of files in the words of a language: what tables, columns and codes are called, as the bot shows them elsewhere."""

from __future__ import annotations

from functools import lru_cache

from handlers.rendering import Speech, speech
from handlers.rendering.columns import choice_name, column_name, table_name
from knowledge.columns import REMOVE, words
from knowledge.comparing import Line
from knowledge.fields import field
from knowledge.model import Language


def table_word(table: str, s: Speech) -> str:
    """What an entry of a table is called."""
    return _table(table, s.language)


def column_word(column: str, s: Speech) -> str:
    """What a column is called, also the one that removes rows."""
    return _column(column, s.language)


def value_word(table: str, column: str, value: str, s: Speech) -> str:
    """What a cell says: the name of its code, where its column has codes."""
    coded = value and (column in words().choices or "yes" in field(table, column).choices)
    return _choice(value, s.language) if coded else value


def row_words(line: Line, s: Speech) -> str:
    """The row of a line that comes or goes: "kind: nickname; shared with others: yes"."""
    return "; ".join(f"{column_word(c, s)}: {value_word(line.table, c, text, s)}" for c, text in line.parts.items())


def sides(line: Line, s: Speech) -> tuple[str, str]:
    """What stands, and what would stand."""
    if line.row is not None:
        return (row_words(line, s), "") if line.kind == "removed" else ("", row_words(line, s))
    if not line.column:
        return line.before, line.after
    before, after = (value_word(line.table, line.column, text, s) for text in (line.before, line.after))
    return before, after


@lru_cache
def _table(table: str, language: Language) -> str:
    return table_name(table, speech(language))


@lru_cache
def _column(column: str, language: Language) -> str:
    s = speech(language)
    return s._("remove") if column == REMOVE else column_name(column, s)


@lru_cache(4096)
def _choice(value: str, language: Language) -> str:
    return choice_name(value, speech(language))
