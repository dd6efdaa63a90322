"""The console: pages rendered on the server, in Chinese and English, usable by keyboard.

``templates`` and ``static`` need no build step; ``locales`` holds every word that a page shows.
"""

from __future__ import annotations

from fastapi import APIRouter

from api.console.pages import (
    account,
    accounts,
    alert,
    approvals,
    assessment_item,
    assessments,
    audit_trail,
    catalog,
    coverage,
    dead_letters,
    events,
    exceptions,
    flows,
    grants,
    incident,
    incidents,
    indicators,
    keys,
    notices,
    organization,
    performance,
    playbooks,
    preferences,
    queue,
    reminders,
    review,
    rule_insight,
    rules,
    runs,
    scans,
    search,
    sign_in,
    silences,
    sources,
    try_out,
    webhooks,
)
from api.console.problem_page import render_problem

PAGES: tuple[APIRouter, ...] = (
    sign_in.router,
    preferences.router,
    queue.router,
    alert.router,
    incidents.router,
    incident.router,
    notices.router,
    reminders.router,
    performance.router,
    playbooks.router,
    runs.router,
    approvals.router,
    assessments.router,
    assessment_item.router,
    search.router,
    events.router,
    dead_letters.router,
    sources.router,
    rule_insight.router,
    rules.router,
    coverage.router,
    exceptions.router,
    silences.router,
    indicators.router,
    keys.router,
    webhooks.router,
    account.router,
    accounts.router,
    audit_trail.router,
    catalog.router,
    flows.router,
    grants.router,
    review.router,
    scans.router,
    try_out.router,
    organization.router,
)

__all__ = ["PAGES", "render_problem"]
