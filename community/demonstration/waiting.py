"""Texts of the demo community that wait for a second person: an article of the blog, and a change of another one."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.db import execute, fetch_one
from community.demonstration.shapes import DemoContent
from community.spaces.models import SpaceKind
from community.spaces.queries import load_viewer
from community.threads.history import Brought
from community.threads.queries import get_body, get_post
from community.waiting import publishing
from community.waiting.holding_rules import Rule, RuleKind
from community.waiting.rules import RuleRow, add_rule

_ARTICLE_TITLE = "Was sich bei der Störungsannahme ändert"
_ARTICLE = """Ab dem nächsten Quartal nehmen wir Störungen rund um die Uhr auch über das Kundenportal an.

* Sie sehen dort den Stand Ihrer Meldung, ohne anzurufen.
* Wer eine Rückrufnummer hinterlegt, wird bei jeder Änderung benachrichtigt.

Die Telefonnummer auf Ihrer Rechnung bleibt dieselbe."""
_ADDED = "\n\n**Nachtrag:** Die Termine für das nächste Halbjahr stehen jetzt im Kundenportal."


async def fill_waiting(
    content: DemoContent,
    members: Mapping[str, int],
    spaces: Mapping[str, int],
    threads: Mapping[str, Brought],
) -> None:
    """From now on articles of the blog wait; `members` by nickname, `spaces` by slug, `threads` by their id."""
    blog = next((space for space in content.spaces if space.kind == SpaceKind.BLOG), None)
    writer_name = next((each.nickname for each in content.members if each.demo_login == "marketing"), None)
    if blog is None or writer_name is None:
        return
    await execute(
        "UPDATE spaces SET articles_wait = :yes WHERE id = :id", {"yes": True, "id": spaces[blog.slug]}
    )
    await _add_rules(members, content)
    writer, cards = await load_viewer(members[writer_name])
    card = next(card for card in cards if card.id == spaces[blog.slug])
    await publishing.start_thread(
        card, title=_ARTICLE_TITLE, body=_ARTICLE, tags=("stoerung", "kundenportal"), by=writer
    )
    article = next((thread.id for thread in content.threads if thread.space == blog.slug), None)
    if article is not None:
        await _change(threads[article], members)


async def _add_rules(members: Mapping[str, int], content: DemoContent) -> None:
    """The usual ones, switched on for links alone: the others are there to be tested and completed."""
    moderator = next((each.nickname for each in content.members if each.demo_login == "moderator"), None)
    if moderator is None:
        return
    by, _cards = await load_viewer(members[moderator])
    for name, is_on, rule in (
        ("Links neuer Mitglieder", True, Rule(RuleKind.LINKS, posts=1)),
        ("Viele Texte auf einmal", False, Rule(RuleKind.BURST, posts=5, minutes=10, days=3)),
        (
            "Werbung",
            False,
            Rule(RuleKind.WORDS, words=("casino*", "viagra", "sofortkredit", "gratis gewinnen")),
        ),
    ):
        await add_rule(RuleRow(0, name, is_on, None, "", rule), by=by)


async def _change(article: Brought, members: Mapping[str, int]) -> None:
    """The author of an article adds a line to it."""
    row = await fetch_one("SELECT author_id FROM posts WHERE id = :id", {"id": article.opening_id})
    if row is None or row["author_id"] not in members.values():
        return
    author, _cards = await load_viewer(row["author_id"])
    post, thread = await get_post(article.opening_id, author)
    await publishing.edit_post(
        post,
        thread,
        body=await get_body(post.id) + _ADDED,
        version=post.version,
        by=author,
        title=thread.title,
        tags=thread.tags,
    )
