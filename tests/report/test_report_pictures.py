"""The pictures as a browser shows them: letters are inked, nothing is fetched, languages switch without scripts."""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import vl_convert
from playwright.sync_api import Browser, sync_playwright

from federation.errors import Unavailable
from federation.report.drawing import Box, Drawing, Ribbon, Words
from federation.report.facts import Facts
from federation.report.page import render
from federation.report.svg import draw

CHROMIUM = Path("/usr/bin/chromium")


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGBA bytes of a PNG as resvg writes it: 8 bits a channel, not interlaced."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    packed = b"".join(png[at + 8 : at + 8 + size] for at, size in _pieces(png) if png[at + 4 : at + 8] == b"IDAT")
    return width, height, _unfilter(zlib.decompress(packed), width * 4, height)


def _pieces(png: bytes) -> Iterator[tuple[int, int]]:
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield at, size
        at += size + 12


def _unfilter(packed: bytes, stride: int, height: int) -> bytes:
    """PNG's row filters undone (PNG specification, clause 9)."""
    done, above = bytearray(), bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(packed[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, up, corner = (line[i - 4], above[i], above[i - 4]) if i >= 4 else (0, above[i], 0)
            near = min((left, up, corner), key=lambda one, p=left + up - corner: abs(p - one))  # type: ignore[misc]
            line[i] = (line[i] + (0, left, up, (left + up) // 2, near)[packed[start]]) & 255
        done += line
        above = line
    return bytes(done)


def ink(drawing: Drawing, left: int, top: int, right: int, bottom: int) -> int:
    """Dark pixels in an area of a drawing."""
    svg = draw({"one": drawing})["one"]
    width, _, rgba = pixels(vl_convert.svg_to_png(svg))
    return sum(rgba[4 * (y * width + x)] < 128 for y in range(top, bottom) for x in range(left, right))


def test_chinese_letters_are_inked():
    some = Drawing(200, 60, words=[Words(10, 30, "及时性", size=20)])
    assert ink(some, 8, 15, 75, 45) > 150


def test_rare_characters_differ_from_one_another():
    def drawn(letter: str) -> int:
        return ink(Drawing(60, 60, words=[Words(10, 30, letter, size=30)]), 0, 0, 60, 60)

    assert len({drawn("龘"), drawn("一"), drawn("鑫")}) == 3


def test_an_area_without_words_has_no_ink():
    assert ink(Drawing(200, 60, words=[Words(10, 30, "及时性", size=20)]), 100, 0, 200, 60) == 0


def test_boxes_and_bands_stand_where_they_were_put():
    some = Drawing(100, 100, [Box(10, 10, 20, 20, "#000000")], [Ribbon(50, 50, 90, 50, 30, "#000000")])
    assert ink(some, 10, 10, 30, 30) == 400
    assert ink(some, 32, 0, 100, 48) == 0


def test_tips_are_titles_and_escaped():
    svg = draw({"one": Drawing(50, 50, [Box(1, 1, 9, 9, "#000000", "<3 & more")])})["one"]
    assert "<title>&lt;3 &amp; more</title>" in svg


def test_the_worker_fetches_nothing():
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

    class Curious(Drawing):
        def spec(self) -> dict[str, object]:
            return {"data": {"url": f"http://127.0.0.1:{server.server_port}/x.json"}, "mark": "point", "encoding": {}}

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with suppress(Unavailable):
            draw({"one": Curious(10, 10)})
        server.shutdown()
    assert asked == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium, with scripts switched off later, page by page."""
    if not CHROMIUM.exists():
        pytest.fail("chromium is missing; `make setup` installs it on Debian (deploy/apt.txt).")
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def written(facts: Facts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up city's page on disk."""
    return render(facts, tmp_path_factory.mktemp("report") / "report.html")


def test_the_page_loads_alone_without_a_complaint(browser: Browser, written: Path):
    asked: list[str] = []
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(written.as_uri())
    page.close()
    assert asked == [written.as_uri()]
    assert complaints == []


@pytest.mark.parametrize("width", [1024, 1366])
def test_nothing_sticks_out_of_the_window(browser: Browser, written: Path, width: int):
    page = browser.new_page(viewport={"width": width, "height": 768})
    page.goto(written.as_uri())
    for pick in ("#pick-zh", "#pick-en"):
        page.check(pick, force=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_language_switches_without_scripts(browser: Browser, written: Path):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(written.as_uri())
    zh, en = page.locator("h2 [lang='zh-CN']").first, page.locator("h2 [lang='en']").first
    assert (zh.is_visible(), en.is_visible()) == (True, False)
    page.locator("label[for='pick-en']").click()
    assert (zh.is_visible(), en.is_visible()) == (False, True)
    assert page.locator("figure[lang='zh-CN']").first.is_hidden()
    context.close()


def test_words_of_a_picture_do_not_overlap(browser: Browser, written: Path):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(written.as_uri())
    for pick in ("#pick-zh", "#pick-en"):
        page.check(pick, force=True)
        overlaps = page.evaluate(
            """() => [...document.querySelectorAll('figure')].flatMap(figure => {
              const boxes = [...figure.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
                .filter(([, r]) => r.width > 0);
              const hits = [];
              boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
                const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
                const tall = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
                if (wide > 1 && tall > 6) hits.push(`${a} / ${b}`);
              }));
              return hits; })"""
        )
        assert overlaps == []
    page.close()


def test_the_page_prints_on_a4(browser: Browser, written: Path):
    page = browser.new_page()
    page.goto(written.as_uri())
    pdf = page.pdf(format="A4", print_background=True)
    page.close()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 2 <= pages <= 8
