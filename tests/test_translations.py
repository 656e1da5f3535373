"""The Chinese catalogue is complete, built, and nothing on a page escapes it."""

from pathlib import Path

from app import i18n

ROOT = Path(__file__).parent.parent


def test_the_catalogue_has_no_fault() -> None:
    assert i18n.check() == []


def test_a_missing_translation_is_found(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "ours", lambda: {(None, "Surely nobody wrote this"): ["x.py:1"]})
    assert any("Surely nobody wrote this" in fault for fault in i18n.catalogue()[1])


def test_chinese_in_code_and_bare_english_are_found(tmp_path, monkeypatch) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "a.py").write_text('"""Doc 中文 may stand here."""\nX = "中文"\n', "utf-8")
    (tmp_path / "templates" / "b.html").write_text("<p>Hello there</p><p>{{ _('Fine') }}</p>", "utf-8")
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    faults = i18n.stray_texts()
    assert len(faults) == 2, faults
