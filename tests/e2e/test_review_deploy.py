"""Review and deploy with real Terraform against the emulated pair."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from appliances import Appliance
from project import PAIR, Project
from test_main_job import another_address, assert_no_changes, roles
from waiting import until

LIMIT_S = 120


def reviewed(project: Project, *words: str) -> dict[str, object]:
    return json.loads(project.must("gatepair", "review", "--no-synth", "--json", *words))


def temporary(project: Project) -> Path:
    folder = project.folder / "temporary"
    folder.mkdir(exist_ok=True)
    project.environment["TMPDIR"] = str(folder)
    return folder


def test_what_was_reviewed_is_deployed_and_nothing_else_is_left_behind(project: Project) -> None:
    folder = temporary(project)
    text = project.must("gatepair", "review", PAIR, "-o", "review.json", "-o", "review.md")
    assert "office: form (resync)" in text
    fingerprint = json.loads((project.folder / "review.json").read_text())["fingerprint"]
    assert fingerprint in (project.folder / "review.md").read_text()

    assert "Apply complete!" in project.must("gatepair", "deploy", PAIR, "--reviewed", fingerprint)
    assert roles(project.lab) == ("Primary", "Secondary")
    assert_no_changes(project)
    assert list(folder.iterdir()) == []
    again = reviewed(project)
    assert again["pairs"] == []
    assert again["unchanged"] == [PAIR]
    for file in ("review.json", "review.md"):
        for secret in (project.lab.password, project.lab.shared_key):
            assert secret not in (project.folder / file).read_text()


def test_a_deploy_stops_when_somebody_changed_something_after_the_review(formed: Project) -> None:
    lab = formed.lab
    new = another_address(lab.external, 2)
    formed.declare(external=new)
    formed.synth()
    (formed.folder / "review.json").write_text(json.dumps(reviewed(formed)))
    fingerprint = json.loads((formed.folder / "review.json").read_text())["fingerprint"]
    Appliance(lab, lab.a).delete(f"nsip/{lab.internal}")

    stopped = formed.run(
        "gatepair", "deploy", "--no-synth", "--reviewed", fingerprint, "--review", "review.json"
    )
    assert stopped.code == 3
    assert "Stopped: this is not what was reviewed" in stopped.text
    assert f"+ {PAIR}: internal virtual IP: none -> {lab.internal}" in stopped.text
    assert "restapi_object.office: changes in another way" in stopped.text
    addresses = {row["ipaddress"] for row in Appliance(lab, lab.a).rows("nsip")}
    assert new not in addresses

    now = str(reviewed(formed)["fingerprint"])
    formed.must("gatepair", "deploy", "--no-synth", "--reviewed", now)
    assert_no_changes(formed)


def test_a_failover_after_the_review_stops_nothing(formed: Project) -> None:
    formed.declare(more="max_flips = 2")
    formed.synth()
    fingerprint = str(reviewed(formed)["fingerprint"])
    formed.must("gatepair", "failover", PAIR, "--yes")
    formed.must("gatepair", "deploy", "--no-synth", "--reviewed", fingerprint)
    assert_no_changes(formed)


def test_the_appliances_are_asked_if_that_is_wanted(formed: Project) -> None:
    formed.declare(more='fail_safe = "on"')
    formed.synth()
    asked = formed.must("gatepair", "review", "--no-synth", "--preflight")
    assert f"0 fail; {formed.lab.a.address} is primary now" in " ".join(asked.split())
    assert formed.plan().code == 2
    (formed.folder / "plan.json").write_text(json.dumps(formed.planned()))
    for node in (formed.lab.a, formed.lab.b):
        node.kill()
    told = formed.must("gatepair", "review", "plan.json", "--preflight")
    assert "the appliances could not be asked" in " ".join(told.split())
    refused = formed.run("gatepair", "review", "plan.json", "--preflight", "--fail-on", "preflight")
    assert refused.code == 3


def test_without_an_answer_nothing_is_deployed(formed: Project) -> None:
    formed.declare(more="max_flips = 4")
    refused = formed.run("gatepair", "deploy", PAIR)
    assert refused.code == 2
    assert "nobody is there to answer" in refused.text
    assert formed.plan().code == 2


def test_ctrl_c_lets_terraform_finish_and_leaves_nothing_behind(project: Project) -> None:
    folder = temporary(project)
    project.init()
    fingerprint = str(reviewed(project)["fingerprint"])
    process = subprocess.Popen(
        ["gatepair", "deploy", "--no-synth", "--reviewed", fingerprint],
        cwd=project.folder, env=project.environment, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        seen = ""
        deadline = time.monotonic() + LIMIT_S
        while "restapi_object.office: Creating..." not in seen and time.monotonic() < deadline:
            seen += process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        rest = process.communicate(timeout=LIMIT_S)[0]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 130, seen + rest
    assert "Traceback" not in rest
    assert list(folder.iterdir()) == []
    # What had begun is in the state: the next deploy goes on from there.
    project.must("gatepair", "deploy", "--no-synth", "--yes")
    until(lambda: roles(project.lab) == ("Primary", "Secondary"), "the pair is formed")
    assert_no_changes(project)
