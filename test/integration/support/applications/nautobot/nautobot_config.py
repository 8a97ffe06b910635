"""What a Nautobot needs on top of its own defaults: everything else is an environment variable of its own."""

import os

from nautobot.core import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})

STATIC_ROOT = "/opt/static"
SECRET_KEY = os.environ["NAUTOBOT_SECRET_KEY"]
cache = settings.CACHES["default"]
cache["LOCATION"] = os.environ.get("NAUTOBOT_CACHE_URL", cache["LOCATION"])
CSRF_TRUSTED_ORIGINS = os.environ.get("NAUTOBOT_CSRF_TRUSTED_ORIGINS", "").split()
PROMETHEUS_METRICS_ENABLED = True
