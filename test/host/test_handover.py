from types import SimpleNamespace

from support import Case, ended

from fairlead import handover as noun
from fairlead import traffic, workers
from fairlead.lib import handover
from fairlead.lib.errors import HostError


class Engine:
    """Containers by name: (process, whether it has successors, whether it runs). Keeps what was asked of it."""

    def __init__(self, containers, failing=()):
        self.containers, self.failing, self.asked, self.requests = {name: list(one) for name, one in containers.items()}, failing, [], {}

    def __call__(self, argv, **_options):
        words = argv[1:]
        if words[0] == "ps":
            rows = [f"{name}\t{process}\t{'true' if succeeds else ''}" for name, (process, succeeds, runs) in self.containers.items() if runs]
            return ended("\n".join(rows))
        name = words[-1]
        self.asked.append(f"{words[0]} {name}")
        self.containers[name][2] = words[0] == "start"
        return ended()

    def pass_gate(self, names, _within, _pids, http=None):
        for name in names:
            self.requests[name] = http
            self(["docker", "start", name])
            if name in self.failing:
                raise HostError(f"{name} keeps stopping")

    def runs(self):
        return sorted(name for name, (_process, _succeeds, runs) in self.containers.items() if runs)


def process(name, release, succeeds=True):
    return {"name": name, "release": release, "containers": [f"{release}-{name}-1"], "pids": 100, "within": 5, "succeeds": succeeds}


def spec(*processes):
    return {"app": "shop", "handover": {"system": "try", "processes": list(processes)}}


class OnEngine(Case):
    def engine(self, containers, failing=()):
        engine = Engine(containers, failing)
        for module in (handover, workers):
            self.replace(module, "run", engine)
            self.replace(module, "pass_gate", engine.pass_gate)
        self.replace(handover, "stand_again", lambda names, *gate: engine.pass_gate([name for name in names if not engine.containers[name][2]], *gate))
        self.replace(handover, "is_running", lambda name: engine.containers[name][2])
        self.replace(handover, "inspect", lambda name: {"Config": {"StopTimeout": 7}, "State": {"Status": "running" if engine.containers[name][2] else "exited"}})
        self.replace(handover, "limit_differs", lambda name, pids: iter(()))
        return engine


class Handover(OnEngine):
    """Processes that never run twice."""

    def test_the_old_one_stops_before_its_successor_starts(self):
        engine = self.engine({"old-cron-1": ("cron", True, True), "new-cron-1": ("cron", True, False), "old-web-1": ("", False, True)})
        noun.apply(spec(process("cron", "new")))
        self.assertEqual(engine.asked, ["stop old-cron-1", "start new-cron-1"])

    def test_is_asked_by_the_server_where_its_image_has_nothing_to_run_a_check_with(self):
        engine = self.engine({"old-web-1": ("web", True, True), "new-web-1": ("web", True, False), "new-cron-1": ("cron", True, False)})
        request = {"port": 80, "path": "/health"}
        noun.apply(spec({**process("web", "new"), "http": request}, process("cron", "new")))
        self.assertEqual(engine.requests, {"new-web-1": request, "new-cron-1": None})

    def test_one_that_runs_already_is_only_asked_whether_it_is_well(self):
        engine = self.engine({"new-cron-1": ("cron", True, True)})
        noun.apply(spec(process("cron", "new")))
        self.assertEqual(engine.runs(), ["new-cron-1"])

    def test_one_of_another_name_that_is_no_longer_declared_stops_too(self):
        containers = {"old-clock-1": ("clock", True, True), "old-job-1": ("job", False, True), "new-cron-1": ("cron", True, False), "new-job-1": ("job", False, True)}
        engine = self.engine(containers)
        noun.apply(spec(process("cron", "new"), process("job", "new", succeeds=False)))
        self.assertEqual(engine.runs(), ["new-cron-1", "new-job-1", "old-job-1"])

    def test_a_successor_that_fails_is_stopped_before_the_old_one_comes_back(self):
        containers = {"old-cron-1": ("cron", True, True), "new-cron-1": ("cron", True, False), "new-job-1": ("job", False, True)}
        engine = self.engine(containers, failing=["new-cron-1"])
        words = self.refused(noun.apply, spec(process("cron", "new"), process("job", "new", succeeds=False)))
        self.assertEqual(engine.asked[2:], ["stop new-cron-1", "stop new-job-1", "start old-cron-1"])
        self.assertIn("new: the process cron doesn't pass its gate.\nnew-cron-1 keeps stopping", words)
        self.assertIn("Runs again: old-cron-1.", words)

    def test_comes_back_too_when_the_traffic_does_not_move(self):
        engine = self.engine({"old-cron-1": ("cron", True, True), "new-cron-1": ("cron", True, False)})

        def refuse(_spec):
            raise HostError("404")

        self.replace(traffic, "move", refuse)
        stopped = []
        self.replace(traffic, "stop_idle", lambda names, socket, app: stopped.extend(names))
        releases = [{"name": "new", "weight": 100, "containers": ["new-1"]}]
        words = self.refused(traffic.apply, {**spec(process("cron", "new")), "socket": "s", "within": 5, "exclusive": True, "releases": releases})
        self.assertEqual((engine.runs(), stopped), (["old-cron-1"], ["new-1"]))
        self.assertIn("404", words)

    def test_what_an_earlier_try_stopped_runs_again(self):
        engine = self.engine({"new-cron-1": ("cron", True, False), "new-job-1": ("job", False, False), "new-1": ("", False, False)})
        self.replace(traffic, "move", lambda spec: {})
        asked = []

        def stand_again(names, within, http=None):
            asked.append(http)
            engine.pass_gate(names, within, None)

        self.replace(traffic, "stand_again", stand_again)
        releases = [{"name": "new", "weight": 100, "containers": ["new-1"]}]
        given = {**spec(process("cron", "new"), process("job", "new", succeeds=False)), "socket": "s", "within": 5, "releases": releases}
        traffic.apply(given)
        self.assertEqual(engine.runs(), ["new-1", "new-cron-1", "new-job-1"])
        # An image without a shell can't run its own check.
        traffic.apply({**given, "port": 80, "health": "/ready", "status": "204"})
        self.assertEqual(asked, [None, {"port": 80, "path": "/ready", "status": "204"}])

    def test_drift_is_what_stands_still_and_what_runs_beside_it(self):
        self.engine({"new-cron-1": ("cron", True, False), "old-cron-1": ("cron", True, True)})
        found = [(one["thing"], one["declared"], one["found"]) for one in noun.look(spec(process("cron", "new")))]
        self.assertEqual(found, [("container new-cron-1", "running", "exited"), ("container old-cron-1", None, "running")])


class Workers(OnEngine):
    """Processes of a release that wait for no predecessor."""

    def apply(self, containers, serving):
        engine = self.engine(containers, failing=["new-job-1"])
        self.replace(workers, "runtime_of", lambda socket: SimpleNamespace(servers=lambda app: {"s1": {"host": serving}}))
        words = self.refused(workers.apply, {
            "app": "shop", "release": "new", "system": "try", "web": ["new-1"], "switch": {"socket": "s"},
            "processes": [process("job", "new"), process("mail", "new")],
        })
        return engine, words

    CONTAINERS = {"new-1": ("", False, True), "new-job-1": ("job", False, False), "new-mail-1": ("mail", False, True)}

    def test_a_release_that_fails_stops_with_all_of_its_processes(self):
        engine, words = self.apply(self.CONTAINERS, serving="old-1")
        self.assertEqual(engine.runs(), [])
        self.assertIn("Stopped: new-1, new-job-1, new-mail-1", words)

    def test_one_that_serves_goes_on(self):
        engine, _words = self.apply(self.CONTAINERS, serving="new-1")
        self.assertEqual(engine.runs(), ["new-1", "new-job-1", "new-mail-1"])
