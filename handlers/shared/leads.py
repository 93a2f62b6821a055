"""What a question in private leads to beside its answer: following the region, the cards of a province's regions."""

from __future__ import annotations

from handlers.people import People
from handlers.rendering import speech
from handlers.shared.answers import Row
from handlers.shared.below_card import follow_button
from handlers.shared.buttons import STATUS
from handlers.shared.keys import key
from handlers.shared.references import card_of
from knowledge.answer import Answer, ListBlock, UnknownBlock
from knowledge.snapshot import Snapshot
from knowledge.wanting import to_follow


def leads(text: str, answer: Answer, people: People, user_id: int, snapshot: Snapshot) -> list[Row]:
    """The buttons above those of an answer. ``text``: what was asked, in words."""
    s, rows = speech(answer.language), list[Row]()
    regions = [verdict.region for verdict in answer.regions]
    regions += [block.region for block in answer.blocks if isinstance(block, UnknownBlock) and block.region]
    if len(regions) == 1 and card_of(answer) is None and to_follow(text):
        rows.append([follow_button(people, user_id, regions[0].code, s)])
    asked = {value for _, value in answer.trace.spans}
    for block in answer.blocks:
        if isinstance(block, ListBlock) and "STATUS" in asked and len(block.filter.provinces) == 1:
            (code,) = block.filter.provinces
            label = s._("Status cards in {province}", province=snapshot.regions[code].label(s.language))
            rows.append([key(STATUS, s, label, "o", code)])
    return rows
