"""Who may come in: whoever has the token, by this machine's own name, with small uploads."""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs


__all__ = ["COOKIE", "LARGEST_UPLOAD", "Door"]

COOKIE = "windrow_token"

LARGEST_UPLOAD = 16 << 20
"""Bytes of a request."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _TooLarge(Exception):  # noqa: N818 - it is what it says
    """A body has more bytes than it may."""


class Door:
    """ASGI middleware. The page's address brings the token; a cookie keeps it from then on.

    The name by which a browser came is checked too: else a page elsewhere could have its own name
    stand for 127.0.0.1.

    Parameters
    ----------
    app : ASGI application
        What is behind it.
    token : :class:`str`
        The secret.
    port : :class:`int`
        Where it listens.
    """

    def __init__(self, app: Any, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):  # start and end of the server
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1")
                   for name, value in scope["headers"]}
        origin = headers.get("origin", "http://" + headers.get("host", "")).partition("://")[2]
        if not {headers.get("host"), origin} <= self._hosts:
            await self._refuse(scope, send, 403, "this page is for this machine alone")
        elif self._is_token(_cookie(headers.get("cookie", ""))):
            await self._let_in(scope, receive, send, headers)
        elif scope["type"] == "http" and self._is_token(
                parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]):
            await _answer(send, 303, b"", [
                (b"location", b"/" + scope["path"].lstrip("/\\").encode()),
                (b"set-cookie", f"{COOKIE}={self._token}; HttpOnly; SameSite=Strict; "
                                "Path=/".encode())])
        else:
            await self._refuse(scope, send, 403, "open the address that `windrow web` printed: it "
                                                 "has the token")

    async def _let_in(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]
    ) -> None:
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > LARGEST_UPLOAD:
            await self._refuse(scope, send, 413, "at most 16 MB")
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if scope["type"] == "http":
                taken += len(message.get("body", b""))
                if taken > LARGEST_UPLOAD:
                    raise _TooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLarge:
            await self._refuse(scope, send, 413, "at most 16 MB")

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())

    @staticmethod
    async def _refuse(scope: Scope, send: Send, status: int, reason: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _answer(send, status, f"windrow: {reason}\n".encode(), [])


async def _answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()), *headers]})
    await send({"type": "http.response.body", "body": body})


def _cookie(text: str) -> str:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
