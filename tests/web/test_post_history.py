"""Any two versions of a post side by side, for whoever may see its history."""

from __future__ import annotations

import html
import re

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from community.core.clock import now
from community.core.differences import differences
from community.threads.actions import edit_post
from community.threads.models import Post
from community.threads.order import hide_post
from community.web.post_history import _pairs_of
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit


async def _edited(cast: Cast) -> Post:
    answer = await make_answer(
        await make_thread(cast.open_space, cast.asker), cast.helper, "First.\n\nOne line."
    )
    await edit_post(answer.id, body="First.\n\nTwo lines.", version=1, by=cast.helper.id)
    await edit_post(answer.id, body="First.\n\nTwo lines.\n\nDone.", version=2, by=cast.moderator.id)
    return answer


def _cells(page: httpx2.Response) -> list[tuple[str, str]]:
    """What stands on the left and on the right, row by row."""
    text = re.sub(r'<span class="vh">.*?</span>', "", page.text)
    cells = re.findall(r'<td role="cell"><p class="diff">(.*?)</p></td>', text, re.DOTALL)
    return [
        (html.unescape(left), html.unescape(right))
        for left, right in zip(cells[::2], cells[1::2], strict=True)
    ]


async def test_two_chosen_versions_stand_side_by_side(cast: Cast, visit: Visit) -> None:
    answer = await _edited(cast)
    url = f"/posts/{answer.id}/history"
    member = await visit(cast.outsider)
    page = await member.get(url)
    assert _cells(page) == []
    assert f'href="{url}?older=2&amp;newer=3#compared"' in page.text
    page = await member.get(url, params={"older": "1", "newer": "3"})
    assert _cells(page)[:2] == [
        ("First.", "First."),
        ("<del>One line</del>.", "<ins>Two lines.\n\nDone</ins>."),
    ]
    assert re.search(r'<option value="1" selected>Version 1 – Helper', page.text)
    assert re.search(r'<option value="3" selected>Version 3 – Jana K.', page.text)
    # Whichever was named first, the older one stands on the left.
    assert _cells(await member.get(url, params={"older": "3", "newer": "1"})) == _cells(page)


async def test_what_is_no_version_compares_nothing(cast: Cast, visit: Visit) -> None:
    url, member = f"/posts/{(await _edited(cast)).id}/history", await visit(cast.outsider)
    for older, newer in (("1", "1"), ("0", "2"), ("x", "2"), ("1", "9"), ("1", "")):
        page = await member.get(url, params={"older": older, "newer": newer})
        assert page.status_code == 200
        assert _cells(page) == []


async def test_titles_and_tags_are_compared_too(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router", tags=("vpn",))
    opening = await opening_of(thread)
    await edit_post(opening.id, body=opening.body, version=1, by=cast.asker.id, title="Modem", tags=("dsl",))
    page = await (await visit(cast.outsider)).get(
        f"/posts/{opening.id}/history", params={"older": "1", "newer": "2"}
    )
    cells = _cells(page)
    assert cells[0] == ("<strong><del>Router</del></strong>", "<strong><ins>Modem</ins></strong>")
    assert cells[-1] == ("<del>vpn</del>", "<ins>dsl</ins>")


async def test_versions_are_compared_only_for_those_who_may_see_the_history(cast: Cast, visit: Visit) -> None:
    answer = await _edited(cast)
    url = f"/posts/{answer.id}/history?older=1&newer=3"
    assert (await (await visit()).get(url)).status_code == 303
    await hide_post(answer.id, by=await viewer_for(cast.moderator), reason="Not here")
    assert (await (await visit(cast.outsider)).get(url)).status_code == 404
    assert (await (await visit(cast.moderator)).get(url)).status_code == 200


async def test_a_post_with_one_version_offers_nothing_to_compare(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, at=now())
    page = await (await visit(cast.outsider)).get(f"/posts/{answer.id}/history")
    assert "Compare" not in page.text


texts = st.text(alphabet="ab .\n", max_size=40)


@given(texts, texts)
def test_no_word_is_lost_between_the_rows(before: str, after: str) -> None:
    pairs = list(_pairs_of(differences(before, after)))
    for side, text in (("before", before), ("after", after)):
        said = "".join(segment.text for pair in pairs for segment in getattr(pair, side))
        assert said.replace("\n", "") == text.replace("\n", "")
    assert all(pair.before == pair.after for pair in pairs if pair.is_same)
