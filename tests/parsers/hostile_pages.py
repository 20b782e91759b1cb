"""Pages with megabytes where a word is meant, and a program that extracts each: ``python -m tests.parsers.hostile_pages``."""

from __future__ import annotations

import json
import resource
import sys

BEFORE, AFTER = "Before it the mill grinds wheat for the whole town.", "Behind it the miller counts all the sacks."
_MEGABYTE = 1 << 20


def _filled(before: str, piece: str, after: str = '">x</div>') -> str:
    return before + piece * (_MEGABYTE // len(piece)) + after


_ATTRIBUTES = "class", "style", "id", "data-x", "title", "href", "alt", "src", "role", "colspan", "start"
_MATH = "<math><semantics><mi>x</mi>{}</semantics></math>"
PAGES: dict[str, str] = {
    "sound": "<p>Nothing.</p>",
    **{f"{name} of one word": _filled(f'<div {name}="', "a") for name in _ATTRIBUTES},
    **{f"{name} of many words": _filled(f'<div {name}="', "ab cd ") for name in _ATTRIBUTES},
    "address": _filled('<a href="http://mill.example/', "a", '">The link</a>'),
    "address of 100 kB of steps back": '<a href="http://mill.example/' + "a/../" * 20_000 + '">The link</a>',
    "address of an image of a formula": _filled('<img src="http://mill.example/gif.latex?', "\\frac{1}{", '">'),
    "text for an image": _filled('<img alt="', "x+y ", '">'),
    "text for an image of a formula": _filled('<img class="tex" alt="$', "\\frac{1}{", '$">'),
    "backslashes for an image of a formula": _filled('<img class="latex" alt="', "\\", '">'),
    "source of a formula": _MATH.format(_filled('<annotation encoding="application/x-tex">', "\\frac{", "</annotation>")),
    "entities": _filled('<div title="', "&amp;"),
    "entities that are none": _filled('<div title="', "&"),
    "attribute without an end": _filled('<div title="', "a", ""),
    "many attributes": "<div " + " ".join(f"a{number}=1" for number in range(100_000)) + ">x</div>",
    "one attribute many times": _filled("<div ", "a=1 ", ">x</div>"),
    "attributes without names": _filled("<div ", "= ", ">x</div>"),
    "name of an element": _filled("<", "a", ">x"),
    "name of an end tag": _filled("</", "a", ">x"),
    "many opening brackets": "<" * _MEGABYTE,
    "comment without an end": _filled("<!--", "-", ""),
    "comment of almost ends": _filled("<!--", "--!", ""),
    "language of code": _filled('<pre class="language-', "a", '"><code>x = 1</code></pre>'),
    "metadata": _filled('<meta property="og:title" content="', "a ", '">'),
    "metadata of opening brackets": _filled('<script type="application/ld+json">', '{"a":[', "</script>"),
    "digits of a column": _filled('<table><tr><td colspan="', "9", '">a<td>b<tr><td>c<td>d</table>'),
}  # fmt: skip


def main() -> None:
    """A line of JSON a page, as soon as it is done."""
    from parsers import PageTooCostly, extract

    for name, hostile in PAGES.items():
        page = f"<html><head><title>Mills</title></head><body><p>{BEFORE * 3}</p>{hostile}<p>{AFTER * 3}</p></body></html>"
        line: dict[str, object] = {"name": name}
        try:
            text = extract(page.encode(), url="https://mill.example/").text
            line |= {"text": text[:1000] + text[-1000:], "length": len(text)}
        except PageTooCostly as refusal:
            line["refused"] = str(refusal)
        line["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
