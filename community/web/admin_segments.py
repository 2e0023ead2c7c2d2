"""Administration of segments: rules over attributes that fill closed groups.

How many people a rule fits is shown rounded, and not at all where somebody could stand out; who they are, never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.companies.rules import shown_count
from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.text import slug
from community.groups.actions import LONGEST_DESCRIPTION, LONGEST_NAME
from community.http import tries
from community.segments import segments
from community.segments.definitions import Definition, NotAValue, definitions_by_key, read_value
from community.segments.models import Kind
from community.segments.permissions import can_manage_segments
from community.segments.rules import TESTS_OF, Condition, Test
from community.segments.segments import LONGEST_PURPOSE, SegmentView
from community.segments.wording import condition_in_words, names_of_tests, rule_in_words
from community.web.admin import admin_crumbs
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState

URL = "/admin/segments"


@dataclass(frozen=True, slots=True)
class SegmentLine:
    name: str
    url: str
    rule: str
    state: str


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    crumbs: tuple[Crumb, ...]
    segments: tuple[SegmentLine, ...]
    new_url: str
    attributes_url: str


@dataclass(frozen=True, slots=True)
class NewSegmentPage:
    crumbs: tuple[Crumb, ...]
    url: str
    form: FormState


@dataclass(frozen=True, slots=True)
class ConditionLine:
    words: str
    remove_url: str
    seen: str
    """What stands there, so that nothing else is removed by it."""


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """The second step of adding a condition: how the chosen attribute is compared."""

    label: str
    key: str
    tests: tuple[Choice, ...]
    values: tuple[Choice, ...]
    """To be ticked; empty where a value is typed or chosen."""
    control: str
    """ "choices", "number", "yes_no" or "text"."""
    form: FormState


@dataclass(frozen=True, slots=True)
class SegmentPage:
    crumbs: tuple[Crumb, ...]
    name: str
    url: str
    group_url: str
    state: str
    state_words: str
    conditions: tuple[ConditionLine, ...]
    draft_words: str
    rule_words: str
    """The rule in force, where it is another one than the draft."""
    any_is_enough: bool
    attributes: tuple[Choice, ...]
    adding: ConditionForm | None
    form: FormState
    problem: str
    size: str
    """About how many it fits; empty until it is asked for."""
    opens: bool


def state_names() -> dict[str, str]:
    """How a segment stands. "Not open" says on purpose nothing about why."""
    return {
        "draft": _("Draft"),
        "opening": _("Being opened"),
        "open": _("Open"),
        "waiting": _("Not open"),
    }


async def list_segments(request: Request) -> Response:
    definitions, states = await definitions_by_key(), state_names()
    page = SegmentsPage(
        crumbs=admin_crumbs(),
        segments=tuple(
            SegmentLine(
                name=one.name,
                url=f"{URL}/{one.slug}",
                rule=rule_in_words(one.rule if one.rule.conditions else one.draft, definitions) or "–",
                state=states[one.state],
            )
            for one in await segments.list_segments()
        ),
        new_url=f"{URL}/new",
        attributes_url="/admin/attributes",
    )
    return await show(request, "admin/segments.html", page, Head(section="admin"))


async def show_new_form(request: Request) -> Response:
    return await _show_new(request, FormState())


async def make_segment(request: Request) -> Response:
    authorize(can_manage_segments(viewer_of(request)))
    fields = dict(await read_form(request))
    errors = check_length("name", fields.get("name", ""), least=2, most=LONGEST_NAME)
    errors += check_length("description", fields.get("description", ""), least=0, most=LONGEST_DESCRIPTION)
    errors += check_length("purpose", fields.get("purpose", ""), least=10, most=LONGEST_PURPOSE)
    if not errors:
        try:
            await segments.make_segment(
                fields["name"],
                description=fields.get("description", ""),
                purpose=fields["purpose"],
                by=viewer_of(request),
            )
            return redirect(f"{URL}/{slug(fields['name'])}", notice="saved")
        except RuleBroken as broken:
            errors = [FieldError("name", str(broken))]
    return await _show_new(request, FormState(fields, tuple(errors)), status=422)


async def _show_new(request: Request, form: FormState, *, status: int = 200) -> Response:
    page = NewSegmentPage(admin_crumbs(Crumb(_("Segments"), URL)), f"{URL}/new", form)
    return await show(request, "admin/segment_new.html", page, Head(section="admin"), status=status)


# --- one segment ----------------------------------------------------------------------------------------------


async def show_segment(request: Request) -> Response:
    segment = await _load(request)
    key = request.query_params.get("attribute", "")
    adding = _condition_form((await definitions_by_key()).get(key), FormState()) if key else None
    return await _show(request, segment, adding=adding)


async def change_purpose(request: Request) -> Response:
    segment, fields = await _load(request), dict(await read_form(request))
    errors = check_length("purpose", fields.get("purpose", ""), least=10, most=LONGEST_PURPOSE)
    if errors:
        return await _show(request, segment, form=FormState(fields, tuple(errors)), status=422)
    await segments.change_purpose(segment, fields["purpose"], by=viewer_of(request))
    return redirect(f"{URL}/{segment.slug}", notice="saved")


async def add_condition(request: Request) -> Response:
    segment, fields = await _load(request), dict(await read_form(request))
    definition = (await definitions_by_key()).get(fields.get("attribute", ""))
    if definition is None:
        raise NotFound
    try:
        await segments.add_condition(segment, _read_condition(definition, fields), definition)
        return redirect(f"{URL}/{segment.slug}#rule")
    except (NotAValue, RuleBroken) as problem:
        form = FormState(fields, (FieldError("value", str(problem)),))
        return await _show(request, segment, adding=_condition_form(definition, form), status=422)


def _read_condition(definition: Definition, fields: Mapping[str, str]) -> Condition:
    """The condition of the form. Raises NotAValue."""
    test = fields.get("test", "")
    if test not in TESTS_OF[definition.kind]:
        raise NotAValue(_("Please choose one of these."))
    if test == Test.KNOWN:
        return Condition(definition.subject, definition.key, test)
    if definition.kind in (Kind.CHOICE, Kind.CHOICES):
        ticked = [value for value, *_names in definition.choices if fields.get(f"value_{value}") == "1"]
        if not ticked:
            raise NotAValue(_("Please choose at least one value."))
        if test in (Test.IS, Test.ONE_OF):
            test = Test.IS if len(ticked) == 1 else Test.ONE_OF
        return Condition(definition.subject, definition.key, str(test), tuple(ticked))
    typed = fields.get("value", "").strip()
    if definition.kind == Kind.TEXT and test == Test.ONE_OF:
        values = tuple(str(read_value(definition, part)) for part in typed.split("\n") if part.strip())
        if not values:
            raise NotAValue(_("Please fill in this field."))
        return Condition(definition.subject, definition.key, test, values)
    if not typed:
        raise NotAValue(_("Please fill in this field."))
    value = read_value(definition, typed)
    shown = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return Condition(definition.subject, definition.key, test, (shown,))


async def remove_condition(request: Request) -> Response:
    segment, fields = await _load(request), dict(await read_form(request))
    number = request.path_params["number"]
    conditions = segment.draft.conditions
    if number < len(conditions) and _seen(conditions[number]) == fields.get("seen", ""):
        await segments.remove_condition(segment, number, conditions[number])
    return redirect(f"{URL}/{segment.slug}#rule")


async def choose_match(request: Request) -> Response:
    segment, fields = await _load(request), await read_form(request)
    await segments.choose_match(segment, any_is_enough=fields.get("match") == "any")
    return redirect(f"{URL}/{segment.slug}#rule")


async def preview_segment(request: Request) -> Response:
    segment = await _load(request)
    await tries.SEGMENT_PREVIEWS.take(viewer_of(request).id)
    size = await segments.preview(segment, by=viewer_of(request))
    return await _show(request, segment, size=shown_count(size), opens=size > 0)


async def open_segment(request: Request) -> Response:
    """Whether a rule opens a group tells about as much as a preview, so the two are limited together."""
    segment = await _load(request)
    await tries.SEGMENT_PREVIEWS.take(viewer_of(request).id)
    try:
        await segments.open_segment(segment, by=viewer_of(request))
    except RuleBroken as broken:
        return await _show(request, segment, problem=str(broken), status=409)
    return redirect(f"{URL}/{segment.slug}", notice="segment-opening")


async def close_segment(request: Request) -> Response:
    segment = await _load(request)
    await segments.close_segment(segment, by=viewer_of(request))
    return redirect(f"{URL}/{segment.slug}", notice="segment-closed")


async def _load(request: Request) -> SegmentView:
    segment = await segments.get_segment(request.path_params["slug"])
    authorize(can_manage_segments(viewer_of(request)))
    return segment


def _seen(condition: Condition) -> str:
    return "\x1f".join((condition.key, condition.test, *condition.values)).replace("\x1f", "|")


def _condition_form(definition: Definition | None, form: FormState) -> ConditionForm | None:
    if definition is None:
        return None
    names = names_of_tests(definition.kind)
    lists = definition.kind in (Kind.CHOICE, Kind.CHOICES)
    tests: Sequence[Test] = TESTS_OF[definition.kind]
    if lists:
        # Several may be ticked: of one value "is one of" becomes "is".
        tests = (Test.ONE_OF, Test.IS_NOT, Test.KNOWN)
    if definition.kind == Kind.YES_NO:
        values: tuple[Choice, ...] = (Choice("yes", _("yes")), Choice("no", _("no")))
    else:
        values = tuple(Choice(value, definition.choice_label(value)) for value, *_names in definition.choices)
    return ConditionForm(
        label=definition.label,
        key=definition.key,
        tests=tuple(Choice(test, names[test], selected=not number) for number, test in enumerate(tests)),
        values=values,
        control="choices" if lists else definition.kind,
        form=form,
    )


async def _show(
    request: Request,
    segment: SegmentView,
    *,
    adding: ConditionForm | None = None,
    form: FormState | None = None,
    problem: str = "",
    size: str = "",
    opens: bool = False,
    status: int = 200,
) -> Response:
    definitions, url = await definitions_by_key(), f"{URL}/{segment.slug}"
    page = SegmentPage(
        crumbs=admin_crumbs(Crumb(_("Segments"), URL)),
        name=segment.name,
        url=url,
        group_url=f"/admin/groups/{segment.slug}",
        state=segment.state,
        state_words=state_names()[segment.state],
        conditions=tuple(
            ConditionLine(
                condition_in_words(one, definitions), f"{url}/conditions/{number}/remove", _seen(one)
            )
            for number, one in enumerate(segment.draft.conditions)
        ),
        draft_words=rule_in_words(segment.draft, definitions),
        rule_words=rule_in_words(segment.rule, definitions) if segment.rule != segment.draft else "",
        any_is_enough=segment.draft.any_is_enough,
        attributes=tuple(Choice(one.key, one.label) for one in definitions.values()),
        adding=adding,
        form=form or FormState({"purpose": segment.purpose}),
        problem=problem,
        size=size,
        opens=opens,
    )
    return await show(request, "admin/segment.html", page, Head(section="admin"), status=status)
