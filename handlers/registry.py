"""The one ordered list of what the bot does. In a group the first that fits takes an update; order matters."""

from __future__ import annotations

from typing import Any, Final

from telegram.ext import Application

from handlers import (
    about,
    ask,
    broadcast_audience,
    broadcast_writing,
    broadcasts,
    browse,
    cancel,
    choose,
    confirm,
    correction_choosing,
    correction_refusing,
    correction_sending,
    correction_writing,
    corrections,
    corrections_own,
    digest,
    edit,
    errors,
    exports,
    flood,
    follow,
    giving_up,
    guest,
    history,
    ignored,
    imports,
    inline,
    invited,
    inviting,
    language,
    manage,
    media,
    membership,
    myregion,
    naming,
    privacy,
    queue,
    rejecting,
    report,
    reports,
    request_deciding,
    request_sending,
    request_writing,
    requests,
    start,
    status,
    stop,
    team,
    waiting,
    wishes,
    writing,
)
from handlers.people import People
from handlers.shared.registering import Handlers
from handlers.staff.gate import Gate

GATE: Final = -2
"""Group of what may stop an update before anybody sees it."""
BEFORE: Final = -1
"""Group of what sees an update before it is worked on, and leaves it alone."""
WORK: Final = 0
"""Group of everything a person does."""


def in_order(people: People) -> Handlers:
    """Everything a person does, in the order in which it is tried."""
    gate = Gate(people)
    return [
        *cancel.handlers(people),  # before whatever a text may be the content of
        *invited.handlers(),  # before the other links
        *start.handlers(),
        *browse.handlers(),
        *status.handlers(),  # before free text: a reply to "which region?" is its name
        *language.handlers(),
        *about.handlers(),
        *privacy.handlers(),
        *manage.handlers(gate, people),
        *edit.handlers(gate, people),
        *confirm.handlers(gate),
        *history.handlers(gate),
        *digest.handlers(gate),
        *team.handlers(gate),
        *follow.handlers(),
        *wishes.handlers(),
        *myregion.handlers(gate),
        *giving_up.handlers(gate),
        *request_writing.handlers(people),  # before free text, files and media, as is the next
        *request_sending.handlers(people),
        *requests.handlers(gate),
        *request_deciding.handlers(gate, people),
        *inviting.handlers(gate, people),  # before free text: what answers a question of the bot's own is none
        *correction_choosing.handlers(gate),
        *correction_writing.handlers(gate, people),
        *correction_sending.handlers(gate),
        *corrections_own.handlers(gate),
        *corrections.handlers(gate),
        *correction_refusing.handlers(gate, people),
        *imports.handlers(gate, people),  # before free text and media: a document that an admin sends is a file to read
        *exports.handlers(gate),
        *broadcasts.handlers(gate),
        *broadcast_writing.handlers(gate, people),
        *broadcast_audience.handlers(gate),
        *queue.handlers(gate),
        *ignored.handlers(gate),
        *naming.handlers(gate, people),
        *writing.handlers(gate, people),
        *reports.handlers(gate),
        *rejecting.handlers(gate, people),
        *waiting.handlers(),
        *report.handlers(people),  # before free text: a reply to "what is wrong?" is no question
        *stop.handlers(people),  # before free text, and after what awaits words of its own
        *ask.handlers(),
        *choose.handlers(),
        *inline.handlers(),
        *guest.handlers(),
        *membership.handlers(),
        *start.last_handlers(),  # commands that nothing above knows
        *media.handlers(),  # whatever is left in private
        *errors.handlers(),  # buttons that nothing above knows
    ]


def register(application: Application[Any, Any, Any, Any, Any, Any], people: People) -> None:
    """Register all of it."""
    application.add_handlers(flood.handlers(), GATE)
    application.add_handlers(cancel.first_handlers(), BEFORE)
    application.add_handlers(in_order(people), WORK)
    application.add_error_handler(errors.handle)
