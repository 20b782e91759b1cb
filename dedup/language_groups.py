"""Languages that the language model takes for one another: a text is no other text for having two of their labels.

lid.176 names one language, however unsure it is; of two captures of one Croatian text that differ in a word, one may be
Serbian. Near-duplicates are looked for within a group. That a group is too wide costs comparisons and nothing else: texts
in two languages have few shingles in common.
"""

from __future__ import annotations

# Close relatives in one script, by ISO 639 codes as fastText writes them (the pairs of the DSL shared tasks among them).
GROUPS: tuple[tuple[str, ...], ...] = (
    ("hr", "sr", "bs", "sh"),
    ("no", "nn", "nb", "da"),
    ("id", "ms", "jv", "su", "min"),
    ("zh", "wuu", "yue"),
    ("es", "pt", "gl", "ast", "an", "mwl", "cbk"),
    ("ca", "oc"),
    ("cs", "sk"),
    ("ru", "uk", "be", "rue"),
    ("bg", "mk"),
    ("hi", "mr", "ne", "bh", "mai", "sa", "gom", "new", "dty"),
    ("fa", "mzn", "lrc"),
    ("ur", "pnb"),
    ("ar", "arz"),
    ("tr", "az", "azb"),
    ("tt", "ba", "kk", "ky"),
    ("de", "als", "bar", "nds", "lb", "pfl"),
    ("nl", "af", "vls", "li", "fy"),
    ("it", "scn", "nap", "vec", "lmo", "pms", "co", "eml", "sc"),
    ("fr", "wa"),
    ("tl", "ceb", "war", "pam", "bcl", "ilo"),
    ("bn", "as", "bpy"),
    ("en", "sco"),
)
_GROUP_OF = {language: group[0] for group in GROUPS for language in group}


def language_group(language: str) -> str:
    """The name of the group of ``language``: its first member, or the language itself where it stands alone."""
    return _GROUP_OF.get(language, language)
