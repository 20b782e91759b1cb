"""``gristmill report``: one page that says what a run did.

review.report.sample   a uniform sample of the run's records with everything that was measured on them
review.report.figures  bars and histograms as SVG
review.report.sections what the page says, section by section
review.report.document the page
"""
