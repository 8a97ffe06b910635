"""Draws dashboards as the server does: {dashboards, port, now, view} on standard input; prints {uid: HTML}."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "assets", "host"))
sys.dont_write_bytecode = True

from fairlead import dashboards  # noqa: E402
from fairlead.lib.prometheus import Prometheus  # noqa: E402

spec = json.load(sys.stdin)
server = Prometheus(address="127.0.0.1", port=spec["port"])
view = next(one for one in dashboards.VIEWS if one[0] == spec["view"])
json.dump({one["uid"]: dashboards.page(one, view, spec, server, spec["now"]) for one in spec["dashboards"]}, sys.stdout)
