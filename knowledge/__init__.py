"""The knowledge of the programme and the understanding of questions about it.

``shipped_engine()`` answers from the edition in the code; ``open_engine()`` from the database with the admins' changes.
"""

from __future__ import annotations

from pathlib import Path

from . import edition, forms, lexicon, prepared, suggestions, wanting
from . import snapshot as snapshots
from .answer import Answer
from .dialogue import Context
from .engine import Engine, Turn
from .errors import KnowledgeError
from .lexicon import LANGUAGES

__all__ = [
    "Answer",
    "Context",
    "Engine",
    "KnowledgeError",
    "Turn",
    "changed_engine",
    "open_engine",
    "shipped_engine",
    "warm",
]


def open_engine(data_dir: Path) -> Engine:
    """An engine on the database in ``data_dir``, which is made from the shipped edition or brought up to it first.

    Raises:
        DatabaseError: the database cannot be read or made.
    """
    return prepared.engine(data_dir)


def changed_engine(engine: Engine, data_dir: Path) -> Engine:
    """An engine on what the database holds now, where ``engine`` answers from what it held before: faster than a new one.

    Raises:
        DatabaseError: the database cannot be read.
    """
    return prepared.engine(data_dir, before=engine)


def shipped_engine() -> Engine:
    """An engine on the shipped edition, without any database."""
    shipped = edition.read()
    return Engine(snapshots.build(shipped.id, shipped.tables, compiled=shipped.compiled), lexicon.load())


def warm() -> None:
    """Read now the files of words that are read on first use; later there may be no file handle for it."""
    for language in LANGUAGES:
        suggestions.questions(language)
    forms.stops("?")
    wanting.whole("?")
