"""Keys, signatures, clusters, line counts: what makes two pages, two documents or two lines the same."""
