"""From a proposal to the form of a change: filled with what was proposed, so that an admin is asked only for what is missing."""

from __future__ import annotations

from typing import Final

from handlers.people.corrections import Correction
from handlers.rendering import Speech
from handlers.shared.context import BotContext
from handlers.shared.words import shorten
from handlers.staff import sources
from handlers.staff.entries import title
from handlers.staff.forms import Form, form_data
from knowledge import store
from knowledge.proposing import wanted

MAX_NAME: Final = 60
"""Characters of an entry's name above each question."""


def form_of(context: BotContext, made: Correction, s: Speech) -> Form:
    """The form of a proposal, on the knowledge as it stands at this moment."""
    found = wanted(store.all_tables(context.services.knowledge_dir), made.proposal)
    form: Form = {
        "op": "edit" if found.before else "add", "table": "claims", "before": found.before, "after": found.after,
        "asks": list(found.asks),
    }  # fmt: skip
    if found.before:
        form["name"] = shorten(title("claims", found.before, context.engine.snapshot, s), MAX_NAME)
    if found.before and not made.proposal.text:
        form["mode"] = "add"
    return settling(context, form, made)


def settling(context: BotContext, form: Form, made: Correction) -> Form:
    """A form whose change settles a proposal: it begins with the source that the proposal names."""
    form["correction"], form["token"] = made.id, made.change_token
    if form["op"] != "retire" and "source" not in form and (form["before"] or made.source != {"id": ""}):
        sources.resume(context, form_data(form), made.source)
    return form
