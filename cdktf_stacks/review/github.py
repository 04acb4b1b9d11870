"""The review as one comment on a pull request, and its fingerprint read back when that is merged.

Run by the action and the workflows: ``python -m cdktf_stacks.review.github comment review.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

import attrs
import httpx

from cdktf_stacks.review.identity import PREFIX
from cdktf_stacks.review.markdown import DEFAULT_MARKER, FINGERPRINT_KEY, marker
from gatepair.errors import GatepairError

PER_PAGE: Final = 100
MOST_PAGES: Final = 100
TIMEOUT_S: Final = 30.0
BOT: Final = "github-actions[bot]"
"""Who writes comments with the token of a workflow."""

_FINGERPRINT: Final = re.compile(rf"<!-- {FINGERPRINT_KEY}({re.escape(PREFIX)}[0-9a-f]{{40}}) -->")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")

Comment = Mapping[str, object]


class GitHubRefused(GatepairError):  # noqa: N818 - named for what happened, as all errors here
    """GitHub did not do what it was asked for."""


@attrs.frozen(kw_only=True)
class Repository:
    """A repository on GitHub, as a workflow's environment names it.

    Attributes:
        name: Such as ``example/gateways``.
        api: Address of the API.
        token: What the workflow may do; never shown.
        author: Whose comments count: nobody else's are changed or believed.
    """

    name: str
    api: str = "https://api.github.com"
    token: str = attrs.field(default="", repr=False)
    author: str = BOT

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], author: str = BOT) -> Repository:
        """Read ``GITHUB_REPOSITORY``, ``GITHUB_API_URL`` and ``GITHUB_TOKEN``.

        Raises:
            GitHubRefused: One is missing or wrong.
        """
        name, token = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_TOKEN", "")
        api = environ.get("GITHUB_API_URL") or "https://api.github.com"
        address = urlsplit(api)
        if not _NAME.fullmatch(name) or not token:
            raise GitHubRefused(
                "GITHUB_REPOSITORY or GITHUB_TOKEN is not set",
                remedy="Run this in a workflow, with GITHUB_TOKEN: ${{ github.token }} in its env.",
            )
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise GitHubRefused("GITHUB_API_URL is not https: the token would be sent in clear")
        return cls(name=name, api=api.rstrip("/"), token=token, author=author)

    def publish(self, number: int, body: str, name: str = DEFAULT_MARKER) -> str:
        """Write the one comment of that marker: anew the first time, over the old one afterwards.

        Args:
            number: Number of the pull request.
            body: Markdown that holds the marker.
            name: Name in the marker.

        Returns:
            ``created`` or ``updated``.
        """
        found = self._own_comment(number, name)
        if found is None:
            self._ask("POST", f"/issues/{number}/comments", {"body": body})
            return "created"
        self._ask("PATCH", f"/issues/comments/{found['id']}", {"body": body})
        return "updated"

    def reviewed(self, number: int, name: str = DEFAULT_MARKER) -> str:
        """Return the fingerprint in the comment of that marker.

        Raises:
            GitHubRefused: There is no such comment, or no fingerprint in it.
        """
        found = self._own_comment(number, name)
        match = _FINGERPRINT.search(str(found["body"])) if found else None
        if match is None:
            raise GitHubRefused(
                f"pull request {number} has no review by {self.author} under {marker(name)}",
                remedy="Let the review workflow run on it first; then deploy.",
            )
        return match.group(1)

    def pull_request_of(self, commit: str) -> int:
        """Return the number of the merged pull request that brought a commit.

        Raises:
            GitHubRefused: There is none, or several.
        """
        rows = cast("list[Comment]", self._ask("GET", f"/commits/{commit}/pulls"))
        numbers = [cast("int", row["number"]) for row in rows if row.get("merged_at")]
        if len(numbers) != 1:
            raise GitHubRefused(
                f"{commit[:12]} came from {len(numbers)} merged pull requests, not from one",
                remedy="Deploy by hand: gatepair review, then gatepair deploy --reviewed FINGERPRINT.",
            )
        return numbers[0]

    def _own_comment(self, number: int, name: str) -> Comment | None:
        line = marker(name)
        for comment in self._comments(number):
            user = cast("Comment", comment.get("user") or {})
            if user.get("login") == self.author and str(comment.get("body") or "").startswith(line):
                return comment
        return None

    def _comments(self, number: int) -> Iterator[Comment]:
        for page in range(1, MOST_PAGES + 1):
            rows = cast(
                "list[Comment]",
                self._ask("GET", f"/issues/{number}/comments?per_page={PER_PAGE}&page={page}"),
            )
            yield from rows
            if len(rows) < PER_PAGE:
                return

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> object:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        url = f"{self.api}/repos/{self.name}{path}"
        try:
            response = httpx.request(method, url, headers=headers, json=body, timeout=TIMEOUT_S)
        except httpx.HTTPError as error:
            raise GitHubRefused(f"GitHub does not answer: {type(error).__name__}") from None
        if response.is_success:
            return response.json()
        raise _refusal(response.status_code, method, path.partition("?")[0])


def _refusal(status: int, method: str, path: str) -> GitHubRefused:
    remedies = {
        401: "The token is not valid (any more).",
        403: (
            "Give the job 'permissions: pull-requests: write'. A pull request from a fork gets a token that "
            "only reads: publish its review from a workflow_run workflow."
        ),
        404: "Check the repository's name and the number; a token without rights gets this answer too.",
        422: "The comment is too long or empty: lower --limit.",
    }
    return GitHubRefused(f"GitHub answered {method} {path} with {status}", remedy=remedies.get(status, ""))


def number_from(environ: Mapping[str, str]) -> int:
    """Return the number of the pull request that a workflow runs for.

    Raises:
        GitHubRefused: It does not run for one.
    """
    try:
        event: object = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        request = cast("Comment", cast("Comment", event)["pull_request"])
        return int(cast("int", request["number"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise GitHubRefused("this does not run for a pull request", remedy="Name it: --number 12.") from None


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    arguments = _parser().parse_args(words)
    try:
        repository = Repository.from_environment(os.environ, arguments.author)
        if arguments.command == "comment":
            text = Path(arguments.file).read_text(encoding="utf-8")
            number = arguments.number or number_from(os.environ)
            print(f"{repository.publish(number, text, arguments.marker)} the review")  # noqa: T201 - a command
        else:
            number = arguments.number or repository.pull_request_of(arguments.commit)
            print(repository.reviewed(number, arguments.marker))  # noqa: T201 - a command
    except GatepairError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    except OSError as error:
        print(f"Error: {error.filename} cannot be read: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cdktf_stacks.review.github")
    commands = parser.add_subparsers(dest="command", required=True)
    comment = commands.add_parser("comment", help="write the review as a comment, or over the old one")
    comment.add_argument("file", help="Markdown of gatepair review")
    reviewed = commands.add_parser("reviewed", help="print the fingerprint that was reviewed")
    reviewed.add_argument("--commit", default=os.environ.get("GITHUB_SHA", ""), help="merged commit")
    for command in (comment, reviewed):
        command.add_argument("--number", type=int, help="number of the pull request")
        command.add_argument("--marker", default=DEFAULT_MARKER, help="name in the marker")
        command.add_argument("--author", default=BOT, help="whose comments count")
    return parser


if __name__ == "__main__":
    sys.exit(main())
