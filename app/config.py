"""Every setting, read once from the environment (prefix PORTAL_); each has one line of comment."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.core.words import WORDS

ROOT = Path(__file__).resolve().parent.parent
SMS_BODY = """{"id": "{id}", "phone": "{phone}", "template": "{template}", "text": "{text}", "params": "{params}",
"account": "{account}", "timestamp": "{timestamp}", "sign": "{signature}"}"""
SMS_HEADERS = "{}"


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in ("1", "true", "yes", "on")


def kept_secret(folder: Path, name: str, size: int = 32) -> str:
    """A secret of the instance: made on first use, kept in a file that only the owner can read."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(size))
    return path.read_text(encoding="ascii").strip()


def demo_password(folder: Path) -> str:
    """PORTAL_DEMO_PASSWORD, or one made on the first run and kept in the instance folder (0600)."""
    return os.environ.get("PORTAL_DEMO_PASSWORD") or "Aa1-" + kept_secret(folder, "demo_password", 9)


def settings(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """The configuration of one application; `overrides` win."""
    given = overrides or {}
    instance = Path(given.get("INSTANCE") or os.environ.get("PORTAL_INSTANCE") or ROOT / "instance").resolve()
    production = bool(given.get("PRODUCTION", _flag("PORTAL_PRODUCTION", False)))
    https = bool(given.get("HTTPS", _flag("PORTAL_HTTPS", production)))
    conf: dict[str, Any] = {
        # where things are
        "INSTANCE": instance,
        "PRODUCTION": production,  # refuses demo accounts, weak keys, plain http; asks for second factors
        "HTTPS": https,  # cookies Secure with __Host- prefix, HSTS
        "HOST": os.environ.get("PORTAL_HOST", "127.0.0.1"),
        "PORT": int(os.environ.get("PORTAL_PORT", "8080")),
        "TRUSTED_PROXIES": int(os.environ.get("PORTAL_TRUSTED_PROXIES", "0")),  # X-Forwarded-* hops to believe
        "SQLALCHEMY_DATABASE_URI": os.environ.get("PORTAL_DATABASE_URL") or f"sqlite:///{instance / 'portal.db'}",
        "ATTACHMENT_FOLDER": instance / "attachments",
        "DOCUMENT_FOLDER": instance / "documents",  # issued papers and their templates
        "PUBLIC_URL": os.environ.get("PORTAL_PUBLIC_URL", "").rstrip("/"),  # how the public reaches us, on every paper
        # keys
        "SECRET_KEY": os.environ.get("PORTAL_SECRET_KEY"),
        # opens what its writer alone reads; may lie on another disk than keys.json, and apart from the backups of both
        "NOTE_KEYS": Path(os.environ.get("PORTAL_NOTE_KEYS") or instance / "note_keys.json"),
        "CIPHER": os.environ.get("PORTAL_CIPHER", "aes-gcm"),  # or sm4-gcm
        # sessions (security B3): idle and absolute limits
        "SESSION_IDLE": timedelta(minutes=int(os.environ.get("PORTAL_SESSION_IDLE_MINUTES", "30"))),
        "SESSION_ABSOLUTE": timedelta(hours=12),
        "SESSION_COOKIE_NAME": "__Host-portal" if https else "portal",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PREFERRED_URL_SCHEME": "https" if https else "http",
        # sign-in (security B1, B4; the preset is 等保 level 3, decision 5)
        "LOGIN_TRIES": int(os.environ.get("PORTAL_LOGIN_TRIES", "5")),  # per account
        "LOGIN_TRIES_PER_ADDRESS": int(os.environ.get("PORTAL_LOGIN_TRIES_PER_ADDRESS", "60")),  # failures per window
        "LOGIN_WINDOW": timedelta(minutes=15),
        "SESSION_PROTECTION": None,  # our own sessions carry a token; the framework's browser print adds nothing
        "PASSWORD_MIN_LENGTH": 8,
        "PASSWORD_MAX_LENGTH": 128,
        "PASSWORD_CLASSES": int(os.environ.get("PORTAL_PASSWORD_CLASSES", "3")),  # of upper, lower, digit, other
        "PASSWORD_MAX_AGE": timedelta(days=int(os.environ.get("PORTAL_PASSWORD_MAX_AGE_DAYS", "180"))),
        "PASSWORD_HISTORY": 5,
        "SECOND_FACTOR_REQUIRED": _flag("PORTAL_SECOND_FACTOR_REQUIRED", production),
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=15),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(hours=12),
        "JWT_ERROR_MESSAGE_KEY": "message",
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": os.environ.get("PORTAL_REDIS_URL") or "memory://",
        "RATELIMIT_HEADERS_ENABLED": False,
        "AUTH_RATE_LIMITED": False,  # we limit both doors ourselves
        "AUTH_TYPE": 1,
        "AUTH_USERNAME_CI": True,
        "AUTH_ROLE_PUBLIC": "Public",
        "AUTH_ROLE_ADMIN": "Admin",  # exists for the framework; given to nobody
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),  # every address of a static file bears a mark of its content
        # sizes (security C4, C5)
        "MAX_CONTENT_LENGTH": 25 * 2**20,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "MAX_FORM_PARTS": 2000,
        "ATTACHMENT_MAX_BYTES": 20 * 2**20,
        # language
        "LANGUAGES": {
            code: {"flag": flag, "name": WORDS["languages"][code]}
            for code, flag in (("zh_Hans_CN", "cn"), ("en", "gb"))
        },
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_DOMAIN": "messages",
        # the framework
        "APP_NAME": "Portal",
        "APP_THEME": "",
        "FAB_CREATE_DB": False,  # tables come from migrations only
        "FAB_UPDATE_PERMS": False,  # permissions come from `roles sync` only
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_MENU_API": False,
        "FAB_API_SWAGGER_UI": False,
        "FAB_ADD_OPENAPI_VIEWS": True,
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_API_SHOW_STACKTRACE": False,
        "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
        "FAB_BASE_TEMPLATE": "portal/base.html",
        "FAB_SECURITY_MANAGER_CLASS": "app.views.security.PortalSecurityManager",
        "FAB_INDEX_VIEW": "app.views.home.HomeView",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # SameSite cookies and the token do it; Referer is often stripped on intranets
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "TRUSTED_HOSTS": None,
        "METRICS_TOKEN": os.environ.get("PORTAL_METRICS_TOKEN"),  # lets a monitor elsewhere read /metrics
        # text messages (docs/operator.md): console, file or http
        "SMS_BACKEND": os.environ.get("PORTAL_SMS_BACKEND", "file"),
        "SMS_FILE": os.environ.get("PORTAL_SMS_FILE") or instance / "sms.jsonl",
        "SMS_URL": os.environ.get("PORTAL_SMS_URL", ""),
        "SMS_FORMAT": os.environ.get("PORTAL_SMS_FORMAT", "json"),  # or form
        "SMS_BODY": os.environ.get("PORTAL_SMS_BODY") or SMS_BODY,  # what the gateway wants, with places in braces
        "SMS_HEADERS": os.environ.get("PORTAL_SMS_HEADERS") or SMS_HEADERS,
        "SMS_ACCOUNT": os.environ.get("PORTAL_SMS_ACCOUNT", ""),
        "SMS_SECRET": os.environ.get("PORTAL_SMS_SECRET", ""),
        "SMS_SIGN": os.environ.get("PORTAL_SMS_SIGN", "none"),  # md5, sha256, sm3, hmac-sha256, hmac-sm3
        "SMS_SIGN_TEXT": os.environ.get("PORTAL_SMS_SIGN_TEXT") or "{account}{timestamp}{phone}{text}{secret}",
        "SMS_SUCCESS": os.environ.get("PORTAL_SMS_SUCCESS", ""),  # what an answer says when it is taken: code=0
        "SMS_RECEIPT": os.environ.get("PORTAL_SMS_RECEIPT", ""),  # where an answer holds the receipt: data.id
        "SMS_LOCAL": _flag("PORTAL_SMS_LOCAL", False),  # the gateway runs on this machine
        # webhooks go to these hosts only, and never to this machine unless that is said
        "WEBHOOK_HOSTS": [one for one in os.environ.get("PORTAL_WEBHOOK_HOSTS", "").split(",") if one.strip()],
        "WEBHOOK_LOCAL": _flag("PORTAL_WEBHOOK_LOCAL", False),
        "OUTBOX_LEASE": timedelta(seconds=int(os.environ.get("PORTAL_OUTBOX_LEASE_SECONDS", "300"))),
        "CLOCK": None,
        "TESTING": False,
    }
    hosts = os.environ.get("PORTAL_TRUSTED_HOSTS")
    if hosts:
        conf["TRUSTED_HOSTS"] = [host.strip() for host in hosts.split(",")]
    if not conf["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        conf["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "pool_pre_ping": True,
            "pool_size": 5,
            "max_overflow": 10,
            # translating a report's statements into machine code takes PostgreSQL longer than running them
            "connect_args": {"options": "-c jit=off"},
        }
    conf.update(given)
    conf["PUBLIC_URL"] = conf["PUBLIC_URL"] or f"http://{conf['HOST']}:{conf['PORT']}"
    conf["FAB_SAFE_REDIRECT_HOSTS"] = list(conf["TRUSTED_HOSTS"] or [])
    return conf
