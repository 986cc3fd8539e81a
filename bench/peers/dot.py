"""A small but ordinary django-oauth-toolkit (WSGI for gunicorn), on an SQLite file.

Set up once with `python dot.py`; it then prints what the client is. All in its favour: no debug, no middleware, no
sessions, WAL, and a client secret that is not stretched (`hash_client_secret=False`: hashing it costs 0.3 s a request).
"""
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings

HERE = Path(os.environ["BENCH_DIR"])
settings.configure(
    SECRET_KEY="only for a benchmark on loopback",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="dot",
    MIDDLEWARE=[],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HERE / "dot.db",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    LOGGING_CONFIG=None,
    OAUTH2_PROVIDER={"SCOPES": {"read": "Read", "write": "Write", "introspection": "Introspect"}},
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
application = get_wsgi_application()

CLIENT, SECRET, TOKEN = "bench", "s" * 40, "t" * 30


def set_up():
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone
    from oauth2_provider.models import AccessToken, Application

    call_command("migrate", verbosity=0)
    person = User.objects.create(username="asha")
    application = Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        hash_client_secret=False,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        user=person,
        name="Bench",
    )
    later = timezone.now() + timedelta(hours=10)
    AccessToken.objects.create(
        user=person, application=application, token=TOKEN, expires=later, scope="read write"
    )
    json.dump({"client_id": CLIENT, "client_secret": SECRET, "token": TOKEN}, sys.stdout)


if __name__ == "__main__":
    sys.modules["dot"] = sys.modules["__main__"]
    set_up()
