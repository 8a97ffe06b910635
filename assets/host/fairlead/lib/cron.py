"""Entries of cron as declared: {name, schedule, user, command: argv}; a file of /etc/cron.d each (crontab(5))."""

import shlex

FOLDER = "/etc/cron.d"


def files_of(entries):
    return [{"path": f"{FOLDER}/fairlead-{entry['name']}", "mode": "0644", "content": line(entry)} for entry in entries]


def line(entry):
    """cron hands the rest of the line to a shell, and makes a new line of each `%`."""
    command = " ".join(map(shlex.quote, entry["command"])).replace("%", "\\%")
    return f"{entry['schedule']} {entry['user']} {command}\n"
