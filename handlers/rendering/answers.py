"""From an answer to a document: each block has its own wording, and the sources close it."""

from __future__ import annotations

from knowledge.answer import (
    AmbiguousBlock,
    Answer,
    Block,
    CarriedBlock,
    Choice,
    FactBlock,
    ListBlock,
    ProfileBlock,
    RankingBlock,
    SmalltalkBlock,
    SourcesBlock,
    Status,
    UnansweredBlock,
    UnknownBlock,
    VerdictBlock,
)
from knowledge.snapshot import Snapshot
from knowledge.suggestions import question

from . import asides, lists, statements, status, verdicts
from .document import Document, Paragraph, Run, line
from .speech import Speech, speech


def document(answer: Answer, snapshot: Snapshot, page: int | None = None) -> Document:
    """What the bot says, in the answer's language. ``page``: which page of a long list, for faces that can turn pages."""
    s = speech(answer.language)
    paragraphs = [paragraph for block in answer.blocks for paragraph in _worded(block, answer, s, snapshot, page)]
    if answer.sources and not all(_sourced(block) for block in answer.blocks):
        paragraphs.append(Paragraph((Run(s.sources(answer.sources), "quiet"),), role="sources"))
    return Document(tuple(paragraphs))


def _sourced(block: Block) -> bool:
    """Whether a block names its sources itself."""
    return isinstance(block, (SourcesBlock, Status)) or (isinstance(block, FactBlock) and block.disputed)


def _worded(block: Block, answer: Answer, s: Speech, snapshot: Snapshot, page: int | None) -> list[Paragraph]:
    match block:
        case VerdictBlock():
            return verdicts.verdicts(block, s, snapshot)
        case ProfileBlock():
            return verdicts.profile(block, s, snapshot)
        case Status():
            return status.card(block, s, snapshot)
        case ListBlock():
            return lists.listing(block, s, snapshot, page)
        case RankingBlock():
            return lists.ranking(block, s, snapshot)
        case FactBlock():
            return statements.facts(block, s, snapshot)
        case SmalltalkBlock():
            return asides.smalltalk(block, s)
        case UnknownBlock():
            return asides.unknown(block, answer, s)
        case AmbiguousBlock():
            return asides.ambiguous(block, s)
        case CarriedBlock():
            return asides.carried(block, s, snapshot)
        case UnansweredBlock():
            return asides.unanswered(block, s)
        case SourcesBlock():
            return _sources(answer, s)


def _sources(answer: Answer, s: Speech) -> list[Paragraph]:
    """Every source in full."""
    lines = [line(s._("The answer rests on these sources:"))]
    for source in answer.sources:
        title = f"{s.source(source)}: {s.title(source)}"
        lines.append(line(Run(title, url=source.url), f" - {source.url}" if source.url else "", bullet=True))
    return lines


def choice_label(choice: Choice, answer: Answer, snapshot: Snapshot) -> str:
    """What stands on a button."""
    s = speech(answer.language)
    match choice.kind:
        case "region" if choice.card and not choice.asked:
            return s._("Status card of {name}", name=snapshot.regions[choice.code].label(answer.language))
        case "region":
            return snapshot.regions[choice.code].label(answer.language)
        case "district":
            region = snapshot.regions[choice.code].label(answer.language)
            return s._("{district} in {region}", district=choice.name, region=region)
        case "topic":
            return question(choice.code, answer.language)
        case "list":
            province = snapshot.regions[choice.code].label(answer.language)
            return s._("Other participants in {province}", province=province)
