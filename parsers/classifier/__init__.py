"""How likely each block of a page is content: features, boosted trees, smoothing over blocks of one template.

Others call ``block_classifier`` for the probabilities, and ``title_features`` for the row of the page's headline. The
other modules are the columns that the trees see (``page_statistics``, ``block_features``, ``phrase_features``,
``stacked_features``), the trees (``boosted_trees``) and what follows them (``template_smoothing``). ``bench`` uses
them to fit and to measure. The fitted trees are in ``parsers/data``.
"""
