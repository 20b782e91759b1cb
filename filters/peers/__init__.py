"""Rules that other projects have published, in their authors' own arithmetic, one module a family.

    gopher_quality        Gopher's quality rules as datatrove, DCLM and Dolma compute them
    gopher_repetition     Gopher's repetition rules as the paper, datatrove, DCLM, Dolma and RedPajama read them
    c4                    C4's lines and pages as its authors' code and datatrove have them
    fineweb               FineWeb's own rules
    refinedweb            RefinedWeb's line rules as DCLM has rebuilt them
    words                 what these projects take for words and sentences

They look at the whole text, code and tables included, as their authors do; scores are not rounded. Rules and numbers
were taken from their code, which is not copied; docs/filters.md says how far the verdicts agree with that code.
"""
