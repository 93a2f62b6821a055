"""Every name a place is known by, and finding them in what was typed.

A name is looked up run together ("kulonprogo"), so spaces may be missing or too many. What is not found exactly may be a
misspelling: within the edits its length forgives, and only if no other place is as near.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .fuzzy import FuzzyIndex, allowed_edits, swapped
from .lexicon import DATA
from .model import Region
from .normalize import compact, fold, tokenize
from .snapshot import Snapshot
from .thresholds import EXACT_UP_TO, MAX_CHOICES, SUGGEST_EXTRA

WORD_LIKE_KINDS = frozenset(("abbreviation",))


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one place."""

    text: str
    """As the knowledge spells it."""
    kind: str
    """``region``, ``province``, ``island``, ``district`` or an alias kind."""
    target: str
    """Region code (of a district: the region it lies in), or the id of an island group."""
    province: bool = False
    """Whether the target is a province."""

    @property
    def district(self) -> bool:
        """Whether this is a kecamatan's name."""
        return self.kind == "district"


class Gazetteer:
    """All names of a snapshot's places."""

    def __init__(self, snapshot: Snapshot, data: Path = DATA) -> None:
        self._snapshot = snapshot
        self._forms = _Forms(data)
        self.exact: dict[str, list[Name]] = defaultdict(list)
        self.islands: dict[str, tuple[str, ...]] = {}
        for region in snapshot.regions.values():
            self._add_region(region)
        for alias in snapshot.aliases:
            province = "." not in alias.region
            for form in (alias.name, *self._forms.of(alias.name)):
                self._add(form, Name(alias.name, alias.kind, alias.region, province))
        with (data / "islands.toml").open("rb") as file:
            for island, entry in tomllib.load(file).items():
                self.islands[island] = tuple(code.strip() for code in entry["provinces"].split(","))
                for name in entry["names"].split(","):
                    self._add(name.strip(), Name(name.strip(), "island", island))
        for district in snapshot.districts:
            name = Name(district.name, "district", district.region)
            self.exact[compact(district.name)].append(name)

    def _add_region(self, region: Region) -> None:
        province = region.type == "provinsi"
        name = Name(region.short, "province" if province else "region", region.code, province)
        for form in (region.short, *self._forms.of(region.short)):
            self._add(form, name)

    def _add(self, form: str, name: Name) -> None:
        known = self.exact[compact(form)]
        if all((n.target, n.district) != (name.target, name.district) for n in known):
            known.append(name)

    def lookup(self, key: str) -> list[Name]:
        """The names under a run-together key; empty where there is none."""
        return self.exact.get(key, [])

    @cached_property
    def typo_index(self) -> FuzzyIndex:
        """Names that forgive typing errors: all but abbreviations and what is too short."""
        return FuzzyIndex(
            key for key, names in self.exact.items() if any(name.kind not in WORD_LIKE_KINDS for name in names)
        )

    def misspelt(self, key: str, *, districts: bool) -> tuple[int, list[str]]:
        """The keys nearest to a misspelt one and how many edits away they are; several keys are a tie.

        Districts count only where asked for, but a district as near as a region always makes a tie: the margin to the
        runner-up is measured over all names.
        """
        near = self.typo_index.near(key)
        if not near:
            turned = {once for once in swapped(key) if len(once) > EXACT_UP_TO and once in self.exact}
            return (1, sorted(turned)) if turned else (0, [])
        edits = near[0][0]
        nearest = [found for distance, found in near if distance == edits]
        if not districts:
            regional = [found for found in nearest if any(not n.district for n in self.exact[found])]
            if len(regional) == 1 and len(nearest) > 1 and edits > 1:
                return edits, nearest
            nearest = regional or []
        return edits, nearest

    @cached_property
    def _suggestable(self) -> list[str]:
        return [key for key, names in self.exact.items() if any(not n.district for n in names) and len(key) > 3]

    def suggest(self, key: str, limit: int = MAX_CHOICES) -> list[Name]:
        """Names of regions nearest to a key, near enough to be offered as buttons, best first."""
        if len(key) < EXACT_UP_TO:
            return []
        cutoff = max(1, allowed_edits(len(key))) + SUGGEST_EXTRA
        found = process.extract(key, self._suggestable, scorer=OSA.distance, score_cutoff=cutoff, limit=limit)
        names: list[Name] = []
        for match, _, _ in sorted(found, key=lambda f: (f[1], f[0])):
            names += [n for n in self.exact[match] if not n.district and n.kind != "island"]
        return list({n.target: n for n in names}.values())[:limit]

    @cached_property
    def directions(self) -> frozenset[str]:
        """Single words that turn a name into another region's ("timur", "north")."""
        return frozenset(self._forms.directions) | frozenset(self._forms.english)


    @cached_property
    def english_directions(self) -> frozenset[str]:
        """Directions that stand before the name ("north")."""
        return frozenset(self._forms.english)


class _Forms:
    """The regular other forms of a name: English directions and islands, other spellings of a root."""

    def __init__(self, data: Path) -> None:
        with (data / "en" / "names.toml").open("rb") as file:
            english = tomllib.load(file)
        with (data / "id" / "names.toml").open("rb") as file:
            indonesian = tomllib.load(file)
        self.english: dict[str, str] = english["directions"]
        self.directions = [d.strip() for d in indonesian["directions"].split(",")]
        self._roots: dict[str, str] = english["roots"] | indonesian["roots"]
        self._wholes: dict[str, str] = english["wholes"]

    def of(self, name: str) -> Iterable[str]:
        """Further forms of a name, without the name itself."""
        words = fold(name)
        spelt = [words, *self._respelt(words)]
        forms = list(spelt[1:])
        for form in spelt:
            forms += self._turned(form)
        return forms

    def _respelt(self, words: str) -> Iterator[str]:
        for other, root in self._roots.items():
            if root in words.split():
                yield words.replace(root, other)

    def _turned(self, words: str) -> Iterator[str]:
        for other, direction in self.english.items():
            if words.endswith(" " + direction):
                rest = words.removesuffix(" " + direction)
                yield f"{other} {rest}"
                yield f"{rest} {other}"
        for other, whole in self._wholes.items():
            if words.startswith(whole + " "):
                yield f"{words.removeprefix(whole + ' ')} {other}"


def words_of(name: str) -> list[str]:
    """The folded words of a name."""
    return [token.text for token in tokenize(fold(name))]
