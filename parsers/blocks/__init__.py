"""The blocks of a page: what each is, the text of each, and plain text with spans out of many.

``roles``         ``block_roles``: heading, list item, cell … by the elements that a block stands in
``block``         ``Block``: one block as users see it
``inline_text``   ``InlineText``: the text of a block with formulas and code written out
``normalize``     ``clean``, ``inline``, ``tidy``: white space and invisible characters of a text
``render``        ``render_blocks``, ``PlainText``: plain text and its spans
``verbatim``, ``verbatim_runs``  the same text, faster, where blocks read as the scanner left them
"""
