"""Where it is published: every change asks for it. A source is found by typing, or made new in a few steps, inside a draft.

The draft's data holds it under ``source``: how far the choice is, and in the end the ``id`` and, where it is new, its ``row``.
"""

from __future__ import annotations

import re
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
from knowledge.snapshot import Snapshot

MAX_OFFERED: Final = 6
NEW: Final = ("publisher", "title", "date", "url")
"""What is asked of a new source."""
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_BARE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:[a-z]{2,}/\S+|(?:id|com|org|net|info|gov|edu|int|asia|news|tv|co|io|me)/?)", re.IGNORECASE
)
"""An address as people say it: "klatenkab.go.id/berita", "klatenkab.go.id". Without anything behind the stroke, only an ending that
Indonesian offices and media have makes it one; else it may be a name to look for."""
Data = dict[str, Any]
Key = Callable[..., InlineKeyboardButton]
"""Makes a button of the draft: its label and what :func:`press` gets."""


def begin(data: Data, *, same: bool = False, none: bool = False, file: bool = False) -> None:
    """Ask for a source. ``same``: there are sources already, and they may be what it rests on. ``none``: a reason will do.
    ``file``: the document itself may be sent."""
    data["source"] = {"step": "find", "same": same, "none": none, "file": file, "found": []}


def begin_file(data: Data) -> None:
    """The document itself was sent: who published it is asked next."""
    data["source"].setdefault("url", "")
    if data["source"]["step"] == "find":
        data["source"]["step"] = "publisher"


def given(data: Data) -> dict[str, str]:
    """A chosen source as it can be kept for later: the id of a known one (empty for those that an entry has), or what was
    said of a new one."""
    state = data["source"]
    return {column: state[column] for column in NEW} if "row" in state else {"id": state["id"]}


def resume(context: BotContext, data: Data, kept: dict[str, str]) -> None:
    """Choose what was kept before, on the knowledge as it stands: another may have brought the new source in meanwhile. A
    source that was retired is asked for again."""
    sources = context.engine.snapshot.sources.values()
    if kept.get("id") in context.engine.snapshot.sources or kept == {"id": ""}:
        data["source"] = {"id": kept["id"]}
    elif "title" in kept:
        known = _known(context, kept["url"]) or next((s.id for s in sources if _says(s, kept)), "")
        data["source"] = {"id": known} if known else _made(context, kept)


def name(snapshot: Snapshot, kept: dict[str, str], s: Speech) -> str:
    """What was kept, in a line, as plain text; empty where it is what an entry has."""
    if "title" not in kept:
        known = snapshot.sources.get(kept.get("id", ""))
        return f"{s.source(known)}: {known.title}" if known else kept.get("id", "")
    dated = f" ({s.date(kept['date'])})" if kept["date"] else ""
    address = f" {kept['url']}" if kept["url"] else ""
    return f"{kept['publisher']}{dated}: {kept['title']}{address}"


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
    if state.get("file"):
        text += " " + s._("Or send the document itself, as a file or a photo.")
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
    elif address := _address(text.strip()):
        _take_address(context, data, address)
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


def _address(text: str) -> str:
    """The address in what was typed, whole; empty where none is."""
    if _BARE.fullmatch(text):
        return f"https://{text}"
    found = _ADDRESS.search(text)
    if not found or len(_ADDRESS.findall(text)) > 1:
        return ""
    address = text if found.start() == 0 else found[0].rstrip(".,;:!?)\"'”")
    return f"https://{address}" if address.lower().startswith("www.") else address


def _take_address(context: BotContext, data: Data, typed: str) -> None:
    url = clean("sources", "url", typed)
    known = _known(context, url)
    if known:
        data["source"]["id"] = known
    else:
        data["source"].update(step="publisher", url=url)


def _known(context: BotContext, url: str) -> str:
    """The id of the source that is published at an address; empty where none is."""
    known = {_page(source.url): source.id for source in context.engine.snapshot.sources.values() if source.url}
    return known.get(_page(url), "") if url else ""


def _page(url: str) -> str:
    """An address without what leads to the same page with and without it."""
    return re.sub(r"\Ahttps?://(?:www\.)?", "", url.partition("#")[0], flags=re.IGNORECASE).rstrip("/")


def _says(source: Source, kept: dict[str, str]) -> bool:
    """Whether a source without address is the one that was described."""
    return not source.url and all(getattr(source, column) == kept[column] for column in ("publisher", "title", "date"))


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
    state.update(_made(context, state))


def _made(context: BotContext, said: Data) -> Data:
    """A new source: its id and its row."""
    row = editing.blank("sources", **{column: said[column] for column in NEW})
    tables = store.all_tables(context.services.knowledge_dir)
    row["id"] = editing.source_id(tables, row["publisher"], row["url"], row["date"])
    return {"id": row["id"], "row": row}


def _label(source: Source, s: Speech) -> str:
    return f"{s.source(source)}: {source.title}"
