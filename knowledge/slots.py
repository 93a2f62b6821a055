"""What a stretch of the message holds, before it is decided what is asked: places, years, types, concepts, a rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .lexicon import Lexicon, split
from .places import Found, Places
from .snapshot import Snapshot
from .thresholds import RESIDUE_WEIGHTS
from .words import Item

CUES = frozenset(
    (
        "JOIN",
        "PARTICIPANT",
        "LISTED",
        "SELECT",
        "COHORT",
        "INVOLVE",
        "LEFT-OUT",
        "SIGN",
        "REPRESENT",
        "WITHDRAWN",
        "TWICE",
    )
)
"""Concepts that speak of taking part."""
STRUCTURAL = CUES | frozenset((
    "AND", "NOT-THAT", "RATHER-THAN", "FOLLOW", "ANY", "HERE-THERE", "SAME", "MOU", "WITHDRAWN", "DIFFER", "EARLIER",
    "SOURCE", "TWICE", "ADDED-LATER", "DISTINCT", "NUMBER-OF-STAGES", "SECOND", "THIRD", "FOURTH", "MISREPORTED",
    "YEAR-2017", "YEAR-2018", "YEAR-2019", "WHICH-COHORT", "AUX",
))  # fmt: skip
"""Concepts that a question about regions may hold beside the light ones."""
SMALLTALK = {
    "OFFICER": "officer", "OWN-REGION": "officer",
    "INSULT": "insult", "IDENTITY": "identity", "HELP": "help", "THANKS": "thanks", "BYE": "bye", "GREETING": "greeting",
    "OKAY": "okay", "BOT": "okay",
}  # fmt: skip
ASKING = frozenset((
    "WHO", "WHAT", "WHEN", "WHERE", "WHY", "HOW", "HOW-MANY", "WHICH", "LIST", "YES-NO", "NOT", "NOT-THAT", "EXPLAIN", "ANY",
    "MORE", "LEAST", "DEFINE",
))  # fmt: skip
"""Concepts that make a clause a question."""


@dataclass(slots=True)
class Slots:
    """Everything a query may be built from."""

    items: Sequence[Item]
    found: Found
    concepts: frozenset[str]
    years: tuple[int, ...]
    type: str
    by_type: bool
    negated: bool
    phased: set[int] = field(default_factory=set)
    """Numbers of the items that name a year as a phase ("tahap kedua")."""
    residue: list[Item] = field(default_factory=list)
    """Items that a question about regions does not account for."""

    @property
    def outside(self) -> bool:
        """Whether a theme outside the programme is left over."""
        return any(item.kind == "outside" for item in self.residue)

    @property
    def against(self) -> float:
        """How much is left over, by how much each kind of word has to say."""
        return sum(RESIDUE_WEIGHTS[item.kind] for item in self.residue)

    def has(self, *concepts: str) -> bool:
        """Whether any of these concepts is there."""
        return any(concept in self.concepts for concept in concepts)

    @property
    def cued(self) -> bool:
        """Whether taking part is spoken of."""
        return bool(self.concepts & CUES)

    @property
    def verdict_asked(self) -> bool:
        """Whether "yes or no" about taking part is asked, and nothing else: stories around it do not matter then."""
        member = self.has("JOIN", "PARTICIPANT", "LISTED", "SELECT", "COHORT", "REPRESENT")
        tagged = self.has("YES-NO", "NOT", "NOT-THAT", "FOLLOW", "WHEN", "WHICH-COHORT")
        return member and tagged and not self.has("WHO", "WHY", "HOW", "HOW-MANY", "WHERE", "DEFINE", "WHAT")

    @property
    def yes_no_asked(self) -> bool:
        """Whether yes or no is asked for, not only a date or a name: "when did Klaten join?" begins like "did Klaten?"."""
        said = any(i.value in ("YES-NO", "NOT", "NOT-THAT") for i in self.items)
        return said or not self.has("WHEN", "WHICH-COHORT", "WHICH", "WHO", "WHY")

    @property
    def beyond(self) -> str:
        """What is asked about a verdict that no source tells: how it is today, or why it is so."""
        if self.has("NOW") and not self.years:
            return "now"
        return "no_fact" if self.has("WHY") else ""

    @property
    def asking(self) -> bool:
        """Whether anything makes this a question."""
        return bool(self.concepts & ASKING)

    @property
    def wondering(self) -> bool:
        """Whether a question word or an inverted verb makes this a question; "explain" and "list" may be nouns."""
        return bool(self.concepts & (ASKING - {"EXPLAIN", "LIST", "MORE", "LEAST"}))

    @property
    def empty(self) -> bool:
        """Whether nothing but function words is there."""
        return not any(item.kind != "stop" for item in self.items)


class SlotFinder:
    """Finds the slots of a message."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, places: Places) -> None:
        self._snapshot = snapshot
        self._light = lexicon.light
        self._places = places
        ordinals = lexicon.rules["concepts"]["ordinals"]
        self._ordinals = {word: int(number) for number, words in ordinals.items() for word in split(words)}

    def find(self, items: Sequence[Item]) -> Slots:
        """What a stretch of the message holds."""
        found = self._places.find(items)
        concepts = frozenset(item.value for item in items if item.kind == "concept")
        if self._inverted(items):
            concepts |= {"YES-NO"}
        if "OWN-REGION" in concepts:
            concepts |= {"REGION"}
        years, used = self._years(items)
        type_, by_type = self._type(items, found)
        slots = Slots(items, found, concepts, years, type_, by_type, self._negated(items), used)
        for at, item in enumerate(items):
            if at in found.used or at in used or item.kind in ("stop", "year", "name"):
                continue
            if item.kind == "concept" and (
                item.value in self._light or item.value in STRUCTURAL or item.value in SMALLTALK
            ):
                continue
            if item.kind == "concept" and item.value.startswith("MONTH-"):
                continue
            later = bool(years) and min(years) > 2019
            if item.value == "CONTENT" and years and "COHORT" in concepts:  # "angkatan 2024 isinya siapa saja"
                continue
            if item.value == "CONTINUE" and later and "PARTICIPANT" in concepts:
                continue
            if item.kind == "number" and item.value in ("100", "17", "18", "19", "2", "3"):
                continue
            slots.residue.append(item)
        return slots

    @staticmethod
    def _inverted(items: Sequence[Item]) -> bool:
        """Whether an English auxiliary begins a clause, which makes it a question: "is Klaten in?", not "we are"."""
        begun = -1
        for at, item in enumerate(items):
            if item.value == "AUX" and (item.clause != begun or item.comma):
                return True
            behind = items[at + 1] if at + 1 < len(items) else None
            if item.value == "AUX" and behind and (behind.value == "PRONOUN" or behind.kind == "name"):
                return True
            if item.kind == "stop" or item.value not in ("AND", "FOLLOW", "GREETING", "OKAY", "THANKS", "BOT"):
                begun = item.clause
        return False

    def _years(self, items: Sequence[Item]) -> tuple[tuple[int, ...], set[int]]:
        """The years spoken of, and the items that name them as phases."""
        phases = {self._roman(c.phase): c.year for c in self._snapshot.cohorts.values() if c.movement}
        years: list[int] = []
        used: set[int] = set()
        for at, item in enumerate(items):
            if item.kind == "year":
                years.append(int(item.value))
            elif item.kind == "concept" and item.value.startswith("YEAR-20"):
                years.append(int(item.value.removeprefix("YEAR-")))
            elif item.value == "PHASE" and self._of_evaluation(items, at):
                continue
            elif item.kind == "concept" and item.value in ("PHASE", "COHORT"):
                for other in (at + 1, at - 1, at - 2, at + 2):
                    if 0 <= other < len(items) and items[other].clause == item.clause:
                        said = items[other].said
                        ordinal = self._ordinals.get(said, self._ordinals.get(said.removesuffix("nya")))
                        between = items[min(at, other) + 1 : max(at, other)]
                        if ordinal in phases and all(
                            i.kind == "stop" and i.said in ("ke", "the", "yang") for i in between
                        ):
                            years.append(phases[ordinal])
                            used.add(other)
                            break
        movement = {c.year for c in self._snapshot.cohorts.values() if c.movement}
        unique = tuple(dict.fromkeys(years))
        if movement <= set(unique) or (unique[:1] == (min(movement),) and unique[1:] == (max(movement),)):
            unique = tuple(y for y in unique if y not in movement)
        return unique, used

    @staticmethod
    def _of_evaluation(items: Sequence[Item], at: int) -> bool:
        """Whether a phase is one of the evaluation ("second-stage evaluation"), not of the programme."""
        before = next((i for i in reversed(items[:at]) if i.kind != "stop"), None)
        behind = next((i for i in items[at + 1 :] if i.kind != "stop"), None)
        return any(i is not None and i.clause == items[at].clause and i.value == "EVALUATE" for i in (before, behind))

    @staticmethod
    def _roman(phase: str) -> int:
        return {"I": 1, "II": 2, "III": 3}[phase]

    @staticmethod
    def _type(items: Sequence[Item], found: Found) -> tuple[str, bool]:
        """The type of region asked for, and whether both were asked for apart."""
        said: list[str] = []
        rather = next((at for at, i in enumerate(items) if i.value == "RATHER-THAN"), len(items))
        for at, item in enumerate(items):
            if at in found.used or item.kind != "concept" or item.value not in ("REGENCY", "CITY") or at > rather:
                continue
            kind = {"REGENCY": "kabupaten", "CITY": "kota"}[item.value]
            before = next((i for i in reversed(items[max(0, at - 2) : at]) if i.kind != "stop"), None)
            if item.comma or (items[at - 1].comma and items[at - 1].kind == "stop"):
                before = None
            behind = next((i for i in items[at + 1 : at + 3] if i.kind != "stop"), None)
            if behind and behind.value == "EXCLUDE" and behind.clause == item.clause and not behind.comma:
                before = behind
            if before and before.value in ("NOT", "NOT-THAT", "EXCLUDE") and before.clause == item.clause:
                kind = {"kabupaten": "kota", "kota": "kabupaten"}[kind]
            said.append(kind)
        kinds = set(said)
        counted = sum(1 for i in items if i.value == "HOW-MANY")
        return (said[0], False) if len(kinds) == 1 else ("", len(kinds) == 2 and counted > 0)

    @staticmethod
    def _negated(items: Sequence[Item]) -> bool:
        """Whether those that did not take part are asked for: a negation before the cue, not the tag behind it."""
        for at, item in enumerate(items):
            if item.kind != "concept":
                continue
            if item.value == "LEFT-OUT":
                return True
            if item.value in ("NOT", "NOT-THAT"):
                for behind in items[at + 1 : at + 6]:
                    if behind.clause != item.clause or behind.comma:
                        break
                    if behind.value in ("JOIN", "PARTICIPANT", "LISTED", "SELECT", "INVOLVE", "SIGN", "COHORT"):
                        return True
                    if behind.kind not in ("stop", "concept") or behind.value not in (
                        "",
                        "EVER",
                        "THEN",
                        "YES-NO",
                        "stop",
                        "ANY",
                        "LIST",
                    ):
                        break
        return False
