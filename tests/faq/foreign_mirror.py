"""A website that mirrors the FAQ, as somebody would write it who has read docs/faq-export.md and nothing else."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1:8000"
"""The name of the site; where it answers is a matter of the port."""


@dataclass
class Mirror:
    port: int
    query: dict[str, str] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursor: str = ""
    starts: int = 0
    """How often it was told to start again."""
    pages: int = 0
    _tag: tuple[str, str] = ("", "")

    def visit(self) -> list[dict[str, Any]]:
        """Take over what is new, and answer the items of all answers as they came."""
        seen: list[dict[str, Any]] = []
        address = self._address(self.cursor)
        while address:
            status, answer = self._get(address)
            if status == 304:
                return seen
            if status == 410:
                self.starts += 1
                self.entries, self.cursor = {}, ""
                address = answer["start_url"]
                continue
            self.pages += 1
            for gone in answer["_kundenkreis"]["retractions"]:
                self.entries.pop(gone["id"], None)
            for item in answer["items"]:
                self.entries[item["id"]] = item
            seen += answer["items"]
            self.cursor = answer["_kundenkreis"]["cursor"]
            address = answer.get("next_url", "")
        return seen

    def _address(self, cursor: str) -> str:
        query = urlencode(self.query | ({"since": cursor} if cursor else {}))
        return f"http://{HOST}/feeds/faq.json?{query}"

    def _get(self, address: str) -> tuple[int, Any]:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Host": HOST} | ({"If-None-Match": self._tag[1]} if self._tag[0] == address else {})
            connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                self._tag = (address, answer.headers["ETag"])
            return answer.status, json.loads(body) if body else None
        finally:
            connection.close()
