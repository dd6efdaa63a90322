"""What the API serves, which the guides are held against."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute


def routes_of(*routers: APIRouter) -> list[APIRoute]:
    routes = [route for router in routers for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in routes)
    return [route for route in routes if isinstance(route, APIRoute)]


def methods_of(*routers: APIRouter) -> list[tuple[str, APIRoute]]:
    """Each route by each of its methods."""
    return [(method, route) for route in routes_of(*routers) for method in sorted(route.methods or ())]


def addresses_of(*routers: APIRouter) -> set[str]:
    return {route.path for route in routes_of(*routers)}
