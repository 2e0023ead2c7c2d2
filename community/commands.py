"""The command line: `community …`, the same as `python -m community …`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from community.core import logging as logs
from community.core.db import connect, disconnect
from community.core.db.migrate import migrate, pending
from community.settings import settings

Work = Callable[[argparse.Namespace], Awaitable[int]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; the process ends with 0 if it succeeded."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    logs.configure(settings.log_level, with_values=settings.development)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    try:
        sys.exit(chosen.run(chosen))
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="community", description="Kundenkreis: a community for business customers."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, work: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=work)
        return command

    serve_command = add("serve", serve, "Answer requests, and deliver the outbox unless told otherwise.")
    serve_command.add_argument("--host", default="127.0.0.1")
    serve_command.add_argument("--port", type=int, default=8000)
    serve_command.add_argument("--workers", type=int, default=1, help="web processes (default: 1)")
    serve_command.add_argument("--no-worker", action="store_true", help="a separate `community worker` runs")
    add("worker", run_worker, "Deliver the outbox and do what is due, until stopped.")
    add("migrate", migrate_database, "Bring the database to the newest migration.")
    demo_command = add("demo", demo, "Fill an empty database with a demo community and print its log-ins.")
    demo_command.add_argument(
        "--if-empty", action="store_true", help="succeed quietly if there are members already"
    )
    receive_command = add("receive-mail", receive_mail, "Publish answers that come by mail, until stopped.")
    way = receive_command.add_mutually_exclusive_group(required=True)
    way.add_argument("--lmtp", metavar="HOST:PORT", help="take them over LMTP from a mail server in front")
    way.add_argument("--smtp", metavar="HOST:PORT", help="the same over SMTP")
    way.add_argument("--imap", action="store_true", help="look into the mailbox of MAIL_INBOX_URL")
    add("check", check, "Say what is misconfigured before it hurts.")
    add("reindex", reindex, "Build the search index anew beside the running site.")
    relevance_command = add("relevance", relevance, "Measure how well a set of questions is found.")
    relevance_command.add_argument(
        "set", type=Path, metavar="PATH", help="a JSON file with docs and queries, or a Stack Exchange dump"
    )
    relevance_command.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    add("recount", recount, "Recompute all counters from the facts.")
    rotate_command = add(
        "rotate-vault-keys", rotate_vault_keys, "Replace the keys of the vault while the site runs."
    )
    rotate_command.add_argument(
        "--only-add",
        action="store_true",
        help="make the new keys and stop: the file goes to other machines first",
    )
    rotate_command.add_argument(
        "--forget", action="store_true", help="remove the old keys: older backups cannot be read any more"
    )
    _add_import(commands)
    _add_export(commands)
    _add_delivery(commands)
    staff_command = add(
        "create-staff", create_staff, "Make a staff account; the password is asked for or made."
    )
    staff_command.add_argument("--mail", required=True)
    staff_command.add_argument("--nickname", required=True)
    staff_command.add_argument("--name", required=True, help='short real name, "Jana K."')
    staff_command.add_argument("--role", required=True, choices=["moderator", "administrator", "marketing"])
    add("seal-log", seal_log, "Seal the moderation log anew after SECRET_KEY was changed.")
    erase_command = add(
        "erase-banned-member", erase_banned_member, "Erase somebody who is banned and has asked for it."
    )
    erase_command.add_argument("--nickname", required=True)
    erase_command.add_argument("--reason", required=True, help="stands in the moderation log; no names")
    erase_command.add_argument("--with-texts", action="store_true", help="erase what they wrote, too")
    reset_command = add(
        "reset-second-factor", reset_second_factor, "Let somebody in again who has lost phone and codes."
    )
    reset_command.add_argument("--nickname", required=True)
    reset_command.add_argument("--reason", required=True, help="stands in the moderation log")
    return parser


def _add_import(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("import", help="Bring in what another system holds.")
    sources = command.add_subparsers(dest="source", required=True, metavar="SOURCE")
    stack = sources.add_parser("stackexchange", help="A folder with Posts.xml, Users.xml and so on.")
    stack.add_argument("folder", type=Path, metavar="DIR")
    stack.add_argument("--space", required=True, metavar="SLUG", help="made, open, if it is not there")
    stack.add_argument("--language", default="en", help="language of the texts (default: en)")
    stack.add_argument(
        "--name", default="", help="under which ids of the dump are remembered (default: the folder's name)"
    )
    stack.set_defaults(run=import_stackexchange)
    attributes = sources.add_parser("attributes", help="A CSV file with attributes of companies or people.")
    attributes.add_argument("file", type=Path, metavar="FILE")
    attributes.add_argument(
        "--dry-run", action="store_true", help="only say what is wrong and what would change"
    )
    attributes.set_defaults(run=import_attributes)


def _add_export(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("export", help="Write content for other systems.")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="WHAT")
    faq = kinds.add_parser("faq", help="The published FAQ for the company's website.")
    faq.add_argument("--format", required=True, choices=["html", "jsonld", "json", "csv", "markdown", "zip"])
    faq.add_argument("--output", required=True, type=Path, metavar="PATH")
    faq.add_argument("--language", default="", help="only entries in this language")
    faq.add_argument("--category", default="", metavar="SLUG", help="only entries of this category")
    faq.set_defaults(run=export_faq)


def _add_delivery(commands: argparse._SubParsersAction) -> None:
    publish = commands.add_parser("publish", help="Keep a folder or a bucket up to date.")
    kinds = publish.add_subparsers(dest="kind", required=True, metavar="WHAT")
    faq = kinds.add_parser("faq", help="The files of the FAQ's bundle; only what has changed is written.")
    faq.add_argument("--to", required=True, metavar="DIR|s3://BUCKET/PREFIX")
    faq.add_argument("--language", default="", help="only entries in this language")
    faq.add_argument("--category", default="", metavar="SLUG", help="only entries of this category")
    faq.add_argument("--dry-run", action="store_true", help="only say what would be written and removed")
    faq.set_defaults(run=publish_faq)
    validate = commands.add_parser("validate", help="Look whether what another system was given is in order.")
    kinds = validate.add_subparsers(dest="kind", required=True, metavar="WHAT")
    given = kinds.add_parser("faq", help="A feed, a bundle or a published folder; needs no database.")
    given.add_argument(
        "source", metavar="PATH|URL", help="a JSON or ZIP file, a folder, or the address of a feed"
    )
    given.add_argument("--key", type=Path, metavar="FILE", help="the public key that you keep, in PEM")
    given.set_defaults(run=validate_faq)


def _with_database(work: Work) -> Callable[[argparse.Namespace], int]:
    """Run `work` with the database open, and close it whatever happens."""

    async def run(chosen: argparse.Namespace) -> int:
        await connect(settings.database_url)
        try:
            if await pending():
                print("The database is not up to date. Run `community migrate` first.", file=sys.stderr)
                return 1
            return await work(chosen)
        finally:
            await disconnect()

    return lambda chosen: asyncio.run(run(chosen))


async def _nothing(chosen: argparse.Namespace) -> int:
    return 0


def _is_ready(chosen: argparse.Namespace) -> bool:
    """Whether the database answers and has every table; said before processes are started on it."""
    return _with_database(_nothing)(chosen) == 0


# Each command imports what it needs when it runs, so that `community --help` answers at once.


def serve(chosen: argparse.Namespace) -> int:
    if not _is_ready(chosen):
        return 1
    from community.serving import serve as start

    return start(host=chosen.host, port=chosen.port, workers=chosen.workers, with_worker=not chosen.no_worker)


def run_worker(chosen: argparse.Namespace) -> int:
    if not _is_ready(chosen):
        return 1
    from community.serving import run_worker as start

    return start()


def receive_mail(chosen: argparse.Namespace) -> int:
    from community.core.reply_addresses import problem_with_reply_address
    from community.replies.inbox import read_inbox_url
    from community.replies.running import receive_from_inbox, receive_over_network

    host, _colon, port = (chosen.lmtp or chosen.smtp or "").rpartition(":")
    problem = problem_with_reply_address(settings.mail_reply_address)
    if not settings.mail_reply_address:
        problem = "MAIL_REPLY_ADDRESS is empty: no answers are taken by mail."
    elif not chosen.imap and not port.isdecimal():
        problem = "Say where to listen as HOST:PORT."
    elif chosen.imap:
        try:
            read_inbox_url(settings.mail_inbox_url)
        except ValueError as found:
            problem = problem or str(found)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    if not _is_ready(chosen):
        return 1
    if chosen.imap:
        asyncio.run(receive_from_inbox())
    else:
        host = host.strip("[]") or "127.0.0.1"
        asyncio.run(receive_over_network(host, int(port), speaks_lmtp=bool(chosen.lmtp)))
    return 0


def migrate_database(chosen: argparse.Namespace) -> int:
    from community.core.vault_keys import VaultError

    try:
        steps = asyncio.run(migrate(settings.database_url))
    except VaultError as problem:
        # Values were to be sealed: nothing of that migration has been done.
        print(problem, file=sys.stderr)
        return 1
    for step in steps:
        print(step)
    return 0


async def _check(chosen: argparse.Namespace) -> int:
    from community.checking import findings

    found = await findings()
    for finding in found:
        print(finding)
    if not found:
        print("Everything is in order.")
    return 1 if any(finding.is_error for finding in found) else 0


def check(chosen: argparse.Namespace) -> int:
    return asyncio.run(_check(chosen))


def relevance(chosen: argparse.Namespace) -> int:
    from community.relevance.report import report

    return asyncio.run(report(chosen.set, as_json=chosen.json))


async def _demo(chosen: argparse.Namespace) -> int:
    from community.demonstration.filling import fill

    return await fill(if_empty=chosen.if_empty)


async def _reindex(chosen: argparse.Namespace) -> int:
    from community.app import build_search
    from community.core.progress import Progress
    from community.reindexing.watching import build_or_watch
    from search.index import SearchDown

    engine = build_search()
    try:
        with Progress("Indexing") as progress:
            built = await build_or_watch(engine, progress)
    except SearchDown as error:
        print(f"The index is not built: {error}. A running worker tries again.", file=sys.stderr)
        return 1
    finally:
        await engine.close()
    print(f"{built.documents} documents.")
    return 0


async def _recount(chosen: argparse.Namespace) -> int:
    from community.consequences.quoting import recount_quotations
    from community.core.progress import Progress
    from community.faq.renewing import renew_entries
    from community.ranks import points
    from community.relating import relate_entries_anew
    from community.threads.recounting import recount
    from community.threads.renewing import renew_texts

    changed = await recount()
    with Progress("Texts of older releases") as progress:
        await renew_texts(progress.advance)
        await renew_entries(progress.advance)
    await recount_quotations()
    await relate_entries_anew()
    await points.carry_on_points()  # What a worker has yet to do is no mistake.
    with Progress("Points") as progress:
        mended = await points.recount(progress.advance)
    if not changed and not mended:
        print("Every counter was right.")
        return 0
    if changed:
        print(f"{changed} rows were out of line and are right now.")
    if mended:
        print(f"Points are right now. {mended}")
    return 1


async def _import_stackexchange(chosen: argparse.Namespace) -> int:
    from community.importing.stackexchange import import_dump
    from community.proposing.finding import walk_anew

    status = await import_dump(
        chosen.folder, space_slug=chosen.space, language=chosen.language, source=chosen.name
    )
    if status == 0:
        await _index_imported()
        await walk_anew()
    return status


async def _import_attributes(chosen: argparse.Namespace) -> int:
    from community.core.progress import Progress
    from community.segments import imports
    from community.segments.tables import Unreadable

    try:
        report, changes = await imports.read_file(chosen.file.read_bytes())
    except (Unreadable, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    for line, reason in report.refused:
        print(f"line {line}: {reason}")
    for name in report.left_out:
        print(f"column left out: {name}")
    print(f"{report.line_count} lines, {len(report.refused)} refused.")
    if report.subject == "company":
        print(f"Companies that {'would change' if chosen.dry_run else 'change'}: {report.company_count}")
    if not chosen.dry_run and changes:
        import_id = await imports.keep(report, changes, made_by=0)
        with Progress("Attributes", len(changes)) as progress:
            while not await imports.carry_on(import_id, batches=1, progress=progress.advance):
                pass
        print("Imported. A running worker puts people into the groups whose rules fit them.")
    return 0


async def _index_imported() -> None:
    """Make imported threads and members findable now, unless a running worker does that already."""
    from community.app import build_search
    from community.core import outbox
    from community.core.clock import now
    from community.core.progress import Progress
    from community.reindexing.building import build_here
    from community.vocabulary.following import Follower
    from community.worker import Worker
    from search.index import SearchDown

    facts = ("member.joined", "thread.imported", "thread.import_ended")
    engine = build_search()
    try:
        await Follower(engine).catch_up()
        await engine.begin_writing()  # Fails where another process writes the index.
        began = now()
        if await engine.check() and await build_here(engine):
            await outbox.tick_off(facts[:2], before=began)
        worker = Worker(engine)
        with Progress("Search index", await outbox.count_due(facts)) as progress:
            while count := await worker.run_once(only=facts):
                progress.advance(count)
    except SearchDown:
        print("The threads are being made findable by the running worker, or as soon as one runs.")
    finally:
        await outbox.give_back()
        await engine.close()


async def _export_faq(chosen: argparse.Namespace) -> int:
    from community.core.errors import NotFound
    from community.faq.export import write_export

    try:
        count = await write_export(
            chosen.format, chosen.output, language=chosen.language, category=chosen.category
        )
    except NotFound:
        print(f"There is no FAQ category {chosen.category!r}.", file=sys.stderr)
        return 1
    print(f"{count} entries in {chosen.output}")
    return 0


async def _publish_faq(chosen: argparse.Namespace) -> int:
    from community.core.errors import NotFound
    from community.faq.publishing import CannotPublish, open_target, publish

    try:
        done = await publish(
            open_target(chosen.to),
            language=chosen.language,
            category=chosen.category,
            is_rehearsal=chosen.dry_run,
        )
    except NotFound:
        print(f"There is no FAQ category {chosen.category!r}.", file=sys.stderr)
        return 1
    except CannotPublish as problem:
        print(problem, file=sys.stderr)
        return 1
    if chosen.dry_run:
        print(*(f"would write {name}" for name in done.written), sep="\n")
        print(*(f"would remove {name}" for name in done.removed), sep="\n")
    print(f"{done.entries} entries; {len(done.written)} files to write, {len(done.removed)} to remove.")
    return 0


def validate_faq(chosen: argparse.Namespace) -> int:
    from community.faq.validating import MOST_PROBLEMS, CannotRead, validate

    try:
        report = validate(chosen.source, public_key=chosen.key.read_bytes() if chosen.key else None)
    except (CannotRead, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    for wrong in report.problems[:MOST_PROBLEMS]:
        print(f"Wrong: {wrong}")
    if len(report.problems) > MOST_PROBLEMS:
        print(f"And {len(report.problems) - MOST_PROBLEMS} more.")
    for note in report.notes:
        print(f"Note: {note}")
    verdict = "Not in order" if report.problems else "In order"
    print(f"{verdict}: a {report.what} with {report.entries} entries.")
    return 1 if report.problems else 0


async def _rotate_vault_keys(chosen: argparse.Namespace) -> int:
    from community.accounts import key_rotation
    from community.core.progress import Progress
    from community.core.vault_keys import VaultError

    try:
        await key_rotation.add_keys()
        if chosen.only_add:
            print(
                f"New keys are in {settings.vault_key_file}. Put this file on every machine, then run this again."
            )
            return 0
        with Progress("Vault", await key_rotation.count_values()) as progress:
            count = await key_rotation.rewrite_all(progress.advance)
        await key_rotation.end(forget=chosen.forget)
    except VaultError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{count} values are written with the new keys. Back the key file up, apart from the database.")
    if not chosen.forget:
        print("The old keys stay in it, so that older backups can be read.")
    return 0


async def _create_staff(chosen: argparse.Namespace) -> int:
    from community.accounts.staff import create_staff as create

    return await create(mail=chosen.mail, nickname=chosen.nickname, staff_name=chosen.name, role=chosen.role)


async def _reset_second_factor(chosen: argparse.Namespace) -> int:
    from community.accounts.staff import reset_second_factor as reset

    return await reset(chosen.nickname, chosen.reason)


async def _erase_banned_member(chosen: argparse.Namespace) -> int:
    from community.personal_data.banned import erase_by_command

    return await erase_by_command(chosen.nickname, with_texts=chosen.with_texts, reason=chosen.reason)


async def _seal_log(chosen: argparse.Namespace) -> int:
    from community.decisions import verification

    report = await verification.seal_log()
    for sentence in report.wrong:
        print(sentence)
    if report.wrong:
        print("Nothing was sealed.")
        return 1
    print("The seal fits already." if report.seal_fits else f"Sealed, with {report.checked} entries.")
    return 0


demo = _with_database(_demo)
reindex = _with_database(_reindex)
recount = _with_database(_recount)
import_stackexchange = _with_database(_import_stackexchange)
import_attributes = _with_database(_import_attributes)
export_faq = _with_database(_export_faq)
publish_faq = _with_database(_publish_faq)
create_staff = _with_database(_create_staff)
rotate_vault_keys = _with_database(_rotate_vault_keys)
reset_second_factor = _with_database(_reset_second_factor)
erase_banned_member = _with_database(_erase_banned_member)
seal_log = _with_database(_seal_log)
