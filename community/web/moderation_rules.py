"""The rules that hold texts of members: the list, one of them with its form, and what it would have held so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.markdown import excerpt
from community.waiting import rules
from community.waiting.holding_rules import LONGEST_WORD, MOST_WORDS, Rule, RuleKind
from community.waiting.rules import PastTest, RuleRow
from community.web.forms import check_length, number_wanted, read_form, read_number
from community.web.moderation_queue import moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link, When

HERE = "/moderation/rules"
LONGEST_NAME = 80
MOST_LISTED = 50
LONGEST_WORDS = MOST_WORDS * (LONGEST_WORD + 1)
NUMBERS = {"posts": (1, 100), "minutes": (1, 1440), "days": (1, 365)}
_COUNTED = {RuleKind.LINKS: ("posts",), RuleKind.BURST: ("posts", "minutes", "days"), RuleKind.WORDS: ()}


@dataclass(frozen=True, slots=True)
class RuleLine:
    name: str
    url: str
    says: str
    space: str
    is_on: bool
    held: str
    last: When | None


@dataclass(frozen=True, slots=True)
class RulesPage:
    links: tuple[Link, ...]
    rules: tuple[RuleLine, ...]
    kinds: tuple[Link, ...]
    """Where a rule of each kind is made."""


@dataclass(frozen=True, slots=True)
class PastLine:
    title: str
    url: str
    excerpt: str
    when: When
    found: str


@dataclass(frozen=True, slots=True)
class RulePage:
    crumbs: tuple[Crumb, ...]
    heading: str
    explanation: str
    url: str
    form: FormState
    kind: str
    spaces: tuple[Choice, ...]
    remove_url: str
    tested: str
    """What a test against past posts has found, in a sentence; empty without one."""
    past: tuple[PastLine, ...]


def kind_names() -> dict[RuleKind, tuple[str, str]]:
    """Each kind with what it does."""
    return {
        RuleKind.LINKS: (
            _("Links of new members"),
            _("Holds texts with links of members who have hardly published anything yet."),
        ),
        RuleKind.BURST: (
            _("Many texts at once"),
            _("Holds what members send in their first days once they send very much at once."),
        ),
        RuleKind.WORDS: (
            _("List of words"),
            _(
                "Holds texts in which one of these words stands, also in disguise: with spaces or dots between the "
                "letters, digits for letters, accents, letters that look alike. Only whole words are found."
            ),
        ),
    }


def _in_words(rule: Rule) -> str:
    if rule.kind == RuleKind.LINKS:
        return ngettext(
            "Links, until %(num)s text is published",
            "Links, until %(num)s texts are published",
            rule.posts,
        ) % {"num": number(rule.posts)}
    if rule.kind == RuleKind.BURST:
        values = {"posts": number(rule.posts), "minutes": number(rule.minutes), "days": number(rule.days)}
        return (
            _("From %(posts)s texts within %(minutes)s minutes on, in the first %(days)s days of a member")
            % values
        )
    count = len(rule.words)
    return ngettext("%(num)s word", "%(num)s words", count) % {"num": number(count)}


async def list_all(request: Request) -> Response:
    page = RulesPage(
        links=moderation_links(),
        rules=tuple(_line(row) for row in await rules.list_rules(viewer_of(request))),
        kinds=tuple(Link(name, f"{HERE}/new/{kind}") for kind, (name, _does) in kind_names().items()),
    )
    return await show(request, "moderation/rules.html", page, Head(section="moderation"))


def _line(row: RuleRow) -> RuleLine:
    return RuleLine(
        name=row.name,
        url=f"{HERE}/{row.id}",
        says=_in_words(row.rule),
        space=row.space_name or _("everywhere"),
        is_on=row.is_on,
        held=ngettext("has held %(num)s text", "has held %(num)s texts", row.hit_count)
        % {"num": number(row.hit_count)},
        last=When.of(row.last_hit_at) if row.last_hit_at else None,
    )


# --- one rule ---------------------------------------------------------------------------------------------


async def show_new(request: Request) -> Response:
    kind = _kind(request)
    values = {"name": kind_names()[kind][0], "posts": "3", "minutes": "10", "days": "7"}
    return await _show(request, None, kind, FormState(values))


async def add_rule(request: Request) -> Response:
    viewer, kind = viewer_of(request), _kind(request)
    fields = dict(await read_form(request))
    draft, errors = _read(request, fields, RuleRow(0, "", False, None, "", Rule(kind)))
    if errors:
        return await _show(request, None, kind, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "test":
        tested = await rules.try_on_past(draft, viewer)
        return await _show(request, None, kind, FormState(fields), tested=tested)
    try:
        await rules.add_rule(draft, by=viewer)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, None, kind, form, status=409)
    return redirect(HERE, notice="saved")


async def show_rule(request: Request) -> Response:
    row = await rules.get_rule(path_id(request, "rule_id"), viewer_of(request))
    values = {
        "name": row.name,
        "on": "1" if row.is_on else "",
        "space": str(row.space_id or ""),
        "words": "\n".join(row.rule.words),
        **{name: str(getattr(row.rule, name)) for name in NUMBERS},
    }
    return await _show(request, row, row.rule.kind, FormState(values))


async def change_rule(request: Request) -> Response:
    """Save it, or look what it would have held, before it does."""
    viewer = viewer_of(request)
    row = await rules.get_rule(path_id(request, "rule_id"), viewer)
    fields = dict(await read_form(request))
    draft, errors = _read(request, fields, row)
    if errors:
        return await _show(request, row, row.rule.kind, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "test":
        tested = await rules.try_on_past(draft, viewer)
        return await _show(request, row, row.rule.kind, FormState(fields), tested=tested)
    await rules.change_rule(draft, by=viewer)
    return redirect(HERE, notice="saved")


async def remove_rule(request: Request) -> Response:
    viewer = viewer_of(request)
    await rules.remove_rule(await rules.get_rule(path_id(request, "rule_id"), viewer), by=viewer)
    return redirect(HERE, notice="saved")


def _kind(request: Request) -> RuleKind:
    kind = request.path_params["kind"]
    if kind not in set(RuleKind):
        raise NotFound
    return RuleKind(kind)


def _read(request: Request, fields: Mapping[str, str], row: RuleRow) -> tuple[RuleRow, list[FieldError]]:
    """The rule as the form says it, and what is wrong with it."""
    kind = row.rule.kind
    errors = check_length("name", fields.get("name", ""), least=2, most=LONGEST_NAME)
    numbers = {}
    for name in _COUNTED[kind]:
        least, most = NUMBERS[name]
        found = read_number(fields.get(name, ""), least=least, most=most)
        if found is None:
            errors.append(FieldError(name, number_wanted(least, most)))
        numbers[name] = found or 0
    words = tuple(dict.fromkeys(line.strip() for line in fields.get("words", "").split("\n") if line.strip()))
    if kind == RuleKind.WORDS:
        errors += check_length("words", fields.get("words", ""), least=1, most=LONGEST_WORDS)
        if len(words) > MOST_WORDS:
            errors.append(FieldError("words", _("At most 500 words. Please make a second list.")))
    space = fields.get("space", "")
    readable = {str(space_id) for space_id in viewer_of(request).readable_space_ids}
    if space and space not in readable:
        errors.append(FieldError("space", _("Please choose one of these.")))
        space = ""
    return (
        replace(
            row,
            name=fields.get("name", "").strip(),
            is_on=fields.get("on") == "1",
            space_id=int(space) if space else None,
            rule=Rule(kind, words=words if kind == RuleKind.WORDS else (), **numbers),
        ),
        errors,
    )


async def _show(
    request: Request,
    row: RuleRow | None,
    kind: RuleKind,
    form: FormState,
    *,
    tested: PastTest | None = None,
    status: int = 200,
) -> Response:
    name, does = kind_names()[kind]
    viewer = viewer_of(request)
    page = RulePage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Holding rules"), HERE)),
        heading=row.name if row else name,
        explanation=does,
        url=f"{HERE}/{row.id}" if row else f"{HERE}/new/{kind}",
        form=form,
        kind=str(kind),
        spaces=tuple(
            Choice(str(space.id), space.name) for space in request.state.spaces if viewer.may_read(space.id)
        ),
        remove_url=f"{HERE}/{row.id}/remove" if row else "",
        tested=_tested(tested) if tested else "",
        past=tuple(
            PastLine(
                hit.thread_title,
                f"/posts/{hit.post_id}",
                excerpt(hit.body, 160),
                When.of(hit.created_at),
                ", ".join(hit.found),
            )
            for hit in (tested.hits if tested else ())[:MOST_LISTED]
        ),
    )
    return await show(request, "moderation/rule.html", page, Head(section="moderation"), status=status)


def _tested(tested: PastTest) -> str:
    values = {"held": number(len(tested.hits)), "all": number(tested.looked_at)}
    return _("Of the last %(all)s posts of members, this rule would have held %(held)s.") % values
