"""Markdown from outside: what it is for renders, and nothing hostile survives."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import markdown
from integrations.simulator.hostile import NASTY
from integrations.upstream.issues import LONGEST_MESSAGE
from tests.exhaustive import examples

ELEMENTS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "blockquote", "h3"}
REL = "noopener noreferrer nofollow"


class Seen(HTMLParser):
    """What a browser makes of the HTML: every element and attribute, the addresses, and the
    text.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.odd: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.odd += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.odd.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.odd.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.odd.append(f"instruction {data}")

    def unknown_decl(self, data: str) -> None:
        self.odd.append(f"declaration {data}")


def objections(html: str) -> list[str]:
    """Whatever is not on the list of what may be there; a short list of its own, not that of the
    code.
    """
    seen = Seen(html)
    found = [f"<{tag}>" for tag in seen.tags if tag not in ELEMENTS]
    for tag, name, value in seen.attributes:
        is_link = (tag, name) == ("a", "href") and value.lower().startswith("https://")
        constant = {("a", "rel", REL), ("a", "target", "_blank")}
        if not is_link and (tag, name, value) not in constant:
            found.append(f"{tag} {name}={value}")
    return found + seen.odd


def rendered(text: str) -> str:
    return markdown.render(text).strip()


def links(text: str) -> list[str]:
    return [value for _tag, name, value in Seen(markdown.render(text)).attributes if name == "href"]


# --- What it is for


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello", "<p>Hello</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```json\n{}\n```", "<pre><code>{}\n</code></pre>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("", ""),
        ("AT&T <3 5 > 4 &copy; “ä”", "<p>AT&amp;T &lt;3 5 &gt; 4 © “ä”</p>"),
        ("Tom \\*is\\* here", "<p>Tom *is* here</p>"),
    ],
)
def test_what_people_write_is_shown(text: str, html: str) -> None:
    assert rendered(text) == html
    assert not objections(html)


@pytest.mark.parametrize("text", ["# A", "## A", "### A", "###### A", "A\n===", "A\n---"])
def test_every_heading_is_of_the_level_that_fits_below_a_card(text: str) -> None:
    assert rendered(text) == "<h3>A</h3>"


@pytest.mark.parametrize(
    "text",
    [
        "[docs](https://docs.kombo.dev/hris?a=1&b=2)",
        "<https://docs.kombo.dev/hris?a=1&b=2>",
        "[docs][1]\n\n[1]: https://docs.kombo.dev/hris?a=1&b=2",
        "[docs](<https://docs.kombo.dev/hris?a=1&b=2> 'a title')",
    ],
)
def test_a_link_leads_to_its_page_and_passes_nothing_on(text: str) -> None:
    attributes = Seen(markdown.render(text)).attributes
    assert sorted(attributes) == [
        ("a", "href", "https://docs.kombo.dev/hris?a=1&b=2"),
        ("a", "rel", REL),
        ("a", "target", "_blank"),
    ]


def test_the_same_text_is_not_rendered_twice() -> None:
    text = "only *here*"
    assert markdown.render(text) is markdown.render(text)


# --- What is hostile


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:msgbox(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http://evil.example/",
        "ftp://evil.example/",
        "mailto:eve@evil.example",
        # What would lead to a page of ours, or take over this one's scheme.
        "/account/logout/",
        "account/",
        "?kind=state",
        "#main",
        "//evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "",
    ],
)
def test_no_other_address_is_a_link(address: str) -> None:
    for text in (
        f"[x]({address})",
        f"[x](<{address}>)",
        f"<{address}>",
        f"[x][1]\n\n[1]: {address}",
    ):
        assert links(text) == []
        assert not objections(markdown.render(text))


@pytest.mark.parametrize(
    "text",
    [
        "![seen](https://x.example/p.png)",
        "![seen][1]\n\n[1]: https://x.example/p.png",
        "![seen](/a)",
    ],
)
def test_a_picture_is_never_loaded_and_its_words_remain(text: str) -> None:
    html = markdown.render(text)
    assert not objections(html)
    assert "src" not in html
    assert "seen" in Seen(html).text


HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    "<a href='https://evil.example' onclick='alert(1)'>x</a>",
    "<b>bold</b> <u>under</u>",
    "<form action=/account/logout/ method=post><button>x</button></form>",
    "<div id=connect hx-get=/ hx-trigger=load>",
    "<p style='position:fixed'>",
    "<!-- x --><!DOCTYPE html><?php x ?><![CDATA[x]]>",
    "</div></article></main>",
    "<table><tr><td>x",
    "</p></li></ul>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
]


@pytest.mark.parametrize(
    "frame",
    ["{}", "- {}", "> {}", "`{}`", "```{}\nx\n```", "**{}**", "[{}](https://a.example)", "# {}"],
)
def test_raw_html_stays_text(frame: str) -> None:
    found = {text: objections(markdown.render(frame.format(text))) for text in [*HTML, *NASTY]}
    assert {text: why for text, why in found.items() if why} == {}


@pytest.mark.parametrize("text", HTML)
def test_raw_html_is_shown_to_the_letter(text: str) -> None:
    assert Seen(markdown.render(f"So: {text}")).text.strip() == f"So: {unescape(text)}"


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://a.example 'x\" onclick=\"alert(1)')",
        '[x](https://a.example"onclick=alert(1))',
        "[x](https://a.example/'onmouseover='alert(1)')",
        '<https://a.example/"onclick=alert(1)>',
        "```js onclick=alert(1)\nx\n```",
        '[x" onclick="alert(1)](https://a.example)',
        "3. x",
    ],
)
def test_no_attribute_but_an_address(text: str) -> None:
    assert not objections(markdown.render(text))


@pytest.mark.parametrize(
    "text",
    ["**never", "`never", "```\nnever", "[never](https://a.example", "> - 1. **`never", "<b>never"],
)
def test_what_is_never_closed_closes(text: str) -> None:
    assert not objections(markdown.render(text))
    assert "never" in markdown.render(text)


@pytest.mark.parametrize(
    "piece",
    [
        ">",
        "[",
        "![",
        "*",
        "_",
        "`",
        "<",
        "&",
        "(",
        "[](",
        "- ",
        "> - ",
        "1. ",
        "#",
        "\\",
        "&#",
        "<a ",
        "**a ",
        "[a](",
    ],
)
def test_a_long_message_of_nothing_but_beginnings_renders(piece: str) -> None:
    text = (piece * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
    for one in (text, f"{text}x", f"x {text}", f"{text}\n{text}"[:LONGEST_MESSAGE]):
        assert not objections(markdown.render(one))


PIECES = [
    *(
        ">",
        "<",
        "[",
        "]",
        "(",
        ")",
        "!",
        "`",
        "*",
        "_",
        '"',
        "'",
        "&",
        ";",
        "#",
        "\\",
        ":",
        "/",
        "=",
        "-",
        "~",
        "|",
    ),
    *(
        "\n",
        "\n\n",
        "\t",
        "    ",
        " ",
        "\0",
        "\u202e",
        "\u2028",
        "a",
        "1.",
        "https://a.example",
        "http://a",
        "//a",
    ),
    *(
        "javascript:",
        "data:text/html,",
        "alert(1)",
        "<script>",
        "</script>",
        "<img src=x onerror=",
        "onclick=",
        "style=",
    ),
    *(
        "<a href=",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&#60;",
        "&colon;",
        "&#x6a;",
        "](",
        "](https://a.example",
        "[1]:",
    ),
    *(
        "<style>",
        "<svg",
        "<math>",
        "</p>",
        "<textarea>",
        "<title>",
        "```",
        "![",
        "<br/>",
        "hx-get=",
        "id=connect",
    ),
]


@examples(400)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_the_pieces_make_is_harmless(text: str) -> None:
    assert not objections(markdown.render(text))


@examples(100)
@given(st.text(max_size=200))
def test_whatever_is_written_is_harmless(text: str) -> None:
    assert not objections(markdown.render(text))


def test_the_objections_find_what_they_are_there_for() -> None:
    bad = {
        "<script>x</script>": ["<script>"],
        "<p onclick='x'>x</p>": ["p onclick=x"],
        "<a href='/x'>x</a>": ["a href=/x"],
        "<a href='javascript:x'>x</a>": ["a href=javascript:x"],
        "<a rel='x'>x</a>": ["a rel=x"],
        "<p>x": ["<p> is never closed"],
        "x</p>": ["</p> closes nothing"],
        "<!-- x -->": ["comment  x "],
    }
    assert {html: objections(html) for html in bad} == bad
