"""`community relevance`: reads a set, measures, and says it as a table or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from community.core.progress import Progress
from community.relevance.collections import Collection, CollectionUnreadable
from community.relevance.duplicate_links import read_duplicate_links
from community.relevance.faq import ClusterFigures, DraftFigures, measure_clusters, measure_drafts
from community.relevance.measuring import MEASURES, SURFACES, Figures, embedders, measure, set_ups
from community.relevance.question_sets import read_question_set
from community.settings import settings
from search.embedders import EmbedderDown, EmbedderUnfit
from search.index import SearchDown

FORM = 1
"""Number of the JSON's form; it changes when a reader of the old form would go wrong."""


def read(path: Path) -> Collection:
    """A file is a set of questions, a folder is a dump."""
    return read_duplicate_links(path) if path.is_dir() else read_question_set(path)


async def report(path: Path, *, as_json: bool) -> int:
    """Print the figures on standard output, everything else on standard error; answer the exit status."""
    try:
        collection = read(path)
    except CollectionUnreadable as problem:
        print(problem, file=sys.stderr)
        return 1
    for reason, count in collection.left_out.items():
        print(f"Left out: {count} × {reason}.", file=sys.stderr)
    try:
        chosen = embedders(settings)
        with_ = set_ups(settings, chosen)
    except EmbedderUnfit as problem:
        print(problem, file=sys.stderr)
        return 1
    with Progress("Asking", len(collection.questions) * len(SURFACES) * len(with_)) as progress:

        def advance(label: str, count: int) -> None:
            progress.describe(label)
            progress.advance(count)

        try:
            figures = await measure(collection, with_, advance)
            clusters = await measure_clusters(collection, chosen)
        except SearchDown as problem:
            print(f"Search does not answer: {problem}", file=sys.stderr)
            return 1
        except EmbedderDown as problem:
            print(f"No vectors: {problem}.", file=sys.stderr)
            return 1
    drafts = measure_drafts(collection)
    if as_json:
        answer = to_json(collection, figures) | {"faq": faq_to_json(drafts, clusters)}
        print(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        print("\n".join([to_text(collection, figures), *faq_to_text(drafts, clusters)]))
    return 0


def faq_to_json(drafts: Sequence[DraftFigures], clusters: Sequence[ClusterFigures]) -> dict[str, Any]:
    return {
        "drafts": [_rounded(asdict(one)) for one in drafts],
        "clusters": [_rounded(asdict(one)) for one in clusters],
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}


def faq_to_text(drafts: Sequence[DraftFigures], clusters: Sequence[ClusterFigures]) -> list[str]:
    """Two tables more, for sets that have unedited answers and paraphrases."""
    lines: list[str] = []
    for title, figures in (
        ("FAQ: drafts against edited answers", drafts),
        ("FAQ: pairs that ask the same", clusters),
    ):
        if figures:
            rows = [_rounded(asdict(one)) for one in figures]
            cells = [tuple(rows[0]), *(tuple(_cell(value) for value in row.values()) for row in rows)]
            lines += ["", title, "", *_table(cells, left=1)]
    return lines


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(rows: Sequence[Sequence[str]], *, left: int) -> list[str]:
    """Rows as lines; the first `left` columns hold words, the others numbers."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def to_json(collection: Collection, figures: Sequence[Figures]) -> dict[str, Any]:
    """The form that docs/relevance.md describes."""
    return {
        "form": FORM,
        "set": {
            "name": collection.name,
            "kind": collection.kind,
            "language": collection.language,
            "documents": len(collection.documents),
            "questions": len(collection.questions),
            "left_out": dict(collection.left_out),
        },
        "results": [
            {
                "engine": one.engine,
                "embedder": one.embedder,
                "surface": one.surface,
                "group": one.group,
                "questions": one.questions,
                **{name: round(value, 4) for name, value in one.values.items()},
                "intervals": {
                    name: [round(low, 4), round(high, 4)] for name, (low, high) in one.intervals.items()
                },
                "found_nothing": round(one.found_nothing, 4),
                "milliseconds": {name: round(value, 1) for name, value in one.milliseconds.items()},
            }
            for one in figures
        ],
    }


def to_text(collection: Collection, figures: Sequence[Figures]) -> str:
    """A table for people; the last measure with the interval in which 95 of 100 other samples would lie."""
    head = ("engine", "embedder", "surface", "group", "n", *MEASURES, "95 %", "nothing", "p95 ms")
    rows = [head, *(_row(one) for one in figures)]
    title = f"{collection.name}: {len(collection.documents)} documents, {len(collection.questions)} questions"
    return "\n".join([title, "", *_table(rows, left=4)])


def _row(one: Figures) -> tuple[str, ...]:
    low, high = one.intervals[MEASURES[-1]]
    return (
        one.engine,
        one.embedder,
        one.surface,
        one.group,
        str(one.questions),
        *(f"{one.values[name]:.3f}" for name in MEASURES),
        f"{low:.3f}–{high:.3f}",
        f"{one.found_nothing:.3f}",
        f"{one.milliseconds['p95']:.1f}",
    )
