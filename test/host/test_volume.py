"""Volumes of applications: made once, kept when they are no longer declared, deleted with the whole stack."""

import json
import os

from support import Case, Programs, ended

from fairlead import volume
from fairlead.lib import going


class Docker(Programs):
    """An engine that knows the volumes of a test."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.volumes = folder, set()

    def __call__(self, argv, **options):
        super().__call__(argv, **options)
        name = argv[-1]
        if argv[2] == "create":
            self.volumes.add(name)
        elif argv[2] == "rm":
            self.volumes.remove(name)
        elif name not in self.volumes:
            return ended(code=1)
        return ended(json.dumps([{"Mountpoint": self.folder}]))


SPEC = {"volume": "shop_web_files", "system": "shop", "app": "web", "mode": "0750", "backup": True}


class Volume(Case):
    def setUp(self):
        super().setUp()
        self.docker = self.replace(volume, "run", Docker(self.folder))
        self.replace(going, "NOTE", self.path("going"))
        self.said = []
        self.replace(volume, "say", self.said.append)

    def test_is_made_once_with_its_owner_and_permissions(self):
        spec = {**SPEC, "owner": f"{os.getuid()}:{os.getgid()}"}
        volume.apply(spec)
        volume.apply(spec)
        created = [line for line in self.docker.lines if " create " in line]
        self.assertEqual(len(created), 1)
        self.assertIn("--label app=shop --label service=web shop_web_files", created[0])
        self.assertEqual(os.stat(self.folder).st_mode & 0o777, 0o750)
        self.assertEqual(list(volume.look(spec)), [])
        os.chmod(self.folder, 0o755)
        self.assertEqual([entry["aspect"] for entry in volume.look(spec)], ["mode"])
        self.assertEqual([entry["aspect"] for entry in volume.look({**spec, "owner": "4242:4242"})], ["mode", "owner"])

    def test_keeps_its_data_when_it_is_no_longer_declared_and_says_how_to_delete_it(self):
        volume.apply(SPEC)
        volume.remove(SPEC)
        self.assertEqual(self.docker.volumes, {"shop_web_files"})
        self.assertIn("docker volume rm shop_web_files", self.said[0])

    def test_goes_with_the_whole_stack_and_stays_in_the_run_after_one_that_was_cut_off(self):
        volume.apply(SPEC)
        going.go()
        going.stay()
        volume.remove(SPEC)
        self.assertEqual(self.docker.volumes, {"shop_web_files"})
        going.go()
        volume.remove(SPEC)
        self.assertEqual(self.docker.volumes, set())
        volume.remove(SPEC)

    def test_is_missed_by_drift(self):
        self.assertEqual([entry["aspect"] for entry in volume.look(SPEC)], ["presence"])
