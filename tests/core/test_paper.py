"""How official papers are written."""

import pytest

from app.core.paper import unnumbered, with_plain_days


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("一、三日内恢复地界。", "三日内恢复地界。"),
        ("十二、各自承担费用。", "各自承担费用。"),
        ("（三）两清", "两清"),
        ("(2) 两清", "两清"),
        ("2. 付款", "付款"),
        ("3．付款", "付款"),
        ("4、付款", "付款"),
        ("1.5万元一次付清", "1.5万元一次付清"),
        ("三日内付清", "三日内付清"),
        ("2026年付清", "2026年付清"),
    ],
)
def test_paper_counts_the_lines_itself(line, kept):
    assert unnumbered(f"\n{line}\n\n") == [kept]


def test_days_of_the_screen_are_days_of_paper():
    assert (
        with_plain_days("自 2026-11-27 次日起，满 5 日为 2026-12-02。")
        == "自 2026年11月27日 次日起，满 5 日为 2026年12月2日。"
    )
    assert with_plain_days("2026-11-2712 1234-56") == "2026-11-2712 1234-56"
