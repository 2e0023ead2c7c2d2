"""Warnings that standing may have been made up, for moderators: nicknames and public acts, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.ranks import gaming
from community.ranks.gaming import WarningKind, WarningView
from community.web.forms import check_length, read_form
from community.web.moderation_queue import moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Author, FilterLink, FormState, Link, When
from community.web.people import author

URL = "/moderation/warnings"
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class WarningItem:
    heading: str
    text: str
    members: tuple[Author, ...]
    found: When
    dismissed: When | None
    url: str
    """Where it is dismissed; empty where it is already."""
    form: FormState


@dataclass(frozen=True, slots=True)
class WarningsPage:
    links: tuple[Link, ...]
    filters: tuple[FilterLink, ...]
    warnings: tuple[WarningItem, ...]
    shows_dismissed: bool


async def list_warnings(request: Request) -> Response:
    choice = request.query_params.get("show", "open")
    if choice not in ("open", "dismissed"):
        raise NotFound
    return await _show(request, dismissed=choice == "dismissed")


async def dismiss_warning(request: Request) -> Response:
    warning_id = path_id(request, "warning_id")
    fields = dict(await read_form(request))
    errors = check_length("reason", fields.get("reason", ""), least=3, most=LONGEST_REASON)
    if errors:
        return await _show(request, wrong={warning_id: FormState(fields, tuple(errors))}, status=422)
    await gaming.dismiss_warning(warning_id, by=viewer_of(request), reason=fields["reason"])
    return redirect(URL, notice="done")


async def _show(
    request: Request,
    *,
    dismissed: bool = False,
    wrong: dict[int, FormState] | None = None,
    status: int = 200,
) -> Response:
    warnings = await gaming.list_warnings(viewer_of(request), dismissed=dismissed)
    forms = wrong or {}
    page = WarningsPage(
        links=moderation_links(),
        filters=(
            FilterLink(_("To look at"), URL, current=not dismissed),
            FilterLink(_("Dismissed"), f"{URL}?show=dismissed", current=dismissed),
        ),
        warnings=tuple(_item(warning, forms.get(warning.id, FormState())) for warning in warnings),
        shows_dismissed=dismissed,
    )
    return await show(request, "moderation/warnings.html", page, Head(section="moderation"), status=status)


def _item(warning: WarningView, form: FormState) -> WarningItem:
    heading, text = _words(warning)
    return WarningItem(
        heading=heading,
        text=text,
        members=tuple(author(member) for member in warning.members),
        found=When.of(warning.found_at),
        dismissed=When.of(warning.dismissed_at) if warning.dismissed_at else None,
        url="" if warning.dismissed_at else f"{URL}/{warning.id}/dismiss",
        form=form,
    )


def _words(warning: WarningView) -> tuple[str, str]:
    """Heading and sentence; of a pair the one who profits stands first."""
    figures = {"acts": number(warning.acts), "share": number(warning.share)}
    if warning.kind == WarningKind.RING:
        return (
            _("They thank each other"),
            _(
                "%(acts)s kudos within a year among these members. That is %(share)s %% of all kudos that they "
                "have received."
            )
            % figures,
        )
    names = {"receiver": warning.members[0].nickname, "giver": warning.members[1].nickname}
    if warning.kind == WarningKind.PUPPET:
        return (
            _("One thanks hardly anybody else"),
            _(
                "%(giver)s has thanked %(receiver)s %(acts)s times within a year, mostly outside own questions. "
                "That is %(share)s %% of all kudos that %(giver)s has given."
            )
            % {**figures, **names},
        )
    return (
        _("One asker accepts most of the solutions"),
        _(
            "%(giver)s has accepted %(acts)s answers by %(receiver)s within a year. That is %(share)s %% of all "
            "solutions by %(receiver)s."
        )
        % {**figures, **names},
    )
