"""What the knowledge is made of. Frozen dataclasses, no behaviour beyond naming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["id", "en"]
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
    kind: Literal["abbreviation", "nickname", "former_name", "capital", "english", "spelling", "area"]
    """``area``: an island or a landscape that several regions make up together; asked alone it means all of them."""
    shared: bool = False
    """Whether several regions bear it on purpose: an area means all of them, of any other name the bot asks which."""


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
    review_by: str = ""
    """ISO date by which somebody should look whether it still holds; empty for what cannot change any more."""

    def text(self, language: Language) -> str:
        """The statement or remark in one language."""
        return self.text_en if language == "en" else self.text_id


@dataclass(frozen=True, slots=True)
class Phrasing:
    """How people ask for a claim, or for something that lies outside the programme."""

    language: Language
    question: str
    claim: str
    """Id of the claim that answers it; empty where it is outside the programme."""


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
