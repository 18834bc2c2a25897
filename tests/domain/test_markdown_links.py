"""Links in texts from outside leave the page they stand on where it is."""

import pytest

from integrations.domain import markdown


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://tool.example/help)",
        "<https://tool.example/help>",
        "[a][1]\n\n[1]: https://tool.example/help 'title'",
        "> - [a](HTTPS://tool.example/help)",
    ],
)
def test_a_link_opens_in_a_window_of_its_own(text: str) -> None:
    html = str(markdown.render(text))
    assert html.count('target="_blank"') == html.count("<a ") == 1
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_target_of_the_texts_own_does_not_count() -> None:
    html = str(markdown.render('<a href="https://x.example" target="_top">x</a>'))
    assert "<a" not in html
