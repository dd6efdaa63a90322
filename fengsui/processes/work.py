"""``work``: what takes long and runs beside everything else: scans, playbooks, webhooks, assessments, reports."""

from __future__ import annotations

import signal
import threading
from contextlib import closing

from api.identity.repository import mail_addresses
from api.key_suspension import suspend_api_key
from api.platform_facts import platform_facts
from api.readiness import check_stores
from classification.scans import DataSourceRegister
from classification.scans.worker import ScanWorkers
from compliance import AssessmentSources, ComplianceWorker
from fengsui.call_guard import call_guard
from fengsui.event_store import open_store
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.process import listening, process_figures
from fengsui.monitoring.readiness import check_surroundings
from fengsui.monitoring.tracing import configure_tracing
from fengsui.processes.foundation import open_records, prepare_data_dir, secrets_key, trail_trust
from fengsui.settings import MailSection, Settings
from playbooks import MailSettings, Ports, WorkSurroundings, build_worker


def run_work(settings: Settings) -> None:
    """Work until told to end; what is unfinished then is gone on with at the next start."""
    configure_logs(settings.monitoring, "work")
    configure_tracing(settings.monitoring, "work")
    prepare_data_dir(settings)
    figures = process_figures(settings, "work")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with closing(open_records(settings)) as records, closing(open_store(settings)) as events:
        scans = ScanWorkers(records, DataSourceRegister(secrets_key(settings), settings.scan_limits))
        playbooks = build_worker(records, _surroundings(settings))
        measured = MeasuredEventStore(events, figures)
        sources = AssessmentSources(measured, platform_facts(records), trail_trust(settings))
        assessments = ComplianceWorker(records, sources)
        checks = {**check_stores(records, events), **check_surroundings(settings)}
        with listening(settings, settings.monitoring.work_port, figures, checks):
            scans.start()
            assessments.start()
            playbooks.start()
            stop.wait()
            playbooks.stop()
            assessments.stop()
            scans.stop()


def _surroundings(settings: Settings) -> WorkSurroundings:
    mail = settings.playbooks.mail
    return WorkSurroundings(
        data_dir=settings.data_dir,
        secrets_key=secrets_key(settings),
        guard=call_guard(settings),
        ports=Ports(suspend_api_key),
        mail=lambda: _mail(mail) if mail else None,
        people=mail_addresses,
    )


def _mail(section: MailSection) -> MailSettings:
    file = section.password_file
    return MailSettings(
        host=section.host,
        port=section.port,
        sender=section.sender,
        encryption=section.encryption,
        user=section.user,
        read_password=(lambda: file.read_text(encoding="utf-8").strip()) if file else None,
        authorities=str(section.authorities) if section.authorities else None,
    )
