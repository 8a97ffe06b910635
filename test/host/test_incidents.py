import json
import re
import time
import unittest

from support import Case

from fairlead import dashboards, incident
from fairlead.lib import incidents, public_page, uptime
from fairlead.lib.errors import HostError
from fairlead.lib.pages import status

DAY = 86400
NOW = 20000 * DAY + 3600


class Kept(Case):
    def setUp(self):
        super().setUp()
        self.manifests(incidents, uptime)
        self.replace(incidents, "LOCK", self.path("lock"))
        self.now = NOW
        self.replace(time, "time", lambda: self.now)


class Incidents(Kept):
    def setUp(self):
        super().setUp()
        self.drawn = 0
        self.replace(dashboards, "draw_status", self.draw)

    def draw(self):
        self.drawn += 1
        return True

    def test_begin_go_on_and_end_and_the_page_has_it_at_once(self):
        one = incident.begin({"title": "Payments fail", "apps": ["shop"], "text": "We look."})
        self.assertEqual((one["page"], one["incident"]["id"]), (True, "2024-10-04-1"))
        self.now += 60
        incident.note({"id": "2024-10-04-1", "text": "The provider is down."})
        closed = incident.close({"id": "2024-10-04-1", "text": "It answers again."})["incident"]
        self.assertEqual([note["text"] for note in closed["notes"]], ["We look.", "The provider is down.", "It answers again."])
        self.assertEqual((closed["opened"], closed["closed"]), (NOW, NOW + 60))
        self.assertEqual((self.drawn, incident.look({})["incidents"]), (3, [closed]))

    def test_have_a_number_of_their_own_within_a_day_and_the_newest_is_first(self):
        for title in ("a", "b"):
            incident.begin({"title": title, "apps": []})
            self.now += 1
        self.assertEqual([one["id"] for one in incidents.known()], ["2024-10-04-2", "2024-10-04-1"])

    def test_that_are_unknown_or_over_are_refused(self):
        self.assertIn("no incident x; known: none", self.refused(incident.close, {"id": "x"}))
        incident.begin({"title": "a", "apps": []})
        incident.close({"id": "2024-10-04-1"})
        self.assertIn("closed already", self.refused(incident.close, {"id": "2024-10-04-1"}))

    def test_go_after_90_days_unless_they_are_open(self):
        incident.begin({"title": "old", "apps": []})
        incident.close({"id": "2024-10-04-1"})
        incident.begin({"title": "open", "apps": []})
        self.now += 91 * DAY
        incident.begin({"title": "new", "apps": []})
        self.assertEqual([one["title"] for one in incidents.known()], ["new", "open"])

    def test_follow_alerts_and_leave_alone_what_a_person_began(self):
        incident.begin({"title": "by hand", "apps": ["shop"]})
        for firing, wanted in (({"shop": "Shop is disturbed"}, 2), ({"shop": "Shop is disturbed"}, 2), ({}, 1), ({}, 1)):
            with incidents.changed() as found:
                incidents.follow(found, firing)
            self.assertEqual(len([one for one in incidents.known() if one["closed"] is None]), wanted)
        self.assertEqual({one["by"]: one["closed"] is None for one in incidents.known()}, {"hand": True, "monitoring": False})


class Fake:
    """Prometheus with the same answer to all that is asked of a day."""

    def __init__(self, up=1.0, requests=10.0, errors=0.0, alerts=()):
        self.values, self.found, self.asked = {"UP": up, "REQ": requests, "ERR": errors}, list(alerts), []

    def ask(self, _path, query, time):
        self.asked.append((query, time))
        name = re.search(r"UP|REQ|ERR", query).group()
        return {"result": [{"metric": {"app": "shop"}, "value": [time, str(self.values[name])]}]}

    def alerts(self):
        return self.found


QUERIES = {"up": "UP", "requests": "REQ", "errors": "ERR"}


class Uptime(Kept):
    def test_notes_each_day_once_it_is_over_and_today_again_and_again(self):
        server = Fake()
        days = uptime.noted(server, QUERIES, NOW)
        self.assertEqual(len(days), uptime.ASKED)
        self.assertEqual(days["20000"], {"over": False, "apps": {"shop": {"up": 1.0, "requests": 36000.0, "errors": 0.0}}})
        self.assertEqual(days["19999"]["apps"]["shop"]["requests"], 864000)
        self.assertIn(("avg by (app) (avg_over_time(UP[86400s]))", 20000 * DAY), server.asked)
        again = Fake(up=0.5)
        uptime.noted(again, QUERIES, NOW + 60)
        self.assertEqual({time for _, time in again.asked}, {NOW + 60})
        self.assertEqual((uptime.known()["20000"]["apps"]["shop"]["up"], uptime.known()["19999"]["apps"]["shop"]["up"]), (0.5, 1.0))

    def test_remembers_what_prometheus_has_forgotten_for_90_days(self):
        uptime.noted(Fake(), QUERIES, NOW)
        later = uptime.noted(Fake(), QUERIES, NOW + 80 * DAY)
        self.assertIn("19995", later)
        self.assertNotIn("19995", uptime.noted(Fake(), QUERIES, NOW + 86 * DAY))
        self.assertEqual(len(uptime.of_app(later, "shop", 20080)), uptime.SHOWN)

    def test_is_what_was_noted_where_prometheus_does_not_answer(self):
        def broken():
            raise HostError("doesn't answer")

        self.assertEqual(uptime.present(broken, QUERIES, NOW), {})
        noted = uptime.noted(Fake(), QUERIES, NOW)
        self.assertEqual(uptime.present(broken, QUERIES, NOW), noted)

    def test_sums_up_by_time_and_by_requests(self):
        days = [(1, {"up": 1, "requests": 90, "errors": 0}), (2, None), (3, {"up": 0.5, "requests": 10, "errors": 1})]
        self.assertEqual(uptime.totals(days), (0.75, 0.99))
        self.assertEqual(uptime.totals([(1, None)]), (None, None))


def service(state="up", *days):
    return {"title": "Shop", "app": "shop", "state": state, "objective": 0.999, "days": list(days)}


class Page(Kept):
    def colours(self, text):
        return re.findall(r'<span class="(\w*)" title', text)

    def test_shows_each_day_by_the_worse_of_time_and_requests(self):
        days = [
            (20000, None),
            (20001, {"up": 1, "requests": 1000, "errors": 1}),
            (20002, {"up": 1, "requests": 1000, "errors": 2}),
            (20003, {"up": 0.9, "requests": 1000, "errors": 0}),
            (20004, {"up": 1}),
        ]
        text = status.service(service("up", *days))
        self.assertEqual(self.colours(text), ["", "green", "yellow", "red", "green"])
        self.assertIn('aria-label="2 days without a disturbance, 1 with some, 1 with a longer one, 1 of which nothing is known"', text)
        # The same as a table.
        self.assertEqual(re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td>', text), [("07 Oct 2024", "90 % available"), ("06 Oct 2024", "99.80 % available")])

    def test_says_the_worst_first(self):
        for states, words in ((("up", "up"), "All services are available."), (("up", "disturbed"), "Some services are disturbed."), (("disturbed", "down"), "Some services are not available.")):
            text = status.status_page("shop.test", [service(state) for state in states], [], NOW)
            self.assertIn(f"<h2>{words}</h2>", text)

    def test_tells_open_incidents_above_and_closed_ones_below(self):
        one = {"id": "a", "title": "Slow <now>", "apps": ["shop"], "by": "hand", "opened": NOW, "closed": None, "notes": [{"at": NOW, "text": "We look & see."}]}
        past = {**one, "id": "b", "title": "Was slow", "closed": NOW + 60}
        text = status.status_page("shop.test", [service()], [one, past], NOW)
        self.assertLess(text.index("Slow &lt;now&gt; (Shop)"), text.index("<h2>Services</h2>"))
        self.assertGreater(text.index("Was slow"), text.index("<h2>Earlier incidents</h2>"))
        self.assertIn("We look &amp; see.", text)
        self.assertIn("None in the last 90 days.", status.status_page("shop.test", [service()], [], NOW))

    def test_needs_nothing_from_elsewhere(self):
        text = status.status_page("shop.test", [service("up", (20000, {"up": 1}))], [], NOW)
        self.assertIsNone(re.search(r"<script|https?://|src=|@import|url\(", text))


class Public(Kept):
    def setUp(self):
        super().setUp()
        self.replace(public_page, "replace", lambda path, content, _entry: self.write(path, content.decode()))
        self.servers = [{"app": "shop", "weight": 100, "state": "up"}]
        self.replace(public_page, "runtime_of", lambda socket: socket)
        self.replace(public_page, "counted", lambda _socket, _runtime: self.servers)

    def draw(self, prometheus=Fake):
        spec = {"folder": self.path("status"), "title": "shop.test", "socket": "s", "queries": QUERIES, "services": [{"app": "shop", "title": "Shop", "objective": 0.999}]}
        public_page.draw(spec, prometheus)
        return self.read(self.path("status", "index.html"))

    def test_knows_how_services_are_without_prometheus(self):
        def broken():
            raise HostError("doesn't answer")

        self.assertIn("All services are available.", self.draw(broken))
        self.servers[0]["state"] = "down"
        self.assertIn("not available", self.draw(broken))
        self.servers = [{"app": "shop", "weight": 0, "state": "up"}]
        self.assertIn("not available", self.draw(broken))

    def test_shows_an_outage_where_the_switch_does_not_answer(self):
        def broken(*_args):
            raise HostError("HAProxy does not answer")

        self.replace(public_page, "counted", broken)
        self.assertIn("Some services are not available.", self.draw())

    def test_tells_of_critical_alerts_about_services_in_its_own_words(self):
        def alert(**more):
            return {"name": "ErrorBudgetBurns", "severity": "critical", "state": "firing", "app": "shop", "summary": "secret details", **more}

        for other in (alert(severity="warning"), alert(state="pending"), alert(app="internal"), alert(app=None)):
            self.assertIn("All services are available.", self.draw(lambda other=other: Fake(alerts=[other])))
        text = self.draw(lambda: Fake(alerts=[alert()]))
        self.assertIn("Shop is disturbed (Shop)", text)
        self.assertIn("Some services are disturbed.", text)
        self.assertNotIn("secret", text)
        # It ends by itself, but not because Prometheus is silent.
        self.replace(Fake, "alerts", lambda self: (_ for _ in ()).throw(HostError("silent")))
        self.assertIn("Some services are disturbed.", self.draw())
        self.replace(Fake, "alerts", lambda self: [])
        self.assertIn("All services are available.", self.draw())

    def test_is_none_where_none_is_declared(self):
        self.replace(dashboards, "SETTINGS", self.path("dashboards.json"))
        self.assertFalse(dashboards.draw_status())
        self.write(self.path("dashboards.json"), json.dumps({"container": "p", "folder": "f", "dashboards": []}))
        self.assertFalse(dashboards.draw_status())


if __name__ == "__main__":
    unittest.main()
