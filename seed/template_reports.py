"""Reports of a centre: figures in tables, made anew for every period."""

from seed.template_sheet import ALIGN, HEI, SONG, Sheet

FIGURES = ("{{ r.name }}", "{{ r.value }}", "{{ r.before }}", "{{ r.year_before }}")
FIGURE_HEADS = ("指标", "本期", "上期（增减）", "上年同期（增减）")
FIGURE_WIDTHS = (40, 50, 40, 40)
SHARES = ("{{ r.name }}", "{{ r.cases }}", "{{ r.resolved }}", "{{ r.rate }}")
SHARE_WIDTHS = (80, 30, 30, 30)


def _part(s: Sheet, title: str) -> None:
    s.text(title, font=HEI, size=14, indent=0, line=26, before=8, after=2).paragraph_format.keep_with_next = True


def weekly_report(s: Sheet) -> None:
    """周报"""
    s.text("{{ centre }}", size=18, font=SONG, align=ALIGN.CENTER, line=28)
    s.text("{{ title }}", size=22, font=SONG, align=ALIGN.CENTER, line=36)
    s.text("{{ since }}至{{ until }}　　{{ scope }}", size=14, align=ALIGN.CENTER, line=24)
    s.text("制表：{{ maker }}　　制表时间：{{ made_at }}", size=10.5, align=ALIGN.CENTER, line=20, after=4)
    _part(s, "一、总体情况")
    s.rows(FIGURE_WIDTHS, FIGURE_HEADS, "head", FIGURES, size=10.5, height=6.5)
    s.text(
        "上期：{{ before }}；上年同期：{{ year_before }}。“在办”“逾期”为制表时的数，不作比较。{{ small }}",
        size=10.5, indent=0, line=18, before=2,
    )  # fmt: skip
    _part(s, "二、各中心受理情况")
    s.rows(SHARE_WIDTHS, ("中心", "受理", "化解", "化解率"), "towns", SHARES, size=10.5, height=6.5)
    _part(s, "三、诉求类别")
    s.rows(SHARE_WIDTHS, ("类别", "受理", "化解", "化解率"), "categories", SHARES, size=10.5, height=6.5)
    _part(s, "四、承办单位在办情况（制表时）")
    s.rows(
        SHARE_WIDTHS,
        ("承办单位", "在办", "逾期", "逾期占比"),
        "load",
        ("{{ r.name }}", "{{ r.open }}", "{{ r.overdue }}", "{{ r.share }}"),
        size=10.5,
        height=6.5,
    )
    _part(s, "五、逾期事项（制表时）")
    s.text("{{ overdue_note }}", size=12, line=22)
    s.tag("{%p if overdue %}")
    s.rows(
        (34, 30, 48, 58),
        ("受理编号", "类别", "承办单位", "逾期"),
        "overdue",
        (
            "{{ r.number }}",
            "{{ r.category }}",
            "{{ r.organisation }}",
            "{{ r.days }}{% if r.due_on %}（{{ r.due_on }}到期）{% endif %}",
        ),
        size=10.5,
        height=6.5,
    )
    s.tag("{%p endif %}")
    _part(s, "六、专家评审")
    s.rows(FIGURE_WIDTHS, FIGURE_HEADS, "reviews", FIGURES, size=10.5, height=6.5)
    _part(s, "七、满意度与回访")
    s.rows(FIGURE_WIDTHS, FIGURE_HEADS, "satisfaction", FIGURES, size=10.5, height=6.5)
    s.text(
        "各指标的定义、基准日期和排除范围见统计页；数据由系统按诉求记录计算，未经人工填报。",
        size=10.5, indent=0, line=18, before=4,
    )  # fmt: skip


PAPERS = (weekly_report,)
MARGINS = (25, 25, 20, 20)  # millimetres: many tables on few pages
FOOT = "{{ title }}　{{ since }}至{{ until }}　第 "
