"""The part of the URL map by which the FAQ reaches other websites."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.faq.formats import FEED_PATH, SCHEMA_PATH
from community.faq.signing import KEY_PATH
from community.http.route import Access, get
from community.web import faq_embed, faq_feed, faq_website

PUBLIC, ADMINISTRATOR = Access.PUBLIC, Access.ADMINISTRATOR
FOR_MIRRORS = "the FAQ that everybody may read, for other websites"


def delivering_the_faq() -> list[BaseRoute]:
    return [
        get(FEED_PATH, faq_feed.show_feed, "faq.feed", PUBLIC, FOR_MIRRORS),
        get(SCHEMA_PATH, faq_feed.show_schema, "faq.schema", PUBLIC, "describes a format"),
        get(KEY_PATH, faq_feed.show_key, "faq.key", PUBLIC, "a public key"),
        get(faq_embed.EMBED_PATH, faq_embed.show_embedded, "faq.embed", PUBLIC, FOR_MIRRORS),
        get(faq_embed.SCRIPT_PATH, faq_embed.show_script, "faq.embed_script", PUBLIC, "a script"),
        get("/admin/faq/website", faq_website.show_website, "faq.website", ADMINISTRATOR),
    ]
