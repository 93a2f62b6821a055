"""What the bot remembers of people: `people.db`, apart from the knowledge, which may be published."""

from __future__ import annotations

from .database import People

__all__ = ["People"]
