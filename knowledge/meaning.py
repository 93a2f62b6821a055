"""What a question means, whatever its words: the same for every order, politeness, inflection and forgiven typing error.

A meaning is a sorted set of units: concepts, regions by code, years, numbers, and the words that nobody knows. Questions
of one meaning, and of meanings that are nearly the same, make a cluster: what many people asked in their own words is
decided on once.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from .fuzzy import FuzzyIndex
from .lexicon import ORDINARY, Lexicon
from .model import Language
from .reading import Reading
from .thresholds import MAX_EXAMPLES, MEANT_ALIKE, RARITY_SMOOTHING
from .words import Item

ASKED: Final = frozenset((
    "WHO", "WHEN", "WHERE", "WHY", "HOW", "HOW-MANY", "NOT", "MORE", "LEAST", "FIRST", "LAST", "BEFORE", "AFTER", "NOW",
    "PARTICIPANT", "COHORT", "PHASE",
))  # fmt: skip
"""Light concepts that stay: "who pays?" and "when do they pay?" are two questions, and what the programme costs is not what
its participants got."""
_FIXED: Final = ("r:", "y:", "#", "NOT")
"""Beginnings of units in which questions must agree to mean the same: regions, years, numbers, and whether it is denied."""


def signature(reading: Reading, lexicon: Lexicon) -> str:
    """The meaning of a question: its units, sorted and joined by spaces. Where nothing but function words is said, the
    folded words themselves behind an equals sign; empty only for a message without any word."""
    heavy: set[str] = set()
    light: set[str] = set()
    for at, item in enumerate(reading.items):
        for unit in _units(item, lexicon):
            if item.kind == "concept" and unit in lexicon.light and unit not in ASKED:
                (heavy if _asks_type(reading.items, at) else light).add(unit)
            else:
                heavy.add(unit)
    if not heavy - ASKED:
        heavy |= light
    if heavy:
        return " ".join(sorted(heavy))
    return "=" + "_".join(token.text for token in reading.tokens) if reading.tokens else ""


def _units(item: Item, lexicon: Lexicon) -> Iterator[str]:
    match item.kind:
        case "concept":
            yield item.value
        case "number":
            yield f"#{item.value}"
        case "year":
            yield f"y:{item.value}"
        case "name":
            yield "r:" + "|".join(sorted({name.target for name in item.names}))
        case "unknown" | "outside" | "ordinary":
            word = lexicon.stem(lexicon.base(item.said) or item.said)
            yield f"{'o' if item.kind == ORDINARY else 'w'}:{word.replace(' ', '_')}"


def _asks_type(items: Sequence[Item], at: int) -> bool:
    """Whether a word such as "kota" asks for something: not beside a name, unless several regions bear it."""
    if items[at].value not in ("CITY", "REGENCY", "PROVINCE"):
        return False
    beside = [item for item in items[max(0, at - 1) : at + 2] if item.kind == "name"]
    return not beside or any(len({name.target for name in item.names}) > 1 for item in beside)


class Row(NamedTuple):
    """A question that waits for a decision."""

    language: Language
    meaning: str
    """Its :func:`signature`."""
    text: str
    day: str
    """ISO date on which it was asked."""
    reason: str
    """Why it was not answered."""


@dataclass
class Cluster:
    """Questions of one language that mean the same."""

    language: Language
    times: int = 0
    first: str = ""
    """ISO date of the first of them."""
    last: str = ""
    texts: Counter[str] = field(default_factory=Counter)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    """Signature -> its questions and how often each came."""
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def signatures(self) -> tuple[str, ...]:
        """The meanings that were merged, the most frequent first."""
        return tuple(self.forms)

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """The most frequent questions, at most :data:`MAX_EXAMPLES`."""
        return tuple(_frequent(self.texts)[:MAX_EXAMPLES])

    def phrasing(self, meaning: str) -> str:
        """The most frequent question of one of its meanings."""
        return _frequent(self.forms[meaning])[0]

    def add(self, rows: Sequence[Row]) -> None:
        """Take in questions of one meaning."""
        days = [row.day for row in rows]
        self.first, self.last = min([self.first or days[0], *days]), max([self.last, *days])
        self.times += len(rows)
        texts = Counter(row.text for row in rows)
        self.forms[rows[0].meaning] = texts
        self.texts += texts
        self.reasons.update(row.reason for row in rows)


def clusters(rows: Iterable[Row]) -> list[Cluster]:
    """The clusters of some questions, the largest first; the same for every order of the rows."""
    meanings: dict[tuple[Language, str], list[Row]] = defaultdict(list)
    for row in rows:
        meanings[row.language, row.meaning].append(row)
    found = [
        cluster
        for language in sorted({language for language, _ in meanings})
        for cluster in _merged({m: some for (spoken, m), some in meanings.items() if spoken == language}, language)
    ]
    return sorted(found, key=lambda c: (-c.times, c.language, c.signatures))


def _merged(meanings: dict[str, list[Row]], language: Language) -> Iterable[Cluster]:
    """Clusters around the most frequent meanings: a meaning joins the nearest one that came more often, if it is near."""
    order = sorted(meanings, key=lambda meaning: (-len(meanings[meaning]), meaning))
    spelt = _spellings(order)
    units = {meaning: frozenset(spelt.get(unit, unit) for unit in meaning.split()) for meaning in order}
    near = _Near(units.values())
    made: dict[str, Cluster] = {}
    for meaning in order:
        leader = near.leader(units[meaning])
        if leader is None:
            near.add(units[meaning], meaning)
            made[meaning] = Cluster(language)
        made[leader if leader is not None else meaning].add(meanings[meaning])
    return made.values()


def _spellings(meanings: Iterable[str]) -> dict[str, str]:
    """Unknown word -> the more frequent one that it is likely a misspelling of."""
    counted = Counter(unit for meaning in meanings for unit in meaning.split() if unit.startswith("w:"))
    index = FuzzyIndex(unit.removeprefix("w:") for unit in counted)
    spelt: dict[str, str] = {}
    for unit in sorted(counted, key=lambda unit: (-counted[unit], unit)):
        others = (f"w:{key}" for _, key in index.near(unit.removeprefix("w:")))
        spelt[unit] = next((other for other in others if spelt.get(other) == other), unit)
    return spelt


class _Near:
    """Meanings that lead a cluster, findable by what is near them."""

    def __init__(self, all_units: Iterable[frozenset[str]]) -> None:
        held = Counter(unit for units in all_units for unit in units)
        count = held.total() + RARITY_SMOOTHING
        self._weights = {unit: math.log(count / times) / math.log(count) for unit, times in held.items()}
        self._led: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)

    def add(self, units: frozenset[str], meaning: str) -> None:
        """Make a meaning a leader."""
        for unit in self._telling(units):
            self._led[unit].append((units, meaning))

    def leader(self, units: frozenset[str]) -> str | None:
        """The leader nearest to some units, None where none is near enough."""
        best: tuple[float, str] | None = None
        for led, meaning in {found[1]: found for unit in self._telling(units) for found in self._led[unit]}.values():
            likeness = self._likeness(units, led)
            if likeness >= MEANT_ALIKE and (best is None or (-likeness, meaning) < best):
                best = (-likeness, meaning)
        return best[1] if best else None

    def _likeness(self, left: frozenset[str], right: frozenset[str]) -> float:
        """Weighted Jaccard: the weight of what both hold by that of what either holds; 0 where a region, year or number
        differs."""
        if any(unit.startswith(_FIXED) for unit in left ^ right):
            return 0.0
        return self._weight(left & right) / self._weight(left | right)

    def _weight(self, units: Iterable[str]) -> float:
        return math.fsum(self._weights[unit] for unit in units)

    def _telling(self, units: frozenset[str]) -> list[str]:
        """The rarest units, of which two near meanings share at least one: what is left without them is too light
        (prefix filtering; Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity joins", 2006)."""
        rare = sorted(units, key=lambda unit: (-self._weights[unit], unit))
        left = whole = self._weight(units)
        for at, unit in enumerate(rare):
            if left < MEANT_ALIKE * whole:
                return rare[:at]
            left -= self._weights[unit]
        return rare


def _frequent(counted: Counter[str]) -> list[str]:
    """Texts, the most frequent first, then by letters."""
    return sorted(counted, key=lambda text: (-counted[text], text))
