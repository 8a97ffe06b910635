"""Files with the users that Nginx's configuration asks for, by `auth_basic_user_file`. Without one, it answers everybody with an error."""

import os
import re


def asked_for(texts):
    """Names of the files that texts of a configuration ask for."""
    return {os.path.basename(path) for text in texts for path in re.findall(r"\bauth_basic_user_file\s+([^\s;]+);", text)}


def drop(folder, kept):
    """Removes the files that are not of {kept}."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name not in kept:
            os.remove(os.path.join(folder, name))
