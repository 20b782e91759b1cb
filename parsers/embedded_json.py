"""The content of pages that have it only as JSON in their scripts, which build the page in the browser.

A single-page application sends an almost empty body and its text beside it: as JSON-LD, as the state of its framework
(Next.js, Nuxt, SvelteKit, Angular, Remix, Apollo, Redux …), or as a stream of React elements. All of them are trees
with prose at some leaves. So this reads every JSON value it can find in the scripts, looks for the subtree where the
prose is, and writes it out as HTML in the order of the page; frameworks matter only where they wrap the JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from parsers.markup.lenient_json import read_json
from parsers.markup.tokens import attributes

# Bounds for one page: characters of scripts read, JSON values visited, depth of one, and what is written.
_SCRIPT_CHARACTERS = 2_000_000
_NODES = 200_000
_DEPTH = 60
_CONTENT_CHARACTERS = 500_000
# Assignments of one script that turn out to be JavaScript; each costs a count of the lines before it.
_FAILURES = 200
# Less prose than this is a teaser or a label, and not worth replacing what the page shows.
_LEAST_CHARACTERS = 250
_CHARACTERS_PER_WORD = 6
_LONGEST_KEY = 100
# A subtree takes the place of the one around it as long as it holds so much of its prose.
_MAIN_SHARE = 0.7

_JSON_TYPE = re.compile(r'\btype="(?:application/json|[^"]*\+json)|\bid="(?:__NEXT_DATA__|__NUXT_DATA__|ng-state)"')
# Elements that carry state in an attribute: Discourse, Inertia, Astro.
_STATE_ATTRIBUTES = ("data-preloaded", "data-page", "props")
_STATE_ATTRIBUTE = re.compile(r'(?:^|\s)(?:data-preloaded|data-page|props)="')
# What a program assigns, or hands to a parser or stream as a string.
_ASSIGNED = re.compile(r'[\w$\]]\s*=\s*(?=\{\s*["}]|\[\s*[\[{"])|(?:JSON\.parse|\.enqueue)\(\s*(?=")')
_NEXT_CHUNK = re.compile(r'__next_f\.push\(\s*(?=\[\s*1\s*,\s*")')
_FLIGHT_ROW = re.compile(r"([0-9a-f]+):(?:T([0-9a-f]+),|[A-Z]{0,2}(?=[\[{\"]))")

# Keys of subtrees that hold the application's own texts, or what surrounds the content.
_ASIDE = re.compile(
    r"^(?:.*(?:i18n|translation|locale|cookie|consent|config|settings|navigation|menu|footer|privacy|tracking|"
    r"analytics|featureflag|stylesheet|breadcrumb|sidebar|related|recommend|advert|legal|login|signup|newsletter|"
    r"errors?$)|"
    r"messages|labels|strings|dictionary|class|css|styles?|script|seo|meta|publisher|author|user|buildid|env|query)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(?:title|headline|heading|name|question|subtitle|subheading|sectiontitle)$", re.IGNORECASE)
_SCHEMA_ASIDE = frozenset(
    {"organization", "website", "person", "breadcrumblist", "imageobject", "searchaction", "sitenavigationelement",
     "aggregaterating", "offer", "place", "postaladdress", "corporation", "webpage", "localbusiness"}
)  # fmt: skip
# Rich-text trees (ProseMirror, Slate, Contentful, Portable Text, Lexical, Editor.js): node type to HTML element.
_RICH_BLOCKS = {
    "paragraph": "p", "p": "p", "block": "p", "text-block": "p", "td": "p", "heading": "h2", "header": "h2",
    "blockquote": "blockquote", "quote": "blockquote", "list-item": "li", "listitem": "li", "li": "li",
    "list_item": "li", "code": "pre", "codeblock": "pre", "code_block": "pre", "code-block": "pre", "pre": "pre",
}  # fmt: skip
_HEADING_TYPE = re.compile(r"^(?:heading-?|h)([1-6])$")
_MARKUP = re.compile(
    r"<(?:p|div|br|h[1-6]|ul|ol|li|table|section|article|blockquote|pre|figure|span|strong|em|a)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_ESCAPED_MARKUP = re.compile(r"&lt;(?:p|div|br|h[1-6]|ul|ol|li)\b", re.IGNORECASE)
_NOT_PROSE = re.compile(
    r"https?:|//|data:|[.#@][\w-]+\s*\{|function\b|import\s|query\s|mutation\s|fragment\s|:root|<svg"
)
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[_./-][a-z0-9]+)*|\S*[a-z][A-Z]\S*")
_CODE_SIGNS = re.compile(r"[{};=<>\\|_$]")
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class _Leaf(NamedTuple):
    """A piece of content: ``element`` is the HTML element it becomes, or empty where ``text`` is markup itself."""

    element: str
    text: str
    characters: int


def content(scripts: list[tuple[str, str]], visible_words: int) -> str | None:
    """An HTML fragment of the main content that a page's scripts hold, or ``None`` where they hold none.

    ``scripts``: the attributes, as they stand in normal form, and the text of each script element, in page order; an
    element with state in an attribute (``data-preloaded``, ``data-page``, Astro's ``props``) may be passed likewise.
    ``visible_words``: how many words the page shows without its scripts; the fragment must hold at least twice as
    many, and 250 characters. Never raises. Linear, within 2,000,000 characters of scripts and 200,000 JSON values.
    """
    best: list[_Leaf] = []
    most = max(_LEAST_CHARACTERS, 2 * _CHARACTERS_PER_WORD * visible_words) - 1
    nodes = _NODES
    for value in _values(scripts):
        tree = _Tree(nodes)
        tree.read(value)
        nodes = tree.nodes_left
        leaves = tree.main()
        characters = sum(leaf.characters for leaf in leaves if leaf.element != "h2")
        if characters > most:
            best, most = leaves, characters
    return _written(best) or None


def _values(scripts: list[tuple[str, str]]) -> Iterator[object]:
    """Every JSON value in the scripts: whole scripts, assigned objects, parsed strings, React's stream."""
    left = _SCRIPT_CHARACTERS
    flight: list[str] = []
    for source, text in scripts:
        if len(source) + len(text) > left:
            continue
        left -= len(source) + len(text)
        if _STATE_ATTRIBUTE.search(source):
            yield from (read_json(value) for name, value in attributes(source).items() if name in _STATE_ATTRIBUTES)
        if _JSON_TYPE.search(source):
            value = read_json(text)
            yield _revived(value) if "__NUXT_DATA__" in source else value
        elif "{" in text or "[" in text:
            for value in _literals(text, _NEXT_CHUNK):
                if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
                    flight.append(value[1])
            for value in _literals(text, _ASSIGNED):
                if isinstance(value, str):
                    value = _revived(read_json(value))
                if isinstance(value, dict | list):
                    yield value
    if flight:
        yield list(_flight_rows("".join(flight)))


_DECODER = json.JSONDecoder(strict=False)


def _literals(text: str, before: re.Pattern[str]) -> Iterator[object]:
    """The JSON values that stand right after what ``before`` matches. What is JavaScript rather than JSON is passed
    over; to stay linear, it may cost one reading of the text in all."""
    position = wasted = failures = 0
    while wasted <= len(text) and failures < _FAILURES and (match := before.search(text, position)):
        try:
            value, position = _DECODER.raw_decode(text, match.end())
            yield value
        except json.JSONDecodeError as error:
            wasted += error.pos - match.end()
            failures += 1
            position = match.end()
        except (ValueError, RecursionError):  # digits beyond Python's limit, nesting beyond its stack
            return


def _flight_rows(stream: str) -> Iterator[object]:
    """The rows of a React Server Components stream: ``id:json`` or ``id:Tlength,text``, the length in UTF-8 bytes."""
    rows: list[object] = []
    position = 0
    while match := _FLIGHT_ROW.match(stream, position):
        if match[2]:
            size = int(match[2][:8], 16)
            encoded = stream[match.end() : match.end() + size].encode("utf-8", "replace")
            taken = encoded[:size].decode("utf-8", "ignore")
            rows.append({"text": taken})
            position = match.end() + len(taken)
        else:
            end = stream.find("\n", match.end())
            end = len(stream) if end < 0 else end
            rows.append(read_json(stream[match.end() : end]))
            position = end + 1
        if position < len(stream) and not _FLIGHT_ROW.match(stream, position):
            position = stream.find("\n", position) + 1 or len(stream)
    yield from rows


def _revived(value: object) -> object:
    """A value that ``devalue`` or ``turbo-stream`` flattened: a list whose containers hold indices into the list
    instead of values; turbo-stream's keys are indices too (``_7``). Each place is revived once, where it is met first;
    anything else comes back as it is."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict | list)):
        return value
    if any(type(index) is not int for index in (value[0].values() if isinstance(value[0], dict) else value[0][1:])):
        return value
    seen: set[int] = set()

    def revive(index: object, depth: int) -> object:
        if type(index) is not int or not 0 <= index < len(value) or depth > _DEPTH:
            return None
        node = value[index]
        if isinstance(node, dict | list):
            if index in seen:
                return None
            seen.add(index)
        if isinstance(node, dict):
            return {name(key): revive(item, depth + 1) for key, item in node.items()}
        if isinstance(node, list):
            return [revive(item, depth + 1) for item in node]  # ["Reactive", 3] loses its tag, which is no index
        return node

    def name(key: str) -> str:
        place = key[1:]
        index = int(place) if key[:1] == "_" and place.isdecimal() and len(place) < 8 else -1
        return str(value[index]) if 0 <= index < len(value) else key

    return revive(0, 0)


class _Tree:
    """Prose and headings of one JSON value in document order, and which container holds how much of them."""

    def __init__(self, nodes: int) -> None:
        self.nodes_left = nodes
        self._leaves: list[_Leaf] = []
        # One row a container, parents first: parent, first leaf, leaf after the last, characters of prose.
        self._containers: list[list[int]] = []
        self._seen: set[str] = set()

    def read(self, value: object) -> None:
        """Walks ``value`` depth first. A container is left when its end marker (an index) comes off the stack."""
        pending: list[tuple[str, object, int, int]] = [("", value, 0, -1)]
        while pending and self.nodes_left > 0:
            key, node, depth, parent = pending.pop()
            if depth < 0:
                self._containers[parent][2] = len(self._leaves)
                continue
            self.nodes_left -= 1
            if isinstance(node, str) and len(node) > 50 and node[0] in "{[" and node[-1] in "}]":
                node = read_json(node)  # JSON within JSON, as Discourse has it
            if isinstance(node, str):
                self._add_text(key, node, parent)
            elif isinstance(node, dict | list) and node and depth < _DEPTH and not self._add_block(node, parent):
                index = len(self._containers)
                self._containers.append([parent, len(self._leaves), -1, 0])
                pending.append(("", None, -1, index))
                children = [(name, child, depth + 1, index) for name, child in _children(key, node)]
                pending.extend(reversed(children))
        for container in self._containers:
            if container[2] < 0:  # the bound struck within it
                container[2] = len(self._leaves)

    def main(self) -> list[_Leaf]:
        """The leaves of the innermost subtree that holds nearly all the prose, save headings with nothing below."""
        if not self._containers:
            return []
        best = [-1] * len(self._containers)
        for index in range(len(self._containers) - 1, 0, -1):
            parent, *_, characters = self._containers[index]
            self._containers[parent][3] += characters
            if best[parent] < 0 or characters >= self._containers[best[parent]][3]:
                best[parent] = index
        place = 0
        while best[place] >= 0 and self._containers[best[place]][3] >= _MAIN_SHARE * self._containers[place][3] > 0:
            place = best[place]
        parent = self._containers[place][0]
        if parent >= 0 and not self._headed(place) and self._containers[parent][2] - self._containers[parent][1] < 500:
            place = parent if self._headed(parent) else place  # a title stands beside the list that it heads
        leaves = self._leaves[self._containers[place][1] : self._containers[place][2]]
        after = [*leaves[1:], None] if leaves else []
        return [
            leaf
            for leaf, following in zip(leaves, after, strict=True)
            if leaf.element != "h2" or (following and following.element != "h2")
        ]

    def _headed(self, place: int) -> bool:
        first, end = self._containers[place][1:3]
        return first < end and self._leaves[first].element == "h2"

    def _add(self, leaf: _Leaf, parent: int) -> None:
        if leaf.text in self._seen:
            return
        self._seen.add(leaf.text)
        self._leaves.append(leaf)
        if leaf.element != "h2" and parent >= 0:
            self._containers[parent][3] += leaf.characters

    def _add_text(self, key: str, text: str, parent: int) -> None:
        if _HEADING.match(key) and 1 < len(text) <= 200:
            if not _NOT_PROSE.match(text) and not _IDENTIFIER.fullmatch(text):
                self._add(_Leaf("h2", _TAG.sub(" ", text).strip(), len(text)), parent)
        elif key == "recipeIngredient" and len(text) <= 300:
            self._add(_Leaf("li", text, len(text)), parent)
        else:
            markup = html.unescape(text) if _ESCAPED_MARKUP.search(text) else text
            has_markup = _MARKUP.search(markup) is not None
            prose = " ".join((_TAG.sub(" ", markup) if has_markup else markup).split())
            if _is_prose(prose):
                self._add(_Leaf("" if has_markup else "p", markup, len(prose)), parent)

    def _add_block(self, node: dict[str, object] | list[object], parent: int) -> bool:
        """Takes a paragraph, heading, item … of a rich-text tree, or a React element, as one leaf."""
        if isinstance(node, dict):
            kinds = (node.get(name) for name in ("nodeType", "_type", "type"))
            kind = next((value for value in kinds if isinstance(value, str)), "")
            inner = node.get("children", node.get("content"))
        elif len(node) == 4 and node[0] == "$" and isinstance(node[1], str) and isinstance(node[3], dict):
            kind, inner = node[1], node[3].get("children")
        else:
            return False
        element = _RICH_BLOCKS.get(kind.lower())
        if match := _HEADING_TYPE.match(kind.lower()):
            element = "h" + match[1]
        if element is None or inner is None or isinstance(inner, dict):
            return False
        text = _inline(inner, self.nodes_left)
        if text.strip():
            self._add(_Leaf("h2" if element[0] == "h" else element, text, len(text)), parent)
        return True


def _children(key: str, node: dict[str, object] | list[object]) -> Iterator[tuple[str, object]]:
    """The members worth visiting, in order; an item of a list bears the list's key."""
    if isinstance(node, list):
        if node[0] == "$" and len(node) == 4:  # a React element: all that is shown is in its properties
            yield "", node[3]
        else:
            yield from ((key, child) for child in node)
        return
    kinds = node.get("@type")
    names = {kind.lower() for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}
    if names & _SCHEMA_ASIDE and not any(name in node for name in ("mainEntity", "mainEntityOfPage", "articleBody")):
        return
    headings = [name for name in node if _HEADING.match(name)]
    for name in headings:  # whatever the order of the keys, a title comes first
        yield name, node[name]
    for name, child in node.items():
        if name not in headings and not _ASIDE.match(name[:_LONGEST_KEY]):
            yield name, child


def _inline(node: object, limit: int) -> str:
    """The text of a rich-text block, its leaves joined as they are."""
    pieces: list[str] = []
    pending = [node]
    while pending and limit > 0:
        node = pending.pop()
        limit -= 1
        if isinstance(node, str):
            if not node.startswith("$"):
                pieces.append(node)
        elif isinstance(node, list):
            pending.extend([node[3]] if len(node) == 4 and node[0] == "$" else reversed(node))
        elif isinstance(node, dict):
            inner = next((node[name] for name in ("text", "value", "children", "content") if name in node), None)
            pending.append(inner)
    return "".join(pieces)


def _is_prose(text: str) -> bool:
    """Whether a string is a sentence or more: words enough, hardly a sign of code, no run without spaces."""
    sample = text[:2_000]
    if len(text) < 25 or _NOT_PROSE.match(sample):
        return False
    if any(len(word) > 120 and word.isascii() for word in sample.split()):
        return False
    words = sample.count(" ") + 1 + len(_WITHOUT_SPACES.findall(sample)) // 2
    return words >= 8 and len(_CODE_SIGNS.findall(sample)) * 40 <= len(sample)


def _written(leaves: list[_Leaf]) -> str:
    parts: list[str] = []
    left = _CONTENT_CHARACTERS
    for element, text, _ in leaves:
        left -= len(text)
        if left < 0:
            break
        if not element:
            parts.append(f"<div>{text}</div>")
        elif element == "p":
            lines = (line.strip() for line in text.split("\n"))
            parts.extend(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)
        else:
            parts.append(f"<{element}>{html.escape(text, quote=False)}</{element}>")
    return "\n".join(parts)
