"""`guantong score certify` and `score verify`: what a site's data scored, signed and bound to exactly that data."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.cli.bar import bar
from federation.cli.clock import now
from federation.cli.output import HOME, Home, Json, answer, show_json


def certify(
    site: Annotated[str, typer.Option("--site", help="The site whose batches are certified. 机构")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; never over another. 输出文件")],
    profile: Annotated[str, typer.Option(help="std (Ed25519) or gm (SM2 with SM3). 签名算法")] = "std",
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Sign what a site's data scored, bound to that data.  签发质量证书"""
    from federation.errors import Usage
    from federation.node.certify import issue
    from federation.node.durable import save
    from federation.node.home import open_home
    from federation.privacy.signature import fingerprint

    if out.exists():
        raise Usage(f"{out} is there already. Name a new file with --out.")
    with bar() as begin:
        signed = issue(open_home(home), site, now(), profile, begin(f"certifying {site}"))
    save(out, json.dumps(signed, ensure_ascii=False, indent=1).encode())
    mark = fingerprint(signed["signature"]["public"])
    if as_json:
        show_json({"site": site, "file": str(out), "content": signed["certificate"]["content"]["digest"], "key": mark})
        return
    _scores(signed["certificate"])
    _say(f"Signed with key 签名密钥 {mark}\nWritten to 已写入 {out}. Check it with `guantong score verify {out}`.")


def verify(
    file: Annotated[Path, typer.Argument(help="A certificate. 证书文件")],
    signature_only: Annotated[
        bool, typer.Option("--signature-only", help="Without its data: a recipient has none. 仅验证签名")
    ] = False,
    rescore: Annotated[bool, typer.Option("--rescore", help="Ask every row again. 重新评分比对")] = False,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Prove that a certificate is as it was signed, and that its data is, too.  验证质量证书"""
    from dataclasses import asdict

    from federation.errors import BadInput, Usage
    from federation.node.certify import verify as verifying
    from federation.node.home import open_home

    if rescore and signature_only:
        raise Usage("--rescore needs the data; leave --signature-only out.")
    try:
        signed = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Usage(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{file} is not JSON. It is no certificate, or it was damaged on its way.") from error
    with bar() as begin:
        told = verifying(signed, None if signature_only else open_home(home), rescore, begin("verifying"))
    if as_json:
        show_json({"file": str(file), **asdict(told)})
        return
    _scores(signed["certificate"])
    key = "of this home 本机密钥" if told.ours else "compare it with its owner 请与签发方核对"
    _say(f"As it was signed 签名有效: key {told.fingerprint} ({key})")
    _say(
        "Its rows are those it was issued for 数据与证书一致." if told.data
        else "Its rows were not looked at 未核对数据."
    )  # fmt: skip
    if told.rescored:
        _say("Every row was asked again: the same answers 重新评分一致.")
    if told.other_library:
        _say(
            "It was issued with other checks than this program has; answers were not compared. 规则版本不同，未比对结果"
        )
    if told.later:
        _say(f"{told.later} later batches are not part of it. 其后另有 {told.later} 个批次不在证书内")


def _scores(document: dict[str, Any]) -> None:
    from federation.quality.finding import percent
    from federation.quality.kind import Nhc, zh

    files = document["content"]["files"]
    _say(f"Certificate 质量证书: {document['site']}, issued 签发 {document['issued']}, {len(files)} files 文件")
    for each in document["scores"]["nhc"]:
        right, asked = each["numerator"], each["denominator"]
        name = f"{each['dimension']} {zh(Nhc(each['dimension']))}"
        _say(f"  {name:20} {right:>14,} / {asked:>14,}  {percent(right, asked)}")


def _say(line: str) -> None:
    answer.print(line, markup=False, soft_wrap=True)
