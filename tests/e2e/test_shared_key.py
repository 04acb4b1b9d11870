"""A new shared key by raising its version: one deploy, and the pair is never apart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from appliances import Appliance
from project import PAIR, Project
from waiting import until

if TYPE_CHECKING:
    from gatepair_emulator.lab import Lab

NEW = "canary-new-shared-key-5"


class Peers:
    """Looks, all the time of a block, whether the two are a pair with one primary."""

    def __init__(self, lab: Lab) -> None:
        self._appliances = [Appliance(lab, node) for node in (lab.a, lab.b)]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.looks = 0
        self.apart: list[object] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            rows = [appliance.rows("hanode") for appliance in self._appliances]
            self.looks += 1
            states = [node[0]["state"] for node in rows]
            if [len(node) for node in rows] != [2, 2] or states != ["Primary", "Secondary"]:
                self.apart.append(rows)


def rotates(text: str) -> bool:
    return "shared_key_version" in text


def test_a_raised_version_rotates_the_key_and_the_pair_stays_together(formed: Project) -> None:
    lab = formed.lab
    key = formed.folder / "new-key"
    key.write_text(NEW)
    formed.declare(shared_key_file=str(key), more="shared_key_version = 2")
    planned = formed.plan()
    assert (planned.code, rotates(planned.text)) == (2, True), planned.text
    with Peers(lab) as peers:
        deployed = formed.deploy()
        until(lambda: peers.looks > 3, "it was looked at them often enough")
    assert "1 changed" in deployed
    assert peers.apart == []
    after = formed.plan()
    assert after.code == 0, after.text

    a, b = Appliance(lab, lab.a), Appliance(lab, lab.b)
    a.request("POST", "vlan", {"vlan": {"id": "12"}})
    until(lambda: "12" in {row["id"] for row in b.rows("vlan")}, "the new key carries changes")
    for node in (lab.a, lab.b):
        row = {"nsrpcnode": {"ipaddress": node.host, "password": lab.shared_key}}
        b.request("PUT", "nsrpcnode", row)
    assert formed.run("gatepair", "sync", PAIR, "--yes").code != 0, "the old key is refused"
    formed.must("gatepair", "rotate-key", PAIR, "--key", f"file:{key}", "--yes")
    formed.must("gatepair", "sync", PAIR, "--yes")

    # Another change leaves the key alone: the provider tells the bridge that it did not change.
    formed.declare(more="shared_key_version = 2\nmax_flips = 3")
    formed.environment |= {"TF_LOG_PROVIDER": "info", "TF_LOG_PATH": str(formed.folder / "terraform.log")}
    formed.deploy()
    log = (formed.folder / "terraform.log").read_text()
    assert "setting the failover settings" in log
    assert "writing the new shared key" not in log
    assert formed.plan().code == 0
    for file in (*formed.stack.glob("**/*"), formed.folder / "terraform.log"):
        assert not file.is_file() or NEW.encode() not in file.read_bytes(), file
