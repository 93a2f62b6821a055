"""What an answer rests on, said in so few bytes that its button can name the sources years later."""

from __future__ import annotations

from handlers.shared.buttons import SOURCES, Button, StaleButton, TooLong, of_filter, of_years, to_filter
from knowledge import Engine
from knowledge.answer import Answer, Block, CarriedBlock, ListBlock, ProfileBlock, Status, VerdictBlock
from knowledge.dialogue import Context
from knowledge.model import Place, Source
from knowledge.query import Query
from knowledge.suggestions import questions


def reference(answer: Answer) -> Button | None:
    """The button that names an answer's sources: by its claims, or by its regions, or by its list. None where none fits."""
    for arguments in _ways(answer):
        button = Button(SOURCES, answer.language, arguments)
        try:
            button.encode()
        except TooLong:
            continue
        return button
    return None


def said(answer: Answer) -> tuple[Block, ...]:
    """What an answer says, without the remark that it still speaks of what the one before was about."""
    return tuple(block for block in answer.blocks if not isinstance(block, CarriedBlock))


def card_of(answer: Answer) -> Status | None:
    """The status card that an answer is."""
    match said(answer):
        case (Status() as card, *_):
            return card
    return None


def subject(answer: Answer) -> tuple[str, str] | None:
    """What an answer is about, where that has a name: how to ask for it again, and the payload of its deep link."""
    match said(answer):
        case (VerdictBlock(verdicts=(verdict,)), *_) | (ProfileBlock(verdict=verdict), *_):
            return verdict.region.label(answer.language), f"r_{link_code(verdict.region.code)}"
        case (Status(region=region), *_):
            return f"Status {region.label(answer.language)}", f"s_{link_code(region.code)}"
    topic = answer.trace.topic
    asked = questions(answer.language).get(topic) if answer.kind == "fact" else None
    return (asked, f"t_{topic}") if asked else None


def link_code(code: str) -> str:
    """A region's code as a link carries it: ``33_10``."""
    return code.replace(".", "_")


def _ways(answer: Answer) -> list[tuple[str, ...]]:
    ways: list[tuple[str, ...]] = [("f", ",".join(answer.trace.claims))]
    match said(answer):
        case (VerdictBlock(verdicts=verdicts, years=years),):
            ways.append(("v", ",".join(v.region.code for v in verdicts), of_years(years)))
        case (ProfileBlock(verdict=verdict),):
            ways.append(("p", verdict.region.code))
        case (Status(region=region),):
            ways.append(("c", region.code))
        case (ListBlock(filter=filter_),):
            ways.append(("l", of_filter(filter_)))
    return ways


def sources(button: Button, engine: Engine) -> tuple[Source, ...]:
    """The sources that a button names, as the knowledge has them now.

    Raises:
        StaleButton: the button says nothing that is understood.
        KeyError: a region of it is not known any more.
    """
    how, what, years = (*button.arguments, "", "", "")[:3]
    if how == "f":
        return engine.sources(what.split(","))
    if how == "l":
        query = Query("list", filter=to_filter(what))
    elif how in ("v", "p", "c"):
        places = tuple(Place(code, engine.snapshot.regions[code].short) for code in what.split(","))
        asked = to_filter(f"||{years}")
        query = Query("participation" if how == "v" else "region", places, asked, card=how == "c")
    else:
        raise StaleButton(how)
    return engine.show(query, Context(language=button.language)).answer.sources
