"""Every page type in a real browser: nothing inaccessible, nothing cut, no script error, no request to the outside."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e.conftest import PASSWORD
from e2e.sight import MODES, problems_of
from playwright.sync_api import Browser, BrowserContext, Page, Response
from pyotp import TOTP

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

CITY_CASE = """SELECT min(c.id) FROM "case" c JOIN organisation o ON o.id = c.organisation_id
               WHERE o.level = 'city' AND c.state = ?"""
# Demo records by the word that stands for them in an address below.
RECORDS: dict[str, tuple[str, ...]] = {
    **{
        state: (CITY_CASE, state)
        for state in ("registered", "supplement_pending", "merged", "accepted", "decline_proposed", "handling")
    },
    "group": ('SELECT id FROM "case" WHERE head_count = 12',),
    "to_sign": (
        "SELECT r.case_id FROM referral r JOIN organisation o ON o.id = r.organisation_id "
        "WHERE o.code = '370786-ZJ' AND r.state = 'sent'",
    ),
    "signed": (
        "SELECT r.case_id FROM referral r JOIN organisation o ON o.id = r.organisation_id "
        "WHERE o.code = '370786-ZR' AND r.state = 'signed'",
    ),
    **{
        table: (f"SELECT min(id) FROM {table}",)
        for table in (
            "expert",
            "person",
            "visit",
            "room",
            "category",
            "code_table",
            "code_item",
            "calendar_year",
            "deadline_rule",
            "parameter",
            "legal_adviser",
            "law_firm",
            "organisation",
            "shift",
            "expert_kin",
            "sms_template",
            "document",
            "document_template",
            "firm_pair",
            "outreach_event",
            "supervision",
            "proposal",
        )
    },
    "held": ("SELECT id FROM hearing WHERE kind = 'decision' AND state = 'held'",),
    "category_of_proposal": ("SELECT min(category_id) FROM proposal",),
    "own_role": ("SELECT role_id FROM role_profile p JOIN ab_role r ON r.id = p.role_id WHERE r.name = 'clerk'",),
}
# One address of each page type, by who opens it; FIRST stands for the first row of the list before it.
PAGES: dict[str, tuple[str, ...]] = {
    "clerk": (
        "/",
        "/case/list/",
        "/case/list/?tab=overdue",
        "/case/show/{registered}",
        "/case/add",
        "/case/drafts/",
        "/case/{group}/copy",
        "/case/{registered}/receipt",
        "/case/{registered}/receipt?form=slip",
        "/case/{registered}/do/request_supplement",
        "/case/{supplement_pending}/do/supplement",
        "/person/list/",
        "/person/show/{person}",
        "/person/edit/{person}",
        "/visit/list/",
        "/visit/list/ FIRST",
        "/visit/add",
        "/search/?q=供暖",
        "/search/?q=无此人",
        "/notice/list/",
        "/document/list/",
        "/document/list/ FIRST",
        "/document/{document}/print",
        "/work/",
        "/work/?tab=done",
        "/outbox/list/",
        "/outbox/list/ FIRST",
        "/exchange/list/",
        "/exchange/receive",
        "/export_request/list/",
        "/account/",
        "/account/password",
        "/account/sessions",
        "/account/confirm",
        "/logout/",
        "/nowhere",
        "/role/list/",
    ),
    "dispatcher": (
        "/",
        "/work/",
        "/work/?tab=copied",
        "/notice/list/?unread=yes",
        "/case/show/{handling}",
        "/case/{registered}/do/accept",
        "/case/{registered}/do/decline",
        "/case/{registered}/do/redirect",
        "/case/{registered}/do/merge",
        "/case/{merged}/do/unmerge",
        "/case/{accepted}/do/assign",
    ),
    "centre_head": (
        "/case/{decline_proposed}/do/approve_decline",
        "/case/{decline_proposed}/do/refuse_decline",
        "/outreach_event/list/",
        "/outreach_event/show/{outreach_event}",
        "/outreach_event/add",
        "/hearing/list/",
        "/hearing/list/?tab=decision FIRST",
        "/hearing/add",
        "/hearing/{held}/do/sign_decision",
        "/hearing/minutes/{held}",
    ),
    "adviser.1": ("/adviser_desk/", "/consultation/list/", "/consultation/list/ FIRST", "/consultation/add"),
    "counsellor.1": ("/adviser_desk/", "/consultation/list/ FIRST", "/consultation/add"),
    "handler.d1": ("/", "/case/list/", "/case/{to_sign}/do/sign_for"),
    "supervisor": (
        "/supervision/?light=soon",
        "/supervision/list/",
        "/supervision/show/{supervision}",
        "/supervision/case/{group}",
        "/supervision/checks",
        "/supervision/causes",
        "/supervision/cause?category={category_of_proposal}",
        "/case/{handling}/do/supervise",
        "/proposal/list/",
        "/proposal/show/{proposal}",
        "/proposal/add",
    ),
    "handler.d2": ("/case/show/{signed}", "/case/{signed}/do/log_work"),
    "business_admin": (
        "/expert/list/",
        "/expert/show/{expert}",
        "/expert/add",
        "/expert/edit/{expert}",
        "/expert/delete/{expert}",
        "/expert_kin/add?parent={expert}",
        "/firm_pair/list/",
        "/firm_pair/show/{firm_pair}",
        "/firm_pair/add",
        "/adviser/list/",
        "/adviser/show/{legal_adviser}",
        "/adviser/add",
        "/law_firm/list/",
        "/law_firm/show/{law_firm}",
        "/room/list/",
        "/room/show/{room}",
        "/room/add",
        "/roster/",
        "/roster/sessions",
        "/roster/session/{shift}",
        "/roster_rule/list/",
        "/roster_rule/add",
        "/duty_change/list/",
        "/shift/list/",
        "/shift/add",
        "/category/list/",
        "/category/show/{category}",
        "/category/add",
        "/code_table/list/",
        "/code_table/show/{code_table}",
        "/code_item/edit/{code_item}",
        "/calendar_day/list/",
        "/calendar_day/add",
        "/calendar_year/list/",
        "/calendar_year/show/{calendar_year}",
        "/calendar_year/import",
        "/deadline_rule/list/",
        "/deadline_rule/show/{deadline_rule}",
        "/deadline_rule/edit/{deadline_rule}",
        "/parameter/list/",
        "/parameter/show/{parameter}",
        "/parameter/edit/{parameter}",
        "/sms_template/list/",
        "/sms_template/list/ FIRST",
        "/sms_template/edit/{sms_template}",
        "/webhook/list/",
        "/webhook/add",
        "/document_template/list/",
        "/document_template/list/ FIRST",
        "/document_template/add?kind=reply",
        "/document_template/preview/{document_template}",
        "/import/list/",
        "/import/new",
        "/partner/list/",
        "/partner/add",
    ),
    "sysadmin": (
        "/organisation/list/",
        "/organisation/show/{organisation}",
        "/organisation/add",
        "/account/list/",
        "/account/list/ FIRST",
        "/account/add",
        "/role/list/",
        "/role/show/{own_role}",
        "/role/add",
        "/role/edit/{own_role}",
        "/role/preview/{own_role}",
        "/maintenance/",
        "/maintenance/code_table/",
        "/maintenance/job/",
        "/maintenance/outbox_message/",
        "/maintenance/login_attempt/",
        "/maintenance/system/",
    ),
    "statistician": ("/statistics/", "/statistics/list/cases", "/statistics/table/"),
    "leader.1": ("/statistics/", "/statistics/list/overdue", "/statistics/subscriptions"),
    "security_auditor": ("/audit/list/", "/audit/list/ FIRST"),
}
OPENED = [(who, place) for who, places in PAGES.items() for place in places]
REFUSED = {"/nowhere": 404, "/role/list/": 403}


def open_page(page: Page, server: str, ask: Callable[..., Any], place: str) -> Response | None:
    """Go there; FIRST opens the first row of the list."""
    path, _, first = place.partition(" ")
    names = [piece.split("}")[0] for piece in path.split("{")[1:]]
    answer = page.goto(server + path.format(**{name: ask(*RECORDS[name]) for name in names}))
    if first:
        answer = page.goto(server + str(page.locator("table.rows tbody a[href*='/show/']").first.get_attribute("href")))
    return answer


@pytest.mark.parametrize(("username", "place"), OPENED, ids=[f"{who} {place}" for who, place in OPENED])
def test_page(server: str, desk: Callable[[str], Page], ask: Any, faults: Any, username: str, place: str) -> None:
    page = desk(username)
    watched = faults(page)
    answer = open_page(page, server, ask, place)
    expected = REFUSED.get(place, 200) if username == "clerk" else 200
    assert answer is not None
    assert answer.status == expected
    problems = problems_of(page)
    assert problems + [fault for fault in watched if str(expected) not in fault] == []


@pytest.mark.parametrize(
    "place",
    [
        "/login/",
        "/nowhere",
        "/public/verify",
        "/public/verify?code=ABCDEFGHJKLM",
        "/public/book/visit",
        "/public/booking",
        "/public/board/",
    ],
)
def test_before_signing_in(server: str, desk: Callable[[None], Page], faults: Any, place: str) -> None:
    page = desk(None)
    watched = faults(page)
    page.goto(server + place)
    assert problems_of(page) + [fault for fault in watched if "404" not in fault] == []


def test_a_pale_word_is_seen_however_often_it_is_looked_at(server: str, desk: Callable[[str], Page]) -> None:
    """What looks have passed is remembered; what has not is complained of on every page, in every mode."""
    page = desk("clerk")
    for _time in range(2):
        page.goto(f"{server}/visit/list/")
        page.evaluate("""() => { const word = document.createElement('p'); document.querySelector('main').append(word);
            word.textContent = '看不清'; word.style.color = '#888'; word.style.background = '#999'; }""")
        assert [said.split(": ")[:2] for said in problems_of(page)] == [[mode, "color-contrast"] for mode in MODES]


def test_every_menu_and_the_filters_open(server: str, desk: Callable[[str], Page]) -> None:
    """What lies folded is as good as what lies open."""
    page = desk("clerk")
    page.goto(f"{server}/case/list/?q=供暖")
    page.evaluate("document.querySelectorAll('main details').forEach(node => { node.open = true; })")
    modes = {name: MODES[name] for name in ("plain", "phone", "dark")}
    assert problems_of(page, modes) == []


def test_the_drawer_of_a_phone(server: str, signed_in: Callable[..., BrowserContext]) -> None:
    page = signed_in("clerk", 390).new_page()
    page.goto(f"{server}/")
    page.click("[data-drawer]")
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.hasAttribute('data-drawer')"), "the focus comes back"
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert problems_of(page, {"phone": MODES["phone"]}) == []
    page.context.close()


def test_faults_of_a_form(server: str, desk: Callable[[str], Page]) -> None:
    """A registration sent too early: every sentence stands at its field."""
    page = desk("clerk")
    page.goto(f"{server}/case/add")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.locator("#faults li").count() >= 3
    assert problems_of(page) == []


def test_somebody_saved_it_before(
    server: str, desk: Callable[[str], Page], ask: Any, signed_in: Callable[..., BrowserContext]
) -> None:
    """The page that shows both versions of a record."""
    place = f"{server}/room/edit/{ask(*RECORDS['room'])}"
    late, early = desk("business_admin"), signed_in("business_admin").new_page()
    late.goto(place)
    early.goto(place)
    early.fill("[name=name]", "群众接待大厅一")
    early.keyboard.press("Control+Enter")
    early.wait_for_url("**/room/show/*")
    late.fill("[name=name]", "群众接待大厅二")
    with late.expect_response(lambda answer: answer.request.method == "POST" and "/room/edit" in answer.url) as said:
        late.keyboard.press("Control+Enter")
    assert said.value.status == 409
    late.wait_for_load_state("networkidle")
    assert problems_of(late) == []
    early.context.close()


def test_too_much_is_refused_in_words(server: str, desk: Callable[[str], Page], ask: Any) -> None:
    """Text beyond the limit, sent by plain POST: an error page that reads like a sentence."""
    page = desk("clerk")
    page.goto(f"{server}/case/add")
    page.evaluate("""() => { const form = document.querySelector('form[data-register]'), twin = form.cloneNode(false);
      twin.enctype = 'multipart/form-data';
      const field = document.createElement('input'); field.name = 'facts'; field.value = 'x'.repeat(3000000);
      twin.append(field); document.body.append(twin); HTMLFormElement.prototype.submit.call(twin); }""")
    page.wait_for_url("**/case/add")
    page.wait_for_selector(".big-code")
    assert "413" in page.inner_text(".big-code")
    assert problems_of(page) == []


def test_second_factor(server: str, chromium: Browser) -> None:
    """Set up, recovery codes, sign-in with the code; then off again."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()

    def sign_in() -> None:
        page.goto(f"{server}/login/")
        page.fill("input[name=username]", "statistician")
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    sign_in()
    page.goto(f"{server}/account/second-factor")
    if "/confirm" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/second-factor")
    problems = problems_of(page)
    secret = page.locator("ol code").inner_text().replace(" ", "")
    page.fill("[name=code]", TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.codes")
    problems += problems_of(page)
    code = page.locator("ul.codes li").first.inner_text()
    page.context.clear_cookies()
    sign_in()
    problems += problems_of(page)
    page.fill("[name=code]", code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server}/")
    assert problems == []
    context.close()


def test_english(server: str, chromium: Browser) -> None:
    """The same desk in the second language."""
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{server}/login/")
    page.click("button[value=en]")
    page.wait_for_selector("html[lang=en]")
    problems = problems_of(page)
    page.fill("input[name=username]", "supervisor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server}/")
    if page.get_attribute("html", "lang") != "en":
        page.locator("button[value=en]:visible").click()
        page.wait_for_selector("html[lang=en]")
    modes = {name: MODES[name] for name in ("plain", "phone")}
    for place in ("/", "/case/list/", "/case/show/1"):
        page.goto(server + place)
        problems += [f"{place} {problem}" for problem in problems_of(page, modes)]
    assert problems == []
    context.close()
