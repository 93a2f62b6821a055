"""What an answer is made of, before anybody says it. Frozen dataclasses, no words of any language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .model import Claim, Language, Place, Region, Source

Outcome = Literal["answered", "ambiguous", "unknown"]
Kind = Literal["participation", "region", "list", "count", "fact", "smalltalk"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one region took part."""

    region: Region
    participant: bool | None
    """True, false, or None where no source says."""
    cohort: int | None
    """The year it counts for, of 2017-2019."""
    claims: tuple[Claim, ...]
    """Participation claims of 2017-2019, the effective one first."""
    later: tuple[Claim, ...]
    """Participation in the continuation, 2021-2024."""
    place: Place | None = None
    """How the question named it."""


@dataclass(frozen=True, slots=True)
class VerdictBlock:
    """Verdicts, one after the other."""

    verdicts: tuple[Verdict, ...]
    years: tuple[int, ...] = ()
    """Years the question asked about."""
    when: bool = False
    """Whether it asked for the date."""
    compare: bool = False
    """Whether it asked who was first."""
    asked: bool = True
    """Whether yes or no was the question; else the verdict is told without."""


@dataclass(frozen=True, slots=True)
class ProfileBlock:
    """Everything about one region."""

    verdict: Verdict
    statements: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a status card (see :data:`knowledge.status.LINES`)."""

    id: str
    attributes: tuple[str, ...]
    """Attributes of the claims that belong on it."""
    attribute: str
    """What a new claim on it is made as."""
    of: Literal["region", "cohort"]
    """Whose claims they are: the region's own, or those of the cohort that it belongs to."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A line of one region's status card."""

    line: Line
    claims: tuple[Claim, ...]
    """What is recorded; nothing where no source says. Those that disagree are all there."""
    lists: tuple[Claim, ...] = ()
    """The lists of participants that a "no" rests on: the region is in none of them."""

    @property
    def behind(self) -> tuple[Claim, ...]:
        """All that the line rests on."""
        return (*self.claims, *self.lists)


@dataclass(frozen=True, slots=True)
class Status:
    """A region's status card."""

    region: Region
    verdict: Verdict
    year: int | None
    """The cohort that its cohort lines are about: that of 2017-2019, else the first of the continuation; None for neither."""
    lines: tuple[StatusLine, ...]
    """In order. What cannot apply is left out; what could and is not recorded has no claims."""
    checked: str
    """ISO day on which the region or its cohort was last looked at: the edition's, or that of a later change."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All that the card rests on, in its order."""
        return tuple(claim for line in self.lines for claim in line.behind)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which regions a list or a count is about."""

    provinces: tuple[str, ...] = ()
    island: str = ""
    """Id of an island group, or empty."""
    years: tuple[int, ...] = ()
    type: str = ""
    """``kabupaten``, ``kota`` or empty for both."""
    negated: bool = False
    """Those that did not take part."""


@dataclass(frozen=True, slots=True)
class ListBlock:
    """Regions that meet a filter."""

    filter: Filter
    verdicts: tuple[Verdict, ...]
    count: int | None
    """The number given: of the names listed, or the official one."""
    added_later: tuple[Verdict, ...] = ()
    """Regions that officials counted in later, outside the signed list."""
    counted_by_type: tuple[int, int] | None = None
    """(kabupaten, kota), where both were asked for."""
    partial: bool = False
    """Whether the list of that year is known only in part."""
    count_only: bool = False
    province_asked: bool = False
    """Whether a province was asked as if it took part itself."""
    out_of: int = 0
    """How many regions of that area and type there are, participants or not."""


@dataclass(frozen=True, slots=True)
class RankingBlock:
    """Provinces, years or regions set against each other by number of participants."""

    rows: tuple[tuple[str, int], ...]
    """``(province code or year, number)``, in the order to be told."""
    of: Literal["province", "year"]
    asked: str
    """``most``, ``fewest``, ``none``, ``compare`` or ``all``."""


@dataclass(frozen=True, slots=True)
class FactBlock:
    """Statements that answer a question, best first."""

    claims: tuple[Claim, ...]
    disputed: bool = False
    """Whether some of them contradict each other."""
    named: tuple[str, ...] = ()
    """Codes of the regions that the question named; a statement about another one says whose it is."""


@dataclass(frozen=True, slots=True)
class SmalltalkBlock:
    """A friendly word."""

    about: str
    """``greeting``, ``thanks``, ``bye``, ``identity``, ``help``, ``officer``, ``okay`` or ``insult``."""


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """What could not be answered, and why."""

    reason: str
    """``empty``, ``unknown_region``, ``no_such_region``, ``no_fact``, ``no_region_named``, ``now`` or ``out_of_scope``."""
    said: str = ""
    """The words it is about, as typed."""
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class AmbiguousBlock:
    """A question back: which one is meant?"""

    said: str
    reason: str
    """``district``, ``alias`` or ``typo``."""


@dataclass(frozen=True, slots=True)
class CarriedBlock:
    """What a follow-up took over from the turn before."""

    regions: tuple[Region, ...] = ()
    filter: Filter | None = None
    topic: str = ""


@dataclass(frozen=True, slots=True)
class UnansweredBlock:
    """The part of a compound question that found no answer."""

    said: str


@dataclass(frozen=True, slots=True)
class SourcesBlock:
    """The sources of the answer before, asked for by themselves."""


Block = (
    VerdictBlock
    | ProfileBlock
    | Status
    | ListBlock
    | RankingBlock
    | FactBlock
    | SmalltalkBlock
    | UnknownBlock
    | AmbiguousBlock
    | CarriedBlock
    | UnansweredBlock
    | SourcesBlock
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that finishes the question. It says all there is to know: nobody has to remember what was asked."""

    kind: Literal["region", "district", "topic", "list"]
    code: str
    """Region code (of a district: that of the region it lies in), province code of a list, or a topic id."""
    name: str = ""
    """The name that leads to the region, where the question gave one: "Cepu", "Solo"."""
    via: str = ""
    """The kind of that name, as in the gazetteer."""
    asked: bool = False
    """Whether it finishes "did ... take part?"; else it shows the region."""
    years: tuple[int, ...] = ()
    """Years that question was about."""
    when: bool = False
    """Whether it asked for the date."""
    card: bool = False
    """Whether it shows the region's status card."""


def showing(region: Region) -> Choice:
    """The choice that shows a region: its card, or of a province the list of its participants."""
    return Choice("list" if region.level == "province" else "region", region.code)


@dataclass(frozen=True, slots=True)
class Trace:
    """Why the answer is what it is, for ``ask --explain`` and for reviewers."""

    folded: str = ""
    spans: tuple[tuple[str, str], ...] = ()
    """``(words, what they were taken for)``, in order."""
    shape: str = ""
    topic: str = ""
    coverage: float = 0.0
    """Share of the content that the reading accounts for, 0 to 1."""
    scores: tuple[tuple[str, float], ...] = ()
    """The best candidate statements with their scores."""
    claims: tuple[str, ...] = ()
    """Ids of the claims used."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot has to say, before anybody says it."""

    outcome: Outcome
    kind: Kind | None
    language: Language
    blocks: tuple[Block, ...]
    regions: tuple[Verdict, ...] = ()
    """Every region with a verdict or listed, in order."""
    count: int | None = None
    sources: tuple[Source, ...] = ()
    choices: tuple[Choice, ...] = ()
    trace: Trace = field(default_factory=Trace)
