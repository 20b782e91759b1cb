"""Source code as its author typed it, whichever highlighter marked it up.

``lines``         ``code_lines``: the lines of a block of code; ``is_block``; ``language``; the names of its elements
``labels``        ``is_label``: what pages write above code
``numbering``     ``without_numbers``: lines without the numbers that were typed into them
``prototypes``    ``prototype``: a function's prototype that Doxygen sets as a table
``highlighters``  what the elements are that highlighters put into a block: lines, line numbers, buttons
"""
