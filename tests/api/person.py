"""Somebody at a browser: their forms carry the token against forgery, and no header does."""

from __future__ import annotations

import httpx

Files = list[tuple[str, tuple[str, bytes]]]


class Person:
    """Takes the token of a client that is signed in; ``client`` then asks without it."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self._token = client.headers.pop("X-CSRF-Token")

    def see(self, path: str, **parameters: str | list[str]) -> str:
        answer = self.client.get(path, params=parameters or None)
        assert answer.status_code == 200, answer.text[-900:]
        return answer.text

    def send(self, path: str, files: Files | None = None, **fields: str) -> httpx.Response:
        return self.client.post(path, data={"csrf_token": self._token, **fields}, files=files)
