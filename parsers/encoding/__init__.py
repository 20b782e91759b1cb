"""Bytes of a page to text: which charset they are in.

``detection``  ``decode``: the text, its charset, the share that was lost; ``sound_utf8``: UTF-8 without making a text
``double_utf8``  ``decoded_twice``: a page whose UTF-8 was encoded once more
``source``     ``decoded``: a page's bytes as a parser takes them, by all of these
``utf8``       whether bytes are valid UTF-8, found without decoding them
"""
