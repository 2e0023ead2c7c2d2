"""The part of the URL map for what the system proposes for the FAQ."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import faq_proposals

MODERATOR = Access.MODERATOR
LIST = "/moderation/faq/proposals"
PROPOSAL = LIST + "/{proposal_id:int}"


def deciding_about_proposals() -> list[BaseRoute]:
    return [
        get(LIST, faq_proposals.list_proposals, "faq.proposals", MODERATOR),
        post(LIST + "/dismiss", faq_proposals.dismiss, "faq.dismiss_proposals", MODERATOR),
        get(PROPOSAL, faq_proposals.show_proposal, "faq.proposal", MODERATOR),
        post(PROPOSAL + "/accept", faq_proposals.accept, "faq.accept_proposal", MODERATOR),
        post(PROPOSAL + "/merge", faq_proposals.merge, "faq.merge_proposal", MODERATOR),
        post(PROPOSAL + "/reopen", faq_proposals.reopen, "faq.reopen_proposal", MODERATOR),
    ]
