"""The offer to put back what the browser kept: both texts come from the form, and go nowhere else."""

from __future__ import annotations

from community.threads.models import Draft
from tests.cast import Cast
from tests.fixtures import Visit


async def test_the_offer_shows_what_differs_and_writes_nothing(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    typed = {"kept": "It restarts <b>twice</b> each night", "shown": "It restarts each night"}
    answer = await asker.post("/drafts/kept", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<ins>" in answer.text
    assert "&lt;b&gt;twice&lt;/b&gt;" in answer.text
    assert "<html" not in answer.text
    assert await Draft.all().count() == 0


async def test_without_a_text_in_the_form_the_kept_one_is_shown_whole(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.asker)).post("/drafts/kept", data={"kept": "It restarts", "shown": ""})
    assert "It restarts</p>" in answer.text
    assert "<ins>" not in answer.text


async def test_guests_have_no_drafts(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(None)).post("/drafts/kept", data={"kept": "It restarts"})
    assert answer.status_code != 200


async def test_a_log_out_empties_the_storage_of_the_browser(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.asker)).post("/log-out")
    assert answer.headers["Clear-Site-Data"] == '"storage"'
