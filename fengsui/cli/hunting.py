"""``detect`` and ``normalize``: what the collectors and the rules make of files, offline."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from detection import RuleSet
from fengsui.detecting import load_matcher
from fengsui.exit_status import ExitStatus
from fengsui.hunt import Findings, Hunt
from fengsui.indicator_files import read_watch
from fengsui.offline import FileBatch, ReadOptions, decode_options, read_files
from fengsui.output import say, write_bytes, write_lines
from fengsui.portions import Portion, portions
from fengsui.progress import with_progress
from fengsui.searching import processes_for, searched
from fengsui.settings import SHIPPED_RULES
from fengsui.sifting import Sieve

if TYPE_CHECKING:
    from collectors.enrichment import FlowEnricher

Paths = Annotated[list[Path], typer.Argument(help="Files or folders; compressed and archived ones too.", exists=True)]
Format = Annotated[str | None, typer.Option("--format", help="Name of the format, where the content does not tell.")]
Timezone = Annotated[str | None, typer.Option(help="IANA zone of times that name none; the machine's own by default.")]
RuleFolders = Annotated[list[Path] | None, typer.Option("--rules", help="Folder or file of Sigma rules.", exists=True)]
SummaryFile = Annotated[Path | None, typer.Option("--summary", help="Write the totals here, as JSON.")]
IndicatorFiles = Annotated[
    list[Path] | None,
    typer.Option("--indicators", help="File of indicators: STIX, CSV, MISP or a list.", exists=True, dir_okay=False),
]
RegistryFolder = Annotated[
    Path | None,
    typer.Option(
        help="Folder of registers (units.csv, grants.csv …): gateway calls and statements are judged by them.",
        exists=True,
        file_okay=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes to search with; for input of many megabytes, all processors by default."),
]
DeadLetterFile = Annotated[Path | None, typer.Option(help="Write what could not be read here, as NDJSON.")]


class Tally:
    """What a run over files has come to."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.files: set[str] = set()
        self.events = 0
        self.matches = 0
        self.reasons: Counter[str] = Counter()

    def add(self, batch: FileBatch) -> None:
        """Count a batch."""
        self.files.add(batch.file)
        self.events += batch.size
        self.reasons.update(letter.reason.value for letter in batch.dead_letters)

    def count(self, findings: Findings) -> None:
        """Count what was found in a part of the input."""
        self.files.update(findings.files)
        self.events += findings.events
        self.matches += findings.matches
        self.reasons.update(findings.dead_letters)

    @property
    def dead_letters(self) -> int:
        """Records that could not become events."""
        return self.reasons.total()

    def close(self) -> None:
        """Tell the totals; exits with 1 when some input failed."""
        say(f"{len(self.files)} files, {self.events} events, {self.dead_letters} dead letters")
        for reason, count in self.reasons.most_common():
            say(f"  {reason}: {count}")
        if self.dead_letters:
            raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)


def normalize(
    paths: Paths,
    log_format: Format = None,
    timezone: Timezone = None,
    dead_letters: DeadLetterFile = None,
) -> None:
    """Write one line an event: what the collectors make of files."""
    tally = Tally()
    letters = dead_letters.open("wb") if dead_letters else None
    for batch in with_progress(read_files(paths, ReadOptions(log_format, timezone)), lambda batch: batch.size):
        tally.add(batch)
        write_lines(batch.events)
        if letters:
            letters.writelines(
                orjson.dumps(batch.describe(letter), option=orjson.OPT_APPEND_NEWLINE) for letter in batch.dead_letters
            )
    if letters:
        letters.close()
    tally.close()


def detect(  # noqa: PLR0913, PLR0917 (each an option of the command line)
    paths: Paths,
    rules: RuleFolders = None,
    summary: SummaryFile = None,
    log_format: Format = None,
    timezone: Timezone = None,
    indicators: IndicatorFiles = None,
    registry: RegistryFolder = None,
    workers: Workers = None,
) -> None:
    """Hunt offline over files: one line a match."""
    started = time.perf_counter()
    rule_set, matcher = load_matcher(rules or [SHIPPED_RULES])
    watch = read_watch(indicators) if indicators else None
    flows = _enricher(registry) if registry else None
    loaded = time.perf_counter()
    sieve = Sieve(matcher, ReadOptions(log_format, timezone), flows, is_open=watch is not None)
    parts = list(portions(paths, decode_options()))
    processes = 1 if flows else processes_for(parts, workers)  # flows are judged by what came before them
    tally = _search(Hunt(rule_set, matcher, watch), sieve, parts, processes)
    seconds = {"load": round(loaded - started, 3), "run": round(time.perf_counter() - loaded, 3)}
    if summary:
        summary.write_bytes(orjson.dumps(_summary(tally, rule_set, seconds), option=orjson.OPT_INDENT_2))
    loaded_rules = len(rule_set.rules) + len(rule_set.correlations)
    say(f"{loaded_rules} rules in force, {len(rule_set.unsupported)} not")
    say(f"{tally.matches} matches in {seconds['run']} s (rules loaded in {seconds['load']} s)")
    tally.close()


def _search(hunt: Hunt, sieve: Sieve, parts: Sequence[Portion], processes: int) -> Tally:
    """Search the input part by part and write what is found."""
    tally = Tally()
    with searched(hunt, sieve, parts, processes) as found:
        for findings in with_progress(found, lambda part: part.events):
            tally.count(findings)
            write_bytes(findings.lines)
            tally.matches += write_lines(hunt.take(findings))
    tally.matches += write_lines(hunt.last_lines())
    return tally


def _summary(tally: Tally, rule_set: RuleSet, seconds: Mapping[str, float]) -> Mapping[str, object]:
    unsupported = [{"id": rule.id, "path": str(rule.path), "reason": rule.reason} for rule in rule_set.unsupported]
    return {
        "files": len(tally.files),
        "events": tally.events,
        "dead_letters": tally.dead_letters,
        "matches": tally.matches,
        "rules": {"loaded": len(rule_set.rules) + len(rule_set.correlations), "unsupported": unsupported},
        "seconds": seconds,
    }


def _enricher(registry: Path) -> FlowEnricher:
    """Judges flows by the registers of a folder; what it stands on takes a while to import."""
    from fengsui.flows import enricher_of_files  # noqa: PLC0415 (as said)

    return enricher_of_files(registry)
