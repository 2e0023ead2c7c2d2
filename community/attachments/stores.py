"""Which store keeps the files of this installation."""

from __future__ import annotations

from functools import lru_cache

from community.attachments.s3 import Bucket
from community.attachments.storage import Folder, Storage
from community.settings import AttachmentChoice, settings


def build_storage(chosen: AttachmentChoice) -> Storage:
    """A bucket where one is configured, else the folder."""
    return Bucket(chosen.s3) if chosen.s3.endpoint else Folder(chosen.folder)


@lru_cache(maxsize=1)
def storage() -> Storage:
    return build_storage(settings.attachments)
