"""Which blocks of a page are content, given how likely each of them is. Every function takes and gives ``bool[m]``.

:mod:`parsers.parsed_page` applies them in this order:

``expected_f1``        ``best_expected_f1``: the blocks with the best expected word F1
``repeated_elements``  ``drop_repeated``: without the elements that repeat what came before
``adjacent_blocks``    ``keep_adjacent``, ``keep_images``: with the code, formulas and images between kept blocks
``table_rows``         ``whole_rows``: rows of tables whole; ``said_by_rows``: the cells that say something
``data_tables``        ``whole_tables``: tables of data whole
``paired_blocks``      ``keep_pairs``: terms with definitions, quotations with sources, questions with answers
``code_labels``        ``drop_code_labels``: without the labels above code
"""
