"""``up``, ``serve``, ``collect`` and ``work``: the processes of an installation."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from fengsui.cli.options import DataDir
from fengsui.processes.supervisor import end_with_parent
from fengsui.settings import load_settings

Demo = Annotated[bool, typer.Option("--demo", help="With the sample city: its logs are replayed as if today.")]
Supervised = Annotated[bool, typer.Option("--supervised", hidden=True)]


def up(
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(help="Port of the console and the API.")] = None,
    demo: Demo = False,  # noqa: FBT002 (an option of the command line)
) -> None:
    """Run everything on this machine, in one process tree."""
    from fengsui.processes.up import run_up  # noqa: PLC0415 (the other commands start faster without it)

    settings = load_settings(data_dir=data_dir)
    raise typer.Exit(run_up(settings, port or settings.api.port, demo=demo))


def serve(data_dir: DataDir = None, supervised: Supervised = False) -> None:  # noqa: FBT002 (as above)
    """Run the API and the console."""
    from fengsui.processes.serve import run_serve  # noqa: PLC0415 (as above)

    if supervised:
        end_with_parent()
    run_serve(load_settings(data_dir=data_dir))


def collect(data_dir: DataDir = None, demo: Demo = False, supervised: Supervised = False) -> None:  # noqa: FBT002 (as above)
    """Run the collectors, and detection too where no Kafka is between them."""
    from fengsui.processes.collect import run_collect  # noqa: PLC0415 (as above)

    if supervised:
        end_with_parent()
    run_collect(load_settings(data_dir=data_dir), demo=demo)


def detection_worker(data_dir: DataDir = None, supervised: Supervised = False) -> None:  # noqa: FBT002 (as above)
    """Store and match what collectors sent through Kafka; as many may run as there are partitions."""
    from fengsui.processes.detection_worker import run_detection_worker  # noqa: PLC0415 (as above)

    if supervised:
        end_with_parent()
    run_detection_worker(load_settings(data_dir=data_dir))


def work(data_dir: DataDir = None, supervised: Supervised = False) -> None:  # noqa: FBT002 (as above)
    """Run what takes long: scans of data."""
    from fengsui.processes.work import run_work  # noqa: PLC0415 (as above)

    if supervised:
        end_with_parent()
    run_work(load_settings(data_dir=data_dir))


def demo_gateway(data_dir: DataDir = None, supervised: Supervised = False) -> None:  # noqa: FBT002 (as above)
    """Run the sample city's gateway, which blocks what playbooks ask for; `up --demo` runs it by itself."""
    from fengsui.demo_gateway import register_demo_gateway  # noqa: PLC0415 (as above)
    from fengsui.processes.foundation import open_records  # noqa: PLC0415 (as above)
    from fengsui.processes.gateway import run_gateway  # noqa: PLC0415 (as above)

    if supervised:
        end_with_parent()
    settings = load_settings(data_dir=data_dir)
    with closing(open_records(settings)) as records:
        gateway = register_demo_gateway(records, settings)
    run_gateway(gateway)
