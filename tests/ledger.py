"""An old ledger as a centre keeps it: a workbook of finished matters, whole or with faults in seven rows."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import openpyxl
from case_factory import id_number

from app.access.actor import Actor, acting
from app.services import import_batch

START = date(2017, 1, 3)


def matter(number: int, **changes: Any) -> dict[str, Any]:
    """One line of the ledger."""
    registered = START + timedelta(days=number % 700)
    return {
        "outside_number": f"旧{number:05d}",
        "registered_on": registered.isoformat(),
        "category": "土地承包与流转",
        "title": f"第{number}号承包地边界争议",
        "facts": f"反映人称与邻户就第{number}号地块边界多年未能达成一致、请求核实确权登记材料并现场丈量。",
        "claims": "重新丈量地块\n更正登记簿",
        "result": "支持",
        "resolved": "是\n否",
        "petitioner": f"王{'一二三四五六七八九十'[number % 10]}{'东南西北中'[number % 5]}",
        "id_number": id_number(number),
        "phone": f"138{number:08d}",
        "address": f"柳疃镇西付村{number}号",
        "place": "370786001",
        "closed_on": (registered + timedelta(days=40)).isoformat(),
        **changes,
    }


FAULTY: dict[int, dict[str, Any]] = {
    11: {"category": "不存在的类别"},
    23: {"id_number": "370786199001011239"},
    57: {"outside_number": "旧00056"},
    80: {"title": '=HYPERLINK("http://x")'},
    121: {"closed_on": "2016-01-01"},
    150: {"result": "支持\n支持\n支持"},
    199: {"registered_on": "去年冬天"},
}


def ledger(count: int, faulty: Mapping[int, Mapping[str, Any]] | None = None) -> list[dict[str, Any]]:
    """So many lines; those of `faulty` changed."""
    return [matter(number, **(faulty or {}).get(number, {})) for number in range(1, count + 1)]


def workbook(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]) -> bytes:
    """The lines as a workbook with these headings by column."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    names = [name for name in headings if any(name in row for row in rows)]
    sheet.append([headings[name] for name in names])
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def headings(actor: Actor, noun: str) -> dict[str, str]:
    """The headings of a register's template."""
    with acting(actor):
        return {name: str(label) for name, label in import_batch.labels_of(noun).items()}
