"""The inspector over HTTP: who may ask, what a hostile page may do (nothing), and that a decision is written once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

from blocklists.decisions import Decisions, read
from pipeline import storage, tables
from review.inspect.inspector import Inspector
from review.inspect.server import CRAWLED_POLICY, OWN_POLICY
from tests.real_data import data_folder
from tests.review.inspect.conftest import Browser, Crawl, serving, write_run


class Markup(HTMLParser):
    """Elements that load or run something, and attributes that could."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loading: list[tuple[str, dict[str, str | None]]] = []
        self.handlers: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("style", "srcdoc")]
        if tag in ("script", "link", "img", "iframe", "object", "embed", "base", "meta"):
            self.loading.append((tag, dict(attrs)))


def assert_our_own(page: str) -> None:
    markup = Markup(page)
    assert markup.handlers == [] and not markup.tags & {"img", "object", "embed", "base", "svg", "nav", "b" * 2}
    for tag, attributes in markup.loading:
        source = attributes.get("src") or attributes.get("href") or ""
        assert tag in ("script", "link", "iframe", "meta") and (source.startswith("/") or tag == "meta")
        assert tag != "iframe" or attributes["sandbox"] == ""
        assert tag != "script" or source == "/script.js"
        assert "http-equiv" not in attributes


def test_the_printed_address_opens_it_once(crawl: Crawl) -> None:
    for browser in serving(Inspector(crawl.run)):
        address = browser.server.address
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", address)
        assert browser.ask("/")[0].status == 403 and browser.ask("/?token=guess")[0].status == 403
        response = browser.enter()
        cookie = response.getheader("Set-Cookie") or ""
        assert response.status == 303 and response.getheader("Location") == "/"
        assert "SameSite=Strict" in cookie and "HttpOnly" in cookie
        assert browser.ask("/")[0].status == 200
        again, sentence = browser.ask(address.partition(browser.server.host)[2], Cookie=None)
        assert again.status == 403 and "once" in sentence


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"}, {"Host": "localhost:1"}, {"Host": None}, {"Origin": "http://evil.example"},
        {"Origin": "null"}, {"Cookie": None}, {"Cookie": "gristmill-1=x"}, {"Cookie": "\x01=;;"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/style.css", "/raw/{}"])
def test_others_are_refused(browser: Browser, crawl: Crawl, headers: dict, path: str) -> None:
    response, text = browser.ask(path.format(crawl.ids["hostile"]), **headers)
    assert response.status == 403 and "miller" not in text


@pytest.mark.parametrize(
    "path", ["/../run.json", "/raw/..%2f..%2frun.json", "/raw/" + "0" * 31, "/page/", "//evil.example/", "/%00"]
)
def test_there_is_nothing_but_what_is_meant(browser: Browser, path: str) -> None:
    assert browser.ask(path)[0].status == 404
    response, text = browser.ask("/raw/" + "0" * 32)
    assert response.status == 404 and "no record with the id" in text


def test_a_crawled_page_is_served_so_that_it_can_do_nothing(browser: Browser, crawl: Crawl) -> None:
    response, text = browser.ask(f"/raw/{crawl.ids['hostile']}")
    assert response.status == 200 and "evil.example" in text, "as it was crawled, but for personal data"
    assert response.getheader("Content-Security-Policy") == CRAWLED_POLICY
    assert CRAWLED_POLICY.startswith("sandbox; default-src 'none'")
    for name, value in (
        ("X-DNS-Prefetch-Control", "off"), ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
    ):  # fmt: skip
        assert response.getheader(name) == value
    assert "<link" not in text, "no policy forbids the connection that <link rel=preconnect> asks for"
    assert not re.search(r"[^-]href\s*=", text), "nor the one that a click begins with"
    source, _ = browser.ask(f"/source/{crawl.ids['hostile']}")
    assert (source.getheader("Content-Type") or "").startswith("text/plain")
    assert source.getheader("Content-Security-Policy") == CRAWLED_POLICY


def test_the_page_around_it_has_no_markup_but_its_own(browser: Browser, crawl: Crawl) -> None:
    for name in ("hostile", "markup", "dropped"):
        response, page = browser.ask(f"/page/{crawl.ids[name]}")
        assert response.status == 200 and response.getheader("Content-Security-Policy") == OWN_POLICY
        assert "frame-src 'self'" in OWN_POLICY and "frame-ancestors 'none'" in OWN_POLICY
        assert_our_own(page)
        assert "alert" not in "".join(re.findall(r"<script[^>]*>([^<]*)", page))
    _, listed = browser.ask("/")
    assert_our_own(listed)
    assert "&lt;script&gt;alert(1)" in listed


def test_blocks_say_whether_they_are_kept_and_what_decided(browser: Browser, crawl: Crawl) -> None:
    _, page = browser.ask(f"/page/{crawl.ids['hostile']}")
    assert re.search(r'class="block kept" title="[a-z ]+, first look 0\.\d\d[^"]*">The miller', page)
    assert re.search(r'class="block gone" title="[^"]+">Home', page)


def test_personal_data_is_masked_unless_it_is_to_be_revealed(browser: Browser, crawl: Crawl) -> None:
    for route in ("page", "raw", "source", "text"):
        _, text = browser.ask(f"/{route}/{crawl.ids['hostile']}")
        assert "anna.muster" not in text and "[EMAIL]" in text
    for other in serving(Inspector(crawl.run, reveal=True)):
        other.enter()
        response, text = other.ask(f"/raw/{crawl.ids['hostile']}")
        assert "anna.muster@gmail.com" in text and response.getheader("Content-Type") == "text/html; charset=utf-8"
        assert "<link" not in text


def test_lists_are_chosen_ordered_and_leave_bookkeeping_out(browser: Browser, crawl: Crawl) -> None:
    def listed(query: str) -> set[str]:
        found = set(re.findall(r"/page/([0-9a-f]{32})", browser.ask(f"/?{query}")[1]))
        names = {identity: name for name, identity in crawl.ids.items()} | {"f" * 32: "failed"}
        return {names[identity] for identity in found}

    assert listed("") == {"hostile", "markup", "dropped", "failed"}
    assert listed("stage=kept") == listed("language=en") == listed("domain=mill.example") == {"hostile", "markup"}
    assert listed("stage=read") == {"moved"} and listed("stage=failed") == {"failed"}
    assert listed("url=HOSTILE") == {"hostile"} and listed(f"id={crawl.ids['dropped'][:8]}") == {"dropped"}
    assert listed("low=0.01&high=0.2") == {"dropped"} and listed("low=0.1") == set()
    assert listed("order=near") == {"dropped"}, "the only one with a number and a limit"
    response, sentence = browser.ask("/?low=much")
    assert response.status == 400 and "must be a number" in sentence


def test_the_next_and_the_one_before_are_those_of_the_list(browser: Browser, crawl: Crawl) -> None:
    first, second = sorted((crawl.ids["hostile"], crawl.ids["markup"]))
    for here, key, there in ((first, "n", second), (second, "p", first)):
        _, page = browser.ask(f"/page/{here}?stage=kept")
        assert re.search(rf'href="/page/{there}\?[^"]*" data-key="{key}"', page)


def test_the_way_is_told_with_numbers_and_what_is_missing_is_said(browser: Browser, crawl: Crawl) -> None:
    _, page = browser.ask(f"/page/{crawl.ids['dropped']}")
    assert "score 0.04" in page and "limit &lt; 0.05 (quality.min_content)" in page
    assert "work/ is gone" in page and "isn&#x27;t written down" in page
    _, page = browser.ask(f"/page/{'f' * 32}")
    assert "have no file called elsewhere.warc" in page


def test_an_input_that_is_gone_or_another_is_a_sentence(tmp_path: Path) -> None:
    crawl = write_run(tmp_path)
    archive = tmp_path / "pages.warc"
    (tmp_path / "moved").mkdir()
    place = {
        "id": crawl.ids["dropped"],
        "file": 0,
        "member": None,
        "offset": archive.read_bytes().index(b"<p>short</p>"),
    }
    place["offset"] = archive.read_bytes().rindex(b"WARC/1.0", 0, place["offset"])
    places = storage.parquet_bytes(tables.table(tables.PLACES, [place]), 512)
    storage.write_bytes(f"{crawl.run}/places/one.parquet", places)
    whole = archive.rename(tmp_path / "moved" / "pages.warc").read_bytes()
    for browser in serving(Inspector(crawl.run)):
        browser.enter()
        assert "isn&#x27;t there any more" in browser.ask(f"/page/{crawl.ids['hostile']}")[1]
    for browser in serving(Inspector(crawl.run, inputs=str(tmp_path / "moved"))):
        browser.enter()
        assert "evil.example" in browser.ask(f"/raw/{crawl.ids['hostile']}")[1]
        assert browser.ask(f"/source/{crawl.ids['dropped']}")[1] == "<p>short</p>", "by the run's table of places"
        (tmp_path / "moved" / "pages.warc").write_bytes(whole.replace(b"sunrise", b"sunsets"))
        response, sentence = browser.ask(f"/raw/{crawl.ids['markup']}")
        assert response.status == 404 and "isn't the one that the run read" in sentence


@pytest.fixture
def deciding(crawl: Crawl, tmp_path: Path) -> Iterator[tuple[Browser, dict[str, str], Path]]:
    """A browser, a form of one of its pages, and the file of decisions."""
    path = tmp_path / "decisions.jsonl"
    for browser in serving(Inspector(crawl.run, decisions=str(path), who="ada")):
        browser.enter()
        _, page = browser.ask(f"/page/{crawl.ids['dropped']}")
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        yield browser, fields | {"decision": "keep url", "why": "false positive", "note": "fine"}, path


def test_a_decision_is_written_once_and_undone_by_a_line(deciding, crawl: Crawl) -> None:
    browser, form, path = deciding
    for _ in range(2):
        assert browser.ask("/decide", form)[0].status == 303
    (line,) = read([path])
    assert (line.who, line.scope, line.value, line.verdict, line.why, line.note) == (
        "ada", "url", "https://pond.example/log", "keep", "false positive", "fine"
    )  # fmt: skip
    mark = storage.sha256((Path(crawl.run) / "run.json").read_bytes())
    assert line.seen == {
        "run": crawl.run, "run_sha256": mark, "id": crawl.ids["dropped"], "stage": "quality", "reason": "low_quality",
        "score": 0.04,
    }  # fmt: skip
    assert "decided: keep" in browser.ask(f"/page/{crawl.ids['dropped']}")[1]
    browser.ask("/decide", form | {"decision": "drop domain"})
    assert [(each.scope, each.value) for each in read([path])][1:] == [("domain", "pond.example")]
    for lines in (3, 4, 4):
        browser.ask("/undo", form)
        assert len(read([path])) == lines
    assert len(Decisions(read([path]))) == 0 and "nothing to undo" in browser.ask(f"/page/{crawl.ids['dropped']}")[1]


@pytest.mark.parametrize(
    ("changed", "headers", "status"),
    [
        ({"token": "guess"}, {}, 403), ({"token": ""}, {}, 403), ({}, {"Origin": "http://evil.example"}, 403),
        ({}, {"Origin": "null"}, 403), ({}, {"Cookie": None}, 403), ({}, {"Host": "evil.example"}, 403),
        ({"id": "0" * 32}, {}, 400), ({"decision": "burn url"}, {}, 400), ({"decision": "drop planet"}, {}, 400),
        ({"note": "x" * 70_000}, {}, 413),
    ],
)  # fmt: skip
def test_nothing_is_written_without_the_token_or_for_others(
    deciding, changed: dict, headers: dict, status: int
) -> None:
    browser, form, path = deciding
    response, _ = browser.ask("/decide", form | changed, **headers)
    assert response.status == status and not path.exists()
    assert browser.ask(f"/decide?{urlencode(form)}")[0].status == 404


@pytest.mark.parametrize(
    "then", ["//evil.example/", "/\\evil.example", "http://evil.example/", "/page/x", "/?a\r\nX: y"]
)
def test_a_form_leads_nowhere_else(deciding, then: str) -> None:
    browser, form, _ = deciding
    response, _ = browser.ask("/decide", form | {"then": then})
    assert response.getheader("Location") == "/" and response.getheader("X") is None


def test_nasty_pages_are_text_around_and_nothing_inside(tmp_path: Path) -> None:
    files = sorted(path for path in data_folder("nasty").rglob("*.html") if path.stat().st_size < 200_000)[:5]
    pages = {path.name: (f"https://nasty.example/{number}", path.read_bytes()) for number, path in enumerate(files)}
    crawl = write_run(tmp_path, pages)
    for browser in serving(Inspector(crawl.run, decisions=str(tmp_path / "d.jsonl"))):
        browser.enter()
        for name, identity in crawl.ids.items():
            response, _ = browser.ask(f"/raw/{identity}")
            assert response.getheader("Content-Security-Policy") == CRAWLED_POLICY, name
            response, page = browser.ask(f"/page/{identity}")
            assert response.status == 200, name
            assert_our_own(page)
