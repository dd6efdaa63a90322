"""The shape of the policy of reading and scanning (``policies/classification/scans.yml``)."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from policies import load_policy


class SamplingMethod(StrEnum):
    """How the rows of a database's table are chosen."""

    RANDOM = "random"
    FIRST = "first"
    ALL = "all"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sampling(_Strict):
    """Which rows of a database's table are read."""

    method: SamplingMethod
    rows: PositiveInt


class WorkbookLimits(_Strict):
    """What opening one sheet may take."""

    memory_bytes: PositiveInt
    seconds: PositiveInt
    expanded_bytes: PositiveInt


class ReadingLimits(_Strict):
    """How far hostile or broken input is followed."""

    batch_rows: PositiveInt
    block_characters: PositiveInt
    row_characters: PositiveInt
    cell_characters: PositiveInt
    columns: PositiveInt
    nesting: PositiveInt
    header_rows: PositiveInt
    workbook: WorkbookLimits


class DatabaseLimits(_Strict):
    """What a look into a database may cost it."""

    statement_seconds: PositiveFloat
    lock_seconds: PositiveFloat
    connect_seconds: PositiveInt
    cell_characters: PositiveInt
    sample_oversize: PositiveInt
    system_schemas: frozenset[str]


class Driver(_Strict):
    """What a kind of database needs: packages to install, and how its address is written."""

    packages: tuple[str, ...]
    address: str


class RegisteredSources(_Strict):
    """Which databases may be registered over the API."""

    dialects: frozenset[str]
    options: frozenset[str]


class ScanWork(_Strict):
    """How scans run in the background."""

    workers: PositiveInt
    poll_seconds: PositiveFloat
    report_seconds: PositiveFloat
    lease_seconds: PositiveInt
    rescan_on_new_detectors: bool


class ScanPolicy(_Strict):
    """How data is read when it is classified, and how scans run."""

    sampling: Sampling
    limits: ReadingLimits
    databases: DatabaseLimits
    drivers: dict[str, Driver]
    registered: RegisteredSources
    work: ScanWork


def sampling_of(method: str | None, rows: int | None) -> Sampling:
    """The policy's sampling, with what is given in its place."""
    policy = scan_policy().sampling
    return Sampling(method=SamplingMethod(method or policy.method), rows=rows or policy.rows)


@cache
def scan_policy() -> ScanPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/scans.yml", ScanPolicy)
