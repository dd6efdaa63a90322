"""The routes of the registry, one module a register."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.registry import accounts, consumers, files, grants, resources, systems, units

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    units.router,
    systems.router,
    resources.router,
    consumers.router,
    accounts.router,
    grants.router,
)

__all__ = ["ROUTERS"]
