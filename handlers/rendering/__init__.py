"""From answers to words: the same for every face, without any messenger's markup."""

from __future__ import annotations

from .answers import choice_label, document
from .document import Document, plain
from .speech import Speech, speech, warm

__all__ = ["Document", "Speech", "choice_label", "document", "plain", "speech", "warm"]
