"""Believable people and intakes for the tests of the desk."""

from typing import Any

from stdnum.iso7064 import mod_11_2


def id_number(place: int, male: bool = True) -> str:
    """A valid number of somebody born on 5 March 1962."""
    body = f"37078619620305{place:02d}{1 if male else 2}"
    return body + mod_11_2.calc_check_digit(body)


def intake(**changes: Any) -> dict[str, Any]:
    """What a clerk types for one petitioner about land, with changes."""
    return {
        "channel": "visit",
        "kind": "appeal",
        "category": "C0101",
        "title": "征地补偿款未足额发放",
        "facts": "2024 年 10 月村里征收承包地 3 亩，补偿款至今只到账一半。",
        "claims": [{"text": "请求足额发放征地补偿款"}, {"text": "请求公开补偿方案"}],
        "parties": [
            {
                "side": "petitioner",
                "name": "王建国",
                "id_type": "id_card",
                "id_number": id_number(1),
                "phone": "13800132207",
                "address": "昌邑市奎聚街道某村 12 号",
            },
            {"side": "respondent", "organisation": "自然资源局"},
        ],
        "village": "370786001201",
        "head_count": 1,
        "occurred_on": "2024-10-08",
        **changes,
    }
