"""Content that a page holds only as JSON in its scripts."""

from __future__ import annotations

import html
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.embedded_json import content

FIRST = "The miller rose before dawn because the wind had turned by night, and the grain was waiting at the door. " * 2
SECOND = "By noon the sails stood still again, and nobody in the village could say where the wind had gone to. " * 2
FIRST, SECOND = FIRST.strip(), SECOND.strip()
JSON = 'type="application/json"'
LINKED = 'type="application/ld+json"'
CONFIG = {"messages": {"accept": "Accept all cookies on this site, or choose which of them we may set. " * 9}}


def paragraphs(*texts: str) -> str:
    return "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in texts)


ARTICLE = {"title": "The mill", "intro": FIRST, "body": SECOND, "url": "https://a.example/x", "id": 7}
WRITTEN = "<h2>The mill</h2>\n" + paragraphs(FIRST, SECOND)
STATE = json.dumps({"config": CONFIG, "page": {"data": ARTICLE}})


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ('id="__NEXT_DATA__" type="application/json"', json.dumps({"props": {"pageProps": ARTICLE}, "buildId": "x"})),
        ('id="ng-state" type="application/json"', STATE),
        ("", f"window.__INITIAL_STATE__ = {STATE};(function(){{ var a = {{b: 1}}; }})();"),
        ("", f'window["__PRELOADED_STATE__"]={STATE}'),
        ("", f"window.__STATE__ = JSON.parse({json.dumps(STATE)});"),
        ("", f"var setup = {{ mode: 'dark' }}; __APOLLO_STATE__ = {STATE}"),
        ('data-preloaded="' + html.escape(json.dumps({"topic": json.dumps(ARTICLE)})) + '"', ""),
        ('type="module" props="' + html.escape(json.dumps({"post": [0, {"a": [0, ARTICLE]}]})) + '"', ""),
    ],
)
def test_the_state_of_a_framework_is_read(attributes: str, text: str) -> None:
    attributes = attributes.replace("&#x27;", "'")
    assert content([("", "let a = 1"), (attributes, text)], 0) == WRITTEN


def test_a_devalued_state_is_revived() -> None:
    post = {"title": 4, "intro": 5, "body": 6}
    flat = [{"state": 1}, {"data": 2}, {"post": 3}, post, "The mill", FIRST, SECOND]
    assert content([('type="application/json" id="__NUXT_DATA__"', json.dumps(flat))], 0) == WRITTEN


def test_a_turbo_stream_is_revived() -> None:
    flat = [{"_1": 2}, "post", {"_3": 4, "_5": 6, "_7": 8}, "title", "The mill", "intro", FIRST, "body", SECOND]
    script = f"window.__reactRouterContext.streamController.enqueue({json.dumps(json.dumps(flat))});"
    assert content([("", script)], 0) == WRITTEN


def test_a_stream_of_react_elements_is_read_across_its_chunks() -> None:
    rows = '1:["$","main",null,{"className":"a","children":[["$","h1",null,{"children":"The mill"}],'
    rows += f'["$","p",null,{{"children":[{json.dumps(FIRST)}]}}]]}}]\n'
    rows += f'2:T{len(SECOND):x},{SECOND}3:["$","div",null,{{}}]\n'
    half = len(rows) // 2
    chunks = [("", f"self.__next_f.push([1,{json.dumps(part)}])") for part in (rows[:half], rows[half:])]
    assert content([("", "(self.__next_f=self.__next_f||[]).push([0])"), *chunks], 0) == WRITTEN


@pytest.mark.parametrize(
    "tree",
    [
        {"type": "doc", "content": [
            {"type": "heading", "content": [{"type": "text", "text": "The mill"}]},
            {"type": "paragraph", "content": [
                {"type": "text", "text": FIRST[:50]}, {"type": "text", "text": FIRST[50:]}]},
            {"type": "paragraph", "content": [{"type": "text", "text": SECOND, "marks": [{"type": "bold"}]}]}]},
        [{"type": "h1", "children": [{"text": "The mill"}]}, {"type": "p", "children": [{"text": FIRST}]},
         {"type": "p", "children": [{"text": SECOND[:9]}, {"type": "a", "children": [{"text": SECOND[9:]}]}]}],
        {"nodeType": "document", "content": [
            {"nodeType": "heading-1", "content": [{"nodeType": "text", "value": "The mill"}]},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": FIRST}]},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": SECOND}]}]},
    ],
    ids=["ProseMirror", "Slate", "Contentful"],
)  # fmt: skip
def test_rich_text_trees_become_their_blocks(tree: object) -> None:
    assert content([(JSON, json.dumps({"entry": {"body": tree}}))], 0) == WRITTEN


def test_a_thread_in_json_ld_comes_with_its_comments() -> None:
    thread = {"@context": "https://schema.org", "@type": "DiscussionForumPosting", "headline": "The mill",
              "text": FIRST,
              "author": {"@type": "Person", "name": "A miller"},
              "comment": [{"@type": "Comment", "text": SECOND}]}  # fmt: skip
    assert content([(LINKED, json.dumps(thread))], 0) == WRITTEN


def test_a_recipe_in_json_ld_comes_with_its_ingredients() -> None:
    recipe = {"@type": "Recipe", "name": "Bread", "recipeIngredient": ["500 g flour", "salt"],
              "recipeInstructions": [{"@type": "HowToStep", "text": FIRST},
                                     {"@type": "HowToStep", "text": SECOND}]}  # fmt: skip
    found = content([(LINKED, json.dumps(recipe))], 0)
    assert found == "<h2>Bread</h2>\n<li>500 g flour</li>\n<li>salt</li>\n" + paragraphs(FIRST, SECOND)


def test_markup_stays_markup_and_plain_text_is_escaped() -> None:
    markup = f"<p>{FIRST}</p><ul><li>{SECOND}</li></ul>"
    for stored in (markup, html.escape(markup)):
        assert content([(JSON, json.dumps({"html": stored}))], 0) == f"<div>{markup}</div>"
    text = FIRST + " So 1 < 2 & so on."
    assert content([(JSON, json.dumps({"text": text + "\n\n" + SECOND}))], 0) == paragraphs(text, SECOND)


def test_languages_without_spaces_have_prose_as_well() -> None:
    text = "磨坊主在天亮之前就起床了，因为夜里风向变了，粮食已经在门口等着。" * 12
    script = f"window.__INITIAL_STATE__={json.dumps({'read': {'content': text}})}"
    assert content([("", script)], 3) == paragraphs(text)


@pytest.mark.parametrize(
    "value",
    [
        CONFIG,
        {"i18n": {"en": {"long": FIRST, "longer": SECOND}}},
        {"css": ".a{color:red}" * 99, "b": ".mill { color: red; margin: 0 auto } .sail { display: block }" * 20},
        {
            "code": "function a(b) { return b ? a(b - 1) : null; } " * 20,
            "image": "data:image/png;base64," + "QUJD " * 200,
        },
        {"urls": ["https://a.example/" + "x" * 300] * 9, "ids": ["a1b2c3d4" * 20] * 9},
        {"name": "A mill", "short": "Hardly a sentence, but not one that a reader would come here to read."},
        [],
        {},
        None,
    ],
)
def test_what_no_reader_would_see_is_no_content(value: object) -> None:
    assert content([(JSON, json.dumps(value))], 0) is None


def test_a_page_that_shows_as_much_itself_keeps_what_it_shows() -> None:
    scripts = [(JSON, STATE)]
    assert content(scripts, 10) == WRITTEN and content(scripts, 70) is None


def test_the_bound_on_scripts() -> None:
    assert content([(JSON, json.dumps({"a": "x" * 2_000_000}))], 0) is None
    assert content([(JSON, " " * 1_000_000 + STATE)], 0) == WRITTEN


@pytest.mark.parametrize(
    "script",
    ["[" * 200_000, '{"a":' * 100_000, "a={" * 200_000, 'a=["' * 200_000, 'a={"b":' * 100_000, "JSON.parse(" * 99_000,
     'self.__next_f.push([1,"' + "1:T1," * 50_000 + '"])', 'a=["' + " x" * 300_000 + '"]', "a = " + "[[1]," * 100_000],
    ids=range(9),
)  # fmt: skip
@pytest.mark.parametrize("attributes", [JSON, ""])
def test_hostile_scripts_cost_little(script: str, attributes: str) -> None:
    started = time.process_time()
    assert content([(attributes, script)], 0) is None
    assert time.process_time() - started < 2


VALUES = st.recursive(
    st.none()
    | st.integers(-9, 9)
    | st.sampled_from([FIRST, SECOND, "$", "p", "_1", "{}", "[]"])
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["type", "children", "text", "body", "title", "@type"]), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(VALUES, st.sampled_from([JSON, LINKED, "", 'id="__NUXT_DATA__" type="application/json"']), st.integers(0, 50))
def test_any_json_is_read_without_an_error_and_alike(value: object, attributes: str, words: int) -> None:
    scripts = [(attributes, ("" if attributes else "window.a = ") + json.dumps(value))]
    found = content(scripts, words)
    assert found == content(scripts, words) and (found is None or len(found) >= 250)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=99)), max_size=4))
def test_any_scripts_are_read_without_an_error(scripts: list[tuple[str, str]]) -> None:
    assert content(scripts, 0) is None


PROSE = (
    "The miller rose before dawn because the wind had turned by night and the grain was waiting at the door so early. "
)


def sized(characters: int) -> str:
    """Prose of so many characters."""
    return (PROSE * (characters // len(PROSE) + 1))[: characters - 1].rstrip().ljust(characters - 1, "x") + "."


def test_how_much_prose_a_page_must_hold() -> None:
    for shown, least in ((0, 250), (20, 250), (21, 252), (100, 1200)):
        assert content([(JSON, json.dumps({"body": sized(least)}))], shown) is not None
        assert content([(JSON, json.dumps({"body": sized(least - 1)}))], shown) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"title": "The mill", "body": FIRST + SECOND}, True), ({"title": "x" * 200, "body": FIRST + SECOND}, False), ({"title": "The " + "mill " * 39, "body": FIRST + SECOND}, True),
        ({"title": "The " + "mill " * 40, "body": FIRST + SECOND}, False), ({"title": "T", "body": FIRST + SECOND}, False), ({"title": "Ox", "body": FIRST + SECOND}, True), ({"title": "the_mill", "body": FIRST + SECOND}, False), ({"title": "https://a.example", "body": FIRST + SECOND}, False),
        ({"body": FIRST + SECOND, "title": "Behind it"}, True), ({"slug": "The mill", "body": FIRST + SECOND}, False),
    ],
)  # fmt: skip
def test_titles_are_headings_of_what_follows(value: object, shown: bool) -> None:
    assert ("<h2>" in (content([(JSON, json.dumps(value))], 0) or "")) is shown


@pytest.mark.parametrize("kind", ["organization", "Person", "WebSite", "BreadcrumbList"])
def test_what_json_ld_states_beside_the_content(kind: str) -> None:
    assert content([(LINKED, json.dumps({"@type": kind, "description": FIRST + SECOND}))], 0) is None


@pytest.mark.parametrize("name", ["mainEntity", "mainEntityOfPage", "articleBody"])
def test_a_web_page_that_states_its_content_is_read(name: str) -> None:
    value = {"@type": "WebPage", name: {"text": FIRST, "body": SECOND} if name != "articleBody" else FIRST + SECOND}
    assert content([(LINKED, json.dumps(value))], 0) is not None
    assert content([(LINKED, json.dumps({"@type": "WebPage", "text": FIRST + SECOND}))], 0) is None


def test_depth_and_length_are_bounded() -> None:
    def nested(depth: int) -> object:
        value: object = {"a": FIRST, "b": SECOND}
        for _ in range(depth):
            value = {"x": value}
        return value

    assert [content([(JSON, json.dumps(nested(depth)))], 0) is not None for depth in (10, 59, 60)] == [
        True,
        True,
        False,
    ]
    many = [f"{number} {FIRST}" for number in range(4_000)]
    assert len(content([(JSON, json.dumps({"a": many}))], 0) or "") < 600_000


def test_a_turbo_streams_keys_are_places_of_less_than_eight_digits() -> None:
    flat = [{"_1": 2}, "body", FIRST + SECOND, {"_0000001": 2}]
    script = "window.__reactRouterContext.streamController.enqueue({});"
    assert content([("", script.format(json.dumps(json.dumps(flat))))], 0) == paragraphs(FIRST + SECOND)


def read(value: object) -> str:
    return content([(JSON, json.dumps(value))], 0) or ""


def test_scripts_are_read_up_to_a_bound_for_all_of_them_together() -> None:
    blank = " " * (2_000_000 - 2 * len(JSON) - len(STATE))
    assert content([(JSON, blank), (JSON, STATE)], 0) == WRITTEN
    assert content([(JSON, blank + " "), (JSON, STATE)], 0) is None
    assert content([(JSON, " " * 2_000_001), (JSON, STATE)], 0) == WRITTEN  # what is too long is passed over


@pytest.mark.parametrize(("beside", "found"), [(199_997, True), (199_998, False)])
def test_values_are_visited_up_to_a_bound_for_all_scripts_together(beside: int, found: bool) -> None:
    scripts = [(JSON, json.dumps([0] * beside)), (JSON, json.dumps({"body": FIRST + SECOND}))]
    assert (content(scripts, 0) is not None) is found


def test_leaves_of_one_paragraph_are_read_up_to_the_same_bound() -> None:
    pieces = ["a mill and "] * 30 + ["a "] * 200_000
    text = read([{"type": "paragraph", "content": pieces}])  # the list, the paragraph and its own list count as well
    assert text == "<p>" + ("a mill and " * 30 + "a " * (199_997 - 30)).strip() + "</p>"


@pytest.mark.parametrize(("failures", "found"), [(199, True), (200, False)])
def test_assignments_of_javascript_are_passed_over_up_to_a_bound(failures: int, found: bool) -> None:
    script = 'a = {"b"};' * failures + f"c = {STATE}"
    assert content([("", script)], 0) == (WRITTEN if found else None)


@pytest.mark.parametrize(("more", "found"), [(0, 2), (1, 1)])
def test_what_is_written_is_bounded(more: int, found: bool) -> None:
    assert read([sized(250_000), "So " + sized(249_997 + more)]).count("<p>") == found


def test_a_long_key_is_judged_by_its_beginning() -> None:
    assert read({"x" * 94 + "cookie": FIRST + SECOND}) == "" and read({"x" * 95 + "cookie": FIRST + SECOND}) != ""


def test_a_subtree_with_seven_tenths_of_the_prose_is_the_content() -> None:
    for size, alone in ((700, True), (699, False)):
        one, other = sized(size), sized(1_000 - size)
        assert read({"x": {"y": [one]}, "z": [other]}) == (paragraphs(one) if alone else paragraphs(one, other))
        assert read({"z": [other], "x": {"y": [one]}}) == (paragraphs(one) if alone else paragraphs(other, one))


def test_a_title_stands_beside_the_list_that_it_heads() -> None:
    heading = "<h2>The mill</h2>\n"
    assert read({"name": "The mill", "list": [FIRST, SECOND]}) == heading + paragraphs(FIRST, SECOND)
    own = {"name": "A wheel", "intro": FIRST, "body": SECOND}
    assert read({"name": "The mill", "list": own}) == "<h2>A wheel</h2>\n" + paragraphs(FIRST, SECOND)
    assert read({"list": [FIRST, SECOND], "note": {"name": "The mill"}}) == paragraphs(FIRST, SECOND)
    for count, headed in ((498, True), (499, False)):
        items = [f"{number} is the number of this one of many lines" for number in range(count)]
        assert read({"name": "The mill", "list": items}) == (heading if headed else "") + paragraphs(*items)


def test_headings_without_text_below_them_are_left_out() -> None:
    items = [{"title": "Wheel one"}, {"title": "Wheel two", "text": FIRST}, {"title": "Wheel three"}]
    items += [{"title": "Wheel four", "text": SECOND}, {"title": "Wheel five"}]
    expected = f"<h2>Wheel two</h2>\n{paragraphs(FIRST)}\n<h2>Wheel four</h2>\n{paragraphs(SECOND)}"
    assert read({"items": items}) == expected
    assert read({"title": "The " + "mill " * 30, "body": sized(249)}) == ""  # a title is no prose


@pytest.mark.parametrize(
    ("text", "is_prose"),
    [
        ("a b c d e f g h i j k lm", False), ("a b c d e f g h i j k l m", True),  # 25 characters
        ("seven words are what this line has", False), ("these are the eight words of this line", True),
        ("x" * 120 + " a b c d e f g", True), ("x" * 121 + " a b c d e f g", False), ("x" * 120 + "é a b c d e f g", True),
        ("磨" * 14 + "x" * 11, True), ("磨" * 13 + "x" * 12, False),  # without blanks two signs make a word
        (sized(389) + " " + "=" * 10, True), (sized(389) + " " + "=" * 11, False),  # signs of code: one in forty
        (sized(1_949) + " " + "{" * 50, True), (sized(1_948) + " " + "{" * 51, False), (sized(2_000) + "{" * 99, True),
        ("https://a.example is where the mill of this village stands", False), ("query { a b c d e f g h i j k l m n }", False),
    ],
)  # fmt: skip
def test_what_is_prose(text: str, is_prose: bool) -> None:
    assert read({"list": [FIRST + SECOND, text]}) == paragraphs(FIRST + SECOND, *[text] * is_prose)


@pytest.mark.parametrize(("size", "found"), [(300, True), (301, False)])
def test_an_ingredient_is_no_passage(size: int, found: bool) -> None:
    value = {"recipeIngredient": ["x" * size], "text": FIRST + SECOND}
    assert read(value) == ("<li>" + "x" * size + "</li>\n") * found + paragraphs(FIRST + SECOND)


@pytest.mark.parametrize(("size", "found"), [(51, True), (50, False)])
def test_json_within_json_is_read_where_it_is_long_enough(size: int, found: bool) -> None:
    inner = json.dumps({"title": ("The mill by the river and its wheel of oak")[: size - 13]})
    assert len(inner) == size
    assert ("<h2>" in read({"x": inner, "body": FIRST + SECOND})) is found
    for broken in (f" {inner}", f"{inner} ", inner[1:], inner[:-1]):
        assert "<h2>" not in read({"x": broken, "body": FIRST + SECOND})


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("paragraph", "p"), ("Block", "p"), ("td", "p"), ("blockquote", "blockquote"), ("quote", "blockquote"), ("list-item", "li"),
        ("listItem", "li"), ("li", "li"), ("code", "pre"), ("codeBlock", "pre"), ("pre", "pre"),
    ],
)  # fmt: skip
def test_blocks_of_rich_text_and_react_become_elements(kind: str, element: str) -> None:
    expected = f"<{element}>{html.escape(FIRST + SECOND, quote=False)}</{element}>"
    for name, inside in (("type", "children"), ("nodeType", "content"), ("_type", "children")):
        assert read([{name: kind, inside: [{"text": FIRST}, {"value": SECOND}]}]) == expected
        assert read([{name: kind, inside: [{"text": ""}]}, FIRST + SECOND]) == paragraphs(FIRST + SECOND)
        assert read([{name: kind, inside: {"text": FIRST + SECOND}}]) == paragraphs(FIRST + SECOND)
    react = ["$", kind, None, {"children": [FIRST, ["$", "b", None, {"children": "$L1"}], SECOND]}]
    assert read({"x": [react]}) == expected


@pytest.mark.parametrize("kind", ["heading", "header", "heading-3", "h1", "h6", "H2"])
def test_headings_of_rich_text(kind: str) -> None:
    value = [{"type": kind, "children": [{"text": "The mill"}]}, FIRST + SECOND]
    assert read(value) == "<h2>The mill</h2>\n" + paragraphs(FIRST + SECOND)
    assert "<h2>" not in read([{"type": kind + "7", "children": [{"text": "The mill"}]}, FIRST + SECOND])


def flattened(flat: list[object]) -> str:
    return content([('type="application/json" id="__NUXT_DATA__"', json.dumps(flat))], 0) or ""


@pytest.mark.parametrize(
    "flat",
    [
        [{"a": 1}, {"b": 0, "t": 2}, FIRST + SECOND],  # a circle
        [{"a": 3, "b": 1}, FIRST + SECOND, 1],  # a place behind the last one
        [["Reactive", 1], {"t": 2}, FIRST + SECOND], [["ShallowRef", 1, 1], FIRST + SECOND],
        [{str(place): place + 1} for place in range(60)] + [FIRST + SECOND],
    ],
)  # fmt: skip
def test_places_of_a_flattened_state_are_followed(flat: list[object]) -> None:
    assert flattened(flat) == paragraphs(FIRST + SECOND)


def test_places_before_the_first_are_nothing() -> None:
    assert flattened([{"b": -1}, {"z": 2}, FIRST + SECOND]) == "" == flattened([{"b": -2}, FIRST + SECOND, 0])
    assert flattened([{"b": True}, FIRST + SECOND]) == paragraphs(FIRST + SECOND)  # not flattened: it is read as it is


@pytest.mark.parametrize(
    "text", [FIRST + SECOND, ("Der Müller über dem Fluß mahlt Körner für drei Dörfer. " * 6).strip()]
)
def test_rows_of_a_stream_have_their_length_in_bytes(text: str) -> None:
    rows = f"1:T{len(text.encode()):x},{text}"
    for behind in ('2:["$","p",null,{}]\n', "no row\n2:[]\n", "no row", "", "\n\n2:[]"):
        script = f"self.__next_f.push([1,{json.dumps(rows + behind)}])"
        assert content([("", script)], 0) == paragraphs(text)
    more = f'1:[]\n{rows}no row\n2:["$","div",null,{{"children":"{FIRST} {SECOND} {FIRST}"}}]'
    script = f"self.__next_f.push([1,{json.dumps(more)}])"
    assert content([("", script)], 0) == paragraphs(text, f"{FIRST} {SECOND} {FIRST}")
