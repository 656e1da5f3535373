"""What cases are about: two levels; cases take leaves only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CategorySeed:
    """A branch (`parent` is None) or a leaf."""

    code: str
    name: str
    parent: str | None
    sort: int

    @property
    def leaf(self) -> bool:
        """Whether a case can be filed under it."""
        return self.parent is not None


TREE = (
    # the first four are the fields that the article names
    (
        "C01",
        "征地拆迁",
        ("土地征收补偿", "房屋拆迁补偿", "安置房与过渡费", "地上附着物补偿", "失地农民保障", "其他征迁问题"),
    ),
    ("C02", "房产物业", ("办证与权属", "房屋质量", "物业服务与收费", "逾期交房", "维修资金", "供暖供水供气")),
    ("C03", "劳动社保", ("拖欠工资", "劳动合同与解聘", "工伤待遇", "养老保险", "医疗与失业保险", "劳动条件")),
    ("C04", "企业改制", ("职工安置", "经济补偿", "改制遗留债务", "资产处置", "退休待遇")),
    ("C05", "邻里纠纷", ("宅基地边界", "通行与排水", "采光与相邻建筑", "噪声与饲养", "人身财产损害")),
    ("C06", "婚姻家庭", ("离婚与财产", "赡养", "抚养", "继承", "家庭暴力")),
    ("C07", "涉法涉诉", ("判决执行", "案件办理", "治安与交通事故", "民间借贷", "合同纠纷")),
    ("C08", "环境保护", ("水污染", "大气与异味", "噪声扰民", "畜禽养殖污染", "固体废物")),
    ("C09", "教育卫生", ("入学与招生", "教师待遇", "校园安全", "医疗纠纷", "乡医待遇", "计划生育奖扶")),
    ("C10", "交通管理", ("道路建设与养护", "客运与出租", "停车秩序", "交通设施")),
    ("C11", "村务管理", ("村级财务", "土地承包与流转", "村级选举", "集体资产资源", "村干部作风")),
    ("C12", "惠农补贴", ("粮食直补", "农机补贴", "低保与救助", "危房改造", "养殖与种植补贴")),
    ("C13", "市场监管", ("消费维权", "食品药品安全", "价格与收费", "非法集资", "证照办理")),
    ("C14", "退役军人与优抚", ("优抚待遇", "安置", "社保接续")),
    ("C99", "其他", ("意见建议", "政策咨询", "其他事项")),
)


def categories() -> list[CategorySeed]:
    """Branches and leaves, branches first: C01 and its leaves C0101, C0102 …"""
    branches = [CategorySeed(code, name, None, sort * 100) for sort, (code, name, _) in enumerate(TREE, 1)]
    leaves = [
        CategorySeed(f"{code}{place:02}", leaf, code, sort * 100 + place)
        for sort, (code, _, names) in enumerate(TREE, 1)
        for place, leaf in enumerate(names, 1)
    ]
    return branches + leaves
