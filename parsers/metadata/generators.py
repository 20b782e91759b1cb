"""Programs that write pages, by the names that they put into ``<meta name="generator">``."""

from __future__ import annotations

import re

# Tools that write the documentation of software.
DOCUMENTATION_GENERATOR = re.compile(
    r"rustdoc|docusaurus|mkdocs|doxygen|vuepress|vitepress|starlight|gitbook|asciidoctor|antora|javadoc|sphinx|typedoc"
    r"|jsdoc|scaladoc|mdbook|docfx|docbook|pdoc|dokka",
    re.IGNORECASE,
)
