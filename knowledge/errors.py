"""What can go wrong with the knowledge. Every message says what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple


class Saying(NamedTuple):
    """A message for people, not yet in their language: `str()` gives it in English, a catalog in others."""

    template: str
    """The English text with ``{names}`` for the values."""
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template


def saying(template: str, **values: object) -> Saying:
    """A message; its text is found here by whoever gathers the catalogs."""
    return Saying(template, values)


class KnowledgeError(Exception):
    """Base of all errors of this package. Made of a text in English, or of a :class:`Saying` that can be translated."""

    passes: ClassVar[bool] = False
    """Whether the cause may go by itself, so that the same is worth trying again later."""

    @property
    def saying(self) -> Saying:
        """What is wrong, to be translated."""
        (said,) = self.args
        return said if isinstance(said, Saying) else Saying(str(said), {})


class DatabaseError(KnowledgeError):
    """The database file cannot be used: unreadable, damaged, or written by a newer version."""


class UnavailableError(DatabaseError):
    """The database file cannot be used at the moment: another process holds it, or the disk refuses."""

    passes = True


class InvalidDataError(KnowledgeError):
    """Rows that must not become knowledge: a claim without a source, a code that does not exist."""


class ConflictError(KnowledgeError):
    """The knowledge is not any more what a change was made for: somebody else changed it meanwhile."""


class QuestionFileError(KnowledgeError):
    """A file of test questions that cannot be read."""
