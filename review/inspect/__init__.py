"""``gristmill inspect``: the pages of a finished run in a browser, raw and as text, with the way of each and a decision about it.

``inspector`` looks through one run, ``server`` answers a browser's requests and says who may ask, ``decide`` writes what people
decide: those are for others. ``views`` makes the pages, ``listing`` chooses records, ``queue`` draws some of every rule, ``text_view`` the text
with its blocks, ``raw`` finds a record where it was crawled and has ``record_process`` read it.
"""
