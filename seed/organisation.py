"""The tree of organisations: one city, ten towns and streets, 690 villages, the departments of city and towns.

All of it is data that an administrator changes on screen; the program knows none of these names.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
CITY = "370786"


@dataclass(frozen=True)
class Org:
    """A node of the tree; `parent` is the code of the node above."""

    code: str
    name: str
    short_name: str
    level: str
    parent: str | None
    number_prefix: str | None = None
    paper_prefix: str | None = None
    sort: int = 0
    active: bool = True
    phone: str | None = None
    address: str | None = None

    @property
    def centre_name(self) -> str:
        """The name of its reception centre, for letterheads."""
        return f"{self.name}群众诉求接待服务中心"


TOWNS = (
    # code, name, short name, prefix of case numbers
    ("370786001", "奎聚街道", "奎聚", "SQKJ"),
    ("370786002", "都昌街道", "都昌", "SQDC"),
    ("370786003", "围子街道", "围子", "SQWZ"),
    ("370786101", "柳疃镇", "柳疃", "SQLT"),
    ("370786102", "龙池镇", "龙池", "SQLC"),
    ("370786103", "卜庄镇", "卜庄", "SQBZ"),
    ("370786104", "饮马镇", "饮马", "SQYM"),
    ("370786105", "北孟镇", "北孟", "SQBM"),
    ("370786106", "下营镇", "下营", "SQXY"),
    ("370786400", "石埠经济发展区", "石埠", "SQSB"),
)
CITY_DEPARTMENTS = (
    # code, name, short name; the first two are those of the demo accounts handler.d1 and handler.d2
    ("ZJ", "住房和城乡建设局", "住建局"),
    ("ZR", "自然资源和规划局", "自然资源局"),
    ("RS", "人力资源和社会保障局", "人社局"),
    ("GX", "工业和信息化局", "工信局"),
    ("LS", "粮食和物资储备中心", "粮食中心"),
    ("SW", "商务局", "商务局"),
    ("MZ", "民政局", "民政局"),
    ("SF", "司法局", "司法局"),
    ("GA", "公安局", "公安局"),
    ("NY", "农业农村局", "农业农村局"),
    ("JT", "教育和体育局", "教体局"),
    ("WJ", "卫生健康局", "卫健局"),
    ("JY", "交通运输局", "交通局"),
    ("HB", "生态环境局", "生态环境局"),
    ("SJ", "市场监督管理局", "市场监管局"),
    ("XF", "信访局", "信访局"),
    ("FG", "发展和改革局", "发改局"),
    ("SL", "水利局", "水利局"),
    ("ZF", "综合行政执法局", "执法局"),
    ("TW", "退役军人事务局", "退役军人局"),
    ("YB", "医疗保障局", "医保局"),
    ("CZ", "财政局", "财政局"),
)
TOWN_DEPARTMENTS = (
    ("SS", "社会事务办公室", "社事办"),
    ("SF", "司法所", "司法所"),
    ("ZR", "自然资源所", "自然资源所"),
    ("NY", "农业综合服务中心", "农业中心"),
    ("CJ", "村镇建设服务中心", "村镇建设中心"),
)


def city() -> Org:
    """The root of the tree."""
    return Org(CITY, "昌邑市", "昌邑市", "city", None, "SQ", "昌群诉", address="昌邑市奎聚街道利民街")


def towns() -> list[Org]:
    """The ten towns and streets, each with its own centre and numbers."""
    return [
        Org(code, name, short, "township", CITY, prefix, f"昌群诉{short[0]}", sort)
        for sort, (code, name, short, prefix) in enumerate(TOWNS, 1)
    ]


def departments() -> list[Org]:
    """The departments of the city, then those of every town."""
    of_city = [
        Org(f"{CITY}-{code}", f"昌邑市{name}", short, "department", CITY, sort=100 + sort)
        for sort, (code, name, short) in enumerate(CITY_DEPARTMENTS, 1)
    ]
    of_towns = [
        Org(
            f"{town.code}-{code}", f"{town.name}{name}", f"{town.short_name}{short}", "department", town.code, sort=sort
        )
        for town in towns()
        for sort, (code, name, short) in enumerate(TOWN_DEPARTMENTS, 1)
    ]
    return of_city + of_towns


def villages() -> list[Org]:
    """The 690 villages; names are invented, the number is the article's."""
    with (DATA / "villages.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Org(row["code"], row["name"], row["name"].removesuffix("村"), "village", row["parent"], sort=sort)
            for sort, row in enumerate(csv.DictReader(lines), 1)
        ]


def organisations() -> list[Org]:
    """Every node, parents before children."""
    return [city(), *towns(), *departments(), *villages()]
