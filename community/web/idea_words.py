"""What the status of an idea is called."""

from __future__ import annotations

from community.core.i18n import pgettext
from community.threads.models import IdeaStatus


def idea_status_names() -> dict[IdeaStatus, str]:
    return {
        IdeaStatus.NEW: pgettext("idea", "New"),
        IdeaStatus.PLANNED: pgettext("idea", "Planned"),
        IdeaStatus.DONE: pgettext("idea", "Built"),
        IdeaStatus.DECLINED: pgettext("idea", "Declined"),
    }
