"""What the knowledge is made of, and what an answer is made of. Frozen dataclasses, no behaviour beyond naming."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Language = Literal["id", "en"]
Outcome = Literal["answered", "ambiguous", "unknown"]
Kind = Literal["participation", "region", "list", "count", "fact", "smalltalk"]
RegionType = Literal["provinsi", "kabupaten", "kota"]


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that claims rest on."""

    id: str
    publisher: str
    title: str
    date: str
    """ISO date, shortened to year and month or to the year where the day is unknown; empty where nothing is known."""
    date_note: str
    """What is uncertain about the date, in Indonesian; empty where nothing is."""
    url: str | None


@dataclass(frozen=True, slots=True)
class Region:
    """A province, kabupaten or kota with its Kemendagri code."""

    code: str
    """``33`` for a province, ``33.10`` for a kabupaten or kota."""
    name: str
    """Official name with its type: "Kabupaten Klaten"; a province without: "Jawa Tengah"."""
    name_en: str
    """The name as English says it: "Klaten Regency", "Central Java"."""
    type: RegionType
    province: str
    """Code of the province; a province's own code for itself."""

    def label(self, language: Language) -> str:
        """The full name in one language."""
        return self.name_en if language == "en" else self.name

    @property
    def level(self) -> Literal["regency", "province"]:
        """``province`` or, for kabupaten and kota alike, ``regency``."""
        return "province" if self.type == "provinsi" else "regency"

    @property
    def short(self) -> str:
        """The name without its type: "Klaten"."""
        return short_name(self.name)


def short_name(name: str) -> str:
    """A region's name without "Kabupaten", "Kota" and "Administrasi"."""
    for prefix in ("Kabupaten Administrasi ", "Kota Administrasi ", "Kabupaten ", "Kota "):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


@dataclass(frozen=True, slots=True)
class District:
    """A kecamatan and the kabupaten or kota it lies in."""

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a region."""

    region: str
    name: str
    kind: Literal["abbreviation", "nickname", "former_name", "capital", "english", "spelling"]
    shared: bool = False
    """Whether several regions bear it on purpose, so that the bot asks which is meant."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """One year's intake."""

    year: int
    phase: str
    """Roman numeral of the phase of 2017-2019; empty for the continuation."""
    movement: bool
    """Whether it counts among the 100 of 2017-2019."""
    complete: bool
    """Whether the whole list of its regions is known, so that absence means "no"."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What some sources say about a subject. Two claims on one attribute may disagree; both stay."""

    id: str
    subject: str
    """``programme``, ``cohort:2018`` or ``region:33.10``."""
    attribute: str
    """``participation``, ``size``, ``mou_date`` ... or the topic of a statement."""
    period: str
    """The year it speaks of, ``all``, or ``later`` for after 2019."""
    value: str
    """What programs compute with: a year, a number, an ISO date; empty for a plain statement."""
    text_id: str
    text_en: str
    status: str
    """``confirmed``, ``listed_only``, ``withdrawn``, ``lead``, ``differs``, ``stated`` ..."""
    sources: tuple[str, ...]
    """Ids of the sources, at least one."""
    conflicts: tuple[str, ...]
    """Ids of claims that say otherwise."""

    def text(self, language: Language) -> str:
        """The statement or remark in one language."""
        return self.text_en if language == "en" else self.text_id


@dataclass(frozen=True, slots=True)
class Place:
    """A name in a question, resolved to a region (or to nothing surer than several)."""

    region: str
    """Region code."""
    said: str
    """The name as typed."""
    via: str = ""
    """How it leads there: empty for the region's own name, else an alias kind or ``district``."""
    name: str = ""
    """The name that matched, as the knowledge spells it: "Purwokerto"."""
    edits: int = 0
    """Typing errors forgiven."""
    type_note: bool = False
    """True where the person said Kota and only a Kabupaten of that name exists, or the other way round."""
    also: tuple[str, ...] = ()
    """Codes of other regions that hold a district of the same name."""


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


@dataclass(frozen=True, slots=True)
class ProfileBlock:
    """Everything about one region."""

    verdict: Verdict
    statements: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which regions a list or a count is about."""

    provinces: tuple[str, ...] = ()
    island: str = ""
    """Id of an island group, or empty."""
    years: tuple[int, ...] = ()
    type: Literal["", "kabupaten", "kota"] = ""
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


@dataclass(frozen=True, slots=True)
class RankingBlock:
    """Provinces, years or regions set against each other by number of participants."""

    rows: tuple[tuple[str, int], ...]
    """``(province code or year, number)``, in the order to be told."""
    of: Literal["province", "year"]
    asked: Literal["most", "fewest", "none", "compare"]


@dataclass(frozen=True, slots=True)
class FactBlock:
    """Statements that answer a question, best first."""

    claims: tuple[Claim, ...]
    disputed: bool = False
    """Whether some of them contradict each other."""
    cohort: int | None = None
    """The cohort whose facts stand in for a region's own."""


@dataclass(frozen=True, slots=True)
class SmalltalkBlock:
    """A friendly word."""

    about: str
    """``greeting``, ``thanks``, ``bye``, ``identity``, ``help``, ``okay`` or ``insult``."""


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """What could not be answered, and why."""

    reason: Literal["empty", "unknown_region", "no_such_region", "no_fact", "no_region_named", "out_of_scope", "now", "unclear"]
    said: str = ""
    """The words it is about, as typed."""
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class AmbiguousBlock:
    """A question back: which one is meant?"""

    said: str
    reason: Literal["district", "alias", "typo", "direction", "type"]


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
    VerdictBlock | ProfileBlock | ListBlock | RankingBlock | FactBlock | SmalltalkBlock | UnknownBlock | AmbiguousBlock
    | CarriedBlock | UnansweredBlock | SourcesBlock
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that finishes the question."""

    kind: Literal["region", "district", "topic", "question"]
    code: str
    """Region or district code, or a topic id."""


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
