"""``gristmill report``: one page that says what a run did. Others import ``document``, which writes it.

``sample`` draws records with everything that was measured on them, ``staged_rules`` has the recipe's rules over that. ``head``, ``sections``,
``measures`` and ``clusters`` say what there is to say of them and of the run's books, ``accuracy`` what people found by looking, ``figures``
draws bars and histograms, ``sliders`` lets the reader move the filters' limits.
"""
