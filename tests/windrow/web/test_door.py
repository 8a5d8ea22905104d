"""Who comes in: whoever has the token, by this machine's name, with a small body."""

import asyncio
from typing import Any

import pytest

from windrow.web.door import COOKIE, LARGEST_UPLOAD, Door


PORT = 8642
HOST = f"127.0.0.1:{PORT}"
KNOWN = {"host": HOST, "cookie": f"other=1; {COOKIE}=secret"}


def ask(
    headers: dict[str, str], *, query: str = "", kind: str = "http", body: tuple[int, ...] = ()
) -> list[dict[str, Any]]:
    """What is sent back; the application behind it reads all and says `in`."""
    sent: list[dict[str, Any]] = []
    chunks = [{"type": "http.request", "body": bytes(size), "more_body": True} for size in body]
    chunks.append({"type": "http.request", "body": b"", "more_body": False})

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        while kind == "http" and (await receive())["more_body"]:
            pass
        await send({"type": "in"})

    async def receive() -> Any:
        return chunks.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "path": "/", "query_string": query.encode(),
             "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(Door(inside, "secret", PORT)(scope, receive, send))
    return sent


def test_the_cookie_lets_in() -> None:
    assert ask(KNOWN) == [{"type": "in"}]
    assert ask({**KNOWN, "host": f"localhost:{PORT}", "origin": f"http://{HOST}"}) == [
        {"type": "in"}]
    assert ask(KNOWN, kind="websocket") == [{"type": "in"}]


def test_the_token_brings_the_cookie() -> None:
    start, _ = ask({"host": HOST}, query="token=secret")
    assert start["status"] == 303
    headers = dict(start["headers"])
    assert headers[b"location"] == b"/"
    assert headers[b"set-cookie"] == (
        b"windrow_token=secret; HttpOnly; SameSite=Strict; Path=/")


@pytest.mark.parametrize("headers, query", [
    ({"host": HOST}, ""),
    ({"host": HOST}, "token=guess"),
    ({"host": HOST, "cookie": f"{COOKIE}=guess"}, ""),
    ({"host": HOST, "cookie": f"{COOKIE}="}, ""),
    ({**KNOWN, "host": f"elsewhere.example:{PORT}"}, ""),
    ({"cookie": KNOWN["cookie"]}, ""),
    ({**KNOWN, "origin": "http://elsewhere.example"}, ""),
    ({**KNOWN, "origin": f"http://127.0.0.1:{PORT + 1}"}, ""),
    ({**KNOWN, "origin": "null"}, ""),
])
def test_others_stay_outside(headers: dict[str, str], query: str) -> None:
    assert ask(headers, query=query)[0]["status"] == 403
    assert ask(headers, query=query, kind="websocket") == [{"type": "websocket.close",
                                                            "code": 1008}]


def test_what_is_sent_is_bounded() -> None:
    assert ask(KNOWN, body=(LARGEST_UPLOAD - 1, 1)) == [{"type": "in"}]
    assert ask(KNOWN, body=(LARGEST_UPLOAD, 1))[0]["status"] == 413
    assert ask({**KNOWN, "content-length": str(LARGEST_UPLOAD + 1)})[0]["status"] == 413
    assert ask({**KNOWN, "content-length": "-1"})[0]["status"] == 413
