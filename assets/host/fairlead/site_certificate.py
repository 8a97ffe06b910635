"""The certificate of a site that has one of its own: as the domain's, in a place of its own, which goes with the setting."""

import os
import shutil

from . import certificate
from .lib import authority, pair
from .lib.certificates import only_one

apply = certificate.apply
look = certificate.look


def remove(spec):
    """The edge shows the domain's certificate for its names again, or doesn't know them; what certbot has stays."""
    own = {**spec, "site": True}
    with only_one():
        for path in (pair.folder(own), os.path.dirname(authority.paths(own)[0])):
            shutil.rmtree(path, ignore_errors=True)
