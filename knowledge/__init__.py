"""The knowledge of the programme and the understanding of questions about it.

``shipped_engine()`` answers from the edition in the code; ``open_engine()`` from the database with the admins' changes.
"""

from __future__ import annotations

from . import edition, lexicon, snapshot
from .dialogue import Context
from .engine import Engine, Turn
from .errors import KnowledgeError
from .model import Answer

__all__ = ["Answer", "Context", "Engine", "KnowledgeError", "Turn", "shipped_engine"]


def shipped_engine() -> Engine:
    """An engine on the shipped edition, without any database."""
    shipped = edition.read()
    return Engine(snapshot.build(shipped.id, shipped.tables), lexicon.load())
