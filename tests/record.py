"""What the CSV files of the edition say, read without the code under test: the expectations of the tests."""

from __future__ import annotations

import csv
from functools import cached_property
from pathlib import Path

DATA = Path(__file__).parent.parent / "knowledge" / "data"
COUNTED = ("confirmed", "confirmed_weak", "listed_only", "added_later")
"""Statuses of a participation that count; withdrawn and disputed ones do not."""
Expected = tuple[str, bool, int | None]
"""Official name, whether it took part in 2017-2019, and the year it counts for."""


class Record:
    """The regions, aliases and participations of the edition."""

    @staticmethod
    def rows(table: str) -> list[dict[str, str]]:
        """All rows of one CSV file."""
        with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def names(self) -> dict[str, str]:
        """Code -> official name."""
        return {row["code"]: row["name"] for row in self.rows("regions")}

    @cached_property
    def codes(self) -> dict[str, str]:
        """Official name -> code."""
        return {name: code for code, name in self.names.items()}

    @cached_property
    def sharers(self) -> dict[str, set[str]]:
        """Name without its type -> codes of the kabupaten and kota of that name."""
        found: dict[str, set[str]] = {}
        for code, name in self.names.items():
            if "." in code:
                found.setdefault(bare(name), set()).add(code)
        return found

    @cached_property
    def cohorts(self) -> dict[str, int]:
        """Code of a participant of 2017-2019 -> the year it counts for."""
        rows = [r for r in self.rows("claims") if r["attribute"] == "participation" and r["status"] in COUNTED]
        return {r["subject"].removeprefix("region:"): int(r["value"]) for r in rows}

    @cached_property
    def later(self) -> dict[str, int]:
        """Code of a region of the continuation -> its year."""
        rows = [r for r in self.rows("claims") if r["attribute"] == "later_participation"]
        return {r["subject"].removeprefix("region:"): int(r["value"]) for r in rows}

    @cached_property
    def districts(self) -> dict[str, set[str]]:
        """Name of a kecamatan -> codes of the regions that have one of that name."""
        found: dict[str, set[str]] = {}
        for row in self.rows("districts"):
            found.setdefault(row["name"], set()).add(row["region_code"])
        return found

    def verdict(self, name: str) -> Expected:
        """What is right to say of a kabupaten or kota."""
        code = self.codes[name]
        return name, code in self.cohorts, self.cohorts.get(code)

    def participants(self, province: str, type_: str = "") -> set[str]:
        """Official names of a province's participants, all or those that begin with "Kabupaten" or "Kota"."""
        inside = {c for c in self.cohorts if c.startswith(self.codes[province] + ".")}
        return {self.names[c] for c in inside if self.names[c].startswith(type_)}


def bare(name: str) -> str:
    """A region's official name without its type."""
    for prefix in ("Kabupaten Administrasi ", "Kota Administrasi ", "Kabupaten ", "Kota "):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
