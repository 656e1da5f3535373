"""A browser's description of itself, in the few words a person recognises."""

import re

# The first that fits wins: most browsers claim to be several others as well.
BROWSERS = (
    ("360", r"QihooBrowser|360SE|360EE|QHBrowser"),
    ("Qianxin", r"QAXBrowser|Qianxin"),
    ("Sogou", r"SE 2\.X|MetaSr"),
    ("QQ", r"QQBrowser"),
    ("WeChat", r"MicroMessenger"),
    ("Edge", r"Edg(?:e|A)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"Firefox/(\d+)"),
    ("Chrome", r"Chrome/(\d+)"),
    ("Safari", r"Version/(\d+).*Safari"),
)
SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("UOS", r"\bUOS\b"),
    ("Kylin", r"[Kk]ylin"),
    ("Linux", r"Linux"),
)


def device_of(agent: str | None) -> str:
    """Chrome 120 · Windows; what is not known is shown as it is, cut short."""
    text = agent or ""
    found = next(((name, hit) for name, pattern in BROWSERS if (hit := re.search(pattern, text))), None)
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, text)), "")
    if found is None:
        return text[:40]
    version = found[1].group(1) if found[1].groups() and found[1].group(1) else ""
    return " · ".join(part for part in (f"{found[0]} {version}".strip(), system) if part)
