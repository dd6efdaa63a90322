"""Security headers on every answer (OWASP Secure Headers; CSP Level 3, without inline code)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
_VENDOR_CACHE = "public, max-age=31536000, immutable"
"""Vendored files carry their version in their path."""


class SecurityHeadersMiddleware:
    """Adds the headers; answers that are not static files are kept by no cache."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Wrap an application; ``secure`` when it is served over TLS."""
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _STRICT_TRANSPORT} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cache = _cache_control(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", cache)
                if request_id := scope.get("state", {}).get("request_id"):
                    headers["X-Request-ID"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _cache_control(path: str) -> str:
    """Our own static files are asked for again each time (by ETag), so that an upgrade shows at once."""
    if path.startswith("/static/vendor/"):
        return _VENDOR_CACHE
    return "no-cache" if path.startswith("/static/") else "no-store"
