"""Data flows of running processes and of files: the enrichment with its registry, scanner and keys."""

from __future__ import annotations

import gc
import secrets
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from audit.entry import Actor
from classification.masking import Fingerprints, TextHit, load_fingerprints
from classification.text.scanner import text_scanner
from collectors.delivery import Stages, StoredDeadLetter
from collectors.enrichment import SEALING, FlowEnricher, LetterProtection
from detection.alerts import AlertUpdate
from events import Event, now_ms
from fengsui.errors import FengsuiError
from fengsui.processes.foundation import secrets_key
from fengsui.settings import Settings
from registry import ImportFileError, LiveRegistry, RegistryIndex, UnitScope
from registry.importing import ImportKind, import_file
from registry.index import Attribution
from registry.registers import Editor
from registry.registers.accounts import note_uses
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from store.records.secrets import SecretBox

Matches = TypeVar("Matches")
_KEY_BYTES = 32


class _SharedScanner:
    """The text scanner, made when the first text needs it."""

    def find(self, text: str) -> Sequence[TextHit]:
        """What it finds."""
        return text_scanner().find(text)


class LiveFlows:
    """Enriches what a process delivers; a change of the registry holds from the next batch."""

    def __init__(self, settings: Settings, records: RecordsDatabase) -> None:
        """Load the registry and the keys of the data folder.

        Raises:
            FingerprintKeyError: the key file can't be read or made, or is damaged.
        """
        fingerprints = load_fingerprints(settings.data_dir)
        self._registry = LiveRegistry(records)
        self._attribution = Attribution(self._registry.current)
        self._enricher = enricher_of(lambda: self._registry.current, fingerprints)
        box = SecretBox(secrets_key(settings), SEALING)
        self._protection = LetterProtection(_SharedScanner(), fingerprints, box)
        gc.freeze()  # a registry with many grants would be gone through again and again

    def within(self, stages: Stages[Matches]) -> Stages[Matches]:
        """The stages with enrichment among them."""
        return replace(stages, enrich=self.enrich, protect=self._protection.protect, unseal=self.unseal)

    def unseal(self, letter: StoredDeadLetter) -> bytes:
        """The bytes of a dead letter's record.

        Raises:
            SecretError: it was sealed with another key.
        """
        return self._protection.unseal(letter)

    def enrich(self, events: Sequence[Event]) -> None:
        """Enrich a batch by the registry as it is now."""
        self._registry.refresh()
        self._enricher.enrich(events)

    def accountable(self, update: AlertUpdate) -> AlertUpdate:
        """An alert over events that are gone by, with the unit and system that its entities name."""
        if self._attribution.index is not self._registry.current:
            self._attribution = Attribution(self._registry.current)
        unit_id, system_id = self._attribution.parties({**update.entity, "event.dataset": update.dataset})
        return replace(update, unit_id=unit_id, system_id=system_id)

    def record(self, session: Session) -> None:
        """Keep when accounts were used, in the transaction that accounts for the batch."""
        uses = self._enricher.last_uses
        note_uses(session, uses.new())
        event.listen(session, "after_commit", lambda _: uses.account_for(), once=True)


def enricher_of_files(folder: Path) -> FlowEnricher:
    """An enricher by registers in files (``index_of_files``); people are told apart by a key that is not kept.

    Raises:
        FengsuiError: a file can't be read, or holds rows that contradict the others.
    """
    index = index_of_files(folder)
    return enricher_of(lambda: index, Fingerprints(secrets.token_bytes(_KEY_BYTES)))


def enricher_of(registry: Callable[[], RegistryIndex], fingerprints: Fingerprints) -> FlowEnricher:
    """An enricher by any registry."""
    return FlowEnricher(registry, _SharedScanner(), fingerprints)


def index_of_files(folder: Path) -> RegistryIndex:
    """A registry out of CSV or Excel files named as they are imported: ``units.csv``, ``grants.xlsx`` and so on.

    Raises:
        FengsuiError: a file can't be read, or holds rows that contradict the others.
    """
    with (
        tempfile.TemporaryDirectory() as temporary,
        closing(RecordsDatabase(f"sqlite:///{temporary}/registry.sqlite3")) as records,
    ):
        upgrade(records)
        for kind, path in _registers(folder):
            _import(records, kind, path)
        return LiveRegistry(records).current


def _registers(folder: Path) -> list[tuple[ImportKind, Path]]:
    """The files in the order in which entries refer to each other."""
    found = [(kind, path) for kind in ImportKind for path in sorted(folder.glob(f"{kind.value}.*"))]
    if not found:
        raise FengsuiError(f"{folder}: no register in it; it holds files such as units.csv, resources.csv, grants.csv")
    return found


def _import(records: RecordsDatabase, kind: ImportKind, path: Path) -> None:
    editor = Editor(ChangedBy(Actor("system", "detect", "detect"), now_ms()), UnitScope.everything())
    try:
        report = import_file(records, kind, path.read_bytes(), editor)
    except (ImportFileError, OSError) as error:
        raise FengsuiError(f"{path}: {error}") from error
    if report.problems:
        first = report.problems[0]
        raise FengsuiError(f"{path}: row {first.row}, {first.column}: {first.message}; correct the file and try again")
