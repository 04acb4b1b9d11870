"""Two appliances in memory that also restart, install builds, keep files and lose what was not saved."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import attrs
from fake_pair import FakeAppliance, FakePair, Row, configured, declared, done, refused
from fake_runner import Runner

from gatepair.nitro import codes
from gatepair.nitro.breakdown import Breakdown, BreakdownKind
from gatepair.nitro.call import HttpRequest, HttpResponse
from gatepair.workflows.converge import converge

OLD = "NS14.1: Build 25.53.nc"
NEW = "NS14.1: Build 51.80.nc"
OTHER_RELEASE = "NS14.2: Build 1.5.nc"
URL = "http://192.0.2.99/build-14.1-51.80_nc_64.tgz"
OTHER_URL = "http://192.0.2.99/build-14.2-1.5_nc_64.tgz"
DAY_ZERO = 1772529184  # Tue Mar  3 09:13:04 2026
SILENT = 3
"""Requests that a restarting appliance leaves without an answer."""


def version(build: str) -> str:
    return f"NetScaler {build}, Date: Feb  3 2026, 10:31:36   (64-bit)"


@attrs.define
class Maintained(FakeAppliance):
    """An appliance with a disk, a next build and a saved configuration."""

    installed: str = OLD
    starts: int = 0
    silent: int = 0
    files: dict[str, bytes] = attrs.field(factory=dict)
    licensed: bool = True
    saved: Row = attrs.field(factory=dict)
    routes: list[Row] = attrs.field(factory=lambda: [{"network": "0.0.0.0", "gateway": "192.0.2.1"}])
    disk_used: int = 12
    stuck: bool = False

    def save(self) -> None:
        self.saved = copy.deepcopy(
            {name: getattr(self, name) for name in ("hastatus", "settings", "peer", "rpc", "config")}
        )

    def boot(self) -> None:
        for name, value in copy.deepcopy(self.saved).items():
            setattr(self, name, value)
        self.build = version(self.installed)
        self.up, self.role, self.sync, self.sync_failures = True, "Secondary", "", 0
        self.sessions.clear()
        self.unsaved = False
        self.starts += 1


def release(node: FakeAppliance) -> str:
    return node.build.partition(":")[0]


@attrs.define
class MaintainedPair(FakePair):
    """A pair of such appliances; between releases they do not synchronize."""

    a: Any = attrs.field(factory=lambda: Maintained(nsip="192.0.2.11", host_name="gw-a"))
    b: Any = attrs.field(factory=lambda: Maintained(nsip="192.0.2.12"))
    ruined: str = ""

    def __attrs_post_init__(self) -> None:
        for node in self.nodes:
            node.build = version(OLD)
            node.save()

    def answer(self, node: Any, request: HttpRequest) -> HttpResponse | Breakdown:
        if node.silent and not node.stuck:
            node.silent -= 1
            if not node.silent:
                node.boot()
                self.settle()
            return Breakdown(kind=BreakdownKind.NOT_SENT, detail="connection refused")
        return super().answer(node, request)

    def synchronize(self) -> None:
        if release(self.a) == release(self.b):
            super().synchronize()

    def _dispatch(self, node: Any, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.target)
        if parts.path.endswith("/nsversion") and "installedversion" in parts.query:
            self.requests.append((node.nsip, request.method, "nsversion"))
            return done(200, "nsversion", [{"version": version(node.installed)}])
        if parts.path.endswith("/systemfile"):
            return self._file(node, parse_qs(parts.query).get("args", [""])[0])
        response = super()._dispatch(node, request)
        if request.method == "GET" and parts.path.endswith("/hanode") and response.status == 200:
            return self._seen_between_releases(response)
        return response

    def _seen_between_releases(self, response: HttpResponse) -> HttpResponse:
        if release(self.a) == release(self.b):
            return response
        envelope = json.loads(response.body)
        for row in envelope.get("hanode", []):
            if row.get("state") == "Secondary":
                row["hasync"] = "AUTO DISABLED"
        return HttpResponse(status=200, body=json.dumps(envelope).encode())

    def _file(self, node: Any, query: str) -> HttpResponse:
        wanted = dict(pair.partition(":")[::2] for pair in query.split(","))
        names = [wanted["filename"]] if "filename" in wanted else list(node.files)
        if any(name not in node.files for name in names):
            return refused(404, codes.Code.NO_SUCH_FILE)
        rows = [
            {
                "filename": name,
                "filelocation": wanted["filelocation"],
                "filecontent": base64.b64encode(node.files[name]).decode(),
            }
            for name in names
        ]
        return done(200, "systemfile", rows)

    def _rows(self, node: Any, kind: str) -> list[Row]:
        singles: dict[str, Row] = {
            "stat/ns": {
                "starttime": f"Tue Mar  3 09:12:{44 + node.starts} 2026",
                "disk0perusage": 31,
                "disk1perusage": node.disk_used,
            },
            "nslicense": {"sslvpn": node.licensed, "ssl": True, "lb": True, "daystoexpiration": "-1"},
        }
        if kind in singles:
            return [singles[kind]]
        if kind == "route":
            return node.routes
        rows = super()._rows(node, kind)
        if kind == "nsconfig":
            rows[0]["systemtime"] = str(DAY_ZERO)
        if kind == "vpnvserver":
            spoiled = self.ruined == release(node) + node.build.partition("Build ")[2][:5]
            state = "DOWN" if spoiled else "UP"
            return [{**row, "curstate": state, "curaaausers": "2"} for row in rows]
        if kind == "sslcertkey":
            return [{**row, "status": "Valid", "daystoexpiration": 300} for row in rows]
        return rows

    def _post_nsconfig(self, node: Any, *_: object) -> HttpResponse:
        node.unsaved = False
        node.save()
        return done(200)

    def _post_reboot(self, node: Any, *_: object) -> HttpResponse:
        node.up, node.silent = False, SILENT
        return done(201)

    def _post_install(self, node: Any, payload: Row, *_: object) -> HttpResponse:
        if node.disk_used >= 100:
            return refused(599, codes.Code.INTERNAL_ERROR, " [No space on file system]")
        numbers = payload["url"].partition("build-")[2].split("_")[0].split("-")
        node.installed = f"NS{numbers[0]}: Build {numbers[1]}.nc"
        return done(201)

    def _post_hafiles(self, *_: object) -> HttpResponse:
        return done(200)

    def _post_systembackup(self, node: Any, payload: Row, *_: object) -> HttpResponse:
        node.files[payload["filename"] + ".tgz"] = json.dumps(node.saved, default=str).encode()
        return done(200)

    def _delete_systembackup(self, node: Any, payload: Row, action: object, name: str) -> HttpResponse:
        del payload, action
        node.files.pop(name, None)
        return done(200)


def formed_pair() -> MaintainedPair:
    """A pair as it is after it was formed, with nobody asked yet."""
    from fake_pair import ADDRESSES, no_reference

    pair = MaintainedPair()
    configured(pair.a)
    Runner(pair).run(converge(ADDRESSES, declared(), no_reference))
    pair.requests.clear()
    return pair


class Users:
    """Users of an address, asked when somebody wants to know."""

    def __init__(self, pair: FakePair, address: str, *, blind_to: str = "") -> None:
        self.pair = pair
        self.address = address
        self.blind_to = blind_to
        self.watched = 0

    def __enter__(self) -> Self:
        self.watched += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.watched -= 1

    def served(self) -> bool:
        """Whether they are; a build may be one on which they are not although all looks well."""
        return any(
            node.answers_on(self.address) and not (self.blind_to and self.blind_to in node.build)
            for node in self.pair.nodes
        )

    def outages(self) -> tuple[Any, ...]:
        return ()

    @property
    def longest_s(self) -> float:
        return 0.0


class Served:
    """Watches at every request that users are served, and by one node only."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, pair: FakePair) -> None:
        serving = [node.nsip for node in pair.nodes if node.answers_on(self.address)]
        assert len(serving) == 1, f"{self.address} answers on {serving}"
