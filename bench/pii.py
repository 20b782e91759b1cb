"""Personal data found: recall and precision by kind, and time, beside presidio alone and datatrove's patterns.

    python -m bench.pii LABELLED       the folder of labelled sets (pii-presidio, pii-webstruct)

Truth are the spans of presidio-research's generated texts, and the e-mail addresses and telephone numbers that people marked
in real pages (webstruct: business and random pages). A value counts as found if a tool's value and the true one have the same
letters and digits, or one holds the other with at most three signs more (a country's code, an extension). Presidio alone is
the same recognizers over whole texts; datatrove's are its two expressions (formatters/pii.py).
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from filters.pii import DEFAULT_REGIONS, PiiCounter
from filters.presidio import load_recognizers

KINDS = {"EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "IBAN": "iban",
         "IP_ADDRESS": "ip", "US_SSN": "ssn"}  # fmt: skip
_MARK = re.compile(r'<span[^>]*wa-type="(EMAIL|TEL|FAX)"[^>]*>(.*?)</span>', re.DOTALL)
_TAG = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]+>", re.DOTALL)

Values = set[tuple[str, str]]  # kind, letters and digits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    labelled = parser.parse_args().labelled
    for name, texts in {"generated": list(_generated(labelled)), "web pages": list(_pages(labelled))}.items():
        print(f"\n{name}: {len(texts):,} texts, {sum(len(text) for text, _ in texts):,} characters")
        for tool, find in _tools().items():
            find("warm up: ada.byron@gmail.com, +49 30 901820, 84.17.52.131")
            started = time.process_time()
            found = [find(text) for text, _ in texts]
            seconds = time.process_time() - started
            print(f"  {tool:10} {seconds:6.2f} s  {_table(found, [truth for _, truth in texts])}")


def _generated(labelled: Path) -> Iterable[tuple[str, Values]]:
    for sample in json.loads((labelled / "pii-presidio" / "tests__data__generated_large.json").read_text("utf-8")):
        spans = [
            (KINDS[span["entity_type"]], span["entity_value"])
            for span in sample["spans"]
            if span["entity_type"] in KINDS
        ]
        yield sample["full_text"], {(kind, _plain(value)) for kind, value in spans}


def _pages(labelled: Path) -> Iterable[tuple[str, Values]]:
    for path in sorted((labelled / "pii-webstruct").glob("*_pages/**/*.html")):
        html = path.read_text("utf-8", "replace")
        marked = {
            ("email" if kind == "EMAIL" else "phone", _plain(_TAG.sub("", value)))
            for kind, value in _MARK.findall(html)
        }
        if marked:
            yield _TAG.sub(" ", html), {(kind, value) for kind, value in marked if len(value) > 6}


def _tools() -> dict[str, Callable[[str], Values]]:
    counter, recognizers = PiiCounter(DEFAULT_REGIONS, sample_chars=1_000_000), load_recognizers(DEFAULT_REGIONS)

    def ours(text: str) -> Values:
        return {(kind, _plain(value)) for kind, values in counter.values(text).items() for value in values}

    from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, IpRecognizer

    alone = {**recognizers, "card": CreditCardRecognizer(), "iban": IbanRecognizer(), "ip": IpRecognizer()}

    def presidio(text: str) -> Values:
        return {
            (kind, _plain(text[result.start : result.end]))
            for kind, recognizer in alone.items()
            for result in recognizer.analyze(text, recognizer.supported_entities)
            if result.score >= 0.4
        }

    tools: dict[str, Callable[[str], Values]] = {"gristmill": ours, "presidio": presidio}
    try:
        from datatrove.pipeline.formatters.pii import PIIFormatter
    except ImportError:
        return tools
    formatter = PIIFormatter()

    def datatrove(text: str) -> Values:
        return {
            (kind, _plain(match[0]))
            for kind, replacer in (("email", formatter.emails_replacer), ("ip", formatter.ip_replacer))
            for match in replacer.regex.finditer(text)
            if replacer.validator is None or replacer.validator(match[0])
        }

    return {**tools, "datatrove": datatrove}


def _plain(value: str) -> str:
    return re.sub(r"[\W_]", "", value.lower())


def _table(found: list[Values], truth: list[Values]) -> str:
    parts = []
    for kind in ("email", "phone", "card", "iban", "ssn", "ip"):
        wanted = [{value for k, value in each if k == kind} for each in truth]
        got = [{value for k, value in each if k == kind} for each in found]
        total, claimed = sum(map(len, wanted)), sum(map(len, got))
        if not total:
            continue
        hit = sum(any(_same(value, other) for other in g) for w, g in zip(wanted, got, strict=True) for value in w)
        right = sum(any(_same(value, other) for other in w) for w, g in zip(wanted, got, strict=True) for value in g)
        parts.append(f"{kind} recall {hit / total:.3f} precision {right / max(1, claimed):.3f} (of {total})")
    return "; ".join(parts)


def _same(one: str, other: str) -> bool:
    return one == other or (abs(len(one) - len(other)) <= 3 and (one in other or other in one))


if __name__ == "__main__":
    main()
