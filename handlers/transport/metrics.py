"""What is counted of the running bot, for Prometheus: how much, how fast, what failed, what waits. Never who, and never what was
said: the labels are from closed sets, whatever people send."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, Literal, NamedTuple

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily

from .labels import ERRORS, KINDS, LANGUAGES, OUTCOMES, RESULTS, TYPES, method_of, one_of
from .logs import trace_of

Type = Literal["counter", "histogram", "gauge"]
Reading = tuple[str, tuple[str, ...], float]
"""``(name of the gauge, values of its labels, value)``."""

BUCKETS: Final = {
    "tanya_handling_seconds": (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
    "tanya_telegram_seconds": (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
}
"""Upper bounds of the histograms, in seconds: thinking takes some 2 ms, Telegram some 50 ms, and a message that waits for its
turn or is tried again takes seconds; an answer of Telegram's is waited for 20 seconds."""


class Family(NamedTuple):
    """A metric."""

    name: str
    type: Type
    labels: tuple[str, ...]
    help: str


COUNTED: Final = (
    Family("tanya_updates_total", "counter", ("type",), "Updates taken up, by type as Telegram names it"),
    Family("tanya_outcomes_total", "counter", ("outcome", "kind", "language"), "Updates handled, by how they ended"),
    Family("tanya_handling_seconds", "histogram", ("type",), "Seconds from taking an update up until its answer was accepted"),
    Family("tanya_errors_total", "counter", ("class",), "What went wrong in the bot, by class of the error"),
    Family("tanya_telegram_requests_total", "counter", ("method", "result"), "Requests to Telegram, each try counted"),
    Family("tanya_telegram_seconds", "histogram", (), "Seconds that Telegram took for a request, but for getUpdates"),
    Family("tanya_backups_total", "counter", ("result",), "Nightly backups since the start: ok or failed"),
)  # fmt: skip
"""What is counted as it happens."""
READ: Final = (
    Family("tanya_check_passed", "gauge", ("check",), "1 where a check of /readyz is passed, 0 where it is not"),
    Family("tanya_queue_length", "gauge", ("queue",), "What waits, by queue"),
    Family("tanya_last_poll_age_seconds", "gauge", (), "Seconds since updates were last fetched; absent by webhook"),
    Family("tanya_webhook_pending_updates", "gauge", (), "Updates that Telegram has not delivered yet; by webhook only"),
    Family("tanya_webhook_last_error_timestamp_seconds", "gauge", (), "When Telegram last failed to deliver; by webhook only"),
    Family("tanya_knowledge_info", "gauge", ("edition",), "1; the edition of the knowledge that is answered from"),
    Family("tanya_knowledge_claims", "gauge", (), "Statements that are answered from"),
    Family("tanya_knowledge_regions", "gauge", (), "Provinces, regencies and cities that are known"),
    Family("tanya_database_bytes", "gauge", ("file",), "Size of a database with its write-ahead log"),
    Family("tanya_disk_free_bytes", "gauge", (), "Free space for DATA_DIR"),
    Family("tanya_backup_last_success_timestamp_seconds", "gauge", (), "When the last good nightly backup was made; absent before"),
    Family("tanya_backup_last_seconds", "gauge", (), "Seconds that the last good nightly backup took; 0 where an earlier run made it"),
    Family("tanya_backup_last_bytes", "gauge", (), "Size of the last good nightly backup"),
)  # fmt: skip
"""What is looked up when somebody asks."""
STANDARD: Final = (
    Family("process_cpu_seconds_total", "counter", (), "Seconds of processor time used"),
    Family("process_max_fds", "gauge", (), "File handles the process may have (Linux, as all process_ metrics)"),
    Family("process_open_fds", "gauge", (), "File handles it has"),
    Family("process_resident_memory_bytes", "gauge", (), "Memory in use"),
    Family("process_start_time_seconds", "gauge", (), "When the process started"),
    Family("process_virtual_memory_bytes", "gauge", (), "Memory addressed"),
    Family("python_gc_collections_total", "counter", ("generation",), "Runs of Python's garbage collector"),
    Family("python_gc_objects_collected_total", "counter", ("generation",), "Objects that it freed"),
    Family("python_gc_objects_uncollectable_total", "counter", ("generation",), "Objects that it could not free"),
)  # fmt: skip
"""What the library adds."""

log = structlog.get_logger(__name__)
disable_created_metrics()  # A line beside each counter of when it was made: twice the page, for nothing.


def described() -> list[tuple[str, str, str, str]]:
    """``(name, type, labels joined by ", ", what it tells)`` of every metric, as the page of them has it."""
    return [(f.name, f.type, ", ".join(f.labels), f.help) for f in (*COUNTED, *READ, *STANDARD)]


class Metrics:
    """The metrics of one bot."""

    def __init__(self) -> None:
        self.polled_at: float | None = None
        """When updates were last fetched, by the monotonic clock; before the first time, which takes as long as there are none,
        when Telegram said who the bot is."""
        self._registry = CollectorRegistry()
        self._made: dict[str, Any] = {}
        for family in COUNTED:
            maker = partial(Histogram, buckets=BUCKETS[family.name]) if family.type == "histogram" else Counter
            self._made[family.name] = maker(family.name, family.help, family.labels, registry=self._registry)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._sources: list[Callable[[], Iterable[Reading]]] = [self._backups]
        self._backup: tuple[float, float, int] | None = None
        self._registry.register(_Read(self._sources))

    def page(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry)

    def reads(self, source: Callable[[], Iterable[Reading]]) -> None:
        """Have gauges looked up by a function whenever the page is made; where it fails, they are left out."""
        self._sources.append(source)

    # ------------------------------------------------------------------------------------------------------ what happens

    def taken(self, type: str) -> None:
        """An update is taken up."""
        self._made["tanya_updates_total"].labels(one_of(TYPES, type)).inc()

    def handled(self, type: str, outcome: str, kind: str, language: str, seconds: float) -> None:
        """An update is handled. ``kind``: what it was about; of an error, its class."""
        if outcome in ("error", "undelivered"):
            self.failed(kind)
            kind = ""
        # "link r", "chosen r_33_10": what is behind the word leads to a region.
        kind = kind if kind in KINDS else kind.split(" ")[0]
        labels = (one_of(OUTCOMES, outcome), one_of(KINDS, kind), one_of(LANGUAGES, language))
        self._made["tanya_outcomes_total"].labels(*labels).inc()
        self._made["tanya_handling_seconds"].labels(one_of(TYPES, type)).observe(seconds)

    def failed(self, error: str) -> None:
        """Something went wrong. ``error``: the name of its class."""
        self._made["tanya_errors_total"].labels(one_of(ERRORS, error)).inc()

    def requested(self, method: str, result: str, seconds: float) -> None:
        """A request to Telegram has ended."""
        self._made["tanya_telegram_requests_total"].labels(method_of(method), one_of(RESULTS, result)).inc()
        if method != "getUpdates":  # It is held open for as long as there is nothing new.
            self._made["tanya_telegram_seconds"].observe(seconds)
        if method in ("getUpdates", "getMe") and result == "ok":
            self.polled_at = time.monotonic()

    # ------------------------------------------------------------------------------------------------------------ backups

    def backup(self, ok: bool, seconds: float, size: int) -> None:
        """A nightly backup was made, or could not be; its size in bytes."""
        self._made["tanya_backups_total"].labels("ok" if ok else "failed").inc()
        if ok:
            self.backup_known(time.time(), seconds, size)

    def backup_known(self, at: float, seconds: float, size: int) -> None:
        """The last good backup, such as one that an earlier run of the process made: when (Unix), how long it took, its size
        in bytes."""
        self._backup = (at, seconds, size)

    def _backups(self) -> Iterator[Reading]:
        names = ("last_success_timestamp_seconds", "last_seconds", "last_bytes")
        for name, value in zip(names, self._backup or (), strict=False):
            yield f"tanya_backup_{name}", (), value


class _Read:
    """Gauges that are looked up when the page is made."""

    def __init__(self, sources: list[Callable[[], Iterable[Reading]]]) -> None:
        self._sources = sources

    def describe(self) -> list[GaugeMetricFamily]:
        """Names without values, so that nothing is looked up when the collector is registered."""
        return [GaugeMetricFamily(family.name, family.help, labels=family.labels) for family in READ]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What can be looked up now."""
        families = {family.name: family for family in self.describe()}
        for source in self._sources:
            try:
                for name, labels, value in source():
                    families[name].add_metric(labels, value)
            except Exception as error:
                # Such as a damaged database: then above all, somebody looks at the rest of the page.
                log.debug("not read", error=type(error).__name__, trace=trace_of(error))
        yield from (family for family in families.values() if family.samples)
