"""For monitors: is the process up, can it work, what does it count."""

import hmac
import shutil
from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, jsonify, request
from flask_appbuilder import BaseView, expose
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import revisions
from app.core.db import db
from app.models.outbox import MessageChannel
from app.services.queries.machinery import machinery

LOOPBACK = ("127.0.0.1", "::1")
DISK_LEAST = 0.05  # of the disk must be free

REGISTRY = CollectorRegistry()
ANSWERS = Counter(
    "portal_requests", "Answers by route, method and status", ("route", "method", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "portal_request_seconds",
    "Time to answer by route",
    ("route",),
    registry=REGISTRY,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

OUTBOX = Gauge("portal_outbox_messages", "Messages that have not left", ("channel", "state"), registry=REGISTRY)
OUTBOX_WAIT = Gauge("portal_outbox_wait_seconds", "How long the oldest message that is due waits", registry=REGISTRY)
JOBS = Gauge("portal_jobs", "Jobs that are not done", ("state",), registry=REGISTRY)
REMINDED = Gauge("portal_deadline_job_age_seconds", "Since the deadlines were looked at", registry=REGISTRY)
LATE = Gauge("portal_deadline_job_late", "1 when nobody has looked at the deadlines for an hour", registry=REGISTRY)


def count_answer(answer: Response, seconds: float) -> None:
    """Count one answer."""
    route = str(request.url_rule or "-")
    ANSWERS.labels(route, request.method, answer.status_code).inc()
    SECONDS.labels(route).observe(seconds)


def _count_machinery() -> bool:
    """Bring the gauges of what is done outside of requests up to date."""
    found = machinery()
    OUTBOX.clear()
    JOBS.clear()
    for way in MessageChannel:  # a queue that is empty says so
        OUTBOX.labels(way.value, "waiting").set(0)
    for (channel, state), number in found.messages.items():
        OUTBOX.labels(channel, state).set(number)
    for state, number in found.jobs.items():
        JOBS.labels(state).set(number)
    OUTBOX_WAIT.set(found.longest_wait)
    REMINDED.set(-1 if found.reminded is None else found.reminded)
    LATE.set(found.reminding_late)
    return True


def _database() -> bool:
    return db.session.execute(text("SELECT 1")).scalar_one() == 1


def _migrations() -> bool:
    return revisions.present() == revisions.wanted()


def _disk() -> bool:
    disk = shutil.disk_usage(current_app.config["INSTANCE"])
    return disk.free / disk.total > DISK_LEAST


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "disk": _disk}


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, OSError):
        db.session.rollback()
        return False


def _is_monitor() -> bool:
    """Whether details may be told: to this machine itself, or to who shows the token."""
    token = current_app.config["METRICS_TOKEN"]
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(shown.encode(), token.encode())
    return request.remote_addr in LOOPBACK and "X-Forwarded-For" not in request.headers


class HealthView(BaseView):
    """The addresses that monitors ask."""

    route_base = ""
    default_view = "healthz"

    @expose("/healthz")
    def healthz(self) -> Any:
        """The process is up; nothing else is looked at."""
        return jsonify({"status": "ok"})

    @expose("/readyz")
    def readyz(self) -> Any:
        """The portal can work: database, migrations, disk. Details only for monitors."""
        found = {name: _holds(check) for name, check in CHECKS.items()}
        good = all(found.values())
        body: dict[str, Any] = {"status": "ok" if good else "not ready"}
        if _is_monitor():
            body["checks"] = found
        return jsonify(body), 200 if good else 503

    @expose("/metrics")
    def metrics(self) -> Any:
        """What is counted, in the words of Prometheus; for this machine, or with the token."""
        if not _is_monitor():
            abort(404)
        _holds(_count_machinery)
        return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
