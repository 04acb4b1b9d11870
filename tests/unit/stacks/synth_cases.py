"""Synthesizes every case with the CDK that is named and prints what came out, one JSON object.

Run as a process of its own, because one process has one CDK:  python synth_cases.py cdktn
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cdktf_stacks._node import prepare_environment

prepare_environment()
importlib.import_module(sys.argv[1])  # the shim follows what is imported already

from synth_models import BARE, FULL, appliance  # noqa: E402 - after the choice of the CDK

from cdktf_stacks import (  # noqa: E402 - after the choice of the CDK
    MASTERCARD,
    Appliance,
    BackendKind,
    BackendSettings,
    DataRestapiObject,
    FailoverPair,
    FailoverPairs,
    FailoverPairStack,
    ProviderKind,
    ProviderSettings,
    RestapiObject,
    RestapiProvider,
    VirtualIp,
    declare_provider,
)
from cdktf_stacks._cdktf import Construct, cdk  # noqa: E402 - after the choice of the CDK
from gatepair import models  # noqa: E402 - after the choice of the CDK

CASES: dict[str, Callable[[cdk.App, Path], None]] = {}


def case(function: Callable[[cdk.App, Path], None]) -> Callable[[cdk.App, Path], None]:
    CASES[function.__name__] = function
    return function


@case
def provider_everything(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    secret = cdk.TerraformVariable(stack, "secret", type="string", sensitive=True).string_value
    RestapiProvider(
        stack,
        "restapi",
        alias="lab",
        uri="https://bridge.example.net",
        username="me",
        password=secret,
        headers={"X-Token-Id": "${plain}", "Accept": "*/*"},
        timeout=30,
        rate_limit=2.5,
        copy_keys=["rev"],
        write_returns_object=True,
        oauth_client_credentials={
            "oauth_client_id": "id",
            "oauth_client_secret": secret,
            "oauth_token_endpoint": "https://login.example.net/token",
            "oauth_scopes": ("a", "b"),
            "endpoint_params": {"Audience-Of": "x"},
        },
        retries={"max_retries": 3, "max_wait": 9},
    )


@case
def objects_everything(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    RestapiProvider(stack, "restapi", source=MASTERCARD, uri="https://one.example.net")
    lab = RestapiProvider(stack, "lab", source=MASTERCARD, alias="lab", uri="https://two.example.net")
    size = cdk.TerraformVariable(stack, "size", type="number")
    names = cdk.TerraformVariable(stack, "names", type="list(string)")
    first = RestapiObject(
        Construct(stack, "inner"),
        "first",
        path="/things",
        data={
            "id": "1",
            "text": "${not} %{an} expression",
            "size": size.number_value,
            "names": names.list_value,
        },
        query_string="v=1",
        read_search={"search_key": "id", "search_value": "1"},
        ignore_changes_to=["seen"],
        force_new=("kind",),
        lifecycle=cdk.TerraformResourceLifecycle(prevent_destroy=True),
        provider=lab,
    )
    second = RestapiObject(
        stack,
        "second",
        path="/things",
        data={"id": "2", "parent": f"<{first.id}>", "text": first.api_data["text"]},
        depends_on=[first],
    )
    second.import_from("/things/2")
    moved = RestapiObject(stack, "moved", path="/things", data='{"id": "3"}')
    moved.move_from_id("restapi_object.old")
    each = cdk.TerraformIterator.from_list(["x", "y"])
    RestapiObject(stack, "many", path="/things", data={"id": each.value}, for_each=each)
    found = DataRestapiObject(stack, "found", path="/things", search_key="text", search_value=first.id)
    cdk.TerraformOutput(stack, "answer", value=found.api_response, static_id=True)


@case
def pair_full(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    declare_provider(stack)
    FailoverPair(stack, "office", FULL)


@case
def pair_bare(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    declare_provider(stack)
    FailoverPair(stack, "1st.office", BARE)


@case
def pairs_beside_objects(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    other = cdk.TerraformStack(app, "other")
    cdk.LocalBackend(stack, path="/states/stack")
    cdk.LocalBackend(other, path="/states/other")
    lab = RestapiProvider(stack, "restapi", alias="lab")
    RestapiProvider(other, "restapi")
    before = RestapiObject(stack, "before", path="/things", data={"id": "1"}, provider=lab)
    office = FailoverPair(Construct(stack, "europe"), "office", FULL, provider=lab, depends_on=[before])
    RestapiObject(stack, "after", path="/things", data={"id": "2"}, provider=lab, depends_on=[office])
    RestapiObject(other, "reads", path="/things", data={"id": office.resource.id})
    network = office.network("127.0.10.11:8443")
    assert network is not None
    network.import_from("/v1/appliances/127.0.10.11:8443/network")
    Appliance(stack, "single", appliance(13, host_name="gw-c"), provider=lab)
    Appliance(stack, "nothing", appliance(14), provider=lab)


@case
def many_pairs(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    declare_provider(stack)
    fleet = FailoverPairs(stack, "pairs", {"lab": BARE, "office": FULL})
    fleet["office"].resource.import_from("/v1/pairs/127.0.10.11:8443,127.0.10.12:8443")
    FailoverPairs(Construct(stack, "europe"), "pairs", {"office": FULL}, depends_on=[fleet["lab"].resource])


@case
def pair_adopted(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    declare_provider(stack)
    lab = RestapiProvider(stack, "lab", alias="lab")
    FailoverPair(stack, "office", FULL, adopt=True, provider=lab)
    Appliance(stack, "single", appliance(13, host_name="gw-c"), adopt=True, moved_from="alone")
    hall = FailoverPairs(stack, "pairs", {"hall": FULL, "lobby": BARE}, adopt=["hall"])
    assert hall["hall"].resource.fqn


@case
def virtual_ips_apart(app: cdk.App, _: Path) -> None:
    stack = cdk.TerraformStack(app, "stack")
    declare_provider(stack)
    office = FailoverPair(stack, "office", BARE, moved_from="bureau")
    users = models.VirtualIp(address="127.0.10.20")
    inner = models.InternalVirtualIp(address="127.0.10.21", netmask="255.255.255.0")
    first = VirtualIp(stack, "users", office, users)
    VirtualIp(stack, "voice", office, models.FurtherVirtualIp(address="127.0.10.30"))
    VirtualIp(Construct(stack, "europe"), "inner", office, inner, depends_on=[first], moved_from="within")
    VirtualIp(stack, "one", "127.0.11.12,127.0.11.11:443", inner, both=True, adopt=True)


@case
def stack_bundled(app: cdk.App, directory: Path) -> None:
    FailoverPairStack(
        app, "office", FULL, gateway_name="gateway.example.net", config_file=directory / "pairs.toml"
    )


@case
def stack_mastercard(app: cdk.App, directory: Path) -> None:
    FailoverPairStack(
        app,
        "office",
        FULL,
        gateway_name="gateway.example.net",
        provider=ProviderSettings(
            kind=ProviderKind.MASTERCARD, bridge_url="https://bridge.example.net", bridge_ca_file="/ca.pem"
        ),
        config_file=directory / "pairs.toml",
    )


@case
def backends(app: cdk.App, directory: Path) -> None:
    choices: dict[str, dict[str, Any]] = {
        "local": {"path": "state/{stack}.tfstate"},
        "http": {"address": "https://h/{stack}", "lock_address": "https://h/{stack}/lock", "retry_max": 3},
        "pg": {},
        "s3": {"bucket": "states", "region": "x", "use_lockfile": True, "endpoints": {"s3": "http://s"}},
        "remote": {"organization": "acme", "hostname": "tf.example.net"},
        "cloud": {"organization": "acme", "workspace": "pair-{stack}"},
    }
    for kind, options in choices.items():
        FailoverPairStack(
            app,
            kind,
            BARE,
            backend=BackendSettings(kind=BackendKind(kind), options=options),
            config_file=directory / "pairs.toml",
        )


def synthesized(build: Callable[[cdk.App, Path], None], directory: Path) -> dict[str, object]:
    """Return each stack's JSON without what differs by machine, CDK or release."""
    app = cdk.App(outdir=str(directory / "cdktf.out"))
    build(app, directory)
    app.synth()
    stacks: dict[str, object] = {}
    for path in sorted(directory.glob("cdktf.out/stacks/*/cdk.tf.json")):
        stack = json.loads(path.read_text().replace(str(directory), "DIRECTORY"))
        stack["//"]["metadata"].pop("version")
        if "local" in stack["terraform"].get("backend", {}) and build is not backends:
            stack["terraform"].pop("backend")
        stacks[path.parent.name] = stack
    return stacks


def main() -> None:
    """Print everything; with --keep DIRECTORY, leave the synthesized files there."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(sys.argv[3] if "--keep" in sys.argv else name).resolve()
        results: dict[str, object] = {}
        for case_name, build in CASES.items():
            (root / case_name).mkdir(parents=True)
            results[case_name] = synthesized(build, root / case_name)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
