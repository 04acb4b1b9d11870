"""A directory with a configuration, real Terraform in it, and our provider in this process."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import attrs

SOURCE = "gatepair.dev/gatepair/restapi"
LIMIT_S = 60
BASE = {"id": "a1", "name": "n1", "n": 1}


@attrs.frozen
class Run:
    """What a command left."""

    code: int
    text: str

    @property
    def flat(self) -> str:
        """The text without Terraform's frames and line breaks, to look for sentences in it."""
        return " ".join(re.sub(r"[│╷╵]", " ", self.text).split())


class TerraformLab:
    """Runs Terraform on one configuration.

    Args:
        folder: Where to work.
        reattach: Value of ``TF_REATTACH_PROVIDERS``; empty to start the provider through ``extra``.
        uri: The API; empty to set none.
    """

    def __init__(self, folder: Path, reattach: str, uri: str, **extra: str) -> None:
        self.folder = folder
        self.uri = uri
        self.provider: dict[str, Any] = {}
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "REST_API_"))
        } | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "HOME": str(folder), **extra}
        if reattach:
            self.environment["TF_REATTACH_PROVIDERS"] = reattach

    def write(self, objects: dict[str, dict[str, Any]], **blocks: Any) -> None:
        """Write the configuration: objects by name, and further top-level blocks."""
        provider = ({"uri": self.uri} if self.uri else {}) | self.provider
        document: dict[str, Any] = {
            "terraform": {"required_providers": {"restapi": {"source": SOURCE}}},
            "provider": {"restapi": provider},
            **blocks,
        }
        if objects:
            ready = {name: _with_text_data(arguments) for name, arguments in objects.items()}
            document["resource"] = {"restapi_object": ready, **blocks.get("resource", {})}
        (self.folder / "main.tf.json").write_text(json.dumps(document, indent=1))

    def object(self, data: object = None, **arguments: Any) -> None:
        """Write a configuration with the one object ``o``."""
        given = BASE if data is None else data
        self.write({"o": {"path": "/api/objects", "data": given, **arguments}})

    def run(self, *words: str, **more: str) -> Run:
        """Run a command."""
        done = subprocess.run(
            ["terraform", words[0], "-no-color", *words[1:]],
            cwd=self.folder,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            check=False,
        )
        return Run(done.returncode, done.stdout.decode())

    def apply(self, *words: str, **more: str) -> Run:
        """Apply, whatever comes of it."""
        return self.run("apply", "-auto-approve", "-input=false", *words, **more)

    def applied(self, *words: str, **more: str) -> Run:
        """Apply, which has to work."""
        done = self.apply(*words, **more)
        assert done.code == 0, done.text
        return done

    def plan(self) -> Run:
        """Plan; the code is 0 for no changes and 2 for changes."""
        return self.run("plan", "-input=false", "-detailed-exitcode")

    def changes(self) -> dict[str, dict[str, Any]]:
        """Plan, and give the changes by the objects' names."""
        done = self.run("plan", "-input=false", "-out=plan")
        assert done.code == 0, done.text
        shown = self.run("show", "-json", "plan")
        return {one["name"]: one["change"] for one in json.loads(shown.text)["resource_changes"]}

    def action(self) -> str:
        """Plan, and give what happens to ``o``: ``no-op``, ``create``, ``update``, ``delete-create``."""
        return "-".join(self.changes()["o"]["actions"])

    def destroy(self) -> Run:
        """Destroy, whatever comes of it."""
        return self.run("destroy", "-auto-approve", "-input=false")

    def instance(self, name: str = "o") -> dict[str, Any] | None:
        """Give a resource instance as the state file has it, ``None`` if it has none."""
        file = self.folder / "terraform.tfstate"
        document = json.loads(file.read_text()) if file.exists() else {"resources": []}
        for resource in document["resources"]:
            if resource["name"] == name and resource["instances"]:
                return resource["instances"][0]
        return None

    def state(self, name: str = "o") -> dict[str, Any]:
        """Give the attributes in the state."""
        instance = self.instance(name)
        assert instance is not None, "not in the state"
        return instance["attributes"]

    def is_tainted(self) -> bool:
        """Tell whether the object is in the state as tainted."""
        instance = self.instance()
        return instance is not None and instance.get("status") == "tainted"


def _with_text_data(arguments: dict[str, Any]) -> dict[str, Any]:
    texts = ("data", "read_data", "update_data", "destroy_data")
    return {
        name: json.dumps(value) if name in texts and not isinstance(value, str) else value
        for name, value in arguments.items()
    }
