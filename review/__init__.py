"""What people see of finished runs: reports, comparisons. Stands above ``pipeline`` as the command line does.

review.report     one page of a run: what came in, what was kept, what was dropped and why, with samples
review.inspect    a run's pages in a browser, and what people decide about them
review.compare    two runs side by side: every page that ended otherwise
review.summary    what the law asks to be said of training data; :mod:`review.summary.measure`, ``templates``
review.dataset_card  ``README.md`` of an output, by which ``datasets`` finds what is in it (``dataset_card``)
review.erasure    what a run that follows demands took out of its base (``erasure``)
review.looked_at  how often rules were wrong, as people found by looking at pages (``looked_at``)
review.marks      what a rule took offence at, as stretches of a page's text
review.published  reading what a run has published, a row group at a time
review.html       pages that work from a file, ask nobody for anything and take no text for markup
"""
