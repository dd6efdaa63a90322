"""The console's pages in the groups under which people look for them."""

from __future__ import annotations

from dataclasses import dataclass

from api.identity.principal import Principal


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A page in the navigation, for those who hold its scope."""

    key: str
    path: str
    scope: str


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Pages that belong to the same kind of work; its own link leads to the first of them."""

    key: str
    items: tuple[NavigationItem, ...]

    def holds(self, key: str) -> bool:
        """Whether a page is one of the group's."""
        return any(item.key == key for item in self.items)


_GROUPS = (
    NavigationGroup(
        "operations",
        (
            NavigationItem("queue", "/alerts", "alerts:read"),
            NavigationItem("incidents", "/incidents", "incidents:read"),
            NavigationItem("notices", "/notices", "notices:read"),
            NavigationItem("performance", "/performance", "performance:read"),
            NavigationItem("playbooks", "/playbooks", "playbooks:read"),
            NavigationItem("runs", "/runs", "runs:read"),
            NavigationItem("approvals", "/approvals", "runs:read"),
            NavigationItem("assessments", "/assessments", "compliance:read"),
            NavigationItem("search", "/search", "events:read"),
            NavigationItem("rules", "/rules", "rules:read"),
            NavigationItem("coverage", "/coverage", "rules:read"),
            NavigationItem("exceptions", "/exceptions", "exceptions:read"),
            NavigationItem("silences", "/silences", "silences:read"),
            NavigationItem("indicators", "/indicators", "indicators:read"),
        ),
    ),
    NavigationGroup(
        "data",
        (
            NavigationItem("catalog", "/catalog", "registry:read"),
            NavigationItem("flows", "/flows", "registry:read"),
            NavigationItem("grants", "/grants", "registry:read"),
            NavigationItem("consumers", "/consumers", "registry:read"),
            NavigationItem("review", "/review", "classification:read"),
            NavigationItem("scans", "/scans", "classification:read"),
            NavigationItem("try_out", "/classify", "classification:read"),
            NavigationItem("units", "/units", "registry:read"),
            NavigationItem("systems", "/systems", "registry:read"),
            NavigationItem("registry_import", "/registry/import", "registry:write"),
        ),
    ),
    NavigationGroup(
        "administration",
        (
            NavigationItem("sources", "/sources", "sources:read"),
            NavigationItem("dead_letters", "/dead-letters", "dead-letters:read"),
            NavigationItem("keys", "/api-keys", "api-keys:read"),
            NavigationItem("webhooks", "/webhooks", "webhooks:read"),
            NavigationItem("accounts", "/accounts", "users:read"),
            NavigationItem("account_requests", "/account-requests", "account-requests:read"),
            NavigationItem("audit_trail", "/audit-trail", "audit:read"),
        ),
    ),
)


def navigation_of(principal: Principal | None) -> list[NavigationGroup]:
    """The groups with the pages that somebody may open; groups without any are left out."""
    if principal is None:
        return []
    seen = [NavigationGroup(each.key, _open_to(principal, each)) for each in _GROUPS]
    return [group for group in seen if group.items]


def first_page(principal: Principal | None) -> str:
    """Where somebody's work begins: the first page that they may open, their own account where there is none."""
    groups = navigation_of(principal)
    return groups[0].items[0].path if groups else "/account"


def _open_to(principal: Principal, group: NavigationGroup) -> tuple[NavigationItem, ...]:
    return tuple(item for item in group.items if principal.may(item.scope))
