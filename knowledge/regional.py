"""Questions about regions: verdicts, profiles, lists, counts and rankings, from the slots of a message."""

from __future__ import annotations

from dataclasses import replace

from .answer import Filter
from .gazetteer import Gazetteer
from .model import Place
from .places import Found
from .query import Query
from .slots import CUES, Slots
from .snapshot import Snapshot


class Regional:
    """Builds the question about regions that a message asks, whatever else it holds."""

    def __init__(self, snapshot: Snapshot, gazetteer: Gazetteer) -> None:
        self._snapshot = snapshot
        self._gazetteer = gazetteer

    def query(self, slots: Slots) -> Query | None:
        """The question about regions that the slots make, whatever else they hold."""
        found = self._twinned(slots)
        filter_ = Filter(
            tuple(found.provinces), found.islands[0] if found.islands else "", slots.years, slots.type, slots.negated
        )
        places = tuple(found.places)
        ranking = self._ranking(slots)
        if ranking:
            return replace(ranking, filter=filter_)
        listing = slots.has("LIST", "WHO", "WHICH", "WHAT", "ALL", "ANY", "OTHER", "HOW-MANY")
        if places and found.twins and listing and (slots.cued or slots.has("ANY")) and len(places) == len(found.twins):
            filter_ = replace(filter_, provinces=tuple(found.twins))
            places = ()
        if places:
            return self._about_places(slots, places, filter_)
        if found.ambiguous:
            return Query("participation", filter=filter_)
        if filter_.provinces and filter_.island:
            inside = set(self._gazetteer.islands[filter_.island])
            filter_ = replace(filter_, island="" if inside & set(filter_.provinces) else filter_.island)
        area = bool(filter_.provinces or filter_.island)
        if not area and slots.has("WHEN", "WHERE", "WHY", "MOU", "SUPPORT"):
            return None
        if not area and slots.years and (not set(slots.years) <= set(self._snapshot.cohorts) or self._up_to(slots)):
            return None
        if slots.has("HOW-MANY") and (
            slots.cued or area or slots.years or slots.has("REGION", "CITY", "REGENCY") or slots.by_type
        ):
            return Query("count", filter=filter_, by_type=slots.by_type)
        if area:
            as_member = (
                slots.cued
                and not listing
                and slots.has("YES-NO", "NOT", "NOT-THAT", "JOIN", "PARTICIPANT", "LISTED", "SELECT")
                and not self._participants_of(slots)
            )
            return Query("list", filter=filter_, province_asked=as_member or (not slots.cued and not listing))
        bare = all(i.kind in ("year", "stop", "number") or i.value == "STATUS" for i in slots.items)
        if bare and slots.years and set(slots.years) <= set(self._snapshot.cohorts):
            return Query("list", filter=filter_)
        if self._all_hundred(slots):
            return Query("list")
        members = slots.has("PARTICIPANT", "JOIN", "LISTED", "COHORT", "SELECT", "LEFT-OUT", "SIGN")
        asked = slots.has("WHO", "LIST", "WHICH", "ALL", "WHAT", "ANY") or slots.years or slots.negated
        if members and asked and (slots.years or listing or slots.type or slots.has("REGION", "CITY", "REGENCY")):
            return Query("list", filter=filter_)
        if (
            slots.years
            and not slots.residue
            and slots.has("REGION", "CITY", "REGENCY", "LIST", "PHASE", "COHORT", "PARTICIPANT")
        ):
            return Query("list", filter=filter_)
        return None

    @staticmethod
    def _participants_of(slots: Slots) -> bool:
        """Whether participants are named before the area they are from: "peserta dari Riau", "participants of Riau"."""
        named = next((at for at, i in enumerate(slots.items) if i.kind == "name"), 0)
        before = {i.value for i in slots.items[:named]}
        return "PARTICIPANT" in before and not slots.has("YES-NO", "NOT", "NOT-THAT")

    @staticmethod
    def _all_hundred(slots: Slots) -> bool:
        """Whether all are to be listed: "daftar 100 daerah", "what are the 100 cities?". "100 kota" are kabupaten too."""
        hundred = slots.has("HUNDRED") or any(i.kind in ("number", "concept") and "100" in i.said for i in slots.items)
        regions = slots.has("REGION", "CITY", "REGENCY")
        asked = slots.has("LIST") or (regions and slots.has("WHAT", "WHICH", "WHO", "DEFINE", "ALL"))
        return hundred and asked and not slots.residue and not slots.years and not slots.has("HOW-MANY", "AIM")

    @staticmethod
    def _up_to(slots: Slots) -> bool:
        """Whether a total up to a year after 2019 is asked ("by 2022"): that is told, not counted."""
        items = slots.items
        return any(
            item.kind == "year" and int(item.value) > 2019 and at > 0
            and any(i.value == "UNTIL" for i in items[max(0, at - 2) : at])
            for at, item in enumerate(items)
        )  # fmt: skip

    @staticmethod
    def _twinned(slots: Slots) -> Found:
        """Beside another province, and where lists or numbers are asked, "Jambi" is the province."""
        found = slots.found
        counting = slots.has("HOW-MANY", "LIST", "WHO", "WHICH", "WHAT", "MORE", "LEAST", "VERSUS", "ANY", "ALL")
        if found.twins and found.provinces and counting and len(found.places) == len(found.twins):
            found.provinces += [code for code in found.twins if code not in found.provinces]
            found.places = []
        return found

    def _about_places(self, slots: Slots, places: tuple[Place, ...], filter_: Filter) -> Query | None:
        when = slots.has("WHEN", "WHICH-COHORT", "COHORT", "PHASE", "YEAR", "NUMBER-OF-STAGES")
        if slots.has("HOW-MANY") and not slots.cued and not slots.years:
            return None
        compare = len(places) > 1 and slots.has("EARLIER", "VERSUS", "FIRST")
        around = filter_.provinces or tuple(dict.fromkeys(slots.found.context))
        if slots.has("OTHER") and around:
            return Query("list", filter=replace(filter_, provinces=around))
        card = slots.has("STATUS") and not slots.years  # "status Klaten 2018" is answered to the year
        profile = (slots.has("PROFILE", "EXPLAIN") or card) and not slots.negated
        bare = (
            not (slots.cued or slots.has("YES-NO", "NOT", "NOT-THAT", "WHEN", "FOLLOW", "AND", "EARLIER"))
            and not slots.years
        )
        yes_no = slots.yes_no_asked
        type_asked = slots.has("REGENCY", "CITY") and not slots.cued and not slots.has("PROGRAMME", "SMART-CITY")
        if slots.has("NOW", "WITHDRAWN") or (type_asked and slots.has("YES-NO")):  # "Yes" would answer something else
            yes_no = False
        one = len({p.said for p in places}) == 1 or (card and not slots.cued and not slots.has("YES-NO"))
        shape = "region" if (profile or bare) and one and not when else "participation"
        return Query(
            shape,
            places,
            replace(filter_, negated=False),
            when,
            compare,
            yes_no=yes_no,
            beyond=slots.beyond,
            strangers=tuple(slots.found.unknown),
            only=slots.has("ONLY") and bool(filter_.provinces),
            card=card,
        )

    def _ranking(self, slots: Slots) -> Query | None:
        found = slots.found
        order = "fewest" if slots.has("LEAST") else "most" if slots.has("MORE") else ""
        if len(found.provinces) > 1 and (order or slots.has("VERSUS")):
            return Query("ranking", ranking="compare", ranked="province")
        if len(slots.years) > 1 and (order or slots.has("VERSUS")) and not found.places:
            return Query("ranking", ranking="compare", ranked="year")
        if found.places or found.provinces:
            return None
        if slots.has("PROVINCE"):
            if order:
                return Query("ranking", ranking=order, ranked="province")
            if slots.negated or (
                slots.has("NOT", "LEFT-OUT") and slots.has("PARTICIPANT", "JOIN", "REPRESENT", "ANY", "SELECT")
            ):
                return Query("ranking", ranking="none", ranked="province")
            if slots.has("WHICH", "WHAT", "LIST", "HOW-MANY") and slots.cued and not found.islands:
                return Query("ranking", ranking="all", ranked="province")
        if order and slots.has("YEAR", "COHORT", "PHASE", "WHEN", "WHICH-COHORT") and not slots.residue:
            return Query("ranking", ranking=order, ranked="year")
        return None

    @staticmethod
    def coverage(slots: Slots) -> float:
        """Share of the question that a question about regions accounts for."""
        known = (
            len(slots.found.places)
            + len(slots.found.provinces)
            + len(slots.found.islands)
            + bool(slots.found.ambiguous)
        )
        cues = (
            min(2, len(slots.concepts & CUES))
            + slots.has("PROGRAMME", "SMART-CITY")
            + slots.has("WHICH-COHORT", "FOLLOW")
        )
        support = 0.8 * min(known, 3) + 0.9 * cues + 0.4 * bool(slots.years) + 0.3 * slots.asking
        return support / (support + slots.against) if support else 0.0
