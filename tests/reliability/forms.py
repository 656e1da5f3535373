"""Forms as a browser without scripts reads them."""

import html
import re


def fields_of(page: str, mark: str = "csrf_token") -> dict[str, str]:
    """What the longest form that holds `mark` would send if nothing were typed."""
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if mark in form]
    assert forms, f"no form with {mark}: {page[:400]}"
    form = max(forms, key=len)
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        ticked = said.get("type") not in ("checkbox", "radio") or " checked" in tag
        if "name" in said and ticked:
            fields[said["name"]] = html.unescape(said.get("value", ""))
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r"<option[^>]*>", inner)
        chosen = [tag for tag in options if " selected" in tag] or options[:1]
        values = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)).get("value", "") for tag in chosen]
        fields[name] = html.unescape(values[0]) if values else ""
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields[name] = html.unescape(inner.strip())
    return fields
