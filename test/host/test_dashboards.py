import json
import os
import re
import time
import unittest
import xml.dom.minidom

from support import Case

from fairlead import dashboards
from fairlead.lib.errors import HostError
from fairlead.lib.pages import asking, chart, numbers, page, parts

THRESHOLDS = [{"from": 0, "colour": "green"}, {"from": 10, "colour": "yellow"}, {"from": 50, "colour": "red"}]


def panel(identity="requests", **more):
    return {
        "id": identity,
        "title": "Requests <now>",
        "description": "A second.",
        "kind": "line",
        "unit": "rate",
        "queries": [{"expr": "requests", "legend": "{{app}}"}],
        "thresholds": [],
        "width": 8,
        **more,
    }


def board(uid="shop-overview", *panels, **more):
    return {
        "uid": uid,
        "title": f"shop - {uid}",
        "description": "First.",
        "tags": [],
        "range": 3600,
        "refresh": 5,
        "sections": [{"title": "Now", "panels": list(panels or [panel()])}],
        **more,
    }


def series(name, *values, step=30):
    return {"name": name, "points": [(1000.0 + index * step, value) for index, value in enumerate(values) if value is not None]}


SPAN = (1000, 1120, 30)


class Numbers(Case):
    def test_are_short_and_keep_what_tells_the_difference(self):
        for unit, pairs in {
            "count": ((0, "0"), (3, "3"), (0.024, "0.024"), (1.5, "1.5"), (14.24, "14.2"), (1234, "1,234"), (45600, "45.6 k"), (float("nan"), "–"), (float("inf"), "∞")),
            "rate": ((29.5, "29.5/s"), (0, "0/s")),
            "seconds": ((0, "0 s"), (0.00002, "20 µs"), (0.142, "142 ms"), (2.5, "2.5 s"), (90, "90 s"), (150, "2.5 min"), (7200, "2 h"), (61 * 86400, "61 d"), (-300, "-5 min")),
            "bytes": ((512, "512 B"), (1536, "1.5 KB"), (300 * 1024**2, "300 MB")),
            "byteRate": ((2048, "2.0 KB/s"),),
            "share": ((1, "100 %"), (0.9995, "99.950 %"), (0.99999999, "99.999 %"), (0.5, "50 %"), (0.0006, "0.060 %"), (0, "0 %")),
        }.items():
            for value, words in pairs:
                self.assertEqual(numbers.said(value, unit), words, (unit, value))

    def test_make_scales_of_round_steps_that_hold_every_value(self):
        for low, high, unit, wanted in (
            (0, 37, "rate", [0, 10, 20, 30, 40]),
            (0, 0.04, "rate", [0, 0.01, 0.02, 0.03, 0.04]),
            (0, 300 * 1024**2, "bytes", [0, 128 * 1024**2, 256 * 1024**2, 384 * 1024**2]),
            (0, 5000, "seconds", [0, 1800, 3600, 5400]),
            (-0.4, 0.9, "share", [-0.5, 0, 0.5, 1]),
        ):
            found = numbers.ticks(low, high, unit)
            self.assertEqual([round(one, 9) for one in found], wanted)
            self.assertTrue(found[0] <= low and found[-1] >= high)


class Picture(Case):
    def drawn(self, *all_series, **more):
        return xml.dom.minidom.parseString(chart.chart(panel(**more), list(all_series), SPAN, [(1060, "Deploys: shop-2"), (5, "long ago")]))

    def paths(self, document, name):
        return [one.getAttribute("d") for one in document.getElementsByTagName("path") if name in one.getAttribute("class").split()]

    def test_is_well_formed_and_tells_what_it_shows(self):
        document = self.drawn(series("api & <b>", 1, 2, 3))
        words = {one.getAttribute("id"): one.firstChild.data for name in ("title", "desc") for one in document.getElementsByTagName(name) if one.getAttribute("id")}
        self.assertEqual(words, {"requests-title": "Requests <now>", "requests-desc": "api & <b>: 3/s at the end, between 1/s and 3/s."})
        self.assertEqual(document.documentElement.getAttribute("aria-labelledby"), "requests-title requests-desc")

    def test_puts_each_value_at_its_height(self):
        [line] = self.paths(self.drawn(series("a", 0, 4)), "line")
        top, bottom = chart.TOP, chart.HEIGHT - chart.BOTTOM
        self.assertEqual(line, f"M{chart.LEFT}.0 {bottom}.0L{chart.LEFT + (8 * chart.COLUMN - chart.LEFT - chart.RIGHT) / 4:.1f} {top}.0")

    def test_leaves_a_gap_where_nothing_was_measured(self):
        self.assertEqual(len(self.paths(self.drawn(series("a", 1, 2, None, 4, 5)), "line")), 2)
        self.assertEqual(len(self.drawn(series("a", 1, 2, None, 4)).getElementsByTagName("circle")), 1)

    def test_marks_deploys_of_its_time_and_draws_thresholds_inside_the_scale(self):
        document = self.drawn(series("a", 20, 30), thresholds=THRESHOLDS)
        self.assertEqual(len(self.paths(document, "mark")), 1)
        # 50 is above the scale, which ends at 30; the first one is its beginning.
        self.assertEqual((len(self.paths(document, "yellow")), len(self.paths(document, "red")), len(self.paths(document, "green"))), (1, 0, 0))
        self.assertEqual(len(self.paths(self.drawn(series("a", 20, 30), thresholds=THRESHOLDS, max=100), "red")), 1)

    def test_stacks_areas_on_each_other(self):
        found = chart.stacked([series("a", 1, 2), series("b", 10, 20)])
        self.assertEqual([[value for _, value in one["points"]] for one in found], [[1, 2], [11, 22]])
        self.assertEqual(len(self.paths(self.drawn(series("a", 1, 2), series("b", 3, 4), kind="area"), "fill")), 2)

    def test_draws_no_more_lines_than_can_be_told_apart(self):
        many = [series(f"n{index}", 1, 2) for index in range(20)]
        self.assertEqual(len(self.paths(self.drawn(*many), "line")), chart.MOST)
        self.assertIn("and 8 more", parts.legend(panel(), many))


class Parts(Case):
    def test_say_what_a_colour_means_without_the_colour(self):
        for value, colour, meaning in ((3, "green", "good"), (10, "yellow", "worth a look"), (80, "red", "bad"), (-1, "green", "good")):
            text = parts.stat(panel(thresholds=THRESHOLDS), [series("a", value)])
            self.assertIn(f'<b class="{colour}">', text)
            self.assertIn(f'aria-label="{meaning}"', text)
        self.assertNotIn("aria-label", parts.stat(panel(), [series("a", 3)]))

    def test_say_where_there_is_nothing(self):
        for text in (parts.stat(panel(), []), parts.table(panel(), []), parts.legend(panel(), [])):
            self.assertIn("no data", text)

    def test_have_all_figures_as_a_table_for_who_cannot_see_the_picture(self):
        text = parts.figures(panel(), [series("a", 1, 2, 6)])
        self.assertIn('<th scope="row">a</th><td>6/s</td><td>1/s</td><td>3/s</td><td>6/s</td>', text)


class Fake:
    """Prometheus with one answer for each expression; what it doesn't know it refuses."""

    def __init__(self, **answers):
        self.answers, self.asked, self.silent = answers, [], False

    def now(self, _query):
        if self.silent:
            raise HostError("doesn't answer")
        return []

    def ask(self, path, query, **times):
        self.asked.append((path, query, times))
        if query not in self.answers:
            raise HostError(f"prometheus refused {query}")
        rows = self.answers[query]
        if path == "query":
            return {"resultType": "vector", "result": [{"metric": labels, "value": values[-1]} for labels, values in rows]}
        return {"resultType": "matrix", "result": [{"metric": labels, "values": values} for labels, values in rows]}


class Questions(Case):
    def test_are_ranges_for_lines_and_moments_for_the_rest(self):
        server = Fake(requests=[({"app": "api"}, [[1000, "1"], [1030, "NaN"], [1060, "3"]])])
        found = asking.results_of(board("x", panel(), panel("now", kind="stat")), server, SPAN)
        self.assertEqual(found["requests"], [{"name": "api", "points": [(1000, 1), (1060, 3)]}])
        self.assertEqual(found["now"], [{"name": "api", "points": [(1060, 3)]}])
        self.assertIn(("query_range", "requests", {"start": 1000, "end": 1120, "step": 30}), server.asked)
        self.assertIn(("query", "requests", {"time": 1120}), server.asked)

    def test_that_are_refused_say_so_in_their_own_place(self):
        found = asking.results_of(board(), Fake(), SPAN)
        self.assertEqual(found["requests"], {"unseen": "prometheus refused requests"})
        text = page.panel_of(panel(), found["requests"], SPAN, [])
        self.assertIn("not asked: prometheus refused requests", text)

    def test_name_lines_by_their_labels(self):
        self.assertEqual(asking.named("{{app}} {{ code }} objective{{none}}", {"app": "api", "code": "5xx"}), "api 5xx objective")

    def test_find_each_deploy_once(self):
        server = Fake(released=[({"release": "a"}, [[1000, "900"], [1030, "900"]]), ({"release": "b"}, [[1030, "1010"]])])
        marks = asking.marks_of({"title": "Deploys", "expr": "released", "legend": "{{release}}"}, server, SPAN)
        self.assertEqual(marks, [(900, "Deploys: a"), (1010, "Deploys: b")])
        self.assertEqual(asking.marks_of(None, server, SPAN), [])


class Pages(Case):
    def setUp(self):
        super().setUp()
        self.server = Fake(requests=[({"app": "api"}, [[1000, "1"]])])
        self.replace(dashboards, "SETTINGS", self.path("dashboards.json"))
        self.replace(dashboards, "Prometheus", lambda container: self.server)
        self.replace(dashboards, "replace", lambda path, content, _entry: self.write(path, content.decode()))
        self.declare(board("shop-overview"), board("shop-host"))

    def declare(self, *boards):
        self.write(self.path("dashboards.json"), json.dumps({"container": "shop_prometheus", "folder": self.path("pages"), "dashboards": list(boards)}))

    def names(self):
        return sorted(os.listdir(self.path("pages")))

    def test_are_drawn_whole_and_lead_to_each_other(self):
        self.assertEqual(len(dashboards.draw({})["drawn"]), 6)
        self.assertEqual(
            self.names(),
            sorted(["index.html", *(f"shop-{part}{end}.html" for part in ("overview", "host") for end in ("", ".day", ".15-days"))]),
        )
        text = self.read(self.path("pages", "shop-host.html"))
        self.assertEqual(re.findall(r'href="([^"]+)" aria-current="page"', text), ["shop-host.html", "shop-host.html"])
        linked = set(re.findall(r'href="([^"]+)"', text))
        self.assertTrue(linked <= set(self.names()), linked)
        self.assertEqual(self.read(self.path("pages", "index.html")), self.read(self.path("pages", "shop-overview.html")))

    def test_need_nothing_from_elsewhere(self):
        dashboards.draw({})
        text = self.read(self.path("pages", "index.html"))
        self.assertIsNone(re.search(r"<script|https?://|src=|@import|url\(| on[a-z]+=", text))
        self.assertIn('<html lang="en">', text)
        self.assertIn("prefers-color-scheme: dark", text)
        # Pages are not drawn every 5 s.
        self.assertIn('http-equiv="refresh" content="60"', text)

    def test_are_drawn_again_when_they_are_due(self):
        os.utime(self.path("dashboards.json"), (1000, 1000))
        dashboards.draw({})
        self.assertEqual(dashboards.draw({})["drawn"], [])
        for name in self.names():
            os.utime(self.path("pages", name), (time.time() - 100, time.time() - 100))
        self.assertEqual(dashboards.draw({})["drawn"], ["shop-overview.html"])
        for name in self.names():
            os.utime(self.path("pages", name), (time.time() - 400, time.time() - 400))
        self.assertEqual(dashboards.draw({})["drawn"], ["shop-overview.html", "shop-host.html"])

    def test_are_drawn_again_when_something_else_is_declared(self):
        dashboards.draw({})
        later = time.time() + 5
        os.utime(self.path("dashboards.json"), (later, later))
        self.assertEqual(len(dashboards.draw({})["drawn"]), 6)

    def test_stay_as_they_were_while_prometheus_does_not_answer(self):
        dashboards.draw({})
        before = self.read(self.path("pages", "index.html"))
        self.server.silent = True
        os.utime(self.path("dashboards.json"), (time.time() + 5, time.time() + 5))
        self.assertIn("doesn't answer", self.refused(dashboards.draw, {}))
        self.assertEqual(self.read(self.path("pages", "index.html")), before)

    def test_are_not_drawn_where_nobody_sees_them_but_shown_when_asked_for(self):
        self.write(self.path("dashboards.json"), json.dumps({"container": "shop_prometheus", "dashboards": [board()]}))
        self.assertEqual(dashboards.draw({}), {"drawn": []})
        self.assertIn("<svg", dashboards.show({})["html"])

    def test_of_what_is_no_longer_declared_go_and_others_stay(self):
        dashboards.draw({})
        self.write(self.path("pages", "robots.txt"), "")
        self.declare(board("shop-overview"))
        dashboards.draw({})
        self.assertEqual(self.names(), sorted(["index.html", "robots.txt", "shop-overview.html", "shop-overview.day.html", "shop-overview.15-days.html"]))

    def test_are_shown_one_at_a_time_by_their_address_or_its_end(self):
        for name in ("shop-host", "host"):
            self.assertEqual(dashboards.show({"page": name})["title"], "shop - shop-host")
        self.declare(board("my-shop-overview"), board("my-shop-app-host"), board("my-shop-host"))
        for name in ("my-shop-host", "host", "app-host"):
            self.assertEqual(dashboards.show({"page": name})["title"].endswith("app-host"), name == "app-host")
        self.declare(board("shop-overview"), board("shop-host"))
        self.assertEqual(dashboards.show({})["title"], "shop - shop-overview")
        self.assertIn('aria-current="page">last day', dashboards.show({"view": "last day"})["html"])
        self.assertIn("known: shop-overview, shop-host", self.refused(dashboards.show, {"page": "nothing"}))

    def test_are_none_where_the_stack_declares_none(self):
        os.remove(self.path("dashboards.json"))
        self.assertIn("draws no dashboards", self.refused(dashboards.draw, {}))


if __name__ == "__main__":
    unittest.main()
