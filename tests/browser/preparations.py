"""What the demo community lacks for one of every page to be seen: done as people do it, through the site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2

from tests.browser.demo_site import DemoSite

POSTS_ON_A_PAGE = 20
LONG_THREAD = "bis-wann-muss-ich-kuendigen-und-wo-sehe-ich-das-ende-der-laufzeit"
ANSWERED_THREAD = "zwei-kundenkonten-zu-einem-zusammenlegen"
INDEXED_SECONDS = 20


async def prepare(site: DemoSite, *, long_thread: bool = True) -> None:
    """A thread of more than one page, flags, a claim, a hidden answer, an edited post, unread notifications."""
    async with _logged_in(site, "small", "large", "expert", "moderator") as people:
        if long_thread:
            await _fill_long_thread(site, people)
        await _edit(site, people["small"])
        # A secret is offered, and nobody confirms it.
        password = site.people()["large"]["password"]
        await post(people["large"], "/settings/second-factor/app", password=password)
        await _flag(site, people)
        await _thank(site, people)
        await _solve_before_asking(site, people)
    await wait_for_notifications(site)


@asynccontextmanager
async def _logged_in(site: DemoSite, *parts: str) -> AsyncIterator[Mapping[str, httpx2.AsyncClient]]:
    people = {part: await site.client(part) for part in parts}
    try:
        yield people
    finally:
        for client in people.values():
            await client.aclose()


async def post(client: httpx2.AsyncClient, path: str, **fields: str) -> None:
    """Send a form; it has to lead somewhere."""
    answer = await client.post(path, data=fields)
    assert answer.status_code == 303, f"{path} answers {answer.status_code}: {answer.text[:2000]}"


async def _fill_long_thread(site: DemoSite, people: Mapping[str, httpx2.AsyncClient]) -> None:
    """Answers with the texts of other answers, so that a page of many posts is as long as real ones are."""
    thread_id = site.value("SELECT id FROM threads WHERE slug = ?", LONG_THREAD)
    texts = site.rows(
        "SELECT posts.body FROM posts JOIN threads ON threads.id = posts.thread_id "
        "WHERE posts.kind = 'answer' AND threads.language = 'de' AND threads.id <> ? "
        "ORDER BY posts.created_at, posts.id LIMIT ?",
        thread_id,
        POSTS_ON_A_PAGE + 2,
    )
    for number, (text,) in enumerate(texts):
        client = list(people.values())[number % len(people)]
        fields = {"body": text, "do": "publish", "confirm": "1", "submission": f"long-thread-{number}"}
        await post(client, f"/threads/{thread_id}/answers", **fields)


def flagged_posts(site: DemoSite) -> list[int]:
    """Three answers of customers who have no log-in of the demo, in spaces that everybody reads."""
    found = site.rows(
        "SELECT posts.id FROM posts JOIN threads ON threads.id = posts.thread_id "
        "JOIN spaces ON spaces.id = threads.space_id JOIN members ON members.id = posts.author_id "
        "WHERE posts.kind = 'answer' AND spaces.access = 'open' AND threads.language = 'de' "
        "AND members.nickname IN ('tk_bastler', 'elektro_jensen', 'flottenfuchs') "
        "ORDER BY posts.created_at, posts.id LIMIT 3"
    )
    return [row[0] for row in found]


async def _flag(site: DemoSite, people: Mapping[str, httpx2.AsyncClient]) -> None:
    first, second, third = flagged_posts(site)
    note = "Hier steht die Durchwahl eines Kollegen, bitte nehmen Sie sie heraus."
    await post(people["small"], f"/posts/{first}/flag", reason="personal", note=note)
    await post(
        people["large"], f"/posts/{first}/flag", reason="other", note="Stimmt, das gehört hier nicht hin."
    )
    await post(people["expert"], f"/posts/{second}/flag", reason="advertising", note="")
    await post(people["expert"], f"/posts/{third}/flag", reason="wrong_place", note="")
    item = site.value("SELECT id FROM work_items WHERE subject = ?", f"post:{second}")
    await post(people["moderator"], f"/moderation/items/{item}/claim")
    reason = "Der Beitrag wirbt für ein Angebot, das mit der Frage nichts zu tun hat."
    await post(people["moderator"], f"/moderation/posts/{third}/hide", reason=reason, ground="privacy")


async def _edit(site: DemoSite, client: httpx2.AsyncClient) -> None:
    """Somebody answers and adds a line, so that there is an earlier version to compare."""
    thread_id = site.value("SELECT id FROM threads WHERE slug = ?", ANSWERED_THREAD)
    text = "Bei uns ging das über das Kundencenter: Beide Konten nennen, und das Hauptkonto dazu."
    await post(client, f"/threads/{thread_id}/answers", body=text, do="publish", submission="edited-later")
    post_id, version = site.rows(
        "SELECT id, version FROM posts WHERE thread_id = ? AND kind = 'answer' ORDER BY created_at DESC LIMIT 1",
        thread_id,
    )[0]
    changed = text + "\n\nNachtrag: Die Rechnungen kommen seitdem zusammen."
    await post(client, f"/posts/{post_id}/edit", body=changed, version=str(version), do="publish")
    # Typed on another device into the first version: it meets the addition when it is saved.
    typed = {
        "body": f"{text}\n\nBei uns galt das ab dem nächsten Monat.",
        "version": str(version),
        "kind": "answer",
    }
    await post(client, f"/posts/{post_id}/edit", **typed, do="draft")


async def _thank(site: DemoSite, people: Mapping[str, httpx2.AsyncClient]) -> None:
    """Kudos for what the small company's customer wrote, and a comment that mentions them."""
    found = site.rows(
        "SELECT posts.id FROM posts JOIN members ON members.id = posts.author_id "
        "WHERE members.nickname = ? AND posts.kind <> 'comment' AND posts.hidden_at IS NULL "
        "ORDER BY posts.created_at DESC LIMIT 2",
        site.people()["small"]["nickname"],
    )
    for (post_id,) in found:
        await post(people["large"], f"/posts/{post_id}/kudos")
    nickname = site.people()["small"]["nickname"]
    text = f"Danke, @{nickname}, genau so machen wir es jetzt auch."
    await post(people["expert"], f"/posts/{found[0][0]}/comments", body=text, submission="thanks")


async def _solve_before_asking(site: DemoSite, people: Mapping[str, httpx2.AsyncClient]) -> None:
    """Two people begin a question, and what stands there already has solved it: figures for administrators."""
    thread_id = site.value("SELECT id FROM threads WHERE slug = ?", ANSWERED_THREAD)
    for part in ("small", "large"):
        await post(
            people[part], "/ask", title="Zwei Kundenkonten zusammenlegen", solved=f"thread-{thread_id}"
        )


async def wait_for_notifications(site: DemoSite) -> None:
    """The worker tells members a moment after something happened."""
    for _ in range(INDEXED_SECONDS * 10):
        if not site.value("SELECT count(*) FROM outbox_facts WHERE done_at IS NULL AND due_at <= created_at"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"The outbox is not drained:\n{site.log()}")
