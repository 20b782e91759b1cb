"""Source code as its author typed it, whichever highlighter marked it up.

``lines``         ``code_lines``: the lines of a block of code; ``is_block``; ``language``; the names of its elements
``highlighters``  what the elements are that highlighters put into a block: lines, line numbers, buttons
"""
