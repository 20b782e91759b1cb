"""HTML in normal form, and what its names mean.

``lexbor``        ``normal_form``: a page as browsers understand it, written out as UTF-8
``tokens``        ``tokenize``, ``attributes``, ``unescape``, ``plain_text``: small stretches of normal form
``names``         elements, class names and their families, as numbers, bits and hashes
``lenient_json``  ``read_json``: JSON in scripts, with the mistakes that pages make
"""
