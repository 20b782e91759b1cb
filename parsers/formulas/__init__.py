"""Formulas as TeX, from all the forms that pages have them in: MathML, TeX, AsciiMath, images, plain HTML.

``formula``     ``Formula``: TeX, and whether it is displayed
``extraction``  ``extract_formula``: the formula that an element consists of; ``render_formula``: as it stands in text
``tex``         ``written``: formulas that authors wrote into plain text; ``script``: sub- and superscripts of HTML
``images``      addresses of images that show formulas
The other modules turn one form each into TeX.
"""
