"""One scan from its listing to its end, wherever a worker before this one left off."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from classification.examination import Examiner
from classification.scans.claims import Claim, release
from classification.scans.data_sources import DataSourceRegister
from classification.scans.errors import InvalidDataSourceError, ScanInterruptedError
from classification.scans.heartbeat import Heartbeat
from classification.scans.models import ResourceState
from classification.scans.recording import Listed, record_end, record_examination, record_listing, record_missing
from classification.scans.repository import scan_resources
from classification.sources import Problem, Resource, Source, UnreadableError
from classification.sources.unexpected import unexpected
from registry import LiveRegistry
from store.records import RecordsDatabase


class ScanRun:
    """Runs claimed scans, one at a time; ``stop`` ends the present one so that it can be gone on with."""

    def __init__(self, records: RecordsDatabase, register: DataSourceRegister, stop: threading.Event) -> None:
        """Prepare; detectors are made at the first scan."""
        self._records = records
        self._register = register
        self._stop = stop
        self._examiner = Examiner()

    def run(self, claim: Claim) -> None:
        """Run a scan to its end, or until it is interrupted."""
        registry = LiveRegistry(self._records)
        try:
            source = self._register.open(claim.source, claim.sampling)
            with Heartbeat(self._records, claim, self._stop) as heartbeat:
                for listed in self._pending(claim, source, heartbeat):
                    heartbeat.resource = listed.resource.name
                    examination = self._examiner.examine(listed.resource, heartbeat.beat)
                    registry.refresh()
                    record_examination(self._records, claim, listed, examination, registry.current)
            record_end(self._records, claim)
        except (UnreadableError, InvalidDataSourceError) as error:
            record_end(self._records, claim, Problem(claim.source.location, str(error), error.fault))
        except ScanInterruptedError:
            release(self._records, claim)
        except SQLAlchemyError:
            raise  # of the records: another try may do
        except Exception as error:  # noqa: BLE001 (tried again and again it would hold up all other scans)
            record_end(self._records, claim, unexpected(claim.source.location, error))

    def _pending(self, claim: Claim, source: Source, heartbeat: Heartbeat) -> Iterator[Listed]:
        """The resources that are still to be looked at; those that are gone have failed."""
        found: list[Resource | Problem] = []
        for each in source.resources():
            heartbeat.beat(0)
            found.append(each)
        record_listing(self._records, claim, found)
        with self._records.read() as session:
            pending = scan_resources(session, claim.scan_id, [ResourceState.PENDING])
        by_name = {each.name: each for each in found if not isinstance(each, Problem)}
        record_missing(self._records, claim, [row.ordinal for row in pending if row.name not in by_name])
        for row in pending:
            if row.name in by_name:
                yield Listed(row.ordinal, by_name[row.name])
