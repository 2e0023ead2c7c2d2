"""The blog: its cards with pictures, what stands around one article, and who chooses its picture."""

from __future__ import annotations

import re
from datetime import timedelta

from community.attachments.models import Attachment
from community.core.clock import now
from community.core.markdown import render
from community.decisions.models import LogEntry, Release
from community.members.models import Member
from community.spaces.models import Space
from community.threads.models import Post, Thread
from community.waiting.models import WaitingText
from community.web.articles import reading_time
from tests.attachments.posted import File, png, posted, send
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

BASE = "http://127.0.0.1:8000"


async def article(space: Space, author: Member, title: str, days: float, *files: File) -> Thread:
    thread = await make_thread(
        space, author, title=title, body="From March on.", at=now() - timedelta(days=days)
    )
    for file in files:
        await posted((await opening_of(thread)).id, author, file)
    return thread


def titles(html: str) -> list[str]:
    return re.findall(r'<h2><a href="/threads/[^"]*">([^<]*)</a></h2>', html)


async def test_articles_stand_by_date_and_a_comment_moves_none(cast: Cast, visit: Visit) -> None:
    old = await article(cast.blog, cast.marketing, "Old news", 9)
    await article(cast.blog, cast.marketing, "Older news", 10)
    await article(cast.blog, cast.marketing, "New news", 1)
    await make_answer(old, cast.helper)
    guest = await visit()
    blog = (await guest.get("/blog")).text
    assert titles(blog) == ["New news", "Old news", "Older news"]
    write = "/ask?space=blog"
    assert write not in blog
    staff = await visit(cast.marketing)
    assert write in (await staff.get("/blog")).text
    assert "Text of the article" in (await staff.get(f"{write}&next=1&title=Fibre+for+all")).text
    page = (await guest.get(f"/threads/{old.id}-{old.slug}")).text
    near = page.split('class="neighbours"')[1].split("</nav>")[0]
    assert "Older news" in near.split('rel="next"')[0]
    assert "New news" in near.split('rel="next"')[1]
    await Thread.filter(title="Older news").update(hidden_at=now())
    assert "Older news" not in (await guest.get(f"/threads/{old.id}-{old.slug}")).text


async def test_the_picture_leads_everywhere(cast: Cast, visit: Visit) -> None:
    thread = await article(cast.blog, cast.marketing, "New tariffs", 1, png(1200, 675), png(400, 300))
    first, second = await Attachment.all().order_by("created_at")
    await Attachment.filter(id=first.id).update(alt="Two tariffs")
    guest, url = await visit(), f"/threads/{thread.id}-{thread.slug}"
    address = f"/attachments/{first.id}/"
    card = (await guest.get("/blog")).text.split('class="article__frame"')[1].split("</div>")[0]
    assert f'src="{address}small/' in card
    assert 'width="640" height="360"' in card
    assert address in (await guest.get("/")).text
    page = (await guest.get(url)).text
    assert 'alt="Two tariffs"' in page.split('class="article__lead"')[1].split("</a>")[0]
    assert page.count(f'src="{address}small/') == 1, "not once more among the files"
    assert f'property="og:image" content="{BASE}{address}' in page
    assert f'"image":"{BASE}{address}' in page.replace('"image": ', '"image":')
    entry = (await guest.get("/feeds/blog.atom")).text
    assert re.search(rf'rel="enclosure" type="image/png" length="{first.size}" href="{BASE}{address}', entry)
    assert "<summary>From March on.</summary>" in entry

    form = f"/threads/{thread.id}/picture"
    staff = await visit(cast.marketing)
    assert form in (await staff.get(url)).text
    assert (await (await visit(cast.helper)).get(form)).status_code == 404
    assert (await staff.post(form, data={"picture": "1"}, headers=ORIGIN)).status_code == 404
    chosen = await staff.post(form, data={"picture": str(second.id)}, headers=ORIGIN)
    assert chosen.headers["location"] == url
    # A form that was opened before names the files as they stood then.
    edited = {"title": "New tariffs", "body": "From April on.", "version": "1"}
    opening = await Post.get(thread_id=thread.id, kind="opening")
    saved = await staff.post(
        f"/posts/{opening.id}/edit", data={**edited, "attachments": f"{first.id},{second.id}"}, headers=ORIGIN
    )
    assert saved.status_code == 303, saved.text
    page = (await guest.get("/blog")).text
    assert "From April on." in page
    card = page.split('class="article__frame"')[1].split("</div>")[0]
    assert f"/attachments/{second.id}/small/" in card
    assert await LogEntry.all().count() == 0
    colleague = await visit(cast.moderator)
    await colleague.post(form, data={"picture": str(first.id)}, headers=ORIGIN)
    assert (await LogEntry.get()).act == "edit_post"
    question = await make_thread(cast.open_space, cast.asker)
    assert (await (await visit(cast.moderator)).get(f"/threads/{question.id}/picture")).status_code == 404


async def test_an_article_with_its_picture_waits_for_a_second_person(cast: Cast, visit: Visit) -> None:
    await Space.filter(id=cast.blog.id).update(articles_wait=True)
    writer, releaser, guest = await visit(cast.marketing), await visit(cast.moderator), await visit()
    fields = {
        "title": "Fibre for all",
        "space": "blog",
        "body": "We dig in March, all of us.",
        "tags": "fibre",
    }
    sent = await send(writer, "/ask", fields, [png()], ORIGIN)
    text, file = await WaitingText.get(), await Attachment.get()
    assert sent.headers["location"] == f"/waiting/{text.id}"
    picture = f"/attachments/{file.id}/small/{file.name}"
    assert "Fibre for all" not in (await guest.get("/blog")).text
    assert (await guest.get(picture)).status_code == 404
    release, version = f"/moderation/waiting/{text.id}/release", {"version": "1", "post_version": "0"}
    assert (await writer.post(release, data=version, headers=ORIGIN)).status_code in (404, 409)
    assert (await releaser.post(release, data=version, headers=ORIGIN)).status_code == 303
    assert await Release.filter(drafted_by=cast.marketing.id, released_by=cast.moderator.id).count() == 1
    assert picture.partition("/small/")[0] in (await guest.get("/blog")).text
    # A change of what is released waits as well.
    post = await Post.get(kind="opening")
    change = {
        "body": "We dig in April, all of us.",
        "title": "Fibre for all",
        "tags": "fibre",
        "version": "1",
    }
    await writer.post(f"/posts/{post.id}/edit", data={**change, "had": str(file.id)}, headers=ORIGIN)
    assert await WaitingText.filter(kind="edit", state="waiting").count() == 1
    thread = await Thread.get(id=post.thread_id)  # type: ignore[attr-defined]
    assert "March" in (await guest.get(f"/threads/{thread.id}-{thread.slug}")).text


def test_reading_time_is_counted_in_words() -> None:
    assert reading_time(render("word " * 20)) == "1 min read"
    assert reading_time(render("word " * 820)) == "4 min read"
