"""Where it is published: every change asks for it. A source is found by typing, or made new in a few steps, inside a draft.

The draft's data holds it under ``source``: how far the choice is, and in the end the ``id`` and, where it is new, its ``row``.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final

from telegram import InlineKeyboardButton

from handlers.rendering import Speech
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import StaleButton
from handlers.shared.context import BotContext
from knowledge import editing, store
from knowledge.catalog import find
from knowledge.changes import RowChange
from knowledge.errors import InvalidDataError, saying
from knowledge.fields import clean
from knowledge.model import Source

MAX_OFFERED: Final = 6
Data = dict[str, Any]
Key = Callable[..., InlineKeyboardButton]
"""Makes a button of the draft: its label and what :func:`press` gets."""


def begin(data: Data, *, same: bool = False, none: bool = False) -> None:
    """Ask for a source. ``same``: there are sources already, and they may be what it rests on. ``none``: a reason will do."""
    data["source"] = {"step": "find", "same": same, "none": none, "found": []}


def chosen(data: Data) -> bool:
    """Whether the source is known."""
    return "id" in data.get("source", {})


def source_id(data: Data) -> str:
    """The id of the source; empty where the present ones stay."""
    return str(data["source"]["id"])


def row_changes(data: Data) -> list[RowChange]:
    """The row of a new source."""
    row = data.get("source", {}).get("row")
    return [RowChange("sources", None, row)] if row else []


def prompt(context: BotContext, data: Data, s: Speech, key: Key) -> tuple[str, list[ButtonRow]]:
    """What is asked next, as HTML, and the buttons for it."""
    state = data["source"]
    match state["step"]:
        case "publisher":
            return s._("Who published it? For example: Kementerian Kominfo."), []
        case "title":
            return s._("What is its title?"), []
        case "date":
            text = s._("When was it published? Like 15 May 2019, May 2019 or 2019.")
            return text, [[key(s._("Not known"), "none")]]
    known = context.engine.snapshot.sources
    offered = [known[id] for id in state["found"] if id in known]
    rows = [[key(_label(source, s), str(at))] for at, source in enumerate(offered)]
    if state["same"]:
        rows.append([key(s._("The sources it has"), "same")])
    text = s._(
        "<b>Where is that published?</b> Send the address of the page, or some words of a source's publisher or title to choose "
        "one that is known."
    )
    if state.get("none"):
        rows.append([key(s._("It is published nowhere: say why"), "why")])
    if state.get("typed"):
        rows.append([key(s._("A new source without address"), "new")])
        if not offered:
            nothing = s._("No source is known for “{typed}”.", typed=escape(state["typed"], quote=False))
            text = f"{nothing}\n\n{text}"
    return text, rows


def take(context: BotContext, data: Data, text: str) -> None:
    """Take what was typed.

    Raises:
        InvalidDataError: it cannot stand there.
    """
    state = data["source"]
    step = state["step"]
    if step in ("publisher", "title", "date"):
        state[step] = clean("sources", step, text)
        _on(context, data)
    elif text.strip().lower().startswith(("http://", "https://", "www.")):
        _take_address(context, data, text.strip())
    else:
        tables = store.all_tables(context.services.knowledge_dir)
        found = [f.key for f in find(tables, context.engine.search, text) if f.table == "sources"]
        state.update(typed=text.strip()[:100], found=found[:MAX_OFFERED])


def press(context: BotContext, data: Data, what: str) -> None:
    """Take what was pressed.

    Raises:
        StaleButton: it is not offered at this step.
    """
    state = data["source"]
    if state["step"] == "date" and what == "none":
        state["date"] = ""
        _on(context, data)
    elif state["step"] == "find" and what == "same" and state["same"]:
        state["id"] = ""
    elif state["step"] == "find" and what == "why" and state.get("none"):
        state["id"], data["asking"] = "", "why"
    elif state["step"] == "find" and what == "new":
        state.update(step="publisher", url="")
    elif state["step"] == "find" and what.isdecimal() and int(what) < len(state["found"]):
        state["id"] = state["found"][int(what)]
    else:
        raise StaleButton(what)


def _take_address(context: BotContext, data: Data, typed: str) -> None:
    url = clean("sources", "url", f"https://{typed}" if typed.lower().startswith("www.") else typed)
    known = {source.url.rstrip("/"): source.id for source in context.engine.snapshot.sources.values() if source.url}
    if url.rstrip("/") in known:
        data["source"]["id"] = known[url.rstrip("/")]
    else:
        data["source"].update(step="publisher", url=url)


def _on(context: BotContext, data: Data) -> None:
    """The next step of a new source, or the source itself."""
    state = data["source"]
    steps = ("publisher", "title", "date")
    missing = [step for step in steps if step not in state]
    if missing:
        if not state[state["step"]] and state["step"] != "date":
            raise InvalidDataError(saying("{column} must not be empty.", column=state["step"]))
        state["step"] = missing[0]
        return
    tables = store.all_tables(context.services.knowledge_dir)
    row = editing.blank("sources", **{column: state[column] for column in ("publisher", "title", "date", "url")})
    row["id"] = editing.source_id(tables, row["publisher"], row["url"], row["date"])
    state.update(id=row["id"], row=row)


def _label(source: Source, s: Speech) -> str:
    return f"{s.source(source)}: {source.title}"
