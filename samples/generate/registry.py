"""The registers of the city as the files that Fengsui imports (``fengsui registry import``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial

from samples.generate import registry_catalog, registry_sharing, registry_units

Row = dict[str, str]
_COLUMNS = {
    "units": ("id", "name", "level", "parent_id", "chief_data_officer", "data_security_lead", "reviewer", "liaison"),
    "systems": (
        "id",
        "name",
        "operator_id",
        "owner_id",
        "supervisor_id",
        "level",
        "level_s",
        "level_a",
        "filing_number",
        "is_critical",
        "zone",
        "addresses",
        "log_names",
        "description",
    ),
    "resources": (
        "id",
        "name",
        "kind",
        "provider_id",
        "system_id",
        "database",
        "schema_name",
        "table",
        "method",
        "path",
        "sharing",
        "opening",
        "dedicated",
        "parents",
        "grade",
        "owner",
        "updated",
        "description",
    ),
    "fields": ("resource_id", "name", "label", "grade", "categories"),
    "consumers": ("id", "name", "kind", "unit_id", "company", "contract_end"),
    "accounts": ("id", "consumer_id", "system_id", "state"),
    "grants": (
        "id",
        "consumer_id",
        "provider_id",
        "resource_id",
        "fields",
        "purpose",
        "valid_from",
        "valid_to",
        "records_per_day",
        "subjects_per_day",
        "masked",
        "zones",
        "state",
        "requested_by",
        "approved_by",
        "approved",
    ),
}
_ROWS: dict[str, Callable[[], list[Row]]] = {
    "units": registry_units.units,
    "systems": registry_units.systems,
    "resources": registry_catalog.resources,
    "fields": registry_catalog.fields,
    "consumers": registry_sharing.consumers,
    "accounts": registry_sharing.accounts,
    "grants": registry_sharing.grants,
}


def _render(register: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS[register], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_ROWS[register]())
    return text.getvalue().encode()


FILES: dict[str, Callable[[], bytes]] = {f"{register}.csv": partial(_render, register) for register in _ROWS}
"""Name of the file, and what renders its bytes; in the order in which they are imported."""
