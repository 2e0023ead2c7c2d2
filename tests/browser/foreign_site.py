"""A company's website on another port, with a strict policy of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ForeignSite:
    """Serves `pages` by their paths, each with the policy that `policy_for` makes for a community."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.policy = ""
        self.address = ""


@contextmanager
def foreign_site() -> Iterator[ForeignSite]:
    site = ForeignSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.pages.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if site.policy:
                self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Another name, so that the browser takes it for another site and not only for another port.
    site.address = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def strict_policy(community: str) -> str:
    """What docs/faq-export.md says a website has to allow, and nothing besides."""
    return (
        f"default-src 'none'; script-src {community}; connect-src {community}; frame-src {community}; "
        "style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
