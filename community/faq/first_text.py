"""The first text of an entry, taken from a solved thread without a word of its own."""

from __future__ import annotations

from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.faq.asked import Asked, best_question
from community.faq.drafting import SHORT_ANSWER_AIM, draft_answer
from community.faq.reading import fit_beginning
from community.faq.rules import MEMBERS_AUDIENCE, PUBLIC_AUDIENCE, EntryText
from community.spaces.models import SpaceAccess
from community.threads.queries import ThreadView, get_answer, get_body, opening_of
from community.threads.writers import list_writers


async def text_from_thread(thread: ThreadView, viewer: Viewer) -> EntryText:
    """What the form of a new entry begins with: the question, the sentences that answer it, the steps.

    The entry is proposed for the public only where the thread is: anything else is a person's choice.
    """
    if thread.solution_post_id is None:
        raise RuleBroken(_("Only a solved thread can become an FAQ entry."))
    solution = await get_answer(thread.solution_post_id, thread, viewer)
    body = await get_body(solution.id)
    names = (await list_writers([thread.id])).get(thread.id, ())
    asked = Asked(thread.title, await get_body(await opening_of(thread.id)), thread.language)
    question = best_question([asked], names)
    draft = draft_answer(question, body, thread.language, names)
    return EntryText(
        question=question,
        # Somebody asked for a draft of this very thread: the beginning of the solution is better than nothing.
        short_answer=draft.short_answer or fit_beginning(body, SHORT_ANSWER_AIM, names),
        steps=draft.steps,
        language=thread.language,
        audience=PUBLIC_AUDIENCE if thread.space_access == SpaceAccess.OPEN else MEMBERS_AUDIENCE,
    )
