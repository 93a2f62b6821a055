"""`make bench`: how fast the bot answers, as ratios within one run, and what it needs.

The yardstick is the obvious way: every phrasing of every question the knowledge can answer, and rapidfuzz's WRatio over
all of them for the nearest.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rapidfuzz import fuzz, process

import knowledge
from knowledge import edition, lexicon
from knowledge import snapshot as snapshots
from knowledge.suggestions import questions

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions" / "public.jsonl"
GROWN = 100_000
"""Place names in the grown gazetteer."""
TEMPLATES = (
    "Apakah {} peserta?", "{} ikut ga?", "Kapan {} ikut?", "status {}", "Is {} a participant?", "When did {} join?",
    "Tell me about {}", "Was {} selected?",
)  # fmt: skip


def main() -> None:
    """Run every measurement and print them side by side."""
    asked = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    engine = knowledge.shipped_engine()
    times = measured(asked, engine.answer)
    phrasings = expanded(engine)
    yardstick = measured(asked[::20], lambda text: process.extractOne(text, phrasings, scorer=fuzz.WRatio))
    row("questions asked", f"{len(asked)}, each three times, the first round not counted")
    row("answer(), median", f"{statistics.median(times) * 1e3:.3f} ms")
    row("answer(), p99", f"{percentile(times, 0.99) * 1e3:.3f} ms", "under 5 ms")
    row(f"WRatio over {len(phrasings):,} phrasings, median", f"{statistics.median(yardstick) * 1e3:.1f} ms")
    row("times faster", f"{statistics.median(yardstick) / statistics.median(times):.0f}", "at least 10")
    grown = json.loads(run([sys.executable, "-m", "tests.bench", "grown"]))
    row(f"answer(), median, {grown['names']:,} place names", f"{grown['median'] * 1e3:.3f} ms")
    row("times the median", f"{grown['median'] / statistics.median(times):.2f}", "under 2")
    row("memory with them", f"{grown['megabytes']:.0f} MB", "under 250 MB")
    ask, telegram = cold()
    row("cold `bot.py ask`, CPU", f"{ask:.3f} s")
    row("cold `import telegram`, CPU", f"{telegram:.3f} s")
    row("ratio", f"{ask / telegram:.2f}", "about 1 or less")
    service = json.loads(run([sys.executable, "-m", "tests.bench_service"]))
    row("bare echo bot over HTTP", f"{service['bare']:.0f} messages/s")
    row("the whole bot on the same server", f"{service['whole']:.0f} messages/s")
    row("ratio", f"{service['ratio']:.2f}", "at least 0.7")
    row("memory at rest", f"{service['at_rest']:.0f} MB", "under 130 MB")
    row("memory when everything was asked once", f"{service['warm']:.0f} MB", "under 130 MB")
    row(f"memory after {service['messages']:,} messages", f"{service['after']:.0f} MB", "under 130 MB")
    imports = json.loads(run([sys.executable, "-m", "tests.bench_import"]))
    for step in ("dry run", "apply"):
        row(f"20,000 rows imported in the chat: {step}", f"{imports[step]:.1f} s", "under 10 s")
        row("answers meanwhile, p99", f"{imports[f'{step}: answers, p99']:.0f} ms", "under 100 ms")
    row("answers without, p99", f"{imports['at rest: answers, p99']:.0f} ms")


def row(name: str, value: str, wanted: str = "") -> None:
    """One line of the report."""
    print(f"{name:<48}{value:>24}   {wanted}")


def measured(texts: Sequence[str], call: Callable[[str], object]) -> list[float]:
    """Seconds for each call, two rounds, after one that warms up."""
    times = []
    for number in range(3):
        for text in texts:
            started = time.perf_counter()
            call(text)
            if number:
                times.append(time.perf_counter() - started)
    return times


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[int(share * (len(values) - 1))]


def expanded(engine: knowledge.Engine) -> list[str]:
    """The knowledge as questions: every region in every template, every topic's question, every phrasing kept."""
    regions = engine.snapshot.regions.values()
    names = [name for region in regions for name in (region.name, region.short)]
    found = [template.format(name) for name in names for template in TEMPLATES]
    found += [question for language in ("id", "en") for question in questions(language).values()]  # type: ignore[arg-type]
    return found + [phrasing.question for phrasing in engine.snapshot.phrasings]


def grown() -> None:
    """Median and memory with the gazetteer grown by names that look Indonesian; printed as JSON."""
    shipped = edition.read()
    snapshot = snapshots.build(shipped.id, shipped.tables)
    rng = random.Random(100)
    parts = sorted({part for district in snapshot.districts for part in district.name.lower().split() if len(part) > 3})
    halves = [(part[: len(part) // 2 + 1], part[len(part) // 2 + 1 :]) for part in parts]
    regencies = [region.code for region in snapshot.regencies]
    lines = [snapshot.district_lines]
    for number in range(GROWN - len(snapshot.districts)):
        name = (rng.choice(halves)[0] + rng.choice(halves)[1]).capitalize()
        if rng.random() < 0.4:
            name += " " + rng.choice(parts).capitalize()
        region = rng.choice(regencies)
        lines.append(f"{region}.{number:05}|{name}|{region}")
    engine = knowledge.Engine(replace(snapshot, district_lines="\n".join(lines)), lexicon.load())
    asked = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    times = measured(asked, engine.answer)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"median": statistics.median(times), "names": GROWN, "megabytes": megabytes}))


def cold(rounds: int = 11) -> tuple[float, float]:
    """Median CPU seconds of a question from the command line and of importing telegram, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        ask = [sys.executable, "bot.py", "ask", "Apakah Klaten peserta?", "--data-dir", folder]
        run(ask)
        pairs = [(cpu(ask), cpu([sys.executable, "-c", "import telegram"])) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def cpu(command: Sequence[str]) -> float:
    """CPU seconds, user and system, that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(command: Sequence[str]) -> str:
    """What a command prints; it must succeed."""
    environment = {key: value for key, value in os.environ.items() if key != "DATA_DIR"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    grown() if sys.argv[1:] == ["grown"] else main()
