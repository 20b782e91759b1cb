"""Does it make better models? Corpora of the same crawl by several pipelines, as many tokens of each, and judges.

``corpora``       an arm's texts: the mill by a recipe, all text of the pages, datatrove's FineWeb recipe
``samples``       as many tokens of each, in whole documents
``kneser_ney``    the cheap judge: an interpolated 5-gram model
``small_models``  the dear one: the bundled trainer
``judged_texts``  what models are judged by, and which sites the crawl must therefore leave out
``table``         means, intervals and what the set-up could have seen
"""
