"""A browser's description of itself in few words."""

import pytest

from app.views.device import device_of

LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (LINUX, "Chrome 120 · Linux"),
        (LINUX.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64") + " Edg/120.0", "Edge 120 · Windows"),
        (LINUX.replace("X11; Linux x86_64", "Windows NT 6.1; WOW64") + " QIHU 360SE", "360 · Windows"),
        (LINUX.replace("X11; Linux x86_64", "X11; UOS Professional") + " QAXBrowser/1.1", "Qianxin · UOS"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0", "Firefox 126 · Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
        (None, ""),
        ("x" * 300, "x" * 40),
    ],
)
def test_devices(agent, said):
    assert device_of(agent) == said
