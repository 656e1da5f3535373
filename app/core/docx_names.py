"""The names of elements in a Word file, without loading the library that reads it."""

_BASE = "http://schemas.openxmlformats.org"
NAMES = {
    "a": f"{_BASE}/drawingml/2006/main",
    "m": f"{_BASE}/officeDocument/2006/math",
    "pic": f"{_BASE}/drawingml/2006/picture",
    "r": f"{_BASE}/officeDocument/2006/relationships",
    "w": f"{_BASE}/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wp": f"{_BASE}/drawingml/2006/wordprocessingDrawing",
    "xml": "http://www.w3.org/XML/1998/namespace",
}


def qn(name: str) -> str:
    """The name with its whole address, as the tree holds it: "w:p" and the like."""
    prefix, _colon, rest = name.partition(":")
    return f"{{{NAMES[prefix]}}}{rest}"
