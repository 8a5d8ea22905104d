"""`windrow web`: a page on this machine to try designs in."""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import tempfile
import webbrowser
from pathlib import Path

from windrow.parser import Commands, add_command
from windrow.usage import UsageError, whole_number


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "web", run, takes="[--port N]",
        summary="open a page on this machine to try designs in",
        description="Serve a page on which to draw a kernel, choose a pipeline or give a network, "
                    "see what the hardware makes of a picture, what it takes of each device, run "
                    "it in Verilator, build it for a board and download its files. It is open to "
                    "this machine alone (127.0.0.1), and to whoever has the address with its "
                    "token. Needs the extra `web`. Ctrl-C ends it.",
        examples=("windrow web", "windrow web --no-browser --port 8642"),
    )
    parser.add_argument("--port", metavar="N", help="the port (one that is free)")
    parser.add_argument("--no-browser", action="store_true",
                        help="only print the address, and open no browser")
    parser.add_argument("-o", "--out", type=Path, metavar="DIR",
                        help="folder for all files that the page makes (a temporary one)")


def run(args: argparse.Namespace) -> int:
    """Serve until the end."""
    if args.json:
        raise UsageError("json is for commands that print a result: web serves a page")
    port = free_port() if args.port is None else port_number(args.port)
    token = secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{port}/?token={token}"
    with tempfile.TemporaryDirectory(prefix="windrow-web-") as temporary:
        folder = Path(temporary) if args.out is None else args.out.absolute()
        for name, part in (("NICEGUI_STORAGE_PATH", "storage"), ("TMPDIR", "temporary")):
            (folder / part).mkdir(parents=True, exist_ok=True)
            os.environ[name] = str(folder / part)
        tempfile.tempdir = None  # asked for again: uploads are kept there while they come
        import nicegui  # noqa: F401 - late: an extra; and with its storage in our folder

        from windrow.web.page import serve

        def opened() -> None:
            print(f"windrow web: {address}", flush=True)
            if not args.no_browser:
                webbrowser.open(address)

        serve(folder, token, port, opened)
    return 0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def port_number(text: str) -> int:
    """A port that can be listened on."""
    number = whole_number("port", text, most=65535)
    with socket.socket() as wanted:
        wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            wanted.bind(("127.0.0.1", number))
        except OSError as error:
            raise UsageError(f"port {text} cannot be used: {error.strerror}") from None
    return number
