"""Every quick filter of every list opens, for somebody who may read the list."""

from flask import Flask

from app.access.roles import ROLES
from app.views.base import PortalModelView


def test_every_tab_of_every_list_opens(app: Flask, login, session) -> None:
    wrong, tried, browsers = [], 0, {}
    for view in app.appbuilder.baseviews:
        if not isinstance(view, PortalModelView) or not view.quick_filters:
            continue
        page = view.class_permission_name
        role = next((one.code for one in ROLES if "read" in one.grants.get(page, ())), None)
        if role is None:
            continue
        browser = browsers.setdefault(role, None) or login(role)
        browsers[role] = browser
        for name, _label, _rule in view.quick_filters:
            tried += 1
            status = browser.get(f"{view.route_base}/list/?tab={name}").status_code
            if status != 200:
                wrong.append(f"{view.route_base}/list/?tab={name}: {status}")
    assert tried > 20 and not wrong, wrong
