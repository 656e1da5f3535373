"""Generated calls, fitting and unfitting: no failure of ours, no answer that is not in the document."""

import time
import warnings

import hypothesis
import pytest

from tests.api.conftest import Apart
from tests.case_factory import Cases

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ROLES = ("clerk", "dispatcher", "business_admin")
SECONDS = 14  # of work for one role, however busy the machine is
EXAMPLES = 3
ENDS_SESSION = "/security/logout"


def settings():
    return hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
    )


def calls(operation, mode, run):
    """Ask `operation` a few times; generated keys lead to records that are there every other time."""

    @settings()
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        run(case)

    ask()


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:schemathesis",
    "ignore::DeprecationWarning:jsonschema",
    "ignore::hypothesis.errors.NonInteractiveExampleWarning",
)
@pytest.mark.parametrize("username", ROLES)
def test_generated_calls(app, actor, session, token, document, username):
    cases = Cases(actor)
    known = {"case": [(case.id, case.version) for case in (cases.register(), cases.accepted(), cases.assigned())]}
    headers = {**token(username), "Accept-Language": "en"}
    schema = schemathesis.openapi.from_dict(document)
    schema.app = Apart(app.wsgi_app)
    until, faults, refused, answers, count = time.process_time() + SECONDS, [], set(), set(), 0

    def run(case):
        nonlocal count, refused
        count += 1
        label = case.operation.label
        if time.process_time() > until or label in refused:
            return
        if "pk" in case.path_parameters and count % 4:
            seeded = [(1, 1)] if case.method == "DELETE" else [(2, 1), (3, 1)]
            rows = known.get(case.operation.path.split("/")[3], seeded)
            case.path_parameters["pk"], version = rows[count % len(rows)]
            if isinstance(case.body, dict) and "version" in case.body:
                case.body["version"] = version
        case.headers = {k: v for k, v in (case.headers or {}).items() if k.lower() != "authorization"}
        answer = case.call(headers=headers, base_url="https://localhost")
        answers.add((label, answer.status_code))
        refused |= {label} if answer.status_code == 403 else set()
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as fault:
            said = "; ".join(str(one)[:600] for one in fault.exceptions)
            faults.append(f"{label} {answer.status_code}: {said}")

    operations = [result.ok() for result in schema.get_all_operations()]
    begin = ROLES.index(username) * len(operations) // len(ROLES)  # should time run out, the roles reach all together
    for operation in operations[begin:] + operations[:begin]:
        if operation.path.endswith(ENDS_SESSION):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if faults or time.process_time() > until:
                break
            calls(operation, mode, run)
    assert not faults, "\n".join(faults[:5])
    assert len(answers) > 20 and {code for _label, code in answers} >= {200, 422}
