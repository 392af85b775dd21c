"""A page that is watched, and a server on the loopback."""

import functools
import http.server
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LOCAL_HOSTS = ("127.0.0.1", "localhost")


@dataclass
class Opened:
    """A page and what went wrong in it: `errors` of its scripts, `foreign` requests (blocked)."""

    page: object
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def collect(self) -> None:
        """Listen for errors and stop each request that would leave this machine."""

        def on_console(message) -> None:
            # a blocked request is told once, in `foreign`
            if message.type == "error" and "ERR_BLOCKED_BY_CLIENT" not in message.text:
                self.errors.append(message.text)

        def on_route(route) -> None:
            url = urlsplit(route.request.url)
            if url.scheme in ("http", "https", "ws", "wss") and url.hostname not in LOCAL_HOSTS:
                self.foreign.append(route.request.url)
                route.abort("blockedbyclient")
            else:
                route.continue_()

        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**/*", on_route)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line of log for each."""

    def log_message(self, *args) -> None:
        """Say nothing."""


class QuietServer(http.server.ThreadingHTTPServer):
    """A server that does not mind when a page is closed before it has loaded."""

    def handle_error(self, request, client_address) -> None:
        """Print what went wrong, unless the browser just hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(folder: Path, handler: type[QuietHandler] = QuietHandler) -> QuietServer:
    """Serve a folder on a free port of the loopback; the caller shuts it down."""
    handler = functools.partial(handler, directory=str(folder))
    server = QuietServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
