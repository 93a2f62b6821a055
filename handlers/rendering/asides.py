"""Wording of everything that is no answer about the programme: small talk, questions back, not knowing, carrying over."""

from __future__ import annotations

from knowledge.answer import (
    AmbiguousBlock,
    Answer,
    CarriedBlock,
    SmalltalkBlock,
    UnansweredBlock,
    UnknownBlock,
)
from knowledge.snapshot import Snapshot

from .document import Paragraph, Run, line
from .lists import area
from .speech import Speech


def smalltalk(block: SmalltalkBlock, s: Speech) -> list[Paragraph]:
    """A friendly word, and what the bot is for."""
    texts = {
        "greeting": s._("Hello! Ask me about the 100 Smart Cities Movement (2017-2019), for example: is Klaten a participant?"),
        "thanks": s._("You are welcome. Happy to help again any time."),
        "bye": s._("Goodbye, and do come back with more questions."),
        "okay": s._("All right. Ask on whenever you like."),
        "identity": s._(
            "I am a bot, not a person. I answer questions about Indonesia's 100 Smart Cities Movement of 2017-2019 from "
            "published sources, and I say so when I do not know."
        ),
        "help": s._(
            "You can ask whether a region took part (\"Is Klaten a participant?\"), for lists and numbers (\"Who joined from "
            "East Java in 2018?\"), and about the programme (\"Which ministries were involved?\", \"What is a quick win?\"). "
            "Indonesian, English or both; nicknames and typing errors are fine."
        ),
        "officer": s._(
            "Whoever works for a regency or city can be recognised as its officer, and then propose corrections and see how they stand. "
            "It begins with /myregion; there, too, are the cards of your regions, your requests and your proposals."
        ),
        "insult": s._("I am sorry that I was no help. Tell me which region or topic it is about, and I will look again."),
    }  # fmt: skip
    return [line(texts[block.about])]


def unknown(block: UnknownBlock, answer: Answer, s: Speech) -> list[Paragraph]:
    """An honest "I don't know", by its reason, with a way on."""
    regions = any(choice.kind in ("region", "district") for choice in answer.choices)
    match block.reason:
        case "empty":
            head = s._("Please type a question, for example: is Klaten a participant?")
        case "unknown_region":
            head = s._('I know of no region of Indonesia called "{name}", so I cannot say yes or no.', name=block.said)
        case "no_such_region":
            head = s._('There is no regency or city called "{name}".', name=block.said)
        case "no_fact" if block.region:
            head = s._(
                "I have no source on that for {region}, so I would rather not guess.",
                region=block.region.label(s.language),
            )
        case "no_region_named":
            head = s._("Which region do you mean? Give me the name of the regency, the city or the district.")
        case "now":
            head = s._(
                "I cannot say how that is today: my sources speak of the programme of 2017-2019 and its continuation."
            )
        case _:
            head = s._(
                "I am sorry, that is outside what I know. I answer questions about the 100 Smart Cities Movement of 2017-2019."
            )
    if answer.outcome == "answered":
        return [line(head)]
    if regions and block.reason in ("unknown_region", "no_such_region"):
        return [line(head), line(s._("Perhaps you mean one of these?"))]
    return [line(head), line(s._("You could ask:"))] if answer.choices else [line(head)]


def ambiguous(block: AmbiguousBlock, s: Speech) -> list[Paragraph]:
    """A question back."""
    texts = {
        "district": s._('There are several districts called "{name}". Which one do you mean?', name=block.said),
        "alias": s._('Several regions are called "{name}". Which one do you mean?', name=block.said),
        "typo": s._('"{name}" is close to several names. Which one do you mean?', name=block.said),
    }
    return [line(texts[block.reason])]


def carried(block: CarriedBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """What was taken over from the question before, in brackets."""
    if block.regions:
        what = s.names(region.label(s.language) for region in block.regions)
    elif block.filter:
        years = s.names(str(year) for year in block.filter.years)
        what = ", ".join(part for part in (area(block.filter, s, snapshot), years) if part)
    else:
        return []
    return [line(Run(s._("(Still about: {what})", what=what), "quiet"))]


def unanswered(block: UnansweredBlock, s: Speech) -> list[Paragraph]:
    """The part of the question that found no answer."""
    return [line(s._('To this part I have no answer: "{part}".', part=block.said))]
