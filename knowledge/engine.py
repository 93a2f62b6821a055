"""One question in, one answer out: reads, parses, splits what asks several things, answers, and keeps the thread."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from . import language
from .answer import (
    AmbiguousBlock,
    Answer,
    CarriedBlock,
    Choice,
    Filter,
    Outcome,
    SourcesBlock,
    Trace,
    UnansweredBlock,
    UnknownBlock,
)
from .answering import Answering
from .compound import Compound, merged
from .dialogue import Context, Dialogue, complete
from .facts import Facts
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon
from .meaning import signature
from .model import Language, Source
from .parser import Parser
from .picking import Picked, pick
from .places import Places
from .query import Parsed, Query
from .reading import Reader, Reading
from .search import Search
from .snapshot import Snapshot
from .suggestions import question
from .taught import TOPIC, Taught
from .thresholds import MAX_CHOICES
from .words import Item


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer and what the next turn may lean on."""

    answer: Answer
    context: Context


class Engine:
    """Answers questions from one snapshot. Holds no state of any conversation; safe to share between threads."""

    def __init__(
        self, snapshot: Snapshot, lexicon: Lexicon, gazetteer: Gazetteer | None = None,
        units: Mapping[str, str] | None = None, meanings: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """``gazetteer``, ``units`` and ``meanings`` are what an earlier engine with the same words made: all its names, and,
        where these are the same, the units of its texts (:attr:`Facts.read`) and the meanings of its phrasings
        (:attr:`Taught.meanings`)."""
        self.snapshot = snapshot
        self.lexicon = lexicon
        self.gazetteer = gazetteer or Gazetteer(snapshot, lexicon.rules)
        self.reader = Reader(lexicon, self.gazetteer)
        self.facts = Facts(snapshot, self.reader, units)
        self.places = Places(snapshot, self.gazetteer)
        self.parser = Parser(snapshot, lexicon, self.gazetteer, self.places, self.facts)
        self.dialogue = Dialogue(snapshot, self.parser)
        self.compound = Compound(self.dialogue)
        self.answering = Answering(snapshot, self.gazetteer, self.facts)
        self.search = Search(snapshot, self.gazetteer)
        self._taught = Taught(snapshot, self.reader, meanings)

    def changed(self, snapshot: Snapshot) -> Engine:
        """An engine on this snapshot after a change. Names and texts that stay are not read again."""
        names = ("regions", "aliases", "district_lines")
        if all(getattr(snapshot, name) == getattr(self.snapshot, name) for name in names):
            return Engine(snapshot, self.lexicon, self.gazetteer, self.facts.read, self._taught.meanings)
        return Engine(snapshot, self.lexicon)

    def warm(self) -> None:
        """Make now what the first questions would wait for: worth it where many follow."""
        self.answer("Apakah Klatne peserta, dan siapa pendampngnya?")
        self.answer("?!")
        self.search.regions("klatne")

    def meaning(self, text: str) -> str:
        """What a question means, whatever its words (see :func:`knowledge.meaning.signature`)."""
        return signature(self.reader.read(text), self.lexicon)

    def pick(self, text: str) -> Picked:
        """The kabupaten and kota that somebody means who has to name one (see :func:`knowledge.picking.pick`)."""
        reading = self.reader.read(text)
        return pick(reading, self.snapshot, self.places, self.search, self.parser.slots(reading.items).years)

    def answer(
        self, text: str, context: Context | None = None, *, preference: Language | None = None, now: float | None = None
    ) -> Turn:
        """Answer a message.

        Args:
            text: what the person typed; any string.
            context: the turn before, from :attr:`Turn.context`; None at the start of a conversation.
            preference: the person's saved language, used where the message's own is not clear.
            now: seconds of a steady clock, for forgetting; taken from ``time.monotonic`` if left out.
        """
        now = time.monotonic() if now is None else now
        fresh = context if context and context.fresh(now) else None
        reading = self.reader.read(text)
        speak = language.choose(
            reading.votes, preference, fresh.language if fresh else None, bool(fresh and fresh.pinned)
        )
        asked = self._asked_language(reading)
        if asked:
            speak = asked
        special = self._special(reading, fresh, speak, asked, now)
        if special:
            return special
        parts = self.compound.parts(reading, fresh)
        turn = self._compose(reading, parts, speak, fresh, now)
        if asked:
            turn = Turn(turn.answer, replace(turn.context, pinned=True))
        return turn

    def choose(self, choice: Choice, context: Context, now: float | None = None) -> Turn:
        """What a button does: a region finishes the question or shows itself, a topic answers its question.

        ``context`` is the turn before, whose language is spoken.

        Raises:
            KeyError: the region or topic is not (or no longer) known.
        """
        speak = context.language or language.DEFAULT
        if choice.kind == "topic":
            now = time.monotonic() if now is None else now
            return self.answer(question(choice.code, speak), replace(context, pinned=True), preference=speak, now=now)
        region = self.snapshot.regions[choice.code]
        if choice.kind == "list":
            return self.show(Query("list", filter=Filter(provinces=(region.code,))), context, now)
        asked = Query("participation", filter=Filter(years=choice.years), when=choice.when)
        name = Name(choice.name or region.short, choice.via or "region", region.code)
        shown = Query("region", card=choice.card)
        return self.show(complete(asked if choice.asked and not choice.card else shown, name), context, now)

    def show(self, query: Query, context: Context, now: float | None = None) -> Turn:
        """Answer a question that came without words, from a button or a link, in the language of ``context``."""
        now = time.monotonic() if now is None else now
        reading = self.reader.read("")
        parsed = Parsed(query, self.parser.slots(reading.items))
        return self._compose(reading, [(parsed, ())], context.language or language.DEFAULT, context, now)

    def sources(self, claim_ids: Sequence[str]) -> tuple[Source, ...]:
        """The sources of claims, as :attr:`Trace.claims` names them; those not known any more are left out."""
        lists = {claim.id: claim for claim in self.answering.list_claims(tuple(self.snapshot.cohorts))}
        known = {**lists, **self.snapshot.claims}
        return self.snapshot.sources_of([known[id] for id in claim_ids if id in known])

    # --------------------------------------------------------------------------------------- what is said about answers

    def _asked_language(self, reading: Reading) -> Language | None:
        for concept, code in (("LANGUAGE-EN", "en"), ("LANGUAGE-ID", "id")):
            if reading.has(concept):
                return code  # type: ignore[return-value]
        return None

    def _special(
        self, reading: Reading, context: Context | None, speak: Language, asked: Language | None, now: float
    ) -> Turn | None:
        """ "In English please" and "sumbernya?": the answer before once more, or where it comes from."""
        if not context or not context.query:
            return None
        slots = self.parser.slots(reading.items)
        strange = [i for i in slots.residue if i.kind not in ("unknown", "ordinary")]
        plain = (
            not strange
            and len(slots.residue) <= 2
            and not slots.found.places
            and not slots.found.provinces
            and not slots.cued
        )
        if asked and plain and not slots.has("SOURCE"):
            parsed = Parsed(context.query, slots)
            turn = self._compose(reading, [(parsed, reading.items)], speak, context, now)
            return Turn(turn.answer, replace(turn.context, pinned=True))
        if slots.has("SOURCE") and plain and context.sources and not slots.has("PROGRAMME", "PARTICIPANT"):
            kind = "smalltalk" if context.query.shape == "smalltalk" else self.answering.answer(context.query).kind
            answer = Answer(
                "answered",
                kind,
                speak,
                (SourcesBlock(),),
                sources=context.sources,
                trace=self._trace(reading, "sources"),
            )
            return Turn(answer, replace(context, language=speak, at=now))
        return None

    # ------------------------------------------------------------------------------------------------------- composing

    def _compose(
        self,
        reading: Reading,
        parts: list[tuple[Parsed, Sequence[Item]]],
        speak: Language,
        context: Context | None,
        now: float,
    ) -> Turn:
        answered = [(parsed, items) for parsed, items in parts if parsed.query]
        if not answered and parts[0][0].problem != "ambiguous":
            (parsed, items), *_ = parts
            taught = self._taught.query(reading, speak, self.parser.content(parsed.slots))
            if taught and taught.candidates:
                answered = parts = [(replace(parsed, query=taught), items)]
            elif taught:
                return self._declined(reading, parsed, speak, context, now)
        if not answered:
            return self._not_answered(reading, parts[0][0], speak, context, now)
        queries = merged([parsed.query for parsed, _ in answered if parsed.query])
        drafts = [self.answering.answer(query) for query in queries]
        first = drafts[0]
        blocks = [
            block
            for query, draft in zip(queries, drafts, strict=True)
            for block in (*self._carried(query), *draft.blocks)
        ]
        blocks += [UnansweredBlock(" ".join(i.said for i in items)) for parsed, items in parts if not parsed.query]
        regions = {v.region.code: v for draft in drafts for v in draft.regions}
        claims = list({c.id: c for draft in drafts for c in draft.claims}.values())
        sources = self.snapshot.sources_of(claims)
        choices = tuple(dict.fromkeys(c for draft in drafts for c in draft.choices))[:MAX_CHOICES]
        answer = Answer(
            "answered", first.kind, speak, tuple(blocks), tuple(regions.values()),
            next((d.count for d in drafts if d.count is not None), None), sources, choices,
            self._trace(reading, queries[0].shape, answered[0][0], claims),
        )  # fmt: skip
        if all(query.shape == "smalltalk" for query in queries) and context:
            return Turn(answer, replace(context, language=speak, at=now))
        last = queries[-1]
        pinned = bool(context and context.pinned and context.language == speak)
        kept = context if context and context.pending and last.places else None
        return Turn(
            answer,
            Context(last, sources, speak, pinned, kept.pending if kept else None, kept.names if kept else (), now),
        )

    def _carried(self, query: Query) -> list[CarriedBlock]:
        """What was taken over from the turn before, to be shown."""
        if "places" in query.carried:
            return [CarriedBlock(tuple(self.snapshot.regions[p.region] for p in query.places))]
        if "filter" in query.carried:
            return [CarriedBlock(filter=query.filter)]
        if query.carried & {"topic", "year"} and query.candidates:
            return [CarriedBlock(topic=query.candidates[0].topic)]
        return []

    def _not_answered(
        self, reading: Reading, parsed: Parsed, speak: Language, context: Context | None, now: float
    ) -> Turn:
        names = parsed.names[:8]
        trace = self._trace(reading, "", parsed)
        pending = _pending(parsed)
        choices = _finishing(names, pending)
        outcome: Outcome = "unknown"
        if parsed.problem == "ambiguous":
            outcome = "ambiguous"
            reason = (
                "district"
                if names and all(n.district for n in names)
                else "typo"
                if not self._exact(parsed.said)
                else "alias"
            )
            block: UnknownBlock | AmbiguousBlock = AmbiguousBlock(reading.as_typed(parsed.said), reason)
        else:
            region = None
            if parsed.slots.found.places:
                region = self.snapshot.regions[parsed.slots.found.places[0].region]
                choices = (Choice("region", region.code),)
            about = region if parsed.problem == "no_fact" else None
            block = UnknownBlock(parsed.problem or "out_of_scope", reading.as_typed(parsed.said), about)
            choices = (choices + self._nearest_questions(parsed))[:MAX_CHOICES]
        answer = Answer(outcome, None, speak, (block,), choices=choices, trace=trace)
        old = context or Context()
        return Turn(answer, replace(old, language=speak, pending=pending if names else None, names=names, at=now))

    def _declined(self, reading: Reading, parsed: Parsed, speak: Language, context: Context | None, now: float) -> Turn:
        """What was taught to be outside the programme."""
        outside = replace(parsed, problem="out_of_scope", said="", names=())
        turn = self._not_answered(reading, outside, speak, context, now)
        return Turn(replace(turn.answer, trace=replace(turn.answer.trace, topic=TOPIC)), turn.context)

    def _exact(self, said: str) -> bool:
        return bool(self.gazetteer.lookup(said.replace(" ", "")))

    def _nearest_questions(self, parsed: Parsed) -> tuple[Choice, ...]:
        """The nearest answerable topics."""
        topics = dict.fromkeys(c.topic for c in parsed.ranked if c.topic in self.facts.topics and c.coverage >= 0.25)
        chosen = [*topics, "definition", "partners", "quick_win"]
        return tuple(Choice("topic", topic) for topic in dict.fromkeys(chosen) if topic in self.facts.topics)[:3]

    @staticmethod
    def _trace(reading: Reading, shape: str, parsed: Parsed | None = None, claims: Sequence = ()) -> Trace:
        spans = tuple(
            (i.said, i.value or i.kind if i.kind != "name" else ",".join(n.target for n in i.names[:4]))
            for i in reading.items
        )
        query = parsed.query if parsed else None
        ranked = (query.candidates if query and query.candidates else parsed.ranked if parsed else ())[:5]
        return Trace(
            reading.folded, spans, shape or (parsed.problem if parsed else ""), query.candidates[0].topic if query and query.candidates else "",
            round(query.coverage, 3) if query else 0.0, tuple((c.claim.id, round(c.score, 3)) for c in ranked),
            tuple(c.id for c in claims),
        )  # fmt: skip


def _finishing(names: Sequence[Name], pending: Query) -> tuple[Choice, ...]:
    """A choice for every region that the names lead to."""
    found: dict[str, Choice] = {}
    for n in names:
        kind: Literal["region", "district"] = "district" if n.district else "region"
        via = "" if n.kind == "region" else n.kind
        choice = Choice(
            kind, n.target, n.text, via, asked=True, years=pending.filter.years, when=pending.when, card=pending.card
        )
        found.setdefault(n.target, choice)
    return tuple(found.values())


def _pending(parsed: Parsed) -> Query:
    """The question that a choice will complete."""
    if parsed.slots.has("STATUS") and not parsed.slots.years:
        return Query("region", card=True)
    when = parsed.slots.has("WHEN")
    return Query("participation", filter=Filter(years=parsed.slots.years), when=when)
