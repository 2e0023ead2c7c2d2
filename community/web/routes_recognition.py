"""The part of the URL map about who helps: experts and the rules that make them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import admin_experts, admin_people, expert_asking, experts


def recognition_routes() -> list[BaseRoute]:
    """Experts of a space for its readers; everything by which somebody becomes one, for administrators."""
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
        post(person, admin_people.grant_expert_status, "admin.grant_expert", staff),
        post(f"{one}/revoke", admin_people.revoke_expert_status, "admin.revoke_expert", staff),
        post(f"{one}/leave", admin_people.leave_expert_status_to_rule, "admin.leave_expert", staff),
    ]
