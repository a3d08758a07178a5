"""Keys of front matter that say nothing of a paper: those of programs, and what they tell of who wrote it."""

from __future__ import annotations

from papersearch.posts.labels import listed

REFERENCE = listed(
    """citekey | citation key | cite key | year | journal | venue | conference | booktitle | publication | publisher |
    doi | item type | itemtype | isbn | issn | volume | pages | bibtex | entrytype | paper title | container title |
    pmid | zotero | zotero link | zoterolink | zotero key"""
)
"""Keys of which a reference has some: its ``author`` is the paper's."""
OF_A_BLOG = listed("pubdate|pubdatetime|layout|permalink|slug|draft|categories|featured|hero|heroimage|cover")
OF_AN_ARTICLE = listed("abstract | institute | affiliation | affiliations | documentclass")
"""Keys of an article that Pandoc prints."""
MACHINES = listed(
    """author | meta | layout | theme | cover | slug | permalink | draft | comments | comment | toc | math | mathjax |
    katex | weight | lang | language | locale | type | template | cssclass | cssclasses | css | image | images | img
    | thumbnail | banner | hero | heroimage | featured | url | source | link | links | status | rating | id | uid |
    uuid | version | sidebar | nav order | parent | order | pin | pinned | sticky | mermaid | license | copyright |
    editor | kernel | jupyter | bibliography | csl | output | format | series | updated | modified | last modified |
    lastmod | date modified | updated at | moddatetime | publish | published | publication types | projects | slides
    | header | redirect from | canonical url | ogimage | share | icon | emoji | color | colour | priority | reading
    time | hidden | private | class | robots | sitemap | key | cite key | citekey | citation key | item type |
    abbrlink | styles | top img | excerpt separator | jupytext | kernelspec | last modified at | execute |
    header includes | eleventynavigation | pagination next | pagination prev | custom edit url | obsidianuimode |
    itemtype | entrytype | pages | volume | issue | number | isbn | issn | read | due | completed | reviewed | project
    | area | up | related | code | github | pdf | video | website | dataset | zotero | password | disqus | img path
    | documentclass | classoption | geometry | papersize | fontsize | mainfont | sansfont | monofont | cjkmainfont
    | linestretch | indent | colorlinks | linkcolor | urlcolor | citecolor | link citations | biblio style
    | number sections | toc depth | lof | lot | pdf engine | filters | highlight style | code fold | engine
    | crossref | editor options | fig width | fig height | always allow html | keep tex | nocite | exports
    | downloads | numbering | kanban plugin | excalidraw plugin"""
)
"""Keys of site generators, editors and Pandoc: nothing in them is for readers."""
# Of these, those under which people write as well: what is no switch, address or file; or only more than one word.
SPOKEN = listed("comments | source | related | series | project | projects | area | dataset")
SPOKEN_AT_LENGTH = listed("link | links | url | pdf | code | github | video | website")
