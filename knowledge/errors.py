"""What can go wrong with the knowledge. Every message says what to do next."""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of all errors of this package."""


class DatabaseError(KnowledgeError):
    """The database file cannot be used: unreadable, damaged, or written by a newer version."""


class InvalidDataError(KnowledgeError):
    """Rows that must not become knowledge: a claim without a source, a code that does not exist."""


class QuestionFileError(KnowledgeError):
    """A file of test questions that cannot be read."""
