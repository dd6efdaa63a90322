"""How fast Sigma rules are matched, beside other engines, in one run on one core.

Usage: python -m benchmarks.sigma RULES... --logs FOLDER [--events 100000] [--runs 3] [--rsigma FILE] [--zircolite FILE]
       [--replay 10000000]

LOGS holds NDJSON, also zipped. Every figure is the median of several runs, in processor time, so that other work on
the machine counts little. Whole runs are processes of their own pinned to one processor, from file to written matches;
what a run over one event takes (start, rules) is taken off. Two workers count by half of what they take together.
``--replay`` reads the same events again until there are so many, and tells the memory that took.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import orjson

from collectors.decoders import decode_path
from collectors.normalizers.chain import normalize, outline
from collectors.normalizers.contract import SourceContext
from collectors.record import Record, RecordBatch
from detection import Matcher, RuleSet
from events import Event, Outline
from fengsui.detecting import load_matcher
from fengsui.offline import OFFLINE, ReadOptions, read_files

_ONE_CORE = [min(os.sched_getaffinity(0))]
_CONTEXT = SourceContext(OFFLINE, "benchmark")
_ROUTED = ("--logsource-routing", "--event-logsource", "product=windows", "--input-format", "json")


def main() -> None:
    """Print the machine, loading, our stages, and whole runs side by side."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="fengsui-benchmark-") as folder:
        log = _one_file(options.logs, options.events, Path(folder))
        print(f"{_processor()}, {os.cpu_count()} processors, Python {platform.python_version()}")
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, _ONE_CORE)
        floor = _floor(log, options.runs)
        stages(options.rules, log, options.runs, floor)
        os.sched_setaffinity(0, cores)
        whole(options, log, floor)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="+", type=Path)
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--replay", type=int, default=0, help="events to read in one process, for its memory")
    parser.add_argument("--rsigma", type=Path, help="the program, built with daachorse-index")
    parser.add_argument("--zircolite", type=Path, help="zircolite.py, with its rules beside it")
    return parser.parse_args()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _one_file(logs: Path, events: int, folder: Path) -> Path:
    """The first so many lines of all logs in one file."""
    path = folder / "events.ndjson"
    with path.open("wb") as out:
        out.writelines(line.strip() + b"\n" for line in islice(_lines(logs), events))
    return path


def _lines(logs: Path) -> Iterator[bytes]:
    for path in sorted(logs.rglob("*")) if logs.is_dir() else [logs]:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if name.endswith(".json") and not name.startswith("__MACOSX"):
                        yield from (line for line in archive.open(name) if line.startswith(b"{"))
        elif path.suffix in {".json", ".ndjson"}:
            yield from (line for line in path.open("rb") if line.startswith(b"{"))


def _floor(log: Path, runs: int) -> float:
    """Lines a second that are only read as JSON."""
    table = []
    for _ in range(runs):
        started = time.process_time()
        with log.open("rb") as file:
            events = sum(1 for line in file if orjson.loads(line))
        table.append(events / (time.process_time() - started))
    print(f"floor: orjson.loads alone {statistics.median(table):,.0f} events/s")
    return statistics.median(table)


def stages(rules: Sequence[Path], log: Path, runs: int, floor: float) -> None:
    """Loading, then what each stage costs an event; the first run fills what matching remembers."""
    started = time.process_time()
    rule_set, matcher = load_matcher(rules)
    print(f"{len(rule_set.rules)} rules loaded in {time.process_time() - started:.2f} s")
    stage = _Stages(matcher)
    table = [stage.spent(log) for _ in range(runs + 1)]
    for name, rows in (("first run", table[:1]), (f"median of {runs} more", table[1:])):
        *seconds, events, matches = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name}: {matches:.0f} matches")
        for each, spent in zip(("decode", "normalize", "match"), seconds, strict=True):
            print(f"  {each:10} {events / spent:10,.0f} events/s  {1e6 * spent / events:6.2f} µs an event")
        total = events / sum(seconds)
        print(f"  {'together':10} {total:10,.0f} events/s  {total / floor:.2f} of the floor")
    _every_event(matcher, log, len(rule_set.rules))


class _Stages:
    """An offline hunt with ever more of its stages, so that each is measured beside the others as it runs."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._undecided = Matcher(RuleSet([], [], (), ())).screens(_outlined)
        self._screens = matcher.screens(_outlined)

    def spent(self, log: Path) -> tuple[float, float, float, int, int]:
        """Seconds to decode, normalize and match; events and matches."""
        started = time.process_time()
        count = sum(1 for _, _ in _documents(log))
        decoded = time.process_time()
        for document, raw in _documents(log):
            self._undecided.is_quiet(document, raw)
        seen = time.process_time()
        loud = [(document, raw) for document, raw in _documents(log) if not self._screens.is_quiet(document, raw)]
        screened = time.process_time()
        records = [Record(position, raw, None, document, "ndjson") for position, (document, raw) in enumerate(loud)]
        events = normalize(RecordBatch(OFFLINE, "benchmark", records, []), _CONTEXT).events
        normalized = time.process_time()
        matches = len(self._matcher.match(events))
        done = time.process_time()
        decode, look = decoded - started, seen - decoded
        return decode, look - decode + normalized - screened, screened - seen - look + done - normalized, count, matches


def _documents(log: Path) -> Iterator[tuple[dict[str, object], bytes]]:
    """The records of a file as they are decoded, with their bytes."""
    loads = orjson.loads
    for stream in decode_path(log):
        for block in stream.blocks():
            for line in block:
                if isinstance(line, tuple):
                    yield loads(line[1]), line[1]


def _outlined(document: dict[str, object], raw: bytes) -> tuple[Event, Outline] | None:
    return outline(Record(0, raw, None, document, "ndjson"), _CONTEXT)


def _every_event(matcher: Matcher, log: Path, rules: int) -> None:
    """What the running pipeline does, which keeps every event: nothing is screened."""
    seconds, candidates = 0.0, []
    for batch in islice(read_files([log], ReadOptions()), 25):
        matcher.match(batch.events)
        seconds += _spent(matcher, batch.events)
        candidates += [matcher.candidates(event) for event in batch.events]
    share = statistics.quantiles(candidates, n=20)[-1] / rules
    print(f"matching every event: {1e6 * seconds / len(candidates):.2f} µs an event once values are known")
    print(
        f"candidates: {statistics.mean(candidates):.1f} rules an event, 95 % call for at most {share:.2%} of the rules"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _spent(matcher: Matcher, events: Sequence[Event]) -> float:
    started = time.process_time()
    matcher.match(events)
    return time.process_time() - started


def whole(options: argparse.Namespace, log: Path, floor: float) -> None:
    """Processes from file to matches."""
    commands = _commands(options, log.parent)
    rates = {name: _rate(command, log, options.runs) for name, command in commands.items()}
    for name, rate in rates.items():
        ratio = rates["fengsui"] / rate
        print(f"{name:22} {rate:10,.0f} events/s  {rate / floor:.2f} of the floor  fengsui runs at {ratio:.2f} of it")
    if options.replay:
        copies = -(-options.replay // options.events)
        seconds, megabytes = _run([*commands["fengsui"], *[str(log)] * copies])
        rate = copies * options.events / seconds
        print(f"{copies * options.events:,} events: {rate:,.0f} events/s with start, {megabytes} MB at most")


def _commands(options: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """The command line of each engine, up to the file."""
    rules = [part for each in options.rules for part in ("--rules", str(each))]
    detect = [sys.executable, "-m", "fengsui", "detect", *rules, "--workers"]
    commands = {"fengsui": [*detect, "1"], "fengsui, 2 workers": [*detect, "2"]}
    if options.rsigma:
        together = folder / "rules"
        for each in options.rules:
            shutil.copytree(each, together / each.name, dirs_exist_ok=True)
        commands["rsigma, routed"] = [str(options.rsigma), "engine", "eval", *_ROUTED, "-r", str(together), "-e", "@"]
    else:
        print("rsigma is left out; give it with --rsigma")
    if options.zircolite:
        ruleset = str(options.zircolite.parent / "rules" / "rules_windows_generic.json")
        commands["zircolite"] = [sys.executable, str(options.zircolite), "--jsonl", "--ruleset", ruleset, "--events"]
    else:
        print("Zircolite is left out; give it with --zircolite")
    return commands


def _rate(command: Sequence[str], log: Path, runs: int) -> float:
    """Events a second."""
    lines = log.read_bytes().splitlines(keepends=True)
    single = log.with_name("single.ndjson")
    single.write_bytes(lines[len(lines) // 2])
    start = statistics.median(_run(_with_file(command, single))[0] for _ in range(runs))
    return len(lines) / (statistics.median(_run(_with_file(command, log))[0] for _ in range(runs)) - start)


def _with_file(command: Sequence[str], file: Path) -> list[str]:
    *start, last = command
    return [*start, f"@{file}"] if last == "@" else [*command, str(file)]


def _run(command: Sequence[str]) -> tuple[float, int]:
    """Processor seconds of a process and its workers, for each worker; its largest memory in megabytes."""
    workers = int(command[command.index("--workers") + 1]) if "--workers" in command else 1
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[:workers]))
    process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    megabytes = 0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        megabytes = max(megabytes, _largest_memory(process.pid))
        time.sleep(0.2)
    return (ended[2].ru_utime + ended[2].ru_stime) / workers, megabytes


def _largest_memory(process_id: int) -> int:
    """Megabytes since it runs its own program: what ``wait4`` says of a child counts its parent's memory too."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) // 1024 if found else 0


if __name__ == "__main__":
    main()
