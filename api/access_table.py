"""Who may call what: every endpoint beside every role, as a document (``python -m api.access_table``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.access import Requires
from api.identity.policy import RolePolicy, role_policy
from api.routes import ROUTERS

Reach = Literal["all", "own", "none"]
"""Whether a role may call an endpoint for all units, for its account's own units and those below, or not at all."""
_SIGNS: dict[Reach, str] = {"all": "●", "own": "○", "none": ""}
_HEAD = """# Who may call what 谁能调用什么

Made by `python -m api.access_table`; a test calls every endpoint as every role and compares.

● for all units · ○ for the account's own units and those below them: what belongs to others is as if it were not
there · empty: refused. Endpoints that name no scope are open to everyone who is signed in, for their own account
alone, or to nobody signed in (sign-in and the checks of health).

由 `python -m api.access_table` 生成；有一项测试以每个角色调用每个接口并与本表核对。

● 全部单位 · ○ 账号所属单位及其下级单位：他人的如同不存在 · 空：拒绝。未列权限的接口，登录的人都可调用，
且只限于本人账号；登录和健康检查无需登录。
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method of a path, and the scope it demands; None where being signed in is enough or nothing is demanded."""

    method: str
    path: str
    scope: str | None
    signed_in: bool


def endpoints(routers: tuple[APIRouter, ...] = ROUTERS) -> Iterator[Endpoint]:
    """Every endpoint of the HTTP API, in the order of its routers."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                demanded = _demanded(route.dependant)
                scope = demanded.scope if demanded else None
                for method in sorted(route.methods or ()):
                    yield Endpoint(method, route.path, scope, demanded is not None)


def reach(policy: RolePolicy, role: str, endpoint: Endpoint) -> Reach:
    """How far a role may call an endpoint."""
    if endpoint.scope is None:
        return "all"
    if endpoint.scope not in policy.roles[role].scopes:
        return "none"
    return "all" if endpoint.scope in policy.scopes_everywhere([role]) else "own"


def document(policy: RolePolicy) -> str:
    """The table as Markdown."""
    roles = list(policy.roles)
    labels = [policy.roles[role].label for role in roles]
    names = " | ".join(f"{label.zh}<br>{label.en}" for label in labels)
    lines = [_HEAD, f"| endpoint 接口 | scope 权限 | {names} |"]
    lines.append("|---|---|" + ":-:|" * len(roles))
    for each in endpoints():
        signs = " | ".join(_SIGNS[reach(policy, role, each)] for role in roles)
        lines.append(f"| {each.method} `{each.path}` | {each.scope or ''} | {signs} |")
    return "\n".join(lines) + "\n"


def _demanded(dependant: Any) -> Requires | None:  # noqa: ANN401 (FastAPI's own tree)
    if isinstance(dependant.call, Requires):
        return dependant.call
    return next((found for inner in dependant.dependencies if (found := _demanded(inner))), None)


if __name__ == "__main__":
    sys.stdout.write(document(role_policy()))
