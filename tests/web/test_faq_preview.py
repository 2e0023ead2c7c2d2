"""How an entry will look before it is released, and which others are picked to stand beside it."""

from __future__ import annotations

from dataclasses import replace

from community.faq import actions, editorial
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import make_draft, make_published, make_solved, publish
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

TYPED = {
    "question": "How do I load the <profile>?",
    "short_answer": "In the customer centre, under Router.",
    "steps": "1. Open it\n2. **Load** it",
    "language": "en",
    "audience": "public",
    "do": "theme",
}


async def test_the_version_in_work_is_seen_in_the_theme_by_editors_alone(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    moderator = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, question="A newer question?"), version=1, by=moderator)
    url = f"/moderation/faq/{entry_id}/preview"
    page = await (await visit(cast.moderator)).get(url)
    assert "<h1>A newer question?</h1>" in page.text
    assert "Preview of version 2" in page.text
    assert 'class="faq-answer"' in page.text
    assert page.headers["x-robots-tag"] == "noindex"
    assert "/feedback" not in page.text
    for who in (None, cast.asker, cast.marketing):
        assert (await (await visit(who)).get(url)).status_code == 404
    assert (
        "A newer question?" not in (await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)).text
    )


async def test_what_is_typed_is_seen_without_being_saved(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, cast.hidden_space)
    browser = await visit(cast.administrator)
    for path in ("/moderation/faq/preview", f"/moderation/faq/{entry_id}/preview"):
        page = await browser.post(path, data=TYPED, headers=ORIGIN)
        assert page.status_code == 200
        assert "<h1>How do I load the &lt;profile&gt;?</h1>" in page.text
        assert "<strong>Load</strong>" in page.text
        assert "nothing is saved yet" in page.text
        # Its sources lie where guests do not read.
        assert "Where it comes from" not in page.text
        assert "With thanks to" not in page.text
    entry = await editorial.get_editorial(await viewer_for(cast.administrator), entry_id)
    assert entry.version == 1
    assert (await browser.post("/moderation/faq/preview", data={}, headers=ORIGIN)).status_code == 200


async def test_picked_entries_stand_first_once_that_is_released(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    others = []
    for question in ("Which cable fits?", "Which bracket fits?", "Something else"):
        made = await make_draft(cast, thread, question=question)
        await publish(cast, made)
        others.append(made)
    entry_id = others.pop()
    browser, url = await visit(cast.moderator), f"/moderation/faq/{entry_id}"
    text = (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).text
    fields = {
        "question": text.question,
        "short_answer": text.short_answer,
        "steps": text.steps,
        "category": str(text.category_id),
        "language": text.language,
        "audience": text.audience,
        "version": "1",
        "seen": "",
    }
    found = (
        await browser.post(
            url, data={**fields, "do": "find", "related_words": "FITS bracket"}, headers=ORIGIN
        )
    ).text
    assert f'name="related_{others[1]}"' in found
    assert f'name="related_{others[0]}"' not in found
    too_many = {f"related_{number}": "1" for number in range(1, 7)}
    assert (await browser.post(url, data={**fields, **too_many}, headers=ORIGIN)).status_code == 422
    saved = await browser.post(url, data={**fields, f"related_{others[1]}": "1"}, headers=ORIGIN)
    assert saved.status_code == 303
    assert f'name="related_{others[1]}" value="1" checked' in (await browser.get(url)).text
    public = f"/faq/{entry_id}"

    async def order() -> bool:
        page = (await (await visit()).get(public, follow_redirects=True)).text
        page = page[page.index("More on this subject") :]
        return page.index("Which bracket fits?") < page.index("Which cable fits?")

    assert not await order()
    await publish(cast, entry_id, version=2)
    assert await order()
    assert "Which bracket fits?" in (await browser.get(f"{url}/history")).text


async def test_hints_on_reading_stand_below_the_form_and_keep_nobody_from_saving(
    cast: Cast, visit: Visit
) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(
        cast, thread, language="en", short_answer="The code is sent prior to the update."
    )
    browser, url = await visit(cast.moderator), f"/moderation/faq/{entry_id}"
    page = (await browser.get(url)).text
    assert "<mark>The code is sent prior to the update.</mark>" in page
    assert "<mark>prior to</mark> → before" in page
    fields = {
        **TYPED,
        "do": "preview",
        "short_answer": "It was broken <b>in order to</b> test.",
        "version": "1",
    }
    shown = await browser.post(url, data=fields, headers={**ORIGIN, "HX-Request": "true"})
    assert "<mark>in order to</mark> → to" in shown.text
    assert "&lt;b&gt;" in shown.text
