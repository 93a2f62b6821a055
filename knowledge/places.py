"""From the names in a reading to the regions they mean: types, provinces beside them, capitals, districts.

A name is never guessed: what may be several regions stays several, what is no region is reported as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .gazetteer import Gazetteer, Name
from .model import Place
from .normalize import compact
from .snapshot import Snapshot
from .thresholds import ONE_EDIT_UP_TO
from .words import Item

TYPE_OF = {"REGENCY": "kabupaten", "REGENT": "kabupaten", "CITY": "kota", "MAYOR": "kota"}


@dataclass(slots=True)
class Mention:
    """One name in the message and what it may mean."""

    item: Item
    at: int
    """Number of its item."""
    names: tuple[Name, ...]
    """What is left of the item's names after type and neighbours were considered."""
    type: str = ""
    """``kabupaten``, ``kota``, ``kecamatan`` or ``provinsi`` where the person said so."""
    negated: bool = False
    """"not the Riau Islands"."""


@dataclass(slots=True)
class Found:
    """The places of a message."""

    places: list[Place] = field(default_factory=list)
    """Kabupaten and kota, each once, in order; those that share a name stand side by side."""
    provinces: list[str] = field(default_factory=list)
    islands: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    """Provinces named only to say where a region lies."""
    ambiguous: tuple[Mention, tuple[Name, ...]] | None = None
    """A name with several owners that nothing decides between."""
    unknown: list[str] = field(default_factory=list)
    """Names in a place where a region's name stands, but no region's."""
    near: list[Name] = field(default_factory=list)
    """Regions whose name is part of an unknown one."""
    used: set[int] = field(default_factory=set)
    """Numbers of the items that belong to a name."""
    twins: dict[str, str] = field(default_factory=dict)
    """Province code -> code of the region of the same name that was taken instead."""


class Places:
    """Resolves the names of a reading."""

    def __init__(self, snapshot: Snapshot, gazetteer: Gazetteer) -> None:
        self._snapshot = snapshot
        self._gazetteer = gazetteer

    def find(self, items: Sequence[Item]) -> Found:
        """The places in some items of a reading."""
        found = Found()
        mentions = self._mentions(items, found)
        self._place_inside(mentions, items, found)
        for mention in mentions:
            if not (mention.negated and all(n.province or n.kind == "island" for n in mention.names)):
                self._take(mention, found)
        self._siblings(items, found)
        self._strangers(items, found)
        found.places = list({place.region: place for place in found.places}.values())
        found.provinces = list(dict.fromkeys(found.provinces))
        return found

    def _siblings(self, items: Sequence[Item], found: Found) -> None:
        """ "Kabupaten Kupang ikut, atau cuma kotanya?" asks about both of that name."""
        wanted = {
            TYPE_OF[item.value] for at, item in enumerate(items)
            if at not in found.used and item.kind == "concept" and item.value in ("REGENCY", "CITY")
            and (item.said.endswith("nya") or any(i.value == "AND" for i in items[max(0, at - 3) : at]))
        }  # fmt: skip
        for place in [p for p in found.places if not p.via]:
            region = self._snapshot.regions[place.region]
            for name in self._gazetteer.lookup(compact(region.short)):
                other = name.kind == "region" and name.target != place.region
                if other and self._kind(name) in wanted and region.type not in wanted:
                    found.places.append(replace(place, region=name.target, name=name.text))

    # ------------------------------------------------------------------------------------- the names and their types

    def _mentions(self, items: Sequence[Item], found: Found) -> list[Mention]:
        mentions: list[Mention] = []
        for at, item in enumerate(items):
            if item.kind != "name":
                continue
            found.used.add(at)
            if self._turned_away(items, at, found):
                continue
            mention = Mention(item, at, item.names)
            self._type(mention, items, found)
            before = at - 1
            while before >= 0 and (items[before].kind == "stop" or before in found.used):
                before -= 1
            mention.negated = before >= 0 and items[before].value == "NOT-THAT" and bool(mentions)
            mentions.append(mention)
        return mentions

    def _turned_away(self, items: Sequence[Item], at: int, found: Found) -> bool:
        """Whether a direction that belongs to no known name stands beside the name: "Bandung Timur", "South Gresik"."""
        item = items[at]
        if all(n.district for n in item.names):
            beside = items[at + 1] if at + 1 < len(items) else None
            cued = (at > 0 and items[at - 1].value == "DISTRICT") or (beside is not None and beside.value == "DISTRICT")
            if (
                beside
                and beside.kind in ("unknown", "ordinary")
                and not beside.comma
                and beside.clause == item.clause
                and not cued
            ):
                found.unknown.append(f"{item.said} {beside.said}")
                found.used.add(at + 1)
                return True
            strung = beside and beside.kind == "name" and all(n.district for n in beside.names)
            if (
                strung
                and beside
                and not beside.comma
                and beside.clause == item.clause
                and self._typed_before(items, at)
            ):
                found.unknown.append(f"{item.said} {beside.said}")
                found.used.add(at + 1)
                return True
            if self._typed_before(items, at - 1) and items[at - 1].kind == "name" and not item.comma:
                return True
            ahead = items[at - 1] if at else None
            named = ahead and ahead.kind == "unknown" and self._typed_before(items, at - 1)
            if ahead and named and ahead.clause == item.clause and not item.comma and not cued:
                found.unknown.append(f"{ahead.said} {item.said}")
                found.used.add(at - 1)
                return True
            return False
        for other, english in ((at + 1, False), (at - 1, True)):
            if not 0 <= other < len(items):
                continue
            beside = items[other]
            touching = beside.clause == item.clause and not (items[max(at, other)].comma)
            known = beside.said in self._gazetteer.directions
            if (
                known
                and touching
                and beside.kind != "concept"
                and english == (beside.said in self._gazetteer.english_directions)
            ):
                found.unknown.append(f"{beside.said} {item.said}" if english else f"{item.said} {beside.said}")
                found.near += [n for n in item.names if not n.district and n.kind != "island"]
                found.used.add(other)
                return True
        return False

    def _type(self, mention: Mention, items: Sequence[Item], found: Found) -> None:
        """The type said with the name, before or behind it."""
        at = mention.at
        before = self._beside(items, at, -1)
        behind = self._beside(items, at, +1)
        for other in (before, behind):
            if other is None or mention.type:
                continue
            cue = items[other]
            if cue.kind != "concept" or cue.clause != mention.item.clause or (other > at and cue.comma):
                continue
            if other > at and (cue.clitic or self._both_types(items, other)):
                continue
            if cue.value in TYPE_OF and not all(n.province or n.kind == "island" for n in mention.names):
                if other > at and cue.value in ("REGENT", "MAYOR"):
                    continue
                mention.type = TYPE_OF[cue.value]
                if cue.value in ("REGENCY", "CITY"):
                    found.used.add(other)
            elif cue.value == "DISTRICT" and any(n.district for n in mention.names):
                mention.type = "kecamatan"
                found.used.add(other)
            elif cue.value == "PROVINCE" and any(n.province for n in mention.names):
                mention.type = "provinsi"
                found.used.add(other)

    @staticmethod
    def _typed_before(items: Sequence[Item], at: int) -> bool:
        """Whether "kabupaten" or "kota" stands before an item."""
        return at > 0 and items[at - 1].kind == "concept" and items[at - 1].value in ("REGENCY", "CITY")

    @staticmethod
    def _coordinated(items: Sequence[Item], at: int) -> bool:
        """Whether an unknown word stands beside a region as if it were one: "Kuningan dan Wakanda"."""
        return any(
            0 <= other < len(items) and 0 <= joint < len(items)
            and items[joint].value == "AND" and items[other].kind == "name"
            for other, joint in ((at - 2, at - 1), (at + 2, at + 1))
        )  # fmt: skip

    @staticmethod
    def _both_types(items: Sequence[Item], at: int) -> bool:
        """Whether the other type is asked for in the same breath: "kotanya atau kabupatennya"."""
        return any(
            i.value in TYPE_OF and i.value != items[at].value for i in items[at + 1 : at + 4] if i.kind == "concept"
        )

    @staticmethod
    def _beside(items: Sequence[Item], at: int, step: int) -> int | None:
        """The next item in a direction, past "of", "the" and "a"."""
        other = at + step
        while 0 <= other < len(items) and items[other].kind == "stop" and items[other].said in ("of", "the", "a"):
            other += step
        return other if 0 <= other < len(items) else None

    # -------------------------------------------------------------------------------------------- one place in another

    def _place_inside(self, mentions: list[Mention], items: Sequence[Item], found: Found) -> None:
        """Where one name lies in the region or province named beside it, it means that one, and the other only helps:
        "Kecamatan Sukorejo, Kendal", "Kota Banjar yang di Jawa Barat", "Serang, Banten"."""
        gone: set[int] = set()
        for at, inner in enumerate(mentions):
            for other in range(max(0, at - 2), min(at + 3, len(mentions))):
                outer = mentions[other]
                if at == other or at in gone or other in gone:
                    continue
                low, high = sorted((inner.at, outer.at))
                between = items[low + 1 : high]
                if (
                    high - low > 5
                    or any(i.value in ("AND", "VERSUS") for i in between)
                    or any(i.kind == "name" for i in between)
                ):
                    continue
                inside = self._inside(inner, outer)
                if inside:
                    inner.names = inside
                    if outer.names and (high - low <= 3 or len(inside) < len(inner.item.names)):
                        gone.add(other)
                        found.context += [n.target for n in outer.names if n.province]
        mentions[:] = [mention for at, mention in enumerate(mentions) if at not in gone]

    def _inside(self, inner: Mention, outer: Mention) -> tuple[Name, ...]:
        """The names of the inner mention that lie in the outer one; empty where none does or nothing is gained."""
        provinces = {n.target for n in outer.names if n.province}
        regions = {n.target for n in outer.names if n.kind not in ("district", "island") and not n.province}
        area = {n.target for n in outer.names if n.kind == "area"}
        if area and not any(n.kind == "area" for n in inner.names):
            within = tuple(n for n in self._typed(inner) if n.target in area)
            return tuple(n for n in within if not n.district) or within
        if provinces and not any(n.province for n in inner.names):
            own = [
                n for n in self._typed(inner)
                if n.kind != "island" and self._snapshot.regions[n.target].province in provinces
            ]  # fmt: skip
            if own and not all(n.district for n in own):
                own = [n for n in own if not n.district]
            return tuple(own)
        if (
            regions
            and any(n.district for n in inner.names)
            and (inner.type == "kecamatan" or all(n.district for n in inner.names))
        ):
            return tuple(n for n in inner.names if n.district and n.target in regions)
        return ()

    # ------------------------------------------------------------------------------------------------ taking what is meant

    def _typed(self, mention: Mention) -> list[Name]:
        """The names of a mention that fit the type said with it; all where none fits."""
        names = list(mention.names)
        if mention.type == "kecamatan":
            return [n for n in names if n.district] or names
        if mention.type == "provinsi":
            return [n for n in names if n.province] or names
        if mention.type:
            fitting = [n for n in names if not n.district and not n.province and self._kind(n) == mention.type]
            return fitting or [n for n in names if not n.district and not n.province] or names
        return names

    def _kind(self, name: Name) -> str:
        return "" if name.kind == "island" else self._snapshot.regions[name.target].type

    def _take(self, mention: Mention, found: Found) -> None:
        names = self._typed(mention)
        provinces = [n for n in names if n.province]
        own = [n for n in names if n.kind == "region"] or [n for n in names if n.kind == "area"]
        if provinces and not own:  # "Jogja" is the city and the province
            own = [n for n in names if n.kind == "nickname" and not n.province]
        islands = [n for n in names if n.kind == "island"]
        if mention.type == "kecamatan" and any(n.district for n in names):
            self._take_districts([n for n in names if n.district], mention, found)
        elif own:
            typed = mention.type in ("kabupaten", "kota")
            mismatch = typed and all(n.regional and self._kind(n) != mention.type for n in own)
            for name in own:
                found.places.append(self._place(name, mention, type_note=mismatch))
                for province in provinces:
                    found.twins[province.target] = name.target
        elif provinces:
            found.provinces += [n.target for n in provinces]
        elif islands:
            found.islands += [n.target for n in islands]
        else:
            self._take_alias(names, mention, found)

    def _take_alias(self, names: list[Name], mention: Mention, found: Found) -> None:
        aliases = [n for n in names if not n.district]
        districts = [n for n in names if n.district]
        targets = {n.target for n in aliases}
        if len(targets) > 1:
            found.ambiguous = found.ambiguous or (mention, tuple({n.target: n for n in aliases}.values()))
        elif aliases:
            elsewhere = tuple(sorted({n.target for n in districts} - targets))
            found.places.append(replace(self._place(aliases[0], mention), also=elsewhere))
        else:
            self._take_districts(districts, mention, found)

    def _take_districts(self, names: list[Name], mention: Mention, found: Found) -> None:
        targets = {n.target: n for n in names}
        if not mention.type and len(mention.item.said) > ONE_EDIT_UP_TO - 1:
            for name in self._gazetteer.one_edit_from(mention.item.said):
                targets.setdefault(name.target, name)
        if len(targets) == 1:
            found.places.append(self._place(names[0], mention))
        elif targets:
            found.ambiguous = found.ambiguous or (mention, tuple(targets.values()))

    @staticmethod
    def _place(name: Name, mention: Mention, *, type_note: bool = False) -> Place:
        return Place(name.target, mention.item.said, name.via, name.text, mention.item.edits, type_note)

    # -------------------------------------------------------------------------------------------- names of no region

    def _strangers(self, items: Sequence[Item], found: Found) -> None:
        """Unknown words where a region's name would stand: "Kabupaten Konoha", "Gotham City"."""
        for at, item in enumerate(items):
            if item.kind != "unknown" or at in found.used or len(item.said) < 3:
                continue
            before = self._beside(items, at, -1)
            behind = self._beside(items, at, +1)
            if self._coordinated(items, at):
                found.unknown.append(item.said)
                found.used.add(at)
                continue
            for other in (before, behind):
                if other is None or other in found.used or items[other].clause != item.clause:
                    continue
                cue = items[other]
                if (
                    cue.kind == "concept"
                    and cue.value in ("REGENCY", "CITY", "DISTRICT", "PROVINCE")
                    and not cue.clitic
                ):
                    if other > at and cue.comma:
                        continue
                    found.unknown.append(item.said)
                    found.used.add(at)
                    break
