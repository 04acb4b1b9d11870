"""``gatepair verify`` without an appliance: what it takes, what it refuses, what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_run import run
from fake_pair import FakePair, configured
from sdk_cli import PAIRS, fake_sessions
from verify_series import facts, part_report, report

from gatepair.cli import verify as command
from gatepair.errors import PreflightFailed
from gatepair.sessions.asynchronous import AsyncPairSession
from gatepair.sessions.plain import PairSession
from gatepair.verify import Part, VerifyOptions, VerifyReport
from gatepair.verify.judging import After
from gatepair.workflows.plan import ChangePlan, Impact, PlannedStep
from gatepair.workflows.report import Check, Verdict

pytestmark = pytest.mark.usefixtures("project")

STEP = PlannedStep(id="forced", title="Forced failover: B takes over from A", impact=Impact.FAILOVER)
BAD = report([part_report(facts(after=After(settled=False, roles=())))])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pairs.toml").write_text(PAIRS)
    (tmp_path / "alice").write_text("canary-user-password-77aa")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[VerifyOptions]:
    """What sessions are asked for; they find that everything works."""
    found: list[VerifyOptions] = []

    def verify(_: PairSession, options: VerifyOptions) -> VerifyReport:
        found.append(options)
        return report()

    async def averify(_: AsyncPairSession, options: VerifyOptions) -> VerifyReport:
        found.append(options)
        return BAD

    monkeypatch.setattr(PairSession, "verify", verify)
    monkeypatch.setattr(AsyncPairSession, "verify", averify)
    monkeypatch.setattr(PairSession, "plan_verify", lambda *_: ChangePlan(steps=(STEP,)))
    return found


def test_words_become_options(asked: list[VerifyOptions], project: Path) -> None:
    words = (
        "office --yes --kinds hard,forced --no-fail-back --interval 0.5 --timeout 2 --margin 3 --patience 9"
    )
    users = "--server-name gateway.example.net --port 8443 --path /logon --ca-file ca.pem"
    power = ("--power-off", "pdu {letter} off", "--power-on", "pdu {letter} on")
    signs_in = ("--user", "alice", "--user-password", "file:alice")
    assert run("verify", *words.split(), *users.split(), *power, *signs_in).exit_code == 0
    (options,) = asked
    assert options.kinds == (Part.HARD, Part.FORCED)
    assert not options.fail_back
    assert (options.interval_s, options.timeout_s, options.margin_s, options.patience_s) == (0.5, 2, 3, 9)
    assert (options.server_name, options.port, options.path) == ("gateway.example.net", 8443, "/logon")
    assert options.ca_file == Path("ca.pem")
    assert options.user is not None
    assert options.user.secret().reveal() == (project / "alice").read_text()


def test_the_usual_ones(asked: list[VerifyOptions]) -> None:
    assert run("verify", "office", "--yes").exit_code == 0
    assert asked == [VerifyOptions()]


@pytest.mark.usefixtures("asked")
def test_a_report_for_people_programs_and_the_file(project: Path) -> None:
    done = run("verify", "office", "--yes", "--html", "proof/night.html")
    assert "Failover works: 1 of 1 switches passed." in done.output
    assert (project / "proof" / "night.html").read_text().startswith("<!DOCTYPE html>")
    document = json.loads(run("verify", "office", "--yes", "--json").stdout)
    assert document["verdict"] == "passed"


@pytest.mark.usefixtures("asked")
def test_a_negative_verdict_is_exit_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PairSession, "verify", lambda *_: BAD)
    done = run("verify", "office", "--yes")
    assert done.exit_code == 3
    assert "Failover does not work as it should" in done.output


def test_it_is_rehearsed_and_asked_for(asked: list[VerifyOptions]) -> None:
    rehearsed = run("verify", "office", "--dry-run")
    assert "1. Forced failover: B takes over from A (failover)" in rehearsed.output
    assert json.loads(run("verify", "office", "--dry-run", "--json").stdout)["impact"] == "failover"
    assert run("verify", "office", input="n\n").exit_code == 1
    assert run("verify", "office", "--json").exit_code == 2
    assert asked == []
    assert run("verify", "office", input="y\n").exit_code == 0
    assert len(asked) == 1


def test_a_pair_that_is_not_fit_is_not_asked_about(
    asked: list[VerifyOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Check(id="pair-healthy", title="fit", verdict=Verdict.FAIL, evidence="no peer", remedy="Mend it.")

    def refuse(*_: Any) -> ChangePlan:
        raise PreflightFailed([check])

    monkeypatch.setattr(PairSession, "plan_verify", refuse)
    assert run("verify", "office").exit_code == 0
    assert len(asked) == 1, "the report says why nothing is done"
    assert "no peer" in run("verify", "office", "--dry-run").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--kinds soft", "soft is no kind of failover"),
        ("--kinds hard", "cut the power"),
        ("--kinds ,", "at least one kind"),
        ("--power-off x", "go together"),
        ("--user alice", "go together"),
        ("--interval 0", "0.05"),
    ],
)
def test_what_cannot_be_meant(asked: list[VerifyOptions], words: str, said: str) -> None:
    done = run("verify", "office", "--yes", *words.split())
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_a_password_in_place_of_a_reference_is_not_repeated() -> None:
    done = run("verify", "office", "--yes", "--user", "alice", "--user-password", "canary-user-password-77aa")
    assert done.exit_code != 0
    assert "canary" not in done.output
    assert "env:NAME" in done.output


@pytest.mark.usefixtures("asked")
def test_a_page_that_cannot_be_written(project: Path) -> None:
    (project / "file").write_text("")
    done = run("verify", "office", "--yes", "--html", "file/proof.html")
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_all_pairs_one_after_the_other_until_one_fails(asked: list[VerifyOptions], project: Path) -> None:
    done = run("verify", "--all", "--yes", "--html", "proofs")
    assert done.exit_code == 1
    assert len(asked) == 1, "the first negative verdict is the last"
    assert "Stopped" in done.output
    assert len(list((project / "proofs").glob("*.html"))) == 1


def test_help_in_full() -> None:
    short, full = run("verify", "--help").output, run("verify", "--help-all").output
    assert "--patience" not in short
    assert "--patience" in full
    assert "--help-all" in short
    assert set(short.split()) <= set(full.split())


def test_a_pair_that_is_none_yields_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = FakePair()
    configured(pair.a)
    fake_sessions(monkeypatch, pair)
    monkeypatch.setenv("GATEPAIR_PASSWORD", "canary-Passw0rd-31c4")
    done = run("verify", "office", "--yes")
    assert done.exit_code == 3, done.output
    assert "Nothing was done" in done.output
    assert command.verify.name == "verify"
