"""Thread pages for guests, rendered once and handed out as bytes for as long as nothing on them has changed.

Most visitors come from a search engine, read one thread and are not logged in. For them neither the viewer nor the
spaces are loaded: one statement says whether the kept page still is what would be rendered now. What is shown is
therefore exact at every moment, with several processes too; nothing is ever told to be stale, and a page that was
hidden is gone with the next request.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from community.core import i18n
from community.core.viewer import GUEST
from community.http.by_people import is_by_a_person
from community.http.sessions import cookie_name
from community.http.state import LANGUAGE_COOKIE, MODE_COOKIE, NOTICE_COOKIE
from community.threads.freshness import GuestMark, find_guest_mark

MOST_BYTES = 32 * 1024 * 1024
FRESH_SECONDS = 60.0
"""After this time a page is rendered anew, because it says "3 minutes ago"."""
LONGEST_QUERY = 200

_THREAD_PATH = re.compile(r"/threads/([0-9]{1,16})-[^/]*")
_ROUTE = SimpleNamespace(name="threads.show")
"""For the line in the log, as no route is asked."""
_ROW_AND_HEADERS = 1_000
"""What an entry costs beside its body and its key, roughly, in bytes."""
_SENT_WITH_304 = {b"etag", b"cache-control", b"vary", b"speculation-rules"}

Headers = tuple[tuple[bytes, bytes], ...]
Key = tuple[str, ...]


def accepted_encoding(accept: str) -> str:
    """The encoding in which a page is sent to somebody with this Accept-Encoding header; empty for none."""
    return "br" if "br" in accept else "gzip" if "gzip" in accept else ""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it was sent."""

    mark: GuestMark
    made_at: float
    headers: Headers
    body: bytes
    etag: str


class PageStore:
    """The pages of one process. When they grow beyond `most_bytes`, those not asked for the longest time go."""

    def __init__(
        self,
        *,
        most_bytes: int = MOST_BYTES,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most_bytes = most_bytes
        self.fresh_seconds = fresh_seconds
        self.clock = clock
        self.size = 0
        self._pages: OrderedDict[Key, KeptPage] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Key, mark: GuestMark) -> KeptPage | None:
        """The page, if it was made for this very mark and not too long ago; otherwise it is forgotten."""
        page = self._pages.get(key)
        if page is None:
            return None
        if page.mark != mark or self.clock() - page.made_at >= self.fresh_seconds:
            self.forget(key)
            return None
        self._pages.move_to_end(key)
        return page

    def keep(self, key: Key, page: KeptPage) -> None:
        self.forget(key)
        self._pages[key] = page
        self.size += _weight(key, page)
        while self.size > self.most_bytes:
            self.forget(next(iter(self._pages)))

    def forget(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.size -= _weight(key, page)


def _weight(key: Key, page: KeptPage) -> int:
    return len(page.body) + sum(map(len, key)) + _ROW_AND_HEADERS


class GuestPages:
    """Answers guests who ask for a thread from the store; everything else goes on to the application unseen.

    Stands outside `ViewerState`. Whoever sends a session cookie, valid or not, is not answered from here.
    """

    def __init__(
        self, app: ASGIApp, *, store: PageStore, note_reading: Callable[[int], object] = lambda _thread: None
    ) -> None:
        self.app = app
        self.store = store
        self.note_reading = note_reading
        """Told the thread of each page that comes from the store; the others are counted where they are made."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _THREAD_PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if path is None or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        key = _key(connection)
        # The mark is read before the page is rendered: a change in between leaves a page that is newer than its
        # mark, never an older one, and the next request sees the difference.
        mark = await find_guest_mark(int(path[1])) if key else None
        if key is None or mark is None:
            await self.app(scope, receive, send)
            return
        if_none_match = connection.headers.get("if-none-match", "")
        page = self.store.find(key, mark)
        if page is None:
            page = await self._render(scope, receive, send, mark)
            if page is None:
                return
            self.store.keep(key, page)
        else:
            scope["route"] = _ROUTE
            if b"page=" not in scope["query_string"] and is_by_a_person(connection.headers):
                self.note_reading(int(path[1]))
        await _answer(page, if_none_match, send)

    async def _render(self, scope: Scope, receive: Receive, send: Send, mark: GuestMark) -> KeptPage | None:
        """The page, fresh from the application; None if it answered something that is not kept, and has sent it."""
        # Without the condition, so that there is a page to keep; whether the reader has it is looked at later.
        scope["headers"] = [header for header in scope["headers"] if header[0] != b"if-none-match"]
        made_at = self.store.clock()
        answer = _Answer(send)
        await self.app(scope, receive, answer.receive)
        return answer.page(mark, made_at)


class _Answer:
    """Holds back an answer that may be kept; passes any other on as it comes."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.headers: Headers | None = None
        self.body = b""

    async def receive(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_keepable(message):
            self.headers = tuple(message["headers"])
        elif self.headers is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")

    def page(self, mark: GuestMark, made_at: float) -> KeptPage | None:
        if self.headers is None:
            return None
        etag = dict(self.headers)[b"etag"].decode("latin-1")
        return KeptPage(mark, made_at, self.headers, self.body, etag)


def _is_keepable(start: Message) -> bool:
    names = {name for name, _value in start["headers"]}
    return start["status"] == 200 and b"etag" in names and b"set-cookie" not in names


def _key(connection: HTTPConnection) -> Key | None:
    """All of the request that the page depends on; None for requests that are not answered from the store."""
    headers, cookies, query = connection.headers, connection.cookies, connection.scope["query_string"]
    if cookie_name() in cookies or NOTICE_COOKIE in cookies or len(query) > LONGEST_QUERY:
        return None
    if "hx-request" in headers or "authorization" in headers:
        return None
    chosen = cookies.get(LANGUAGE_COOKIE, "")
    accepted = headers.get("accept-language")
    return (
        connection.scope["path"],
        query.decode("latin-1"),
        chosen if chosen in i18n.languages() else "",
        i18n.negotiate(GUEST.language, chosen, None, accepted),
        cookies.get(MODE_COOKIE, "") if cookies.get(MODE_COOKIE) in ("light", "dark") else "",
        accepted_encoding(headers.get("accept-encoding", "")),
    )


async def _answer(page: KeptPage, if_none_match: str, send: Send) -> None:
    if page.etag in (tag.strip() for tag in if_none_match.split(",")):
        headers = [header for header in page.headers if header[0] in _SENT_WITH_304]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    # Each answer gets a list of its own: layers outside add their headers to it.
    await send({"type": "http.response.start", "status": 200, "headers": list(page.headers)})
    await send({"type": "http.response.body", "body": page.body})
