"""Every name a place is known by, and finding them in what was typed.

A name is looked up run together ("kulonprogo"), so spaces may be missing or too many. What is not found exactly may be a
misspelling: within the edits its length forgives, and only if no other place is as near.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .fuzzy import FuzzyIndex, allowed_edits, swapped
from .lexicon import read_rules, split
from .normalize import compact, fold, tokenize
from .snapshot import Snapshot
from .thresholds import EXACT_UP_TO, MAX_CHOICES, MAX_JOINED, SUGGEST_EXTRA

MAX_REMEMBERED = 20_000
"""Words of which it is remembered whether a key begins with them."""
_RUN = re.compile(r"([a-z])\1+")

WORD_LIKE_KINDS = frozenset(("abbreviation",))


class Name(NamedTuple):
    """One name of one place."""

    text: str
    """As the knowledge spells it."""
    kind: str
    """``region``, ``province``, ``island``, ``district`` or an alias kind."""
    target: str
    """Region code (of a district: the region it lies in), or the id of an island group."""
    province: bool = False
    """Whether the target is a province."""
    words: tuple[int, ...] = (1,)
    """How many words it is written in: "Batanghari" or "Batang Hari"."""

    @property
    def regional(self) -> bool:
        """Whether this is a region's own name, or that of an area that several make up."""
        return self.kind in ("region", "area")

    @property
    def via(self) -> str:
        """How this name leads to its region, as :class:`Place` tells it: nothing to tell for a region's own name."""
        return "" if self.regional else self.kind

    @property
    def district(self) -> bool:
        """Whether this is a kecamatan's name."""
        return self.kind == "district"


class Gazetteer:
    """All names of a snapshot's places, or those that were listed before (see :meth:`lines`)."""

    def __init__(self, snapshot: Snapshot, rules: Mapping[str, Any] | None = None, lines: str | None = None) -> None:
        rules = rules or read_rules()
        self._regions = snapshot.regions
        self._forms = _Forms(rules)
        self.islands = {island: tuple(split(entry["provinces"])) for island, entry in rules["islands"].items()}
        self._lines: dict[str, str] = {}
        self._found: dict[str, list[Name]] = {}
        self._begins: dict[str, bool] = {}
        if lines is None:
            lines = "\n".join(_lines(snapshot, rules, self._forms))
        for line in lines.split("\n"):
            key, _, names = line.partition("=")
            self._lines[key] = names

    def lines(self) -> str:
        """Every key with its names, a line each: what the constructor takes to start at once."""
        return "\n".join(f"{key}={names}" for key, names in self._lines.items())

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def begins(self, word: str) -> bool:
        """Whether some key begins with a word, doubled letters aside: what does not need not be looked up in any longer
        form. Two words of three are ruled out by this."""
        known = self._begins.get(word)
        if known is None:
            if len(self._begins) > MAX_REMEMBERED:
                self._begins.clear()
            plain = _RUN.sub(r"\1", word)
            at = bisect_left(self._plain_keys, plain)
            known = self._begins[word] = at < len(self._plain_keys) and self._plain_keys[at].startswith(plain)
        return known

    @cached_property
    def _plain_keys(self) -> list[str]:
        """All keys without doubled letters, sorted."""
        return sorted({_RUN.sub(r"\1", key) for key in self._lines})

    def lookup(self, key: str) -> list[Name]:
        """The names under a run-together key; empty where there is none."""
        if key not in self._lines:
            return []
        if key not in self._found:
            self._found[key] = [
                Name(text, kind, target, bool(province), tuple(map(int, words)))
                for text, kind, target, province, words in (name.split("|") for name in self._lines[key].split("^"))
            ]
        return self._found[key]

    @cached_property
    def typo_index(self) -> FuzzyIndex:
        """Names that forgive typing errors: all but abbreviations and what is too short."""
        return FuzzyIndex(
            key for key in self._lines if any(name.kind not in WORD_LIKE_KINDS for name in self.lookup(key))
        )

    def one_edit_from(self, said: str) -> list[Name]:
        """Regions whose own name is one edit from a name: "Makasar" is a district, and nearly Makassar."""
        near = (key for edits, key in self.typo_index.near(compact(said)) if edits == 1)
        return [name for key in near for name in self.lookup(key) if name.kind == "region"]

    def misspelt(self, key: str, *, districts: bool) -> tuple[int, list[str]]:
        """The keys nearest to a misspelt one and how many edits away they are; several keys are a tie.

        Districts count only where asked for, but a district as near as a region always makes a tie: the margin to the
        runner-up is measured over all names.
        """
        turned = (
            {once for once in swapped(key) if once in self._lines} if EXACT_UP_TO < len(key) <= MAX_JOINED else set()
        )
        near = sorted({*self.typo_index.near(key), *((1, once) for once in turned)})
        if not near:
            return 0, []
        edits = near[0][0]
        nearest = [found for distance, found in near if distance == edits]
        if not districts:
            regional = [found for found in nearest if any(not n.district for n in self.lookup(found))]
            if len(regional) == 1 and len(nearest) > 1 and edits > 1:
                return edits, nearest
            nearest = regional or []
        return edits, nearest

    @cached_property
    def _suggestable(self) -> list[str]:
        return [key for key in self._lines if len(key) > 3 and any(not n.district for n in self.lookup(key))]

    def suggest(self, key: str, limit: int = MAX_CHOICES) -> list[Name]:
        """Names of regions nearest to a key, near enough to be offered as buttons, best first."""
        if len(key) < EXACT_UP_TO:
            return []
        cutoff = max(1, allowed_edits(len(key))) + SUGGEST_EXTRA
        found = process.extract(key, self._suggestable, scorer=OSA.distance, score_cutoff=cutoff, limit=limit)
        names: list[Name] = []
        for match, _, _ in sorted(found, key=lambda f: (f[1], f[0])):
            names += [n for n in self.lookup(match) if not n.district and n.kind != "island"]
        return list({n.target: n for n in names}.values())[:limit]

    @cached_property
    def directions(self) -> frozenset[str]:
        """Single words that turn a name into another region's ("timur", "north")."""
        return frozenset(self._forms.directions) | frozenset(self._forms.english)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Single words that region names of several words are made of, directions in both languages among them."""
        names = (region.short.lower().split() for region in self._regions.values())
        return self.directions | {word for words in names if len(words) > 1 for word in words}

    @cached_property
    def english_directions(self) -> frozenset[str]:
        """Directions that stand before the name ("north")."""
        return frozenset(self._forms.english)


def _lines(snapshot: Snapshot, rules: Mapping[str, Any], forms: _Forms) -> Iterator[str]:
    """The keys of every name in all its forms, with the names that share each."""
    exact: dict[str, dict[tuple[str, bool, str], tuple[Name, set[int]]]] = defaultdict(dict)

    def add(form: str, name: Name) -> None:
        owner = (name.target, name.district, name.text if name.district else "")
        _, words = exact[compact(form)].setdefault(owner, (name, set()))
        words.add(len(tokenize(fold(form))))

    for region in snapshot.regions.values():
        province = region.level == "province"
        name = Name(region.short, "province" if province else "region", region.code, province)
        for form in (region.name, region.short, *forms.of(region.short)):
            add(form, name)
    for alias in snapshot.aliases:
        for form in (alias.name, *forms.of(alias.name)):
            add(form, Name(alias.name, alias.kind, alias.region, "." not in alias.region))
    for island, entry in rules["islands"].items():
        for name_of_island in split(entry["names"]):
            add(name_of_island, Name(name_of_island, "island", island))
    for district in snapshot.districts:
        add(district.name, Name(district.name, "district", district.region))
    for key, names in exact.items():
        told = "^".join(
            f"{n.text}|{n.kind}|{n.target}|{'1' if n.province else ''}|{''.join(map(str, sorted(words)))}"
            for n, words in names.values()
        )
        yield f"{key}={told}"


class _Forms:
    """The regular other forms of a name: English directions and islands, other spellings of a root."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.english: dict[str, str] = rules["names_en"]["directions"]
        self.directions = split(rules["names_id"]["directions"])
        self._roots: dict[str, str] = rules["names_en"]["roots"] | rules["names_id"]["roots"]
        self._wholes: dict[str, str] = rules["names_en"]["wholes"]

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
