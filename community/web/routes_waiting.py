"""The part of the URL map for texts that wait for somebody's yes: for their authors, and for staff."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import moderation_rules, moderation_waiting, waiting

MEMBER, MODERATOR = Access.MEMBER, Access.MODERATOR
RULE = "/moderation/rules/{rule_id:int}"
OWN, STAFF = "/waiting/{text_id:int}", "/moderation/waiting/{text_id:int}"


def waiting_texts() -> list[BaseRoute]:
    return [
        get("/waiting", waiting.list_texts, "waiting.list", MEMBER),
        get(OWN, waiting.show_text, "waiting.show", MEMBER),
        post(OWN, waiting.rewrite_text, "waiting.rewrite", MEMBER),
        post(OWN + "/take-back", waiting.take_back_text, "waiting.take_back", MEMBER),
        get("/moderation/waiting", moderation_waiting.list_texts, "moderation.waiting", MODERATOR),
        get(STAFF, moderation_waiting.show_text, "moderation.waiting_text", MODERATOR),
        post(STAFF + "/release", moderation_waiting.release_text, "moderation.release_text", MODERATOR),
        post(STAFF + "/refuse", moderation_waiting.refuse_text, "moderation.refuse_text", MODERATOR),
        get(STAFF + "/edit", moderation_waiting.show_edit_form, "moderation.edit_text_form", MODERATOR),
        post(STAFF + "/edit", moderation_waiting.write_along, "moderation.edit_text", MODERATOR),
        get("/moderation/rules", moderation_rules.list_all, "moderation.rules", MODERATOR),
        get("/moderation/rules/new/{kind}", moderation_rules.show_new, "moderation.new_rule", MODERATOR),
        post("/moderation/rules/new/{kind}", moderation_rules.add_rule, "moderation.add_rule", MODERATOR),
        get(RULE, moderation_rules.show_rule, "moderation.rule", MODERATOR),
        post(RULE, moderation_rules.change_rule, "moderation.change_rule", MODERATOR),
        post(RULE + "/remove", moderation_rules.remove_rule, "moderation.remove_rule", MODERATOR),
    ]
