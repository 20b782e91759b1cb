"""The only package that imports apache_beam: what drives a run, its phases, its sources, and the reports on it.

``driver`` runs a recipe (``run``). ``phases`` are its Beam jobs, ``stages`` the table of which there are and what they
decide, ``transforms`` what phases share, ``sources`` reads crawls. ``reports`` tell a person what became of a page.
``commit`` says when a file counts, ``tables`` what the files hold, ``ledger`` whether all of it adds up.
"""
