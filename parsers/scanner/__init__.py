"""From a page's normal form to tables: its elements, its blocks of text with their counts, its atoms.

``scan``           ``scan_page``: the tables of a page, in one pass over its bytes
``page``           ``Page``, the columns of its tables, and the markup of an element
``alt_text``       ``read_alt_texts``: alternative texts of images as text, for those who want them
``repair``         ``repaired``: two end tags that authors forget, put in
``line_elements``  ``with_code_lines``: lines of code that stand in an element each, as one ``pre``
``appearance``     ``as_drawn``: what a style draws in another way than its tags say, put into tags
``buttons``        ``NOWHERE``: the address of a link that only a script follows
``signs``          ``sum_up``: which tags and which rare arrangements a page has at all
``template_hash``  ``template``: a hash of what is alike in elements made by one template
"""
