"""The one table of labels: what people write before a fact of a paper, in the languages in which notes are kept.

A label is compared as ``normal`` gives it: without marks, emoji, case and plural brackets. Keys of front matter,
headings, bold words, rows of tables and texts of links are all looked up here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TITLE, PAPER, AUTHORS, PUBLISHED, TAGS, LINK, ID, VENUE, ABSTRACT, OTHER = (
    "title", "paper", "authors", "published", "tags", "link", "id", "venue", "abstract", "other",
)  # fmt: skip
"""Kinds of facts. What follows ``PAPER`` is a title, a link or both; ``OTHER`` ends the fact before it and is text."""


def listed(labels: str) -> frozenset[str]:
    """The labels, or keys, of a list with bars between them."""
    return frozenset(" ".join(label.split()) for label in labels.split("|"))


_TABLE = {
    TITLE: """title | paper title | full title | title of the paper | paper name | name of the paper | titel | titre
        | título | titulo | titolo | tytuł | название | заголовок | название статьи | 标题 | 標題 | 题目 | 題目 | 论文标题
        | 论文题目 | 论文名称 | 论文名 | 文章标题 | 題名 | 論文タイトル | 論文名 | タイトル | 제목 | 논문 제목
        | article title | article name | title of article | title of the article | name of the thesis | 論文名称
        | 論文題目 | 논문명 | titre de l'article | título del artículo | título do artigo | titel des artikels
        | titel der arbeit | tytuł artykułu | назва | başlık | tiêu đề | العنوان | عنوان""",
    PAPER: """paper | article | publication title | reference paper | papier | artikel | artículo | articolo | статья
        | 论文 | 論文 | 文章 | 文献 | 논문 | original paper | the paper | research paper | preprint
        | original title | english title | título original | titre original | titolo originale | originaltitel | 参考论文
        | 原论文 | 原论文标题 | 原论文题目 | 原题 | 原文标题 | 英文标题 | 英文题目 | 原論文 | 元論文 | 英題""",
    AUTHORS: """author | authors | first author | lead author | author names | author list | paper authors | written by | authored by | by | creator | creators
        | autor | autoren | autorin | verfasser | autor innen | auteur | auteurs | auteures
        | autores | autora | autoras | autore | autori | autorzy | автор | авторы | 作者 | 作者们 | 论文作者 | 全部作者
        | 著者 | 著者名 | 저자 | 저자들 | author s
        | researchers | authors list | full authors | authors and affiliations | 第一作者 | 一作 | 作者列表
        | 作者信息 | 著者 組織 | 著者 所属 | 저자명 | verfasserin | auther | authers | paper author | auteur principal
        | auteur rice | auteur rices | auteur rice s | auteurs rices | auteur e s | auteur es | autor es | autor as | autor a
        | autor a es | autores as | autor in | autorinnen | verfasser innen | автори | yazar | yazarlar | tác giả | المؤلف | المؤلفون | المؤلفين | الكاتب""",
    PUBLISHED: """date | published | publish date | published date | publication date | date of publication
        | published on | date published | publishing date | publishing release date | release date | released | submitted | submitted on | submission date
        | date submitted | year | pub date | pub year | publication year | year of publication | published year
        | first published | online date | issued | arxiv date | paper date | datum | veröffentlicht
        | veröffentlicht am | veröffentlichungsdatum | erscheinungsdatum | erschienen | erscheinungsjahr | jahr
        | année | annee | an | date de publication | publié | publié le | paru | fecha | fecha de publicación | año
        | publicado | data | data de publicação | publicado em | ano | anno | pubblicato | data di pubblicazione | rok
        | дата | год | дата публикации | год публикации | опубликовано | 发布时间 | 發布時間 | 发表时间 | 發表時間 | 发布日期
        | 发表日期 | 出版时间 | 出版日期 | 提交时间 | 提交日期 | 时间 | 日期 | 年份 | 年 | 发表年份 | 发布年份 | 出版年份 | 发表年
        | 発表年 | 公開日 | 公開年 | 出版年 | 発行年 | 発表日 | 日付 | 投稿日 | 投稿日付 | 발행일 | 연도 | 발표 연도 | 출판일 | 날짜 | 게재일
        | date of release | paper year | first submitted | first release | arxiv submission | posted on arxiv | arxiv year
        | 初回投稿日 | 初投稿日 | arxiv submitted | arxiv published | 首次发布 | 首次提交 | 公开时间 | 公布时间 | 上传时间 | 刊出时间 | 见刊时间 | 發佈時間 | 發表日期
        | 出版時間 | 年度 | 論文投稿日付 | 投稿日時 | 発表日時 | 掲載年 | 発表時期 | 게시일 | 논문 발표 | 발표 시기 | 발표년도 | 게시 날짜 | 발표일
        | 발행 연도 | 출판 연도 | 출판년도 | 발행년도 | 공개일 | 제출일 | 년도 | 일자 | date de parution
        | année de publication | date de soumission | fecha de publicacion | año de publicación | data pubblicazione
        | ano de publicação | data da publicação | ano da publicação | anno di pubblicazione | publicado el | fecha publicación | publikationsdatum | publikationsjahr | veröffentlichungsjahr
        | jaar | publicatiedatum | gepubliceerd | data publikacji | дата публікації | рік | yıl | tarih | yayın tarihi
        | năm | ngày | التاريخ | السنة | سنة النشر | تاريخ النشر | 發表年份 | 發佈日期 | 發布日期 | 論文發表時間""",
    TAGS: """tag | tags | paper tags | paper keyword | paper keywords | keyword | keywords | key words | topic | topics | category | categories | subject | subjects
        | schlagwort | schlagworte | schlagwörter | stichwort | stichworte | stichwörter | mots clés | mots clefs
        | mot clé | palabras clave | etiquetas | etiqueta | palavras chave | palavras chaves | parole chiave | etichette | теги
        | ключевые слова | document tags | trefwoorden | słowa kluczowe | tagi | ключові слова | anahtar kelimeler | etiketler
        | từ khóa | الكلمات المفتاحية | الوسوم | 标签 | 標籤 | 分类标签 | 标签分类 | 论文标签 | 关键词 | 關鍵詞 | 关键字 | 關鍵字 | 分类 | タグ | キーワード | 키워드
        | 태그 | 분류""",
    LINK: """link | links | url | paper link | paper url | link to paper | link to the paper | link to article | pdf
        | pdf link | link to pdf | paper pdf | paper links | source | source url | arxiv link | arxiv url | arxiv page
        | full text | full paper | read paper | read the paper | paper page | openreview | acl anthology
        | semantic scholar | pubmed | biorxiv | medrxiv | address | web page | article link | original | original link
        | publisher link | lien | liens | lien vers l'article | adresse | enlace | enlaces | quelle | verweis
        | link zum paper | link zum artikel | ссылка | ссылки | 链接 | 鏈接 | 連結 | 论文链接 | 论文地址 | 論文連結 | 原文链接
        | 原文地址 | 原文 | 地址 | 下载链接 | 下载地址 | 来源 | 网址 | リンク | 論文リンク | 出典 | 링크 | 논문 링크 | download
        | here is the link to the paper | link to original paper | link to the original paper | paper here | arxiv abs
        | abs | html
        | paper address | paper website | paper homepage | where to find | view paper | view on arxiv | arxiv paper
        | arxiv pdf | url pdf | url preprint | 论文网址 | 论文原文 | 文章链接 | 文章地址 | 原论文链接 | 论文url | 論文ページ | 論文へのリンク
        | 링크 주소 | 논문 주소 | 논문링크 | 원문 | 원문 링크 | 출처 | 原始链接 | 规范链接 | lien de l'article | lien du papier
        | enlace al artículo | collegamento | odnośnik | посилання | bağlantı | liên kết | الرابط | رابط | 論文鏈接 | 論文地址 | 原文連結
        | enlace al paper | fonte | fuente | link do artigo | link al paper | link zur arbeit | ieee link | ieee xplore | acm link | acm dl
        | acm digital library | springer link | sciencedirect | annotation target""",
    ID: """arxiv | arxiv id | arxiv number | arxiv identifier | arxiv no | doi | doi link | paper id
        | pmid | pmcid | pubmed id | eprint | identifier | arxiv 编号 | arxiv编号 | 编号 | 论文编号 | arxiv番号""",
    VENUE: """venue | journal | conference | published in | published at | publication | publication venue | proceedings
        | booktitle | book title | journal conference | conference journal | venue year | conference year | accepted at
        | accepted to | appeared in | presented at | publisher | institution | institutions | institute | institutes | affiliation | affiliations
        | organization | organizations | zeitschrift | konferenz | revue | conférence | revista | conferencia | congreso | conferência | periódico | rivista | conferenza
        | журнал | конференция | 期刊 | 会议 | 會議 | 发表会议 | 发表期刊 | 发表于 | 会议 期刊 | 期刊 会议 | 单位 | 公司 | 机构 | 作者单位
        | 学会 | 発表 | 所属機関 | 会議 | 雑誌 | 所属 | 학회 | 저널
        | 出处 | 发表信息 | 发表会议 期刊 | 发表单位 | 发表机构 | 发表刊物 | 刊物 | 发表 | 收录 | 收录情况 | 收录会议 | 录用会议 | 发表状态
        | 中稿会议 | 發表會議 | 会議名 | 学会名 | 発表学会 | 掲載誌 | 学会 会議 | 게재지 | 발표 학회 | 학술지
        | 컨퍼런스 | publication info | publication status | conf | veröffentlicht in | publié dans | publicado en""",
    ABSTRACT: """abstract | abstracts | paper abstract | 摘要 | 论文摘要 | 要旨 | アブストラクト | 초록 | zusammenfassung des papers
        | аннотация""",
    OTHER: """code | github | project | project page | website | dataset | datasets | data set | status | rating | type | 版本
        | citekey | bibtex | pages | volume | issue | number | isbn | language | date read | read on
        | read date | date added | added | created | updated | modified | last updated | notes | summary | tl dr | tldr
        | one liner | contribution | contributions | task | tasks | model | field | area | priority | reviewed by
        | reviewer | note by | reader | related | see also | impact | comment | comments | video | slides | poster | blog
        | demo | license | abbreviation | short name | nickname | collection | zotero link | zotero | local library
        | cite key | citation key | item type | aliases | up | parent | session | 代码 | 代码链接 | 项目 | 项目地址 | 主页 | 备注
        | 笔记 | 总结 | 阅读时间 | 阅读日期 | 记录时间 | 译者 | 数据集 | コード | 読んだ日
        | research area | takeaway | key takeaway | reading date | date of reading | reading status | note author
        | notes by | note taker | presenter | summary by | summarized by | citations | cited by | impact factor
        | 领域 | 研究领域 | 研究方向 | 笔记作者 | 录用类型 | 完成单位 | 代码地址 | 开源代码 | 开源地址 | 评分
        | 引用量 | 被引次数 | 分野 | 実装 | 분야 | 코드 | 작성자 | 작성일 | 읽은 날짜 | zotero key""",
}  # fmt: skip
CITATIONS = listed(
    """citation | cite | cite as | how to cite | full citation | paper citation | apa citation | reference | full reference
    | bibliography | 引用格式 | 文献引用 | référence | référence complète | référence bibliographique | referencia
    | referencia completa | referencia bibliográfica | cita | referência | referência completa | referência bibliográfica
    | riferimento | riferimento bibliografico | citazione | referenz | quellenangabe | literaturangabe | zitation"""
)
"""Labels behind which a citation of the paper stands."""
_LABELS: dict[str, str] = {label: kind for kind, labels in _TABLE.items() for label in listed(labels)} | dict.fromkeys(
    CITATIONS, OTHER
)
LABELS = {
    label.replace(" ", ""): kind for label, kind in _LABELS.items() if label.isascii()
} | _LABELS  # ``paperTitle``
_OF_ONE = listed(
    """author | autor | auteur | autore | by | written by | creator | autora | autorin | first author | firstauthor
    | lead author"""
)
_TWO = re.compile(r"[/&,、|]| and |[与與和及]")
_EXPLAINED = re.compile(r"([^()（）]+)[(（][^()（）]+[)）]")  # ``Date (of publication)``
LONGEST = max(map(len, LABELS)) + 8
_MOST_COMPARED = 4 * LONGEST  # characters, marks and emoji with them

_NUMBER = re.compile(r"^(?:[0-9 ]+|[一二三四五六七八九十]{1,3} )")

# Headings over facts about the paper rather than over what is said of it.
OF_FACTS = listed(
    """paper | metadata | meta | info | information | details | properties | citation | bibtex | links | paper links
    | note | literature note | reference | full citation | full reference | how to cite | cite as | cite | 論文情報 リンク
    | referência | referência completa | referência bibliográfica | citação | como citar | referencia
    | referencia completa | referencia bibliográfica | référence | référence complète | référence bibliographique
    | riferimento | riferimento bibliografico | citazione | referenz | quellenangabe | literaturangabe | metadaten
    | bibliographische angaben | métadonnées | metadatos | 基本信息 | 论文信息 | 元数据 | 論文情報 | 書誌情報 | 论文 | 論文 | at a glance
    | paper at a glance | paper overview | article overview | document overview | paper identity | 基本資訊 | 论文基本信息
    | 文献基本信息 | 文章基本信息 | 论文元信息 | 论文概况 | 论文概览 | 论文速览 | 文章信息 | 文献信息 | 元信息 | 基本情報 | 논문 정보 | 기본 정보 | информация о статье
    | 信息 | 資訊 | 情報 | 정보 | информация | angaben | allgemeine angaben | informations | informations générales
    | información | información general"""
) | {
    f"{kind} {facts}"
    for kind in "paper article publication document general basic bibliographic citation quick key meta".split()
    for facts in "info information metadata data details facts".split()
}

# What other headings say that name a part of a note, and no paper.
_PARTS = listed(
    """papers | notes | my notes | reading notes | paper notes | literature notes | note paper | summary | paper summary
    | overview | introduction | intro | background | bibliography | references | abstract | review | paper review
    | key points | tl dr | tldr | contents | table of contents | toc | index | readme | untitled | document
    | main idea | main ideas | key ideas | highlights | annotations | one sentence summary | about | motivation
    | problem | conclusion | conclusions | related work | method | methods | results | discussion | experiments
    | evaluation | strengths | weaknesses | literaturnotiz | notizen | zusammenfassung | einleitung | überblick
    | übersicht | résumé | notas | resumen | introducción | note di lettura | riassunto | introduzione | 笔记 | 论文笔记
    | 阅读笔记 | 论文阅读 | 论文阅读笔记 | 读书笔记 | 简介 | 引言 | 概述 | 摘要 | 总结 | 目录 | 前言 | 背景 | 論文メモ | メモ | 概要 | はじめに | 一言でいうと | どんなもの
    | 논문 | 요약 | 노트 | 메모 | введение | заметки | обзор | метаданные | definition
    | definitions | example | examples | takeaways | key takeaways | main takeaways | questions | thoughts | my thoughts
    | quotes | key quotes | 定义 | 定義 | 例子 | 问题 | 思考 | excalidraw data | text elements"""
)
GENERIC = _PARTS | OF_FACTS


def normal(text: str) -> str:
    """A label as it is compared: ``**Author(s)**`` is ``authors``, ``pub_date`` is ``pub date``. Of a text that is too
    long for a label, its beginning."""
    return _normal(text[:_MOST_COMPARED])


@lru_cache(maxsize=4_096)
def _normal(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.lower().replace("(s)", "s").replace("(en)", "en").replace("_", " ").replace("’", "'")
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in text).split())


def kind_of(text: str) -> str | None:
    """The kind of fact that a label announces, or None where it is no label. Of several labels in one (``Conference /
    Year``) it is that of the one which tells most of the paper."""
    if len(text) > _MOST_COMPARED:
        return None
    kind = LABELS.get(normal(text))
    if kind is None and text[-1:] in ")）" and "://" not in text and (found := _EXPLAINED.fullmatch(text)):
        kind = LABELS.get(normal(found[1]))
    return _kind_of_several(text) if kind is None and _TWO.search(text) else kind


def _kind_of_several(text: str) -> str | None:
    kinds = [LABELS.get(normal(part)) for part in _TWO.split(text)]
    if None in kinds:
        return None
    return next((kind for kind in (TITLE, AUTHORS, ID, PUBLISHED, VENUE) if kind in kinds), kinds[0])


def unnumbered(heading: str) -> str:
    """A heading as it is compared, without the number before it: ``2. Notes`` and ``一、论文基本信息``."""
    return _NUMBER.sub("", normal(heading))


def is_generic(heading: str) -> bool:
    """Whether a heading names a part of any note, or announces a fact, and so is no title."""
    label = unnumbered(heading)
    return not label or label in GENERIC or LABELS.get(label) is not None


def single(label: str) -> bool:
    """Whether a label of authors speaks of one: ``Author``, not ``Author(s)``."""
    return normal(label) in _OF_ONE
