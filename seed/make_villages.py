"""Write data/villages.csv, 690 invented village names spread over the towns: python -m seed.make_villages."""

import csv
import random
from pathlib import Path

TARGET = Path(__file__).parent / "data" / "villages.csv"
SHARES = {
    "370786001": 57,
    "370786002": 90,
    "370786003": 115,
    "370786101": 63,
    "370786102": 40,
    "370786103": 74,
    "370786104": 90,
    "370786105": 79,
    "370786106": 30,
    "370786400": 52,
}
SURNAMES = (
    "王李张刘陈孙于姜徐马高魏韩吕董林郭朱赵宋夏侯齐邢付隋矫冯栾初"
    "谭曹滕范葛阎孟杜明逄元辛柳常黄胡梁庞翟尹史戴丁崔邵石郑田任"
)
ENDINGS = ("家村", "家庄村", "家埠村", "家疃村", "家屯村", "家楼村", "家车道村", "家坊村", "家庙村", "家寨村")
SIDES = ("", "", "东", "西", "南", "北", "前", "后", "大", "小")
PLACES = (
    "河东 河西 龙泉 柳行 青山 石湾 双台 渔埠 灶户 盐坨 枣林 桑园 梨园 杏花 槐树 柏林 双庙 石桥 龙河 潍东 "
    "塔耳 羊角 瓦城 营子 东冢 古城 坡庄 官亭 广刘 南逄 火道 海眼 廒里 山阳 流河 岞山 角兰 大陆 博陆 都市"
)


def names() -> list[str]:
    """More names than needed, each once, in a fixed order."""
    made = [f"{side}{surname}{ending}" for surname in SURNAMES for ending in ENDINGS for side in SIDES]
    draw = random.Random(370786)
    draw.shuffle(made)
    rare = [f"{side}{place}村" for place in PLACES.split() for side in ("", "东", "西")]
    chosen = list(dict.fromkeys(made))[: sum(SHARES.values()) - len(rare)] + rare
    draw.shuffle(chosen)
    return chosen


if __name__ == "__main__":
    supply = iter(names())
    with TARGET.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "parent"))
        for town, share in SHARES.items():
            writer.writerows((f"{town}{200 + place}", next(supply), town) for place in range(1, share + 1))
