"""The provider as a process of its own: start, silence, stop, crash, and being found by Terraform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import grpc
import psutil
import pytest
from rest_server import RestServer, Seen, reply
from terraform_lab import BASE, SOURCE, TerraformLab
from waiting import until

from gatepair_bridge.provider.protocol import pb
from gatepair_bridge.provider.serve import COOKIE

pytest_plugins = ["provider_fixtures"]
PATH = "/api/objects"
ITEM = "/api/objects/a1"
COMMAND = [sys.executable, "-m", "gatepair_bridge.provider"]
# Less than the 60 s that the provider gives a server to answer.
LIMIT_S = 50.0


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_terraform_finds_the_provider_and_leaves_nothing_in_the_home_directory(own: TerraformLab) -> None:
    own.applied()
    assert own.plan().code == 0
    assert own.destroy().code == 0
    home = Path(own.environment["HOME"])
    kept = {path.relative_to(home).parts[0] for path in home.rglob("*")}
    assert kept <= {".terraform.d"}  # Terraform's own


def test_a_home_directory_that_cannot_be_written_does_no_harm(own: TerraformLab) -> None:
    own.environment |= {"HOME": "/proc/nowhere", "TMPDIR": "/" + "long/" * 40}
    own.applied()


def start(**environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        env=os.environ | {COOKIE[0]: COOKIE[1]} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def handshake(process: subprocess.Popen[bytes]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip().split("|")


def test_handshake_calls_and_a_silent_end() -> None:
    with start() as process:
        core, protocol, network, address, kind, certificate = handshake(process)
        assert (core, protocol, network, kind, certificate) == ("1", "6", "unix", "grpc", "")
        folder = Path(address).parent
        assert folder.stat().st_mode & 0o777 == 0o700
        with grpc.insecure_channel(f"unix:{address}") as channel:
            schema = channel.unary_unary("/tfplugin6.Provider/GetProviderSchema")(b"")
            found = pb.GetProviderSchema.Response.FromString(schema)
            assert list(found.resource_schemas) == ["restapi_object"]
            with pytest.raises(grpc.RpcError) as refused:
                channel.unary_unary("/tfplugin6.Provider/OpenEphemeralResource")(b"")
            assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
            assert list(channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"")) == []
            channel.unary_unary("/plugin.GRPCController/Shutdown")(b"")
        assert process.wait(LIMIT_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert not folder.exists()


def test_each_process_has_a_certificate_of_its_own(tmp_path: Path) -> None:
    certificates: set[str] = set()
    for _ in range(2):
        with start(PLUGIN_CLIENT_CERT="pinned", HOME=str(tmp_path)) as process:
            certificates.add(handshake(process)[5])
            process.kill()
    assert len(certificates) == 2
    assert list(tmp_path.iterdir()) == []


def test_started_by_hand_it_says_what_it_is() -> None:
    done = subprocess.run(COMMAND, capture_output=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 1
    assert b"gatepair provider install" in done.stderr


def test_nothing_lives_on_when_its_parent_is_killed() -> None:
    # Who says the number becomes the provider, so that the number is the first line for certain.
    script = f"sh -c 'echo $$; exec {sys.executable} -m gatepair_bridge.provider' & wait"
    with subprocess.Popen(
        ["sh", "-c", script], env=os.environ | {COOKIE[0]: COOKIE[1]}, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        address = parent.stdout.readline().decode().split("|")[3]
        parent.send_signal(signal.SIGKILL)
        parent.wait(LIMIT_S)
        until(lambda: not is_running(pid), "the provider is gone", limit_s=LIMIT_S)
        until(lambda: not Path(address).parent.exists(), "the socket is gone", limit_s=LIMIT_S)


class Slow:
    """An answer to a create that waits until it is let go."""

    def __init__(self, api: RestServer) -> None:
        self.came = threading.Event()
        self.go = threading.Event()
        self._api = api
        api.on("POST", PATH, self.answer)

    def answer(self, _request: Seen) -> tuple[int, dict[str, str], bytes]:
        self.came.set()
        assert self.go.wait(LIMIT_S)
        self._api.objects[ITEM] = BASE
        return reply(201, BASE)


def begin(lab: TerraformLab, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["terraform", *words, "-input=false", "-no-color"],
        cwd=lab.folder,
        env=lab.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for_words(terraform: subprocess.Popen[bytes], *words: bytes) -> None:
    assert terraform.stdout is not None
    line = b""
    while not any(word in line for word in words):
        line = terraform.stdout.readline()
        assert line, f"Terraform did not say {words}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_lets_the_create_finish_and_saves_it(
    own: TerraformLab, api: RestServer, number: signal.Signals
) -> None:
    slow = Slow(api)
    own.write(
        {
            "o": {"path": PATH, "data": BASE},
            "later": {"path": PATH, "data": BASE | {"id": "b1"}, "depends_on": ["restapi_object.o"]},
        }
    )
    with begin(own, "apply", "-auto-approve") as terraform:
        assert slow.came.wait(LIMIT_S)
        os.killpg(terraform.pid, number)  # Ctrl-C reaches the whole group
        wait_for_words(terraform, b"Gracefully shutting down", b"Interrupt received")
        slow.go.set()
        terraform.communicate(timeout=LIMIT_S)
        assert terraform.returncode == 1
    assert own.state()["id"] == "a1"
    assert not own.is_tainted()
    assert own.instance("later") is None


@pytest.mark.parametrize("searched", [False, True])
def test_a_stop_gives_up_what_only_looks(own: TerraformLab, api: RestServer, *, searched: bool) -> None:
    search = {"read_search": {"search_key": "id", "search_value": "a1"}} if searched else {}
    own.object(**search)
    own.applied()
    came, go = threading.Event(), threading.Event()

    def never(_request: Seen) -> tuple[int, dict[str, str], bytes]:
        came.set()
        go.wait(2 * LIMIT_S)
        return reply(200, BASE)

    api.on("GET", ".*", never, forever=True)
    with begin(own, "plan") as terraform:
        assert came.wait(LIMIT_S)
        os.killpg(terraform.pid, signal.SIGINT)
        text, _ = terraform.communicate(timeout=LIMIT_S)  # although nobody answered
        assert terraform.returncode == 1
    go.set()
    assert b"Interrupt received" in text
    assert own.state()["id"] == "a1"


def test_nothing_lives_on_when_terraform_is_killed(own: TerraformLab, api: RestServer) -> None:
    slow = Slow(api)
    with begin(own, "apply", "-auto-approve") as terraform:
        assert slow.came.wait(LIMIT_S)
        providers = [child.pid for child in psutil.Process(terraform.pid).children()]
        assert providers
        terraform.kill()
        terraform.wait(LIMIT_S)
        for pid in providers:
            until(lambda pid=pid: not is_running(pid), "the provider is gone", limit_s=LIMIT_S)
        slow.go.set()
    api.calm()
    api.objects.pop(ITEM, None)
    own.applied()  # the next run converges


def test_stored_states_of_the_original_and_of_ours_plan_nothing(own: TerraformLab, api: RestServer) -> None:
    api.objects[ITEM] = BASE
    folder = Path(__file__).parents[1] / "unit" / "provider" / "states"
    for file in sorted(folder.glob("*.json")):
        attributes = json.loads(file.read_text())
        resource = {
            "mode": "managed",
            "type": "restapi_object",
            "name": "o",
            "provider": f'provider["{SOURCE}"]',
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
        }
        state = {"version": 4, "serial": 1, "lineage": "a", "resources": [resource], "outputs": {}}
        (own.folder / "terraform.tfstate").write_text(json.dumps(state))
        own.object(attributes["data"])
        done = own.plan()
        assert done.code == 0, f"{file.name}: {done.text}"
