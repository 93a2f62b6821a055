"""Messages that ask several things: taken apart where the whole makes no sense as one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .dialogue import Context, Dialogue
from .query import Parsed, Query
from .reading import Reading
from .thresholds import HALF, WHOLE_COVERAGE
from .words import Item


class Compound:
    """Splits messages and puts together what belongs together."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def parts(self, reading: Reading, context: Context | None) -> list[tuple[Parsed, Sequence[Item]]]:
        """The message as one question where that accounts for it, else as its clauses."""
        whole = self._dialogue.turn(reading.items, context)
        if whole.query and whole.query.coverage >= WHOLE_COVERAGE:
            return [(whole, reading.items)]
        best: list[tuple[Parsed, Sequence[Item]]] = [(whole, reading.items)]
        for split in (self._clauses(reading), self._coordinated(reading)):
            if len(split) < 2:
                continue
            parts = self._answer_parts(split, context)
            good = [p for p in parts if p[0].query and p[0].query.shape != "smalltalk"]
            if not good:
                continue
            share = sum(_mass(p[0]) for p in good) / (sum(_mass(p[0]) for p in parts) or 1.0)
            missed = [p for p in parts if not p[0].query and p[0].slots.wondering and self._worth_naming(p[0])]
            coverage = share * min(p[0].query.coverage for p in good if p[0].query)
            if not whole.query:
                better = share >= HALF or not missed
            else:
                better = coverage > whole.query.coverage or (
                    len(good) > 1 and not missed and coverage >= whole.query.coverage
                )
            if better:
                return good + missed
        return best

    @staticmethod
    def _worth_naming(parsed: Parsed) -> bool:
        """Whether an unanswered part is a question that the person would miss."""
        content = [i for i in parsed.slots.residue if i.kind in ("concept", "outside", "unknown")]
        asks = parsed.slots.has("WHO", "WHAT", "WHEN", "WHERE", "WHY", "HOW", "HOW-MANY", "WHICH", "DEFINE")
        return bool(content) and asks

    @staticmethod
    def _sound(parsed: Parsed, query: Query) -> bool:
        """Whether a part of a message is a question of its own that statements answer by more than a stray word."""
        matched = {unit for candidate in query.candidates for unit in candidate.matched}
        return parsed.slots.wondering and (not matched or any(not unit.startswith(("w:", "#")) for unit in matched))

    def _answer_parts(self, split: list[list[Item]], context: Context | None) -> list[tuple[Parsed, Sequence[Item]]]:
        parts: list[tuple[Parsed, Sequence[Item]]] = []
        for items in split:
            parsed = self._dialogue.turn(items, context)
            if parsed.query and parsed.query.shape == "fact" and not self._sound(parsed, parsed.query):
                continue
            parts.append((parsed, items))
            if parsed.query and parsed.query.shape != "smalltalk":
                context = Context(parsed.query, at=0.0)
        return parts

    def _clauses(self, reading: Reading) -> list[list[Item]]:
        """The clauses of a message; one that only names places belongs to the question behind it ("Bangkalan, Sampang.
        Who took part?")."""
        clauses: dict[int, list[Item]] = {}
        for item in reading.items:
            clauses.setdefault(item.clause, []).append(item)
        parts: list[list[Item]] = []
        waiting: list[Item] = []
        for items in clauses.values():
            if not any(i.kind != "stop" for i in items):
                continue
            slots = self._dialogue.slots(items)
            named = bool(slots.found.places) and not slots.cued and not slots.wondering
            if named:
                waiting += items
                continue
            parts.append([*waiting, *items] if not slots.found.places else items)
            waiting = []
        return [*parts, waiting] if waiting else parts

    @staticmethod
    def _coordinated(reading: Reading) -> list[list[Item]]:
        """The message cut at commas and at "and", where the part behind asks something of its own."""
        parts: list[list[Item]] = [[]]
        asking = (
            "WHO",
            "WHAT",
            "WHEN",
            "WHERE",
            "WHY",
            "HOW",
            "HOW-MANY",
            "WHICH",
            "YES-NO",
            "DEFINE",
            "FOLLOW",
            "LIST",
        )
        for at, item in enumerate(reading.items):
            starts = item.clause != reading.items[at - 1].clause if at else False
            joined = item.comma or item.value == "AND"
            if joined and any(i.value in asking for i in reading.items[at : at + 3]):
                starts = True
            if starts and parts[-1]:
                parts.append([])
            parts[-1].append(item)
        return [part for part in parts if any(i.kind != "stop" for i in part)]


def _mass(parsed: Parsed) -> float:
    """How much a part of a message has to say."""
    found = parsed.slots.found
    named = len(found.places) + len(found.provinces) + len(found.islands)
    return named + 0.5 * parsed.slots.cued + parsed.slots.against


def merged(queries: list[Query]) -> list[Query]:
    """Questions about regions that follow each other become one."""
    out: list[Query] = []
    for query in queries:
        last = out[-1] if out else None
        regional = ("participation", "region")
        if last and last.shape in regional and query.shape in regional:
            places = tuple({p.region: p for p in (*last.places, *query.places)}.values())
            out[-1] = replace(
                last, shape="participation", places=places, when=last.when or query.when,
                filter=replace(last.filter, years=tuple(dict.fromkeys((*last.filter.years, *query.filter.years)))),
                carried=frozenset(),
            )  # fmt: skip
        else:
            out.append(query)
    return out
