"""From a page's normal form to tables: its elements, its blocks of text with their counts, its atoms.

``scan``           ``scan_page``: the tables of a page, in one pass over its bytes
``page``           ``Page``, the columns of its tables, and the markup of an element
``alt_text``       ``read_alt_texts``: alternative texts of images as text, for those who want them
``repair``         ``repaired``: two end tags that authors forget, put in
``line_elements``  ``with_code_lines``: lines of code that stand in an element each, as one ``pre``
``drop_caps``      ``letters_to_words``: first letters in an element of their own, moved to their words
``drawn_lines``    ``line_breaks``: before spans that a style draws as lines
``buttons``        ``buttons_apart``: those in headings and "1x 2x 3x", taken out
``edits``          ``edited``: the markup with such changes made
``template_hash``  ``template``: a hash of what is alike in elements made by one template
"""
