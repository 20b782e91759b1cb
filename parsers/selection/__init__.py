"""Which blocks of a page are content, given how likely each of them is. Every function takes and gives ``bool[m]``.

:mod:`parsers.parsed_page` applies them in this order:

``expected_f1``        ``best_expected_f1``: the blocks with the best expected word F1
``repeated_elements``  ``drop_repeated``: without the elements that repeat what came before
``adjacent_blocks``    ``keep_adjacent``, ``keep_images``: with the code, formulas and images between kept blocks
``table_rows``         ``whole_rows``: rows of tables whole
"""
