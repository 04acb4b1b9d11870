"""What the stacks write, read by Terraform and by the CDKTF CLI; no appliance is asked."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import ROOT, Outcome, quiet_environment, terraform_binary

from cdktf_stacks._values import encode_json, escape, template

LIMIT_S = 240
PAIRS = """\
[defaults]
password = "file:password"

[pairs.office]
appliances = [
    { address = "127.0.10.11:8443", host_name = "gw-a" },
    { address = "127.0.10.12:8443", host_name = "gw-b" },
]
shared_key = "file:${not}/%{an}/expression"
external = { address = "127.0.10.20" }
internal = { address = "127.0.10.21", netmask = "255.255.255.0" }

[pairs.lab]
appliances = [{ address = "lab-1.example.net" }, { address = "[2001:db8::1]:8443", host_name = "lab-2" }]
"""


class Folder:
    """A folder with the repository's stack program, and commands in it."""

    def __init__(self, path: Path, pairs: str = PAIRS) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        for name in ("main.py", "cdktf.json"):
            shutil.copy(ROOT / name, path / name)
        (path / "pairs.toml").write_text(pairs)
        self.environment = quiet_environment()

    def run(self, *command: str) -> Outcome:
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def must(self, *command: str) -> str:
        outcome = self.run(*command)
        assert outcome.code == 0, f"{' '.join(command)} ended with {outcome.code}:\n{outcome.text}"
        return outcome.text

    def terraform(self, stack: str, *arguments: str) -> str:
        return self.must(terraform_binary(), f"-chdir=cdktf.out/stacks/{stack}", *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "project")


def test_plain_python_and_plain_terraform_need_nothing_set(folder: Folder) -> None:
    folder.must(sys.executable, "main.py")
    for stack in ("office", "lab"):
        initialised = folder.terraform(stack, "init", "-input=false", "-no-color")
        assert "Installed gatepair.dev/gatepair/restapi" in initialised
        assert json.loads(folder.terraform(stack, "validate", "-json"))["valid"] is True


def test_the_first_run_of_the_cli_finds_the_provider_with_nothing_set(folder: Folder) -> None:
    # There are no appliances and no password here, so what answers is the provider itself.
    text = folder.run("cdktf", "diff", "office").text
    assert "Terraform has been successfully initialized!" in text
    assert "Could not retrieve providers for locking" not in text
    assert "A secret is not available" in text
    assert "Traceback" not in text
    assert "projectId" not in (folder.path / "cdktf.json").read_text()


def test_the_cli_shows_problems_without_a_traceback(folder: Folder) -> None:
    text = PAIRS.replace('host_name = "gw-a"', 'host_name = "gw a"').replace("127.0.10.20", "127.0.10.11")
    (folder.path / "pairs.toml").write_text(text)
    outcome = folder.run("cdktf", "synth")
    assert outcome.code == 1
    assert "pairs.toml:6: pair office, appliances[0].host_name: " in outcome.text
    assert "pairs.toml:10: pair office, external.address: " in outcome.text
    assert "2 problems. Correct the file; nothing was changed." in outcome.text
    assert "Traceback" not in outcome.text
    assert "RuntimeError" not in outcome.text


def test_moving_the_project_leaves_no_path_behind_in_the_synthesized_files(tmp_path: Path) -> None:
    texts: list[str] = []
    for name in ("here", "there"):
        folder = Folder(tmp_path / name)
        folder.must(sys.executable, "main.py")
        texts.append((folder.path / "cdktf.out/stacks/office/cdk.tf.json").read_text())
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]


def test_every_text_comes_back_from_terraform_unchanged(tmp_path: Path) -> None:
    generator = random.Random(20_11)  # noqa: S311 - test data
    pieces = ["$", "{", "}", "%", "${", "%{", "~", "TfToken[", "]", '"', "\\", "\n", "é", "a", " "]
    texts = ["".join(generator.choices(pieces, k=generator.randrange(9))) for _ in range(400)]
    outputs: dict[str, Any] = {}
    for number, text in enumerate(texts):
        outputs[f"escape{number}"] = {"value": escape(text)}
        outputs[f"template{number}"] = {"value": template(text)}
        outputs[f"json{number}"] = {"value": encode_json({"k": [text, {text: 1}]}, str)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": outputs}))
    folder = Folder(tmp_path)
    folder.must(terraform_binary(), "apply", "-auto-approve", "-no-color")
    found = json.loads(folder.must(terraform_binary(), "output", "-json"))
    for number, text in enumerate(texts):
        assert found[f"escape{number}"]["value"] == text
        assert found[f"template{number}"]["value"] == text
        assert json.loads(found[f"json{number}"]["value"]) == {"k": [text, {text: 1}]}


REFERENCES = """\
import json, sys
from cdktf_stacks import RestapiObject, app_from
from cdktf_stacks._cdktf import cdk
from cdktf_stacks._values import encode_json, template

texts = json.load(open("texts.json"))
app = cdk.App()
stack = cdk.TerraformStack(app, "references")
cdk.LocalBackend(stack, path="state")
word = cdk.TerraformVariable(stack, "word", type="string", default='q"${x').string_value
number = cdk.TerraformVariable(stack, "number", type="number", default=5).number_value
words = cdk.TerraformVariable(stack, "words", type="list(string)", default=["a", "b"]).list_value
for index, (before, after) in enumerate(texts):
    value = {"lit": before, before + word: [before + word + after, number, words], "n": 1}
    data = encode_json(value, cdk.Fn.jsonencode)
    cdk.TerraformOutput(stack, f"json{index}", value=data, static_id=True)
    cdk.TerraformOutput(stack, f"text{index}", value=template(before + word + after), static_id=True)
app.synth()
"""


def test_references_among_text_are_resolved_and_the_text_stays(folder: Folder) -> None:
    generator = random.Random(3_11)  # noqa: S311 - test data
    pieces = ["$", "{", "}", "%", "${", "%{", '"', "\\", "\n", "é", "a"]
    texts = [["".join(generator.choices(pieces, k=generator.randrange(6))) for _ in "ab"] for _ in range(120)]
    (folder.path / "texts.json").write_text(json.dumps(texts))
    (folder.path / "main.py").write_text(REFERENCES)
    folder.must(sys.executable, "main.py")
    folder.terraform("references", "init", "-no-color")
    folder.terraform("references", "apply", "-auto-approve", "-no-color")
    found = json.loads(folder.terraform("references", "output", "-json"))
    word = 'q"${x'
    for index, (before, after) in enumerate(texts):
        expected = {"lit": before, before + word: [before + word + after, 5, ["a", "b"]], "n": 1}
        assert json.loads(found[f"json{index}"]["value"]) == expected
        assert found[f"text{index}"]["value"] == before + word + after


SYNTH_CASES = ROOT / "tests" / "unit" / "stacks" / "synth_cases.py"


def assert_valid(folder: Folder, stack: Path) -> None:
    for command in (("init", "-backend=false", "-no-color"), ("validate", "-no-color")):
        done = subprocess.run(
            [terraform_binary(), *command],
            cwd=stack,
            env=folder.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{stack}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
def test_terraform_accepts_every_argument_of_the_bindings(folder: Folder, library: str) -> None:
    kept = folder.path / "kept"
    outcome = folder.run(sys.executable, str(SYNTH_CASES), library, "--keep", str(kept))
    assert outcome.code == 0, outcome.text
    for case in (
        "provider_everything",
        "objects_everything",
        "pairs_beside_objects",
        "many_pairs",
        "pair_adopted",
        "virtual_ips_apart",
    ):
        stack = kept / case / "cdktf.out" / "stacks" / "stack"
        if case == "objects_everything":  # the registry's provider is not here; its schema is the same
            text = (stack / "cdk.tf.json").read_text()
            text = text.replace("Mastercard/restapi", "gatepair.dev/gatepair/restapi")
            (stack / "cdk.tf.json").write_text(text.replace('"3.0.0"', '"0.1.0"'))
            donor = kept / "many_pairs" / "cdktf.out" / "stacks" / "stack"
            shutil.copytree(donor / "terraform.d", stack / "terraform.d", symlinks=True)
        assert_valid(folder, stack)


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
def test_terraform_accepts_every_backend(folder: Folder, library: str) -> None:
    outcome = folder.run(sys.executable, str(SYNTH_CASES), library, "--keep", str(folder.path / "kept"))
    assert outcome.code == 0, outcome.text
    stacks = folder.path / "kept" / "backends" / "cdktf.out" / "stacks"
    assert sorted(path.name for path in stacks.iterdir()) == ["cloud", "http", "local", "pg", "remote", "s3"]
    for stack in stacks.iterdir():
        assert_valid(folder, stack)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        # Each of them gets as far as asking its service, so Terraform has accepted every option.
        ('type = "pg"\n', "connection refused"),
        ('type = "http"\naddress = "http://127.0.0.1:9/{stack}"\nretry_max = 0\n', "connection refused"),
        (
            (
                'type = "s3"\nbucket = "states"\nregion = "eu-central-1"\nuse_lockfile = true\n'
                "use_path_style = true\nskip_credentials_validation = true\n"
                "skip_requesting_account_id = true\n"
                'skip_metadata_api_check = true\nendpoints = { s3 = "http://127.0.0.1:9" }\n'
            ),
            "connection refused",
        ),
        ('type = "remote"\nhostname = "127.0.0.1:9"\norganization = "example"\n', "127.0.0.1:9"),
        ('type = "cloud"\nhostname = "127.0.0.1:9"\norganization = "example"\n', "127.0.0.1:9"),
    ],
    ids=["pg", "http", "s3", "remote", "cloud"],
)
def test_each_backend_gets_as_far_as_its_service(folder: Folder, table: str, said: str) -> None:
    (folder.path / "pairs.toml").write_text(f"{PAIRS}\n[stacks.backend]\n{table}")
    folder.environment |= {
        "PG_CONN_STR": "postgres://me@127.0.0.1:9/states?sslmode=disable",
        "AWS_ACCESS_KEY_ID": "canary-4410",
        "AWS_SECRET_ACCESS_KEY": "canary-4410",
        "AWS_MAX_ATTEMPTS": "1",
        "TF_TOKEN_127.0.0.1:9": "canary-4410",
    }
    folder.must(sys.executable, "main.py")
    outcome = folder.run(
        terraform_binary(), "-chdir=cdktf.out/stacks/office", "init", "-input=false", "-no-color"
    )
    assert outcome.code == 1
    assert said in outcome.flat
    assert "Unsupported argument" not in outcome.text
    assert "canary-4410" not in outcome.text
    for path in folder.path.rglob("*"):
        assert not path.is_file() or b"canary-4410" not in path.read_bytes()
