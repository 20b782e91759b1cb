"""Every feature of the block classifier: its column, its name, its unit and what it means, each declared once.

The kernels write by the constants that :meth:`parsers.classifier.columns.Columns.add` returns, the forests' data files name the same columns, and
``tests/parsers/classifier/plain_features.py`` computes each of them by its name. To add a feature: declare it here, write
it in the kernel of its table, give the plain reading in the tests, and fit the forests again (``bench/fit_blocks.py``).

Units: *words* are words as :mod:`parsers.scanner.scan` counts them (tenths divided by ten; a Chinese character is 0.6
of a word); *share* lies between 0 and 1, and is 0 where the whole is 0; *log1p of x* is ``ln(1 + x)``; *flag* is 0 or
1; *steps* go from an element to its parent, 60 at most; *rows* are rows of ``Page.blocks``; *p* is a probability of the
first look. A *heading* is a block whose own element is h1 to h6; a *long* block has at least twenty words outside links.
A *template group* is a set of siblings with the same tag and class (:class:`parsers.classifier.page_statistics.PageStatistics`).
"""

from __future__ import annotations

from parsers.classifier.columns import Columns, Feature
from parsers.markup.names import CONTEXT, FIRST_FAMILY

# Block features (parsers.classifier.block_features): one row of numbers, in five parts. First the block itself.
OWN = Columns()
OWN_WORDS = OWN.add("words", "words", "its length")
OWN_LINK_SHARE = OWN.add("link_share", "share", "of its words, those in links")
OWN_BOLD_SHARE = OWN.add("bold_share", "share", "of its words, those in bold elements, headings among them")
OWN_CODE_SHARE = OWN.add("code_share", "share", "of its words, those in code, samp and tt")
OWN_WORD_LENGTH = OWN.add(
    "word_length", "letters a word", "its letters and digits, by its words (ideographs count two)"
)
OWN_DIGIT_SHARE = OWN.add("digit_share", "share", "of its letters and digits, the ASCII digits")
OWN_UPPER_SHARE = OWN.add("upper_share", "share", "of its letters and digits, the ASCII capitals")
OWN_CAPITAL_SHARE = OWN.add("capital_share", "share", "of its words, those that begin with an ASCII capital")
OWN_STOPS = OWN.add("stops", "count", "marks that end sentences")
OWN_COMMAS = OWN.add("commas", "count", "commas and semicolons")
OWN_SYMBOLS = OWN.add("symbols", "count", "signs that separate links: | © » > • · /")
OWN_LINKS = OWN.add("links", "count", "links that lead somewhere and begin in it")
OWN_IMAGES = OWN.add("images", "count", "images in it")
OWN_FORMULAS = OWN.add("formulas", "count", "formulas in it")
OWN_TAGS = OWN.add("tags", "count", "start tags in it, not of void elements")
OWN_CONTROLS = OWN.add("controls", "count", "buttons, labels and fields of forms in it")
OWN_BREAKS = OWN.add("breaks", "count", "line breaks within its text")
OWN_FIRST_CHARACTER = OWN.add("first_character", "class of parsers.scanner.page", "what it begins with")
OWN_LAST_CHARACTER = OWN.add("last_character", "class of parsers.scanner.page", "what it ends with")
OWN_IS_CODE = OWN.add("is_code", "flag", "it is lines of code")
OWN_TAG = OWN.add("tag", "tag number", "its element")
OWN_LEVEL = OWN.add("level", "1 to 6", "of a heading, else 0")
OWN_DEPTH = OWN.add("depth", "steps", "from its element to the root")
OWN_DENSITY = OWN.add("density", "words a tag", "its words, by its start tags and one")
OWN_REPEATED_TEXT = OWN.add("repeated_text", "count", "blocks of the page with its text, itself among them")

# Where it stands. The bits of parsers.markup.names.CONTEXT: of all elements around it; of its element and two ancestors.
PLACE = Columns(OWN.stop)
IN_CONTEXT = PLACE.add_all(Feature(f"in_{name}", "flag", f"it stands inside of: {name}") for name in CONTEXT)
NEAR_CONTEXT = PLACE.add_all(
    Feature(f"near_{name}", "flag", f"its element, or a parent up to the second, is: {name}")
    for name in CONTEXT[FIRST_FAMILY:]
)

# The subtrees that it stands in: its element, and each ancestor that holds more blocks than the level below.
SUBTREE = Columns()
SUBTREE_WORDS = SUBTREE.add("words", "log1p of words", "words of the subtree")
SUBTREE_LINK_SHARE = SUBTREE.add("link_share", "share", "of the subtree's words, those in links")
SUBTREE_BLOCKS = SUBTREE.add("blocks", "log1p of a count", "blocks of the subtree")
SUBTREE_PAGE_SHARE = SUBTREE.add("page_share", "share", "of the root element's words, those of the subtree")
SUBTREE_CHILDREN = SUBTREE.add("children", "log1p of a count", "children of its root that are block-level elements")
SUBTREE_WORDS_A_BLOCK = SUBTREE.add("words_a_block", "words", "words of the subtree, by its blocks")
SUBTREE_WORDS_A_TAG = SUBTREE.add(
    "words_a_tag", "words", "words of the subtree, by its elements (the page's root not counted)"
)
SUBTREE_STOPS_A_WORD = SUBTREE.add("stops_a_word", "count a word", "ends of sentences, by the words of the subtree")
LEVELS = 4  # where there are fewer such ancestors, the last is repeated
TREE = Columns(PLACE.stop)
SUBTREES = TREE.add_all(
    Feature(f"{each.name}_{level}", each.unit, f"{each.meaning}, level {level}")
    for level in range(1, LEVELS + 1) for each in SUBTREE
)  # fmt: skip
# The largest template group of which its element is a member, or an ancestor of it up to the last of these levels; of
# equal ones the nearest. Groups of p are left out. The other numbers are -1 where there is none of two or more.
TWINS = TREE.add("twins", "log1p of a count", "members of its template group, 1 without any")
TWINS_LEVEL = TREE.add("twins_level", "steps", "from its element to its member of the group, 0 without any")
TWINS_WORDS = TREE.add("twins_words", "words", "words of its member of the group")
TWINS_LINK_SHARE = TREE.add("twins_link_share", "share", "of its member's words, those in links")
GROUP_SHARE = TREE.add("group_share", "share", "of the root element's words, those of the group's parent")
GROUP_LONG_SHARE = TREE.add("group_long_share", "share", "of words in long blocks, those in the group's parent")
LONG_BEFORE_GROUP = TREE.add("long_before_group", "log1p of words", "words in long blocks before the group's parent")
# The best container (PageStatistics.best) and the stretch with the most text a tag.
IN_BEST = TREE.add("in_best", "flag", "its element begins inside of the best container, or is it")
BEST_SHARE = TREE.add("best_share", "share", "of the page's words, those in the best container")
BEST_DISTANCE = TREE.add("best_distance", "steps", "up to an element that holds the best container; 0 inside of that")
IN_STRETCH = TREE.add("in_stretch", "flag", "it lies in the stretch with the most text a tag")

# Its neighbours: the two blocks before it and the two behind it; all are -1 where there is none.
NEIGHBOUR = Columns()
NEIGHBOUR_WORDS = NEIGHBOUR.add("words", "words", "the neighbour's length")
NEIGHBOUR_LINK_SHARE = NEIGHBOUR.add("link_share", "share", "of the neighbour's words, those in links")
NEIGHBOUR_STOPS = NEIGHBOUR.add("stops", "count", "the neighbour's marks that end sentences")
NEIGHBOUR_SAME_PARENT = NEIGHBOUR.add("same_parent", "flag", "its element is this block's, or has the same parent")
NEIGHBOUR_IS_HEADING = NEIGHBOUR.add("is_heading", "flag", "it is a heading")
NEIGHBOUR_SAME_TAG = NEIGHBOUR.add("list", "flag", "its element has this block's tag")
OFFSETS = (-2, -1, 1, 2)
NEIGHBOURS = Columns(TREE.stop)
NEIGHBOURHOOD = NEIGHBOURS.add_all(
    Feature(f"{each.name}_{offset:+d}", each.unit, f"{each.meaning}, {offset:+d} rows away")
    for offset in OFFSETS for each in NEIGHBOUR
)  # fmt: skip
WORDS_BEFORE_5 = NEIGHBOURS.add("words_before_5", "log1p of words", "words of the five blocks before it")
WORDS_AFTER_5 = NEIGHBOURS.add("words_after_5", "log1p of words", "words of the five blocks behind it")
LINK_SHARE_5 = NEIGHBOURS.add("link_share_5", "share", "of the words of these ten blocks and it, those in links")
TO_LONG_BEFORE = NEIGHBOURS.add("to_long_before", "rows", "to the long block before it, 50 at most; 60: none")
TO_LONG_AFTER = NEIGHBOURS.add("to_long_after", "rows", "to the long block behind it, 50 at most; 60: none")
AFTER_HEADING = NEIGHBOURS.add("after_heading", "rows", "since the last heading before it, 50 at most; 60: none")
POSITION = NEIGHBOURS.add("position", "share", "of the page's blocks, those before it")
TEXT_BEFORE = NEIGHBOURS.add("text_before", "share", "of the root element's words, those of the blocks before it")
LONG_BEFORE = NEIGHBOURS.add("long_before", "log1p of a count", "long blocks before it")
LONG_AFTER = NEIGHBOURS.add("long_after", "log1p of a count", "long blocks behind it")

# Page statistics (parsers.classifier.page_statistics): the same for all blocks. The kernel numbers them from 0.
PAGE = Columns()
PAGE_WORDS = PAGE.add("page_words", "log1p of words", "words of the page")
PAGE_BLOCKS = PAGE.add("page_blocks", "log1p of a count", "blocks")
PAGE_LINK_SHARE = PAGE.add("page_link_share", "share", "of the page's words, those in links")
PAGE_LONG_BLOCKS = PAGE.add("page_long_blocks", "log1p of a count", "long blocks")
PAGE_LONG_SHARE = PAGE.add("page_long_share", "share", "of the page's words, those of long blocks")
PAGE_TAGS = PAGE.add("page_tags", "log1p of a count", "elements")
PAGE_ARTICLES = PAGE.add("page_articles", "log1p of a count", "article elements")
PAGE_FORMS = PAGE.add("page_forms", "log1p of a count", "form elements")
PAGE_IMAGES = PAGE.add("page_images", "log1p of a count", "img elements")
PAGE_HEADINGS = PAGE.add("page_headings", "log1p of a count", "h1 to h6 elements")
PAGE_ITEMS = PAGE.add("page_items", "log1p of a count", "li elements")
PAGE_CELLS = PAGE.add("page_cells", "log1p of a count", "td and th elements")
PAGE_BEST_SHARE = PAGE.add("page_best_share", "share", "of the page's words, those in the best container")
PAGE_TWINS = PAGE.add("page_twins", "log1p of a count", "members of the largest template group, those of p left out")
PAGE_COMMENTS = PAGE.add("page_comments", "log1p of a count", "elements named as comments")
PAGE_PRODUCTS = PAGE.add("page_products", "log1p of a count", "elements named as products")
PAGE_POSTS = PAGE.add("page_posts", "log1p of a count", "elements named as posts")
PAGE_DOCS = PAGE.add("page_docs", "log1p of a count", "elements named as documentation")
PAGE_MEDIAN_WORDS = PAGE.add("page_median_words", "words", "the median of the blocks' lengths")
PAGE_STRETCH_SHARE = PAGE.add(
    "page_stretch_share", "share", "of the page's words, those of the stretch with the most text"
)
PAGE_NUMBERS = NEIGHBOURS.stop  # the column of the first of them among the block features

# Title features (parsers.classifier.title_features, which says what its "compared words" and the headline are).
TITLE = Columns()
TITLE_SHARE = TITLE.add("title_share", "share", "of its compared words, those of the stated title")
TITLE_COVER = TITLE.add("title_cover", "share", "of the title's different words, those that it has")
DESCRIPTION_SHARE = TITLE.add("description_share", "share", "of its compared words, those of the stated description")
DESCRIPTION_COVER = TITLE.add("description_cover", "share", "of the description's different words, those that it has")
AFTER_HEADLINE = TITLE.add("after_headline", "rows", "since the headline, within 200 both ways; -300: none")
WORDS_AFTER_HEADLINE = TITLE.add(
    "words_after_headline", "log1p of words", "words from the headline on to it, negative before; -30: none"
)
UP_TO_HEADLINE = TITLE.add("up_to_headline", "steps", "to an element that holds the headline; -1: none")
HEADLINE_SCORE = TITLE.add("headline_score", "score", "how well the headline repeats the title; -1: none")
HEADLINE_LEVEL = TITLE.add("headline_level", "1 to 6", "of the headline, 0 where it is no heading; -1: none")
HEADINGS_AFTER = TITLE.add(
    "headings_after", "count", "headings between it and the headline, the first one counted; -1: none"
)
# The page's stated kinds, in the order of the patterns in title_features.
PAGE_KINDS = TITLE.add_all(
    Feature(name, "flag", f"the page states {meaning}")
    for name, meaning in (
        ("says_article", "that it is an article"), ("says_product", "that it is a product"),
        ("says_forum", "that it is a forum, or questions and answers"), ("says_list", "that it is a list or collection"),
        ("says_site", "that it is a site or business"), ("by_forum", "a forum's program as its generator"),
        ("by_docs", "a program for documentation as its generator"),
    )
)  # fmt: skip
TITLE_WORDS = TITLE.add("title_words", "count", "different compared words of the title")
DESCRIPTION_WORDS = TITLE.add("description_words", "count", "different compared words of the description")

# Phrase features (parsers.classifier.phrase_features). The families of parsers/data/phrases.txt; a block's first 24
# words are looked at. A *label* is a block of at most ten words, half of them phrases of the family.
PHRASE_FAMILIES = (
    "legal", "consent", "account", "social", "subscribe", "related", "comments", "byline", "navigation", "commerce",
    "taxonomy", "action", "contents", "advertising", "tools", "forum", "product", "date",
)  # fmt: skip
# Families whose headings and labels say something about the blocks that follow.
LABEL_FAMILIES = (
    "related", "comments", "social", "subscribe", "byline", "taxonomy", "commerce", "contents", "forum", "product",
)  # fmt: skip
PHRASES = Columns()
SPEAKS = PHRASES.add_all(
    Feature(f"speaks_{family}", "share", f"of its first words, those in phrases of: {family}")
    for family in PHRASE_FAMILIES
)
SPEAKS_ANY = PHRASES.add("speaks_any", "share", "of its first words, those in phrases of any family, 1 at most")
SPEAKS_ANY_BEFORE = PHRASES.add("speaks_any-1", "share", "speaks_any of the block before it; -1: none")
SPEAKS_ANY_AFTER = PHRASES.add("speaks_any+1", "share", "speaks_any of the block behind it; -1: none")
HEADED = PHRASES.add_all(
    Feature(f"headed_{family}", "share", f"speaks_{family} of the last heading up to it, itself if it is one")
    for family in LABEL_FAMILIES
)
AFTER_LABEL = PHRASES.add_all(
    Feature(f"after_{family}", "rows", f"since the last label of {family} up to it, 60 at most")
    for family in LABEL_FAMILIES
)
LABELS = PHRASES.add_all(
    Feature(f"labels_{family}", "log1p of a count", f"labels of {family} on the page") for family in LABEL_FAMILIES
)
LABEL_SHARE = PHRASES.add("label_share", "share", "of the page's blocks, the labels of these families")

# Stacked features (parsers.classifier.stacked_features), from the first look's probabilities p. The *weight* of a
# block is its words and a half. It is *sure* with p of at least 0.5 and at least five words.
STACKED = Columns()
P = STACKED.add("p", "p", "the block's own")
P_NEIGHBOURS = STACKED.add_all(
    Feature(f"p{offset:+d}", "p", f"of the block {offset:+d} rows away; -0.1: none")
    for offset in (-1, 1, -2, 2, -3, 3)
)
P_NEAR = STACKED.add("p_near", "p", "mean of it and six blocks on both sides, by weight / (1 + rows away)")
P_BEFORE = STACKED.add("p_before", "share", "of the page's sum of weight * p, that of the blocks before it")
P_AFTER = STACKED.add("p_after", "share", "of the page's sum of weight * p, that of the blocks behind it")
P_LEVELS = STACKED.add_all(
    Feature(f"p_level_{level}", "p", f"mean by weight over a subtree around it, level {level}: its element, or an "
            "ancestor that holds more weight than the level below; the last is repeated")
    for level in range(1, LEVELS + 1)
)  # fmt: skip
P_TWINS = STACKED.add(
    "p_twins", "p", "mean by weight over the blocks whose element and its parent have the same template"
)
P_RANK = STACKED.add("p_rank", "share", "of all weight, its own and that of blocks that come before it in order of p")
P_PAGE = STACKED.add("p_page", "p", "mean by weight over the page")
P_LONG = STACKED.add("p_long", "share", "of the page's sum of weight * p, that of long blocks")
P_BEST = STACKED.add("p_best", "p", "the highest of a block of at least ten words, else 0")
P_LINKED = STACKED.add("p_linked", "share", "sum of words in links * p, by the page's sum of weight * p")
P_WORDS = STACKED.add("p_words", "log1p of words", "the page's sum of weight * p")
P_ENTROPY = STACKED.add("p_entropy", "1 - p", "mean of 1 - p over the page, by weight * p")
P_GAP_BEFORE = STACKED.add(
    "p_gap_before", "words", "weight from the sure block before it (or the page's start) to it, 500 at most"
)
P_GAP_AFTER = STACKED.add(
    "p_gap_after", "words", "weight from it to the sure block behind it (or the page's end), 500 at most"
)
P_FIRST = STACKED.add("p_first", "rows", "since the page's first sure block, negative before it; -1000: none")
P_LAST = STACKED.add("p_last", "rows", "since the page's last sure block, negative before it; -1000: none")
P_NEXT_TEXT = STACKED.add("p_next_text", "p", "of the next block of at least ten words within three rows; -0.1: none")

# The columns of the two looks, in order: what their data files must name.
BLOCK_NAMES = OWN.names + PLACE.names + TREE.names + NEIGHBOURS.names + PAGE.names
TITLE_START, PHRASES_START = len(BLOCK_NAMES), len(BLOCK_NAMES) + len(TITLE)
FIRST_LOOK = BLOCK_NAMES + TITLE.names + PHRASES.names
SECOND_LOOK = FIRST_LOOK + STACKED.names
