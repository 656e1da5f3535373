"""Every sentence of core has its Chinese, and the Chinese has every blank filled in."""

import csv
import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parents[2]
TERMS = ROOT / "app" / "translations" / "terms" / "core.tsv"
BLANK = re.compile(r"%\(\w+\)[sd]")


def terms() -> dict[str, str]:
    """msgid → Chinese of the room."""
    with TERMS.open(encoding="utf-8", newline="") as lines:
        return {row[0]: row[1] for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def test_every_sentence_has_its_chinese():
    found = extract_from_dir(
        ROOT / "app" / "core", method_map=[("**.py", "python")], keywords={"_l": None, "_lp": ((1, "c"), 2)}
    )
    chinese = terms()
    missing = [message for _file, _line, message, _comments, _context in found if message not in chinese]
    assert missing == []
    for english, translated in chinese.items():
        assert sorted(BLANK.findall(english)) == sorted(BLANK.findall(translated))
        assert re.search("[\u4e00-\u9fff]", translated)
