"""The part of the URL map about who helps: experts, points and ranks, and the rules that make them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import (
    admin_badges,
    admin_experts,
    admin_people,
    admin_ranks,
    expert_asking,
    experts,
    warnings,
)


def recognition_routes() -> list[BaseRoute]:
    """Experts of a space for its readers; what makes experts and gives points and ranks, for administrators."""
    rules, person = "/admin/experts", "/admin/people/{nickname}/experts"
    asking = "/threads/{thread_id:int}/experts"
    one = f"{person}/{{space_id:int}}"
    staff = Access.ADMINISTRATOR
    return [
        get("/spaces/{slug}/experts", experts.show_space_experts, "experts.list", Access.SCOPED),
        get(asking, expert_asking.show_experts, "experts.choose", Access.MEMBER),
        post(asking, expert_asking.ask_expert, "experts.ask", Access.MEMBER),
        get(rules, admin_experts.list_rules, "admin.experts", staff),
        get(f"{rules}/{{slug}}", admin_experts.show_rule, "admin.expert_rule", staff),
        post(f"{rules}/{{slug}}", admin_experts.change_rule, "admin.change_expert_rule", staff),
        post(f"{rules}/{{slug}}/remove", admin_experts.remove_rule, "admin.remove_expert_rule", staff),
        get("/moderation/warnings", warnings.list_warnings, "warnings.list", Access.MODERATOR),
        post(
            "/moderation/warnings/{warning_id:int}/dismiss",
            warnings.dismiss_warning,
            "warnings.dismiss",
            Access.MODERATOR,
        ),
        *_badges(),
        get("/admin/ranks", admin_ranks.show_ranks, "admin.ranks", staff),
        post("/admin/ranks", admin_ranks.change_ranks, "admin.change_ranks", staff),
        post(person, admin_people.grant_expert_status, "admin.grant_expert", staff),
        post(f"{one}/revoke", admin_people.revoke_expert_status, "admin.revoke_expert", staff),
        post(f"{one}/leave", admin_people.leave_expert_status_to_rule, "admin.leave_expert", staff),
    ]


def _badges() -> list[BaseRoute]:
    url, person, staff = "/admin/badges", "/admin/people/{nickname}/badges", Access.ADMINISTRATOR
    one = f"{url}/{{badge_id:int}}"
    return [
        get(url, admin_badges.list_badges, "badges.list", staff),
        post(f"{url}/usual", admin_badges.add_usual, "badges.add_usual", staff),
        get(f"{url}/new", admin_badges.show_new, "badges.new_form", staff),
        post(f"{url}/new", admin_badges.add_badge, "badges.add", staff),
        get(one, admin_badges.show_badge, "badges.show", staff),
        post(one, admin_badges.change_badge, "badges.change", staff),
        post(f"{one}/remove", admin_badges.remove_badge, "badges.remove", staff),
        get(person, admin_badges.show_member, "badges.member", staff),
        post(person, admin_badges.grant_badge, "badges.grant", staff),
        post(f"{person}/revoke", admin_badges.revoke_badge, "badges.revoke", staff),
    ]
