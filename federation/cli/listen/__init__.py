"""`guantong listen`: takes in HL7 v2 over MLLP, on disk before it is acknowledged. Shows counts; no message's words."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.listen.kept import prune, refused
from federation.cli.listen.told import MB, Site, journal_of, say, tell, when
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.node.listen.counts import Counts
    from federation.node.listen.places import Places
    from federation.node.listen.settings import Settings
    from federation.node.report import Report

INGEST = "import sys; from federation.cli import main; sys.exit(main(sys.argv[1:]))"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    help="Take in HL7 v2 over MLLP; what is acknowledged is on the disk.  MLLP 接收",
)


@app.callback()
def listen(  # noqa: PLR0917 - typer hands its options over by name
    context: typer.Context,
    site: Annotated[str | None, typer.Option("--site", help="Id of the site that sends. 机构")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on. 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one. 端口")] = 2575,
    tls_cert: Annotated[Path | None, typer.Option(help="Our certificate, PEM. 证书")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM, mode 600. 私钥")] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option(help="Who signs the senders' certificates, PEM. 客户端 CA")
    ] = None,
    plain_network: Annotated[
        bool, typer.Option("--plain-network", help="Without TLS on a network: others there can read and forge. 明文")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A sender: APP, APP@FACILITY (MSH-3, MSH-4), with =NAME of its certificate. 允许的发送方"),
    ] = None,
    idle: Annotated[float, typer.Option(min=1, help="Seconds without a byte before a peer is let go. 空闲秒数")] = 3600,
    stall: Annotated[float, typer.Option(min=1, help="Seconds that a begun message may stand still. 停顿秒数")] = 60,
    largest: Annotated[float, typer.Option(min=0.001, max=1024, help="MB of the largest message. 单条上限")] = 32,
    memory: Annotated[float, typer.Option(min=1, help="MB of unfinished messages of all peers. 内存上限")] = 256,
    connections: Annotated[int, typer.Option(min=1, help="Peers at once. 连接上限")] = 1000,
    segment: Annotated[float, typer.Option(min=0.001, max=1024, help="MB after which a segment is finished.")] = 32,
    segment_seconds: Annotated[float, typer.Option(min=1, help="Seconds after which it is.")] = 300,
    remember: Annotated[
        int, typer.Option(min=1, help="Messages remembered by control id, to know repeats. 去重窗口")
    ] = 200_000,
    ingest_every: Annotated[float, typer.Option(min=0, help="Seconds between ingests into the tables; 0: never.")] = 0,
    keep_days: Annotated[
        float | None,
        typer.Option(min=0, help="Days to keep ingested segments and refused bytes; for good if not said. 保留天数"),
    ] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Listen until stopped; the verbs below look at the journal."""
    if context.invoked_subcommand is not None:
        return
    from federation.errors import Usage
    from federation.node.listen.senders import parsed
    from federation.node.listen.settings import Limits, Settings
    from federation.node.listen.tls import context as tls
    from federation.node.listen.tls import is_loopback

    if site is None:
        raise Usage("Say whose messages they are: guantong listen --site ID.")
    secure = tls(host, tls_cert, tls_key, tls_client_ca, plain_network)
    if secure is None and not is_loopback(host):
        tell(f"WARNING: {host} without TLS. Whoever is on that network can read patients' data and send as anybody.")
    limits = Limits(
        int(largest * MB), int(memory * MB), connections=connections, idle=idle, stall=stall, frame=max(300.0, stall)
    )
    feed = [sys.executable, "-c", INGEST, "listen", "replay", "--site", site, "--home", str(home), "--json"]
    _serve(
        journal_of(home, site),
        Settings(
            site, host, port, secure, parsed(allow or ()), limits, remember, int(segment * MB), segment_seconds,
            feed, ingest_every, keep_days,
        ),
        as_json,
    )  # fmt: skip


def _serve(places: "Places", settings: "Settings", as_json: bool) -> None:
    from federation.node.listen.serve import serve

    counts = serve(places, settings, tell, look=_line if sys.stderr.isatty() else _no_line)
    if as_json:
        show_json(counts.as_dict())
        return
    reused = f"; {counts.reused} control ids came with other content 控制号重用" if counts.reused else ""
    tell(f"Stopped: {_balance(counts.as_dict())}; answered 应答 {counts.answered}{reused}.")


def _balance(found: dict[str, Any]) -> str:
    """What was received, and what became of it."""
    refused = sum(found["refused"].values())
    return (
        f"received 收到 {found['received']} = stored 落盘 {found['stored']} + duplicate 重复 {found['duplicates']} "
        f"+ refused 拒绝 {refused} + not stored 未存 {found['not_stored_for_now']}"
    )


@app.command()
def status(site: Site, home: Home = HOME, as_json: Json = False) -> None:
    """Show connections, counts, senders, and what is not in the tables yet.  运行状态"""
    from federation.errors import Usage
    from federation.node.listen.status import read_status

    places = journal_of(home, site)
    if not places.root.is_dir():
        raise Usage(f"{places.root} is not there: nothing ever listened for {site} in this home.")
    found = read_status(places)
    if as_json:
        show_json(found)
    else:
        _show_status(found)


@app.command()
def replay(
    site: Site,
    home: Home = HOME,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and decide; keep nothing. 试运行")] = False,
    as_json: Json = False,
) -> None:
    """Ingest the finished segments that are not in the tables yet; running it twice adds nothing.  入库"""
    from federation.cli.bar import bar
    from federation.cli.clock import now
    from federation.node.home import make_home
    from federation.node.listen.replay import replay as replaying
    from federation.node.listen.status import backlog

    places = journal_of(home, site)
    places.make()
    before = backlog(places)
    with bar() as begin:
        told = replaying(make_home(home), places, site, now=now, dry_run=dry_run, progress=begin(f"reading {site}"))
    if as_json:
        show_json({"before": before, "after": backlog(places), "batches": [each.as_dict() for each in told]})
    else:
        _show_replay(before, told, backlog(places), dry_run)
    if any(each.unreadable for each in told):
        raise typer.Exit(3)


@app.command()
def proof(
    control_id: Annotated[str, typer.Argument(help="MSH-10 as it was sent.")],
    site: Site,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """When a message came, where it stands, its hash, and what was answered; exit 1 where it never came.  收到证明"""
    from federation.node.listen.proof import proofs

    found = proofs(journal_of(home, site), control_id.encode())
    if as_json:
        show_json({"found": len(found), "messages": [each.as_dict() for each in found]})
    for each in [] if as_json else found:
        _show_proof(each.as_dict())
    if not found:
        if not as_json:
            say(f"No message with this control id is in the journal of {site}: it was never acknowledged here.")
        raise typer.Exit(1)


@app.command()
def verify(site: Site, home: Home = HOME, as_json: Json = False) -> None:
    """Recompute every hash of the journal; exit 1 where anything was changed, removed or put in.  校验"""
    from federation.errors import Tampered
    from federation.node.listen.verify import verify as verifying

    found = verifying(journal_of(home, site))
    if as_json:
        show_json({"intact": not found.problems, **vars(found)})
    elif not found.problems:
        away = found.messages - found.compared
        bytes_ = f", {away} whose bytes were pruned: only their hashes are left" if away else ""
        say(f"{found.messages} messages in one whole chain, {found.compared} as received byte for byte{bytes_}.")
        say(f"Head 链首 {found.messages} {found.head}")
    if found.problems:
        raise Tampered(f"The journal is not what was written: {'; '.join(found.problems[:20])}.")


app.command("refused")(refused)
app.command("prune")(prune)


def _show_status(found: dict[str, Any]) -> None:
    from rich.table import Table

    from federation.node.listen.reception import told_of

    if "state" in found:
        say(
            f"{found['site']}: {found['state']} on {found['host']}:{found['port']}"
            f"{' with TLS' if found['tls'] else ''}, pid {found['pid']}, since {when(found['since'])}"
            f"{', DISK FULL 磁盘已满' if found['full'] else ''}"
        )
        say(f"  {_balance(found)}")
        took = found["commit_ms"]
        say(
            f"  answered 应答 {found['answered']}, connected 连接 {found['connected']} of {found['connections']}, "
            f"to disk 落盘耗时 {took['median']} ms, p99 {took['p99']} ms"
        )
        if found["reused_control_ids"]:
            say(f"  {found['reused_control_ids']} control ids came again with other content: kept as new messages")
        for reason, count in found["refused"].items():
            say(f"  refused {reason:20} {count:>6}  {told_of(reason)}")
    elif not found["running"]:
        say("No listener has run yet.")
    waiting = found["backlog"]
    say(
        f"  not in the tables yet 待入库 {waiting['messages']} messages in {waiting['segments']} segments, "
        f"{waiting['messages_in_open_segment']} in the open one"
    )
    if not found.get("senders"):
        return
    table = Table("sender 发送方", "messages 消息", "duplicate 重复", "last 最近")
    for name, of in found["senders"].items():
        table.add_row(name, str(of["messages"]), str(of["duplicates"]), when(of["last"]) if of["last"] else "-")
    answer.print(table)


def _show_replay(before: dict[str, int], told: "list[Report]", after: dict[str, int], dry_run: bool) -> None:
    say(f"{before['messages']} messages in {before['segments']} finished segments were not in the tables 待入库")
    for each in told:
        say(
            f"  batch {each.batch}: read 读入 {each.read} = accepted 接收 {each.accepted} + rejected 退回 "
            f"{each.rejected} + duplicate 重复 {each.duplicate}"
        )
        for left in each.unreadable[:10]:
            say(f"  unreadable {left.file}: {left.reason}. {left.message}")
    if dry_run:
        say("  Nothing was kept (dry run).")
    elif after["messages_in_open_segment"]:
        say(f"  {after['messages_in_open_segment']} more are in the segment that the listener is writing.")


def _show_proof(found: dict[str, Any]) -> None:
    linked = "follows the line before it" if found["linked"] else "DOES NOT follow the line before it"
    say(f"message 消息    {found['seq']} from {found['sender'] or '?'} ({found['peer']})")
    say(f"received 收到   {when(found['received_at'])}")
    say(f"answered 应答   {found['code']} ({found['receipt']})")
    say(f"stands 位置     {found['segment']} at {found['offset']}, {found['length']} bytes, {found['stands']}")
    say(f"sha256          {found['sha256']}")
    say(f"chain 链        {found['chain']}, {linked}")
    say(f"in the tables 入库  {'yes' if found['ingested'] else 'not yet'}")


def _line(counts: "Counts") -> None:
    """One line that renews itself, where somebody looks at a terminal."""
    sys.stderr.write(
        f"\r\x1b[Kconnected 连接 {counts.connected}  stored 落盘 {counts.stored}  duplicate 重复 {counts.duplicates}  "
        f"refused 拒绝 {sum(counts.refused.values())}  not stored 未存 {counts.later} "
    )
    sys.stderr.flush()


def _no_line(_counts: "Counts") -> None:
    """Nobody looks."""
