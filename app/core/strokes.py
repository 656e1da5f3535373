"""Strokes of a signature as the lines of a picture, for pages and paper."""

import json
from dataclasses import dataclass

MARGIN = 6


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of lines: its frame and its path, as SVG writes them."""

    frame: str
    path: str


def drawing(strokes: str | None) -> Drawing | None:
    """The picture of strokes as they are kept (JSON of points: x, y, …); None where there are none."""
    lines = [[(float(point[0]), float(point[1])) for point in line] for line in json.loads(strokes or "[]") if line]
    if not lines:
        return None
    across = [x for line in lines for x, _y in line]
    down = [y for line in lines for _x, y in line]
    left, top = min(across) - MARGIN, min(down) - MARGIN
    wide, high = max(across) - left + MARGIN, max(down) - top + MARGIN
    path = " ".join("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines)
    return Drawing(f"{left:.1f} {top:.1f} {wide:.1f} {high:.1f}", path)
