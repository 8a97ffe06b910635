"""What a Nautobot needs on top of its own defaults: everything else is an environment variable of its own."""

import os

from nautobot.core.settings import *  # noqa: F403

STATIC_ROOT = "/opt/static"
SECRET_KEY = os.environ["NAUTOBOT_SECRET_KEY"]
CACHES["default"]["LOCATION"] = os.environ.get("NAUTOBOT_CACHE_URL", CACHES["default"]["LOCATION"])  # noqa: F405
CSRF_TRUSTED_ORIGINS = os.environ.get("NAUTOBOT_CSRF_TRUSTED_ORIGINS", "").split()
PROMETHEUS_METRICS_ENABLED = True
