"""What a browser says it is, and no more than can be known."""

import pytest

from integrations.domain import browsers
from tests import copy

ON_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
ON_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
ON_ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (f"{ON_MAC} Chrome/142.0.0.0 Safari/537.36", "Chrome", "macOS"),
        (f"{ON_MAC} Version/18.5 Safari/605.1.15", "Safari", "macOS"),
        (f"{ON_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge", "Windows"),
        (f"{ON_WINDOWS} Chrome/142.0.0.0 Safari/537.36 OPR/120.0", "Opera", "Windows"),
        (f"{ON_IPHONE} (KHTML, like Gecko) Version/18.5 Mobile Safari/604.1", "Safari", "iOS"),
        (f"{ON_IPHONE} (KHTML, like Gecko) CriOS/142.0 Mobile Safari/604.1", "Chrome", "iOS"),
        (f"{ON_ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome", "Android"),
        (
            f"{ON_ANDROID} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/142.0 Safari/537.36", "Chrome", "ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox", "Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Something/1.0", "", "Windows"),
        ("curl/8.14 Chrome/142", "", ""),
        ("", "", ""),
        ("Mozilla/5.0 (" + " " * 10_000 + "Firefox/140.0", "", ""),
    ],
)
def test_a_browser_is_named(user_agent: str, browser: str, system: str) -> None:
    assert browsers.parse(user_agent) == (browser, system)


def test_what_is_not_known_is_not_made_up() -> None:
    assert browsers.text("Firefox", "Linux") == copy.BROWSER_ON_SYSTEM(
        browser="Firefox", system="Linux"
    )
    assert browsers.text("Firefox", "") == "Firefox"
    assert browsers.text("", "Windows") == browsers.text("", "") == copy.UNKNOWN_BROWSER
