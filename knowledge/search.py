"""Regions by the beginning of a name, for whoever is still typing. A finished question is the engine's business."""

from __future__ import annotations

from functools import cached_property

from .gazetteer import Gazetteer
from .model import Region
from .normalize import compact, fold
from .snapshot import Snapshot

_TYPES = {
    "kabupaten": "kabupaten", "kab": "kabupaten", "regency": "kabupaten", "kota": "kota", "city": "kota",
    "provinsi": "provinsi", "prov": "provinsi", "province": "provinsi",
}  # fmt: skip
"""Words that say the type of the region named after them."""


PARTLY = 3
"""Added to the rank of a name that is typed only in part: whole names of every kind come first."""


class Search:
    """Finds regions by what their names begin with, or are nearest to."""

    def __init__(self, snapshot: Snapshot, gazetteer: Gazetteer) -> None:
        self._snapshot = snapshot
        self._gazetteer = gazetteer

    def regions(self, typed: str) -> list[Region]:
        """Regions for what was typed so far: names that begin with it, then those with a word that does, then aliases,
        and, where there is none of these, the nearest names. Participants come first among equals."""
        first, _, rest = fold(typed).strip().partition(" ")
        type_ = _TYPES.get(first, "") if rest.strip() else ""
        wanted = compact(rest if type_ else typed)
        if not wanted:
            return []
        ranked: dict[str, tuple[int, bool, str]] = {}
        for key, code, rank in self._keys:
            region = self._snapshot.regions[code]
            if key.startswith(wanted) and type_ in ("", region.type):
                place = rank + (0 if key == wanted else PARTLY)
                if code not in ranked or place < ranked[code][0]:
                    ranked[code] = (place, not self._taking(region), region.name)
        if ranked:
            codes = sorted(ranked, key=lambda code: ranked[code])
        else:
            codes = list(dict.fromkeys(name.target for name in self._gazetteer.suggest(wanted)))
        return [self._snapshot.regions[code] for code in codes if code in self._snapshot.regions]

    @cached_property
    def _keys(self) -> list[tuple[str, str, int]]:
        """``(run-together name, region code, rank)``: its own name 0, an alias 1, a later word of its name 2."""
        keys = []
        for region in self._snapshot.regions.values():
            for name in (region.short, region.name_en):
                words = name.split()
                keys += [(compact(" ".join(words[at:])), region.code, 2 * (at > 0)) for at in range(len(words))]
        keys += [(compact(alias.name), alias.region, 1) for alias in self._snapshot.aliases]
        return [key for key in keys if key[0]]

    def _taking(self, region: Region) -> bool:
        return region.level == "province" or bool(self._snapshot.verdict(region.code).participant)
