"""What a page states about itself: title, language, date of publication, kind of page.

``gather``      ``gather_metadata``: all of it, for a scanned page
``metadata``    ``Metadata``; ``read_metadata`` reads it out of a stretch of normal form
``recipe``      ``recipe_lines``: ingredients and steps out of JSON-LD
``dates``       ``iso_date``, ``date_in_url``: a calendar date out of what authors write
``page_type``   ``page_kinds``: forum, documentation, product, listing, comments
``generators``  programs that write pages, by the names that they give
"""
