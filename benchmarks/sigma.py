"""How fast Sigma rules are matched, beside other engines, in one run on one core.

Usage: python benchmarks/sigma.py RULES... --logs FOLDER [--events 100000] [--runs 3] [--rsigma FILE] [--zircolite FILE]

LOGS holds NDJSON, also zipped. Every figure is the median of several runs, in processor time, so that other work on
the machine counts little. Whole runs are processes of their own pinned to one processor, from file to written matches;
what a run over one event takes (start, rules) is taken off.
"""

from __future__ import annotations

import argparse
import gc
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

from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from detection import Matcher, load_rules
from detection.match import default_cache
from detection.rules import default_reading_cache
from fengsui.offline import OFFLINE, ReadOptions, read_batches

_ONE_CORE = [min(os.sched_getaffinity(0))]
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
    rule_set = load_rules(rules, cache=default_reading_cache())
    read = time.process_time()
    matcher = Matcher(rule_set, databases=default_cache())
    compiled = time.process_time()
    print(f"{len(rule_set.rules)} rules read in {read - started:.2f} s, compiled in {compiled - read:.2f} s")
    gc.freeze()
    gc.set_threshold(100_000)
    table = [_spent(matcher, log) for _ in range(runs + 1)]
    for name, rows in (("first run", table[:1]), (f"median of {runs} more", table[1:])):
        decode, norm, match, events, matches = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name}: {matches:.0f} matches")
        for stage, seconds in (("decode", decode), ("normalize", norm), ("match", match)):
            print(f"  {stage:10} {events / seconds:10,.0f} events/s  {1e6 * seconds / events:6.1f} µs an event")
        total = events / (decode + norm + match)
        print(f"  {'together':10} {total:10,.0f} events/s  {total / floor:.2f} of the floor")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _spent(matcher: Matcher, log: Path) -> tuple[float, float, float, int, int]:
    """Seconds to decode, normalize and match; events and matches."""
    decode = norm = match = 0.0
    events = matches = 0
    started = time.process_time()
    for _, batch in read_batches([log], ReadOptions(None, None), OFFLINE):
        decoded = time.process_time()
        context = SourceContext(batch.source, batch.identity, None, batch.reference_ms)
        normalized = normalize(batch, context).events
        ready = time.process_time()
        matches += len(matcher.match(normalized))
        done = time.process_time()
        decode, norm, match = decode + decoded - started, norm + ready - decoded, match + done - ready
        events += len(normalized)
        started = time.process_time()
    return decode, norm, match, events, matches


def whole(options: argparse.Namespace, log: Path, floor: float) -> None:
    """Processes from file to matches."""
    commands = _commands(options, log.parent)
    rates = {name: _rate(command, log, options.runs) for name, command in commands.items()}
    rates["fengsui twice at once"] = _rate(commands["fengsui"], log, options.runs, processes=2)
    for name, rate in rates.items():
        ratio = rates["fengsui"] / rate
        print(f"{name:22} {rate:10,.0f} events/s  {rate / floor:.2f} of the floor  fengsui runs at {ratio:.2f} of it")


def _commands(options: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """The command line of each engine, up to the file."""
    rules = [part for each in options.rules for part in ("--rules", str(each))]
    commands = {"fengsui": [sys.executable, "-m", "fengsui", "detect", *rules]}
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


def _rate(command: Sequence[str], log: Path, runs: int, processes: int = 1) -> float:
    """Events a second, over as many processes, each with its share of the events, as are asked for."""
    lines = log.read_bytes().splitlines(keepends=True)
    share = -(-len(lines) // processes)
    files = []
    for number in range(processes):
        files.append(log.with_name(f"share-{number}.ndjson"))
        files[-1].write_bytes(b"".join(lines[number * share : (number + 1) * share]))
    single = log.with_name("single.ndjson")
    single.write_bytes(lines[0])
    start = statistics.median(_run(command, [single] * processes) for _ in range(runs))
    return len(lines) / (statistics.median(_run(command, files) for _ in range(runs)) - start)


def _run(command: Sequence[str], files: Sequence[Path]) -> float:
    """Processor seconds of the longest of the processes, one for each file and on a core of its own."""
    cores = sorted(os.sched_getaffinity(0))
    *start, last = command
    arguments = [[*start, f"@{file}"] if last == "@" else [*command, str(file)] for file in files]
    running = [
        subprocess.Popen(["taskset", "-c", str(core), *each], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for core, each in zip(cores, arguments, strict=False)
    ]
    usages = [os.wait4(process.pid, 0)[2] for process in running]
    return max(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
