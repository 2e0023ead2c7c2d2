"""Who has reported something without an account: name and address lie in the vault until nobody needs them any more.

Staff read what was reported and a reference, never these. Mails to such an address go from here, and say nothing of
what was typed: otherwise the form would send any text to any address.
"""

from __future__ import annotations

from collections.abc import Sequence

from community.accounts import vault
from community.accounts.letters import Letter, in_language, link_url, send_letter
from community.accounts.links import Purpose, token_of
from community.accounts.models import Notifier
from community.core.clock import now
from community.core.db import random_id
from community.core.i18n import gettext as _
from community.core.limits import NOTICE_MAILS
from community.core.rate_limits import TooMany
from community.core.rows import insert
from community.core.vault_keys import normalised_address


async def keep_notifier(name: str, mail: str) -> int | None:
    """Seal who it was; the number to find them by. None where nothing was said. Called inside a transaction."""
    if not (name or mail):
        return None
    notifier_id = random_id()
    await insert(
        Notifier,
        id=notifier_id,
        name_encrypted=vault.seal(name, vault.NOTIFIER_NAME, notifier_id),
        mail_encrypted=vault.seal(mail, vault.NOTIFIER_MAIL, notifier_id),
        created_at=now(),
    )
    return notifier_id


async def forget_notifiers(ids: Sequence[int]) -> None:
    await Notifier.filter(id__in=list(ids)).delete()


async def mail_notifier(notifier_id: int, *, about: str, step: str, nonce: str, language: str) -> None:
    """Tell that a report has arrived, was decided, or that an appeal about it was; `about` is its reference."""
    row = await Notifier.get_or_none(id=notifier_id)
    to = vault.unseal(row.mail_encrypted, vault.NOTIFIER_MAIL, row.id) if row else ""
    if not to:
        return
    try:
        await NOTICE_MAILS.take(normalised_address(to))
    except TooMany:
        return
    link = link_url("/report/status", token_of(Purpose.NOTICE, nonce))
    with in_language(language):
        await send_letter(f"notice-{step}-{notifier_id}", to, _letters(about, link)[step])


def _letters(about: str, link: str) -> dict[str, Letter]:
    named = {"reference": about}
    look = _("Look at the report")
    keep = _("Whoever has this link sees how the report stands. Please keep it to yourself.")
    return {
        "received": Letter(
            subject=_("Your report %(reference)s has arrived") % named,
            paragraphs=[
                _("thank you for your report. A person looks at it, as soon as possible."),
                _("You get a mail when it is decided. The author never learns who has reported."),
            ],
            link=link,
            link_text=look,
            after=[keep, _("If you have reported nothing, there is nothing to do.")],
        ),
        "decided": Letter(
            subject=_("Your report %(reference)s is decided") % named,
            paragraphs=[
                _("a person of our staff has looked at your report and decided."),
                _("How, and why, you read on its page. There you can also object, for six months."),
            ],
            link=link,
            link_text=look,
            after=[keep],
        ),
        "overturned": Letter(
            subject=_("Your report %(reference)s is decided anew") % named,
            paragraphs=[
                _(
                    "somebody objected to the decision about what you reported, and a second person changed it."
                ),
                _("Why, you read on its page. There you can also object, for six months."),
            ],
            link=link,
            link_text=look,
            after=[keep],
        ),
        "appealed": Letter(
            subject=_("Your objection about report %(reference)s is decided") % named,
            paragraphs=[_("somebody who had not decided before has looked at it again.")],
            link=link,
            link_text=look,
            after=[keep],
        ),
    }
