"""The text of an entry in a form: read from it, and shown as it will look."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup
from starlette.exceptions import HTTPException

from community.core import i18n
from community.core.i18n import gettext as _
from community.core.markdown import render
from community.faq import editorial, rules
from community.faq.rules import MOST_RELATED, EntryText, join_ids
from community.faq.structured import as_html
from community.web.faq_check import is_day
from community.web.faq_related import read_related
from community.web.forms import check_length
from community.web.parts import FieldError

SHORTEST_QUESTION = 8
SHORTEST_ANSWER = 10


async def read_text(fields: Mapping[str, str]) -> tuple[EntryText, list[FieldError]]:
    """The text of the form, and what is wrong with it. A category may still be missing in a draft."""

    def given(name: str) -> str:
        return fields.get(name, "").strip()

    errors = [
        *check_length("question", given("question"), least=SHORTEST_QUESTION, most=rules.LONGEST_QUESTION),
        *check_length(
            "short_answer", given("short_answer"), least=SHORTEST_ANSWER, most=rules.LONGEST_SHORT_ANSWER
        ),
        *check_length("steps", given("steps"), least=0, most=rules.LONGEST_STEPS),
        *check_length("valid_for", given("valid_for"), least=0, most=rules.LONGEST_VALID_FOR),
    ]
    if given("valid_until") and not is_day(given("valid_until")):
        errors.append(FieldError("valid_until", _("Please give a date, such as 2027-06-30.")))
    categories = {str(category.id): category.id for category in await editorial.list_all_categories()}
    if given("category") and given("category") not in categories:
        errors.append(FieldError("category", _("Please choose one of these.")))
    for name, allowed in (("language", i18n.languages()), ("audience", rules.AUDIENCES)):
        if given(name) not in allowed:
            errors.append(FieldError(name, _("Please choose one of these.")))
    if len(read_related(fields)) > MOST_RELATED:
        errors.append(FieldError("related_words", _("Please pick five at most.")))
    text = EntryText(
        question=given("question"),
        short_answer=given("short_answer"),
        steps=given("steps"),
        valid_for=given("valid_for"),
        valid_until=given("valid_until"),
        category_id=categories.get(given("category")),
        language=given("language"),
        audience=given("audience"),
        related=join_ids(read_related(fields)),
    )
    return text, errors


def preview_of(fields: Mapping[str, str]) -> Markup:
    """How question, short answer and steps will look together."""
    question, answer = as_html(fields.get("question", "")), as_html(fields.get("short_answer", ""))
    steps = render(fields.get("steps", "")[: rules.LONGEST_STEPS])
    return Markup(f"<p><strong>{question}</strong></p><p>{answer}</p>{steps}")  # noqa: S704 - escaped and cleaned


def read_number(fields: Mapping[str, str], name: str) -> int:
    """The number of a version, which a form of ours always has."""
    text = fields.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise HTTPException(400)
    return int(text)
