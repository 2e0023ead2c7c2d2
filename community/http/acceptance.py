"""Before a member writes, they accept new terms: the gate in front of every route that writes.

Reading, leaving, one's own settings and data, and reporting what is against the law stay open.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from community.core import i18n
from community.core.viewer import Viewer
from community.site_texts import acceptance
from community.site_texts.acceptance import Wanted

PARAMETER = "accepted-versions"
"""In the address of a form that was kept: which versions its writer has accepted by sending it again."""

OPEN = (
    "acceptance.",
    "settings.",
    "log_in.",
    "sign_on.",
    "password.",
    "registration.",
    "consents.",
    "mails.",
    "site.",
    "notifications.",
    "drafts.",
    "attachments.",
    "asker.",
    "flags.",
    "notices.",
    "appeals.",
    "home.",
    "groups.leave",
    "ask.similar",
    "ask.opened",
    "admin.",
)
"""How names of routes begin that write nothing for others to read, that members need to leave or to complain, or by
which administrators publish what is to be accepted."""


class AcceptanceNeeded(Exception):  # noqa: N818 - it is a step, not a failure
    """A member writes who has not accepted what is in force now. What they typed comes back with the question."""

    def __init__(self, wanted: tuple[Wanted, ...]) -> None:
        super().__init__()
        self.wanted = wanted


async def demand_acceptance(route_name: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Raise AcceptanceNeeded, or keep the acceptance that the address of the form brings."""
    viewer: Viewer = scope["state"]["viewer"]
    if viewer.is_guest or route_name.startswith(OPEN):
        return
    wanted = await acceptance.list_wanted(viewer.id)
    if not wanted:
        return
    given = acceptance.read_marks(Request(scope, receive, send).query_params.get(PARAMETER, ""))
    if any(given.get(each.page) != each.version for each in wanted):
        raise AcceptanceNeeded(wanted)
    versions = {each.page: each.version for each in wanted}
    await acceptance.accept(viewer.id, versions, language=i18n.language(), way="visit")
