"""The part of the URL map about groups, and about segments: the rules that fill them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import (
    admin_attribute_imports,
    admin_attributes,
    admin_companies,
    admin_segments,
    group_invitations,
    group_managing,
)
from community.web import groups as group_pages

SCOPED, MEMBER, ADMINISTRATOR = Access.SCOPED, Access.MEMBER, Access.ADMINISTRATOR


def segments() -> list[BaseRoute]:
    """What is known of companies and people, and the rules that fill groups by it."""
    attributes, one = "/admin/attributes", "/admin/segments/{slug}"
    imported, one_import = f"{attributes}/import", f"{attributes}/import/{{import_id:int}}"
    table = [
        (get, attributes, admin_attributes.list_attributes, "admin.attributes"),
        (get, f"{attributes}/new", admin_attributes.show_new_form, "admin.new_attribute_form"),
        (post, f"{attributes}/new", admin_attributes.make_attribute, "admin.make_attribute"),
        (get, imported, admin_attribute_imports.show_upload_form, "admin.attribute_upload"),
        (post, imported, admin_attribute_imports.read_file, "admin.read_attributes"),
        (get, one_import, admin_attribute_imports.show_import, "admin.attribute_import"),
        (post, f"{one_import}/confirm", admin_attribute_imports.confirm_import, "admin.confirm_import"),
        (post, f"{one_import}/cancel", admin_attribute_imports.cancel_import, "admin.cancel_import"),
        (get, f"{attributes}/{{key}}", admin_attributes.show_attribute, "admin.attribute"),
        (post, f"{attributes}/{{key}}", admin_attributes.change_attribute, "admin.change_attribute"),
        (post, f"{attributes}/{{key}}/remove", admin_attributes.remove_attribute, "admin.remove_attribute"),
        (
            post,
            "/admin/companies/{company_id:int}/attributes",
            admin_companies.set_attributes,
            "admin.set_company_attributes",
        ),
        (get, "/admin/segments", admin_segments.list_segments, "admin.segments"),
        (get, "/admin/segments/new", admin_segments.show_new_form, "admin.new_segment_form"),
        (post, "/admin/segments/new", admin_segments.make_segment, "admin.make_segment"),
        (get, one, admin_segments.show_segment, "admin.segment"),
        (post, one, admin_segments.change_purpose, "admin.change_segment_purpose"),
        (post, f"{one}/conditions", admin_segments.add_condition, "admin.add_condition"),
        (
            post,
            f"{one}/conditions/{{number:int}}/remove",
            admin_segments.remove_condition,
            "admin.remove_condition",
        ),
        (post, f"{one}/match", admin_segments.choose_match, "admin.choose_match"),
        (post, f"{one}/preview", admin_segments.preview_segment, "admin.preview_segment"),
        (post, f"{one}/open", admin_segments.open_segment, "admin.open_segment"),
        (post, f"{one}/close", admin_segments.close_segment, "admin.close_segment"),
    ]
    return [method(path, handler, name, ADMINISTRATOR) for method, path, handler, name in table]


def groups() -> list[BaseRoute]:
    """Asking to be let in, being invited, looking after a group."""
    one, manage = "/groups/{slug}", group_managing
    return [
        post(f"{one}/request", group_pages.ask_to_join, "groups.ask_to_join", MEMBER),
        post(f"{one}/request/withdraw", group_pages.withdraw_request, "groups.withdraw_request", MEMBER),
        post(f"{one}/listing", group_pages.choose_listing, "groups.choose_listing", MEMBER),
        get(f"{one}/invitation", group_invitations.show_invitation, "groups.invitation", MEMBER),
        post(f"{one}/invitation", group_invitations.answer_invitation, "groups.answer_invitation", MEMBER),
        get("/group-invitation", group_invitations.show_link, "groups.link", SCOPED),
        post("/group-invitation", group_invitations.accept_link, "groups.accept_link", MEMBER),
        get(f"{one}/manage", manage.show_managing, "groups.manage", MEMBER),
        post(f"{one}/manage", manage.change_details, "groups.change_details", MEMBER),
        post(f"{one}/requests/{{request_id:int}}", manage.decide_request, "groups.decide_request", MEMBER),
        post(f"{one}/invite", manage.invite_member, "groups.invite", MEMBER),
        post(f"{one}/invite-by-mail", manage.invite_by_mail, "groups.invite_by_mail", MEMBER),
        post(f"{one}/links", manage.make_link, "groups.make_link", MEMBER),
        post(f"{one}/links/{{link_id:int}}/end", manage.end_link, "groups.end_link", MEMBER),
        post(
            f"{one}/invitations/{{invitation_id:int}}/withdraw",
            manage.withdraw_invitation,
            "groups.withdraw_invitation",
            MEMBER,
        ),
        post(
            f"{one}/mail-invitations/{{invitation_id:int}}/withdraw",
            manage.withdraw_mail_invitation,
            "groups.withdraw_mail_invitation",
            MEMBER,
        ),
        post(f"{one}/take-out", manage.take_out, "groups.take_out", MEMBER),
        post(f"{one}/roles/{{member_id:int}}/end", manage.end_role, "groups.end_role", MEMBER),
    ]
