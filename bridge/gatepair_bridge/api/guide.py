"""What applies to the whole API, in words: part of the OpenAPI document, the page and the reference.

The text is Markdown as far as `gatepair_bridge.api.markup` reads it.
"""

from __future__ import annotations

from typing import Final

OVERVIEW: Final = """\
The bridge is a small REST API in words of the pair. The same routes and handlers answer inside the
Terraform provider and over HTTP (`gatepair bridge serve`). It keeps no data of its own: the truth is on
the appliances.

`{a}` is an appliance's management address, `host[:port]` with 443 left out; `{a},{b}` takes both in any
order, percent-encoded or not. Answers always use the canonical order.
"""

SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    (
        "Documents",
        """\
A document holds exactly the managed keys, every one of them present, as text and whole numbers only, so
that a read compares equal to the write before it. What is not declared is empty text.

- `failover_pair` reads `formed`, `dissolved` (no failover on either node) or `broken` (anything
  between); a declaration always says `formed`. A pair that somebody dissolved by hand is therefore a
  difference to be mended, not a 404.
- A live swap of the roles changes nothing in the document: live facts are under `.../status`.
- The shared key, its version, the preferred primary, `overwrite_joining_node` and `replaces_external`
  are write-only: a body may have them, an answer never does.
- `?external=ADDRESS&internal=ADDRESS` says which virtual IPs are expected, where several addresses
  could be meant.
- Of an appliance's network only declared keys are managed: a reader names them,
  `?keys=host_name,interfaces&interfaces=1/2`, and gets exactly these.
""",
    ),
    (
        "Dry runs",
        """\
`?dry_run=true` on any change answers 200 with the steps that would be done, their order, their impact
and what users would notice. It changes nothing, and needs only the scope `read`.

`impact` is one of `none`, `resync`, `reconnect` (users reconnect), `failover`, `restart`, `outage`,
`dissolved`. A query parameter that a path does not know is an error: a misspelt `dry_run` must not
become a change.
""",
    ),
    (
        "Long changes",
        """\
A change is answered when it is done. With `Prefer: respond-async` (RFC 7240) it is answered at once:
202, the operation as body, its address in `Location`. `Prefer: respond-async, wait=20` waits for the
end up to 20 seconds first. A request that is not valid, or that finds another change under way, is
refused as usual and never becomes an operation.

- `state` is `running`, then `succeeded`, `failed` or `cancelled`; then `status` and `result` are what
  the request would have been answered with. `progress` is what it said so far.
- `POST /v1/operations/{operation}/cancel` stops a change between two steps. What is done stays, users
  stay served, and the same request sent again goes on from there.
- Finished operations are remembered for an hour, in the process that ran them.
""",
    ),
    (
        "Verify and upgrade",
        """\
`verify` makes failovers while it acts as a user at the external virtual IP, and answers with its report,
whose `verdict` is `passed` or `failed`; both are 200. A failover by power takes commands that run on a
machine, so it is only made by the command line there. `upgrade` answers with a report, too, also where it
stopped. The bridge goes to virtual IPs of pairs that its own file declares or in `user_networks`, and has
firmware taken from where `firmware_urls` allows.
""",
    ),
    (
        "Side by side",
        """\
- One change at a time for each appliance. A second one gets 409 with `holder`: who, what, since when.
  Within the provider's own process it waits instead. Changes of networks wait for each other, up to 60 s.
- Answers carry an `ETag`, the same on every instance. `If-Match` on PUT and DELETE refuses the change
  with 412 if the pair is no longer what the caller last saw; `If-None-Match` on GET gives 304.
- `Idempotency-Key` on POST gives the same reply to the same request for a day; 422 for another request
  with the same key, 409 while the first one is under way.
- `X-Request-Id` names a request in the bridge's logs; one is made up if the caller sends none.
""",
    ),
    (
        "Credentials",
        """\
Callers show a token, `Authorization: Bearer ...`, with the scopes `read`, `change` and `operate`.
Scopes do not include each other. Without a token file only programs on the same machine are let in.

The bridge talks to the appliances with its own credentials, or with those that come with a request
where its operator allows it (`caller_credentials`): HTTP Basic in `Gatepair-Appliance-Authorization`,
or in `Authorization` where no token is needed. They are used for that request alone, never stored and
never logged. If the appliance refuses them the answer is 403, not 502.
""",
    ),
    (
        "The way to the primary",
        """\
Any program that speaks NITRO can follow the pair: give it `https://BRIDGE/v1/pairs/{a},{b}/primary` in
place of an appliance's address. `Gatepair-Node` in the answer says which node it comes from. Bodies go
through piece by piece in both directions, however large.

- A write is sent once, to a node that was found primary just before, and never while a change of the
  pair is under way (409).
- A read, or a request that certainly had no effect (it never reached the node, or the node refused it
  for not being primary), is sent once more when another node has become primary; a takeover that is
  under way is waited for. A body of more than 64 KiB is sent again only if nothing of its rest was
  taken.
- The program's own credentials go on to the appliance: the login cookie (whose path is adapted),
  `X-NITRO-USER` and `X-NITRO-PASS`. A session belongs to one node, so after a failover the program logs
  in again, as it would after a session has expired.
- Without credentials of its own the request goes with the bridge's. That, and any write, takes the
  scope `operate`; reading with one's own takes `read`.
- `Authorization` with a token never goes on; HTTP Basic credentials do, as those of the appliance.
- A program that knows a host and a port only, such as a monitoring plug-in, uses a host name that the
  bridge's operator gave to the pair (`primary_hosts`): `https://office.example.net/nitro/...`. Without a
  token it may read there, with the appliance's credentials.
""",
    ),
    (
        "Problems",
        """\
Errors are problem documents (RFC 9457, `application/problem+json`). `type` is stable. `remedy` says
what to do, `key` names the key of the body or the query parameter to blame, `node` the appliance,
`checks` the checks that failed. Everything wrong with a body is told at once in `detail`.
""",
    ),
)


def description() -> str:
    """Give all of it as one Markdown text."""
    return "\n".join((OVERVIEW, *(f"## {title}\n\n{text}" for title, text in SECTIONS)))
