"""The command line without an appliance: choices, words, exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from cli_run import run
from fake_pair import FakePair, configured
from sdk_cli import PAIRS, fake_sessions

from gatepair._version import __version__
from gatepair.cli.main import OWN_COMMANDS, SUMMARIES, main
from gatepair.cli.main import gatepair as gatepair_command
from gatepair.cli.outcome import MEANINGS, ExitCode
from gatepair.cli.table import columns
from gatepair.sessions.plain import PairSession

LINES, COLUMNS = 24, 80
HEAVY = ("httpx", "rich", "attrs", "litestar", "cattrs", "gatepair.sessions.plain", "gatepair.config")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pairs.toml").write_text(PAIRS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert isinstance(end.value.code, int)
    return end.value.code


# -- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", *OWN_COMMANDS])
def test_help_fits_a_screen_and_has_an_example(name: str) -> None:
    text = run(*filter(None, (name, "--help"))).output
    # The list of all commands has a line for each.
    assert len(text.splitlines()) <= (LINES if name else LINES + len(OWN_COMMANDS))
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert f"Example: gatepair {name}" in text


def test_no_command_is_cut_off_in_the_list() -> None:
    listed = run("--help").output.partition("Commands:")[2]
    for name in OWN_COMMANDS:
        (line,) = re.findall(rf"^  {name} .*", listed, re.MULTILINE)
        assert not line.endswith("...")


def test_the_list_says_of_each_command_what_its_own_help_says() -> None:
    context = click.Context(gatepair_command)
    assert set(SUMMARIES) <= set(OWN_COMMANDS)
    for name, summary in SUMMARIES.items():
        command = gatepair_command.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=100) == summary


def test_commands_that_change_something_can_be_rehearsed_and_confirmed() -> None:
    for name in ("apply", "failover", "dissolve"):
        text = run(name, "--help").output
        assert "--dry-run" in text
        assert "--yes" in text
    for name in OWN_COMMANDS:
        assert "--json" in run(name, "--help").output


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--version") == 0
    assert capsys.readouterr().out == f"gatepair {__version__}\n"


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_starting_imports_nothing_heavy(option: str) -> None:
    probe = (
        "import sys\nfrom gatepair.cli.main import main\n"
        f"try:\n    main([{option!r}])\nexcept SystemExit:\n    pass\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = re.findall(r"'([\w.]+)'", done.stderr)
    assert not [name for name in HEAVY if name in loaded]


def test_exit_codes_are_explained() -> None:
    assert set(MEANINGS) == set(ExitCode)
    text = run("--help").output
    for code in (ExitCode.FINE, ExitCode.FAILED, ExitCode.USAGE, ExitCode.UNHEALTHY, ExitCode.INTERRUPTED):
        assert f"{code:d} " in text


def test_a_room_that_lacks_its_packages_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    (point,) = [point for point in entry_points(group="gatepair.commands") if point.name == "bridge"]

    def missing(self: object) -> click.Command:
        del self
        raise ModuleNotFoundError("No module named 'litestar'", name="litestar")

    monkeypatch.setattr(type(point), "load", missing)
    assert "litestar is missing" in run("bridge", "serve").output


# -- choosing a pair -----------------------------------------------------------------------------


def test_a_pair_that_is_not_declared(project: Path) -> None:
    del project
    result = run("hosts", "branch", "--host", "gw.example.net")
    assert result.exit_code == ExitCode.USAGE
    assert "it has: lab, office" in result.output


def test_one_of_several_has_to_be_named(project: Path) -> None:
    del project
    result = run("hosts", "--host", "gw.example.net")
    assert result.exit_code == ExitCode.USAGE
    assert "name one of: lab, office" in result.output


def test_a_file_without_pairs(project: Path) -> None:
    (project / "pairs.toml").write_text("[defaults]\n")
    assert "declares no pair" in run("hosts", "--host", "gw").output


def test_another_file_by_option_or_variable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pairs.toml").rename(project / "others.toml")
    words = ("hosts", "office", "--host", "gw.example.net")
    assert run(*words, "-c", "others.toml").exit_code == 0
    monkeypatch.setenv("GATEPAIR_CONFIG", "others.toml")
    assert run(*words).stdout == "192.0.2.20 gw.example.net\n"


def test_problems_of_the_file_stand_one_on_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = PAIRS.replace('"192.0.2.20"', '"192.0.2.11"').replace("shared_key =", "shared_kee =")
    (project / "pairs.toml").write_text(text)
    assert ended("status", "office") == ExitCode.FAILED
    out, err = capsys.readouterr()
    assert out == ""
    first, second, last = err.splitlines()
    assert re.match(r"pairs\.toml:8: pair office, shared_kee: ", first)
    assert re.match(r"pairs\.toml:9: pair office, external\.address: ", second)
    assert last == "2 problems. Correct the file; nothing was changed."


def test_errors_are_problem_documents_for_programs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = str(tmp_path / "none.toml")
    assert ended("status", "--json", "-c", missing) == ExitCode.FAILED
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["type"] == "urn:gatepair:error:pairs-file"


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("no-such-command") == ExitCode.USAGE
    assert ended("status", "--no-such-option") == ExitCode.USAGE
    assert "Try 'gatepair status --help'" in capsys.readouterr().err


# -- completion ----------------------------------------------------------------------------------


def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    monkeypatch.setenv("_GATEPAIR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    assert ended() == 0
    return [found.partition(",")[2] for found in capsys.readouterr().out.split()]


def test_commands_and_pairs_are_completed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert completed(monkeypatch, capsys, "gatepair sta") == ["status"]
    assert completed(monkeypatch, capsys, "gatepair status ") == ["office", "lab"]
    assert completed(monkeypatch, capsys, "gatepair status l") == ["lab"]
    (project / "pairs.toml").rename(project / "others.toml")
    assert completed(monkeypatch, capsys, "gatepair status --config others.toml o") == ["office"]
    assert completed(monkeypatch, capsys, "gatepair status o") == []
    (project / "pairs.toml").write_text("[broken")
    assert completed(monkeypatch, capsys, "gatepair status o") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    monkeypatch.setenv("_GATEPAIR_COMPLETE", f"{shell}_source")
    # click asks bash for its version, which a machine without bash cannot tell.
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", lambda *_: None)
    assert ended() == 0
    assert "_GATEPAIR_COMPLETE" in capsys.readouterr().out


# -- looking and changing, on appliances in memory -------------------------------------------------


@pytest.fixture
def fake(project: Path, monkeypatch: pytest.MonkeyPatch) -> FakePair:
    del project
    pair = FakePair()
    configured(pair.a)
    fake_sessions(monkeypatch, pair)
    return pair


@pytest.mark.usefixtures("fake")
def test_a_life_from_plan_to_dissolution() -> None:
    planned = run("plan", "office")
    assert planned.exit_code == 0
    assert "3. Form the failover pair" in planned.stdout
    assert "Impact on users: resync" in planned.stdout
    assert run("status", "office").exit_code == ExitCode.UNHEALTHY

    applied = run("apply", "office", "--yes")
    assert (applied.exit_code, applied.stdout) == (0, "failover pair formed: 192.0.2.11,192.0.2.12\n")
    assert "saving the configuration [192.0.2.11]" in applied.stderr
    assert run("plan", "office").stdout == "No changes: the pair is as declared.\n"
    assert run("status", "office").exit_code == 0

    assert run("failover", "office", "--yes").stdout.startswith("192.0.2.12 serves, after ")
    again = run("failover", "office", "--to", "192.0.2.12", "--yes")
    assert again.stdout == "192.0.2.12 is primary already\n"

    dissolved = run("dissolve", "office", "--yes")
    assert dissolved.stdout == "dissolved: 192.0.2.12 serves, 192.0.2.11 is free\n"
    assert run("dissolve", "office", "--yes").stdout == "there is no pair to dissolve\n"


@pytest.mark.parametrize("words", [("apply",), ("failover",), ("dissolve",)])
def test_a_question_is_answered_with_no(fake: FakePair, words: tuple[str, ...]) -> None:
    if words != ("apply",):
        assert run("apply", "office", "--yes").exit_code == 0
    before = len([method for _, method, _ in fake.requests if method in {"PUT", "DELETE"}])
    result = run(*words, "office", input="n\n")
    assert result.exit_code == ExitCode.FAILED
    assert "Impact on users" in result.stdout
    assert "Nothing was changed." in result.stderr
    assert len([method for _, method, _ in fake.requests if method in {"PUT", "DELETE"}]) == before
    assert run(*words, "office", input="y\n").exit_code == 0


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("words", [("apply",), ("failover",), ("dissolve",)])
def test_a_rehearsal_changes_nothing(fake: FakePair, words: tuple[str, ...]) -> None:
    if words != ("apply",):
        assert run("apply", "office", "--yes").exit_code == 0
    fake.requests.clear()
    result = run(*words, "office", "--dry-run", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["steps"]
    assert {method for _, method, kind in fake.requests if not kind.startswith("log")} == {"GET"}


@pytest.mark.usefixtures("fake")
def test_nobody_there_to_answer() -> None:
    for words in (("apply", "office"), ("apply", "office", "--json")):
        result = run(*words, input="")
        assert result.exit_code == ExitCode.USAGE
        assert "--yes" in result.stderr


@pytest.mark.usefixtures("fake")
def test_results_for_programs() -> None:
    assert json.loads(run("preflight", "office", "--json").stdout)["ok"] is True
    assert json.loads(run("apply", "office", "--json", "--yes").stdout)["failover_pair"] == "formed"
    assert json.loads(run("status", "office", "--json").stdout)["healthy"] is True
    assert json.loads(run("plan", "office", "--json").stdout) == {
        "steps": [],
        "impact": "none",
        "differences": [],
    }
    assert json.loads(run("failover", "office", "--json", "--yes").stdout)["changed"] is True
    assert json.loads(run("dissolve", "office", "--json", "--yes").stdout)["changed"] is True
    hosts = json.loads(run("hosts", "office", "--host", "gw", "--json").stdout)
    assert hosts == {"address": "192.0.2.20", "host": "gw", "line": "192.0.2.20 gw"}


def test_a_check_that_fails(fake: FakePair) -> None:
    fake.b.build = fake.b.build.replace("25.53", "12.34")
    result = run("preflight", "office")
    assert result.exit_code == ExitCode.UNHEALTHY
    assert "fail  same-version: " in result.stdout
    assert "      Install the same build" in result.stdout
    assert "1 failed" in result.stdout


def test_watching_shows_changes_and_ends_with_the_last_verdict(fake: FakePair) -> None:
    assert run("apply", "office", "--yes").exit_code == 0
    looks = 0

    def lose_the_secondary(pair: FakePair) -> None:
        nonlocal looks
        looks += 1
        pair.b.up = looks < 20

    fake.after.append(lose_the_secondary)
    result = run("status", "office", "--watch", "--every", "0.1", "--times", "4")
    assert result.exit_code == ExitCode.UNHEALTHY
    assert result.stdout.count("failover pair formed") == 2, "once as it was, once changed"
    assert "unreachable" in result.stdout
    fake.a.up = False
    result = run("status", "office", "--watch", "--every", "0.1", "--times", "2", "--json")
    assert result.exit_code == ExitCode.FAILED
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["urn:gatepair:error:unreachable"] * 2
    assert all(line["time"] for line in lines)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_a_signal_ends_the_command_logged_out(
    fake: FakePair, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: ExitCode
) -> None:
    look = PairSession.status

    def interrupted(session: PairSession) -> None:
        look(session)
        assert fake.a.sessions
        assert fake.b.sessions
        signal.raise_signal(number)

    monkeypatch.setattr(PairSession, "status", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    result = run("status", "office")
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
    assert not fake.a.sessions | fake.b.sessions
    assert signal.getsignal(signal.SIGTERM) is before


def test_columns_are_aligned_and_never_cut() -> None:
    long = "x" * 300
    text = columns([("one", "two", "none"), (long, "b", ""), ("a", "b", "")])
    heading, first, second = text.splitlines()
    assert first == f"{long}  b"
    assert heading.index("two") == second.rindex("b") == 302
    assert "none" not in text
