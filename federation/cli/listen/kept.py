"""`guantong listen refused` and `prune`: what was not accepted, and old segments that are in the tables."""

from typing import Annotated

import typer

from federation.cli.listen.told import MB, Site, journal_of, say, when
from federation.cli.output import HOME, Home, Json, show_json
from federation.cli.visible import lines


def refused(
    site: Site,
    reason: Annotated[str, typer.Option(help="Only those refused for this reason. 原因")] = "",
    raw: Annotated[
        bool, typer.Option("--raw", help="With the bytes: patients' data, for the owner's eyes. 原文")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many of the last ones. 条数")] = 20,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Show what was not accepted: when, from where, why; with --raw the bytes, a segment a line.  拒收内容"""
    from collections import deque

    from federation.node.listen.reception import told_of
    from federation.node.listen.turned_down import TurnedDown, turned_down
    from federation.node.raw import decoded

    count = 0
    last: deque[TurnedDown] = deque(maxlen=limit)
    for each in turned_down(journal_of(home, site), reason):
        count += 1
        last.append(each)
    if as_json:
        show_json({"refused": count, "shown": [each.as_dict(raw) for each in last]})
        return
    for each in last:
        say(f"{when(each.at)} {each.reason} from {each.peer}, {each.size} bytes, {each.file} at {each.offset}")
        say(f"  {told_of(each.reason)}")
        if raw:
            say("".join(f"  {line}\n" for line in lines(decoded(each.kept))))
    say(f"{len(last)} of {count} refused pieces shown. 共 {count} 条")


def prune(
    site: Site,
    keep_days: Annotated[float, typer.Option(min=0, help="Days to keep what was ingested or refused. 保留天数")],
    home: Home = HOME,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; remove nothing. 试运行")] = False,
    as_json: Json = False,
) -> None:
    """Remove old segments that are in the tables, never one that is not; what they held can still be proved.  清理"""
    import time

    from federation.node.listen.pruning import prunable
    from federation.node.listen.pruning import prune as pruning

    places = journal_of(home, site)
    found = prunable(places, keep_days, time.time())
    if not dry_run and (found.segments or found.refused):
        pruning(places, found)
    if as_json:
        show_json({"dry_run": dry_run} | found.as_dict())
        return
    say(
        f"{'would remove 将清理' if dry_run else 'removed 已清理'} {len(found.segments)} segments of {found.messages} "
        f"messages, {len(found.refused)} files of refused bytes, {found.size / MB:.1f} MB"
    )
    say(
        f"kept 保留 {found.recent} ingested since, {found.waiting} not in the tables yet 待入库, "
        f"{found.unreadable} that an ingest could not read 未能读取"
    )
