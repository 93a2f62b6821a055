"""The type of what each file of handlers gives to the one list that registers them."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

Handlers = list[BaseHandler[Any, Any, Any]]
"""Handlers in the order in which they are tried."""
