"""Ways to tell people something. Addresses and passwords are in files: {url} and {password} are their paths."""

import email.message
import json
import smtplib
import ssl
import urllib.request

SECONDS = 15
# Slack and Discord take no longer texts.
SHORT, SHORTEST = 3000, 1800
TLS_PORT = 465


def slack(channel, message):
    body = {"text": f"*{message['title']}*\n```{message['text'][-SHORT:]}```"}
    if "channel" in channel:
        body["channel"] = channel["channel"]
    post(channel, body)


def discord(channel, message):
    post(channel, {"content": f"**{message['title']}**\n```{message['text'][-SHORTEST:]}```"})


def webhook(channel, message):
    """As Alertmanager writes an alert, as far as it fits."""
    labels = {"alertname": "TimerFailed", "severity": "warning", "unit": message["unit"], "cluster": message["system"]}
    annotations = {"summary": message["title"], "description": message["text"][-SHORT:]}
    post(channel, {"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": labels, "annotations": annotations}]})


def post(channel, body):
    with open(channel["url"], encoding="utf-8") as file:
        address = file.read().strip()
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS):
        pass


def mail(channel, message):
    letter = email.message.EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message["title"], channel["from"], ", ".join(channel["to"])
    letter.set_content(message["text"])
    trusted = ssl.create_default_context()
    direct = channel["tls"] and channel["port"] == TLS_PORT
    place = (channel["host"], channel["port"])
    with smtplib.SMTP_SSL(*place, timeout=SECONDS, context=trusted) if direct else smtplib.SMTP(*place, timeout=SECONDS) as client:
        if channel["tls"] and not direct:
            client.starttls(context=trusted)
        if "user" in channel:
            with open(channel["password"], encoding="utf-8") as file:
                client.login(channel["user"], file.read().strip())
        client.send_message(letter)


KINDS = {"slack": slack, "discord": discord, "webhook": webhook, "email": mail}
