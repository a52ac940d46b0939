"""A FHIR server with Bulk Data Access and SMART Backend Services, as a process of its own on 127.0.0.1, for tests.

    python fhir_server.py PUBLIC_KEY.pem        writes its port on a line, then serves until it is ended

POST /offer says the folder that is offered: NDJSON files named by type (`deleted/` and `error/` too); all else is
forgotten. POST /faults switches faults, GET /told tells what was asked. It verifies what a real one would: the assertion's signature, aud, exp, jti, and the token on every request.
"""

import asyncio
import gzip
import sys
import time
import uuid
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

PUBLIC = Path(sys.argv[1]).read_bytes()
TIME = "2026-01-02T03:04:05.678+08:00"
app = FastAPI()
FAULTS: dict[str, Any] = {}
NOTHING_TOLD = {"kickoffs": [], "polls": 0, "deletes": 0, "tokens": 0, "files": [], "refused": 0}
TOLD: dict[str, Any] = {}
OFFERED: list[Path] = []
TOKENS: dict[str, float] = {}
JTI: set[str] = set()
JOBS: dict[str, dict[str, Any]] = {}


@app.post("/offer")
async def offer(request: Request):
    for each in (FAULTS, TOKENS, JTI, JOBS, OFFERED):
        each.clear()
    TOLD.update(deepcopy(NOTHING_TOLD))
    OFFERED.append(Path((await request.json())["folder"]))
    return {}


@app.post("/faults")
async def faults(request: Request):
    FAULTS.clear()
    FAULTS.update(await request.json())
    return {}


@app.get("/told")
def told():
    return TOLD


def base(request: Request) -> str:
    return f"http://{request.headers['host']}"


def trouble(status: int, code: str) -> JSONResponse:
    issue = {"severity": "error", "code": code, "diagnostics": "CANARY-DIAGNOSTICS"}
    return JSONResponse({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def turned_away(request: Request) -> Response | None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if FAULTS.get("open"):
        return None
    if token == "given-CANARY" or TOKENS.get(token, 0) > time.time():
        return None
    TOLD["refused"] += 1
    return trouble(401, "login")


@app.get("/fhir/.well-known/smart-configuration")
def smart(request: Request):
    return {"token_endpoint": FAULTS.get("token_endpoint", f"{base(request)}/token")}


@app.post("/token")
async def token(request: Request):
    form = {key: value[0] for key, value in parse_qs((await request.body()).decode()).items()}
    url = f"{base(request)}/token"
    try:
        said = jwt.decode(form["client_assertion"], PUBLIC, ["RS384", "ES384"], audience=url,
                          options={"require": ["exp", "jti", "iss", "sub"]})  # fmt: skip
    except (jwt.PyJWTError, KeyError):
        return JSONResponse({"error": "invalid_client"}, 401)
    good = said["iss"] == said["sub"] == "client-1" and said["exp"] <= time.time() + 300 and said["jti"] not in JTI
    if not good or form.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "invalid_client"}, 401)
    JTI.add(said["jti"])
    TOLD["tokens"] += 1
    made = f"CANARY-{uuid.uuid4()}"
    TOKENS[made] = time.time() + FAULTS.get("token_lasts", 300)
    return {"access_token": made, "token_type": "bearer", "expires_in": 300, "scope": form.get("scope")}


@app.get("/fhir/$export")
@app.get("/fhir/Patient/$export")
@app.get("/fhir/Group/{group}/$export")
def start(request: Request, group: str = ""):
    if away := turned_away(request):
        return away
    if request.headers.get("prefer") != "respond-async" or "fhir+json" not in request.headers.get("accept", ""):
        return trouble(400, "invalid")
    if left := FAULTS.get("busy", 0):
        FAULTS["busy"] = left - 1
        return Response(status_code=429, headers={"Retry-After": "0"})
    if "kickoff" in FAULTS:
        return trouble(FAULTS["kickoff"], "not-supported")
    TOLD["kickoffs"].append({"path": request.url.path, **dict(request.query_params)})
    job = uuid.uuid4().hex
    types = request.query_params["_type"].split(",")
    JOBS[job] = {"polls": FAULTS.get("polls", 1), "types": types, "since": request.query_params.get("_since", "")}
    where = f"/fhir/jobs/{job}" if FAULTS.get("relative") else f"{base(request)}/fhir/jobs/{job}"
    return Response(status_code=202, headers={"Content-Location": where})


@app.get("/fhir/jobs/{job}")
def state(request: Request, job: str):
    if away := turned_away(request):
        return away
    TOLD["polls"] += 1
    if FAULTS.pop("forget", 0) or job not in JOBS:
        JOBS.pop(job, None)
        return trouble(404, "not-found")
    if FAULTS.get("failing", 0):
        FAULTS["failing"] -= 1
        return Response(status_code=503, headers={"Retry-After": "0"})
    if JOBS[job]["polls"] > 0:
        JOBS[job]["polls"] -= 1
        return Response(status_code=202, headers={"Retry-After": "0", "X-Progress": "50% of it"})
    return manifest(request, job)


def manifest(request: Request, job: str):
    if "manifest" in FAULTS:
        return Response(FAULTS["manifest"], media_type="application/json")
    since = JOBS[job]["since"]
    names = [] if since >= TIME and since else sorted(path.name for path in OFFERED[0].glob("*.ndjson"))
    output = [entry(request, job, name) for name in names if name.split(".")[0] in JOBS[job]["types"]]
    parts = {part: [entry(request, job, f"{part}/{path.name}") for path in sorted((OFFERED[0] / part).glob("*.ndjson"))]
             for part in ("deleted", "error")}  # fmt: skip
    if not names:
        parts = {"deleted": [], "error": []}
    return {"transactionTime": TIME, "request": "x", "requiresAccessToken": not FAULTS.get("open_files"),
            "output": output, **parts}  # fmt: skip


def entry(request: Request, job: str, name: str) -> dict[str, Any]:
    host = FAULTS.get("files_at", base(request))
    lines = sum(1 for line in (OFFERED[0] / name).read_bytes().split(b"\n") if line.strip())
    return {"type": Path(name).name.split(".")[0], "url": f"{host}/files/{job}/{name}", "count": lines}


@app.delete("/fhir/jobs/{job}")
def forget(request: Request, job: str):
    if away := turned_away(request):
        return away
    TOLD["deletes"] += 1
    JOBS.pop(job, None)
    return Response(status_code=202)


@app.get("/fhir/{kind}")
def search(request: Request, kind: str):
    if away := turned_away(request):
        return away
    path = OFFERED[0] / f"{kind}.ndjson"
    lines = path.read_text("utf-8").splitlines()[: int(request.query_params["_count"])] if path.exists() else []
    entries = ",".join(f'{{"resource":{line}}}' for line in lines)
    body = f'{{"resourceType":"Bundle","type":"searchset","entry":[{entries}]}}'
    return Response(body, media_type="application/fhir+json")


@app.get("/files/{job}/{name:path}")
async def file(request: Request, job: str, name: str):
    if not FAULTS.get("open_files") and (away := turned_away(request)):
        return away
    if job not in JOBS:
        return trouble(410, "deleted")
    if "redirect" in FAULTS:
        return Response(status_code=302, headers={"Location": FAULTS["redirect"]})
    if FAULTS.get("page"):
        return Response("<html>log in</html>", media_type="text/html")
    if left := FAULTS.get("broken", {}).get(name, 0):
        FAULTS["broken"][name] = left - 1
        return Response(status_code=503, headers={"Retry-After": "0"})
    raw = (OFFERED[0] / name).read_bytes()
    headers = {"ETag": f'"{sha256(raw).hexdigest()[:16]}"', "Accept-Ranges": "bytes"}
    if FAULTS.get("gzip") and "gzip" in request.headers.get("accept-encoding", ""):
        raw, headers["Content-Encoding"] = gzip.compress(raw, mtime=0), "gzip"
    if FAULTS.get("no_etag"):
        del headers["ETag"]
    begin, status = 0, 200
    said = request.headers.get("range", "")
    if said and request.headers.get("if-range") == headers.get("ETag"):
        begin, status = int(said.removeprefix("bytes=").rstrip("-")), 206
        headers["Content-Range"] = f"bytes {begin}-{len(raw) - 1}/{len(raw)}"
    TOLD["files"].append([name, begin])
    return StreamingResponse(sent(raw[begin:], name), status, headers | {"Content-Length": str(len(raw) - begin)},
                             media_type="application/fhir+ndjson")  # fmt: skip


async def sent(raw: bytes, name: str):
    cut = FAULTS.get("cut", {}).pop(name, None)
    for at in range(0, len(raw), 4096):
        if cut is not None and at >= cut:
            raise ConnectionResetError("cut as asked")
        if slow := FAULTS.get("slow"):
            await asyncio.sleep(slow)
        yield raw[at : at + 4096]


class Told(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        sys.stdout.write(f"{self.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    Told(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")).run()
