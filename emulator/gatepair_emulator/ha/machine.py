"""Who is primary: the state machine of one node, without clock, network or disk of its own.

Everything it knows comes in through its methods, with the time; everything it wants goes out as
events. A role is taken only after the other node has given way (a claim and its grant travel in the
heartbeats) or has been silent for the dead interval, so while heartbeats flow both ways there are
never two primaries. Rules: docs.netscaler.com, chapter "High availability" (node states, forced
failover, fail-safe mode, limiting failovers); choices where that text is silent are marked.
"""

from __future__ import annotations

from typing import Final

from attrs import define, field

from gatepair_emulator.ha.election import Event, Rank, RoleChanged, Rules, SayHello, order, rank_of
from gatepair_emulator.ha.messages import Admin, Health, Hello, Role

_REORDERED: Final = 1000
_MAY_SERVE: Final = frozenset({Admin.ENABLED, Admin.STAYPRIMARY})


@define
class Machine:
    """The node's part of the pair.

    Times are seconds of any steady clock, given with each call; ``wall_ms`` is milliseconds since
    the epoch and is only compared between nodes.
    """

    address: str
    rules: Rules = field(factory=Rules)
    health: Health = Health.UP
    role: Role = Role.INIT
    peer: str | None = None
    last: Hello | None = None
    role_since: float = 0.0
    flips: int = 0
    settled: bool = False
    events: list[Event] = field(factory=list[Event])
    _now: float = 0.0
    _wall_ms: int = 0
    _heard_at: float = 0.0
    _primary_since: int = 0
    _last_primary: int = 0
    _claim: int = 0
    _claims_made: int = 0
    _claim_until: float = 0.0
    _forced: bool = False
    _granted: int = 0
    _granted_until: float = 0.0
    _inviting_until: float = 0.0
    _flip_window: float = 0.0

    # -- inputs ---------------------------------------------------------------------------------

    def boot(self, now: float, wall_ms: int) -> None:
        """Begin: alone at once, in a pair after listening for the peer."""
        self._at(now, wall_ms)
        self.role_since = now
        self._heard_at = now
        self._decide()

    def tick(self, now: float, wall_ms: int) -> None:
        """Time has passed."""
        self._at(now, wall_ms)
        self._decide()

    def heard(self, hello: Hello, now: float, wall_ms: int) -> bool:
        """A heartbeat came in.

        Args:
            hello: The heartbeat.
            now: Seconds of the steady clock.
            wall_ms: Milliseconds since the epoch.

        Returns:
            Whether it is from the configured peer and meant for this node.
        """
        self._at(now, wall_ms)
        if self.peer is None or hello.sender != self.peer or hello.target != self.address:
            return False
        if self.last is not None and 0 < self.last.sequence - hello.sequence < _REORDERED:
            return True  # overtaken by a later one
        self.last = hello
        self._heard_at = now
        if hello.role is Role.PRIMARY:
            self.settled = True
            self._granted_until = 0.0  # the peer has taken the role it was granted
        self._decide()
        return True

    def join(self, peer: str, now: float, wall_ms: int) -> None:
        """A peer was added. A node that serves goes on serving until the two have talked."""
        self._at(now, wall_ms)
        self.peer = peer
        self.last = None
        self._heard_at = now
        if self.role is Role.PRIMARY:
            # The node that was paired first and has settled stays primary (a published client waits
            # for that); so tenure is counted from the pairing, not from the node's start.
            self._primary_since = wall_ms
        self._decide()
        self.events.append(SayHello())

    def leave(self, now: float, wall_ms: int) -> None:
        """The peer was removed: the node is on its own again."""
        self._at(now, wall_ms)
        self.peer = None
        self.last = None
        self._drop_claim()
        self._granted = 0
        self._decide()

    def changed(self, now: float, wall_ms: int) -> None:
        """Rules or health have changed."""
        self._at(now, wall_ms)
        self._decide()
        self.events.append(SayHello())

    def force(self, now: float, wall_ms: int) -> None:
        """A forced failover was ordered here; the refusals were checked before."""
        self._at(now, wall_ms)
        if self.role is Role.PRIMARY:
            self._inviting_until = now + self.rules.dead_interval_s
        else:
            self._start_claim(forced=True)
        self.events.append(SayHello())

    # -- outputs --------------------------------------------------------------------------------

    def hello(self, sequence: int, facts: dict[str, str]) -> Hello:
        """The heartbeat to send now.

        Args:
            sequence: Its number.
            facts: What is only shown.

        Returns:
            The heartbeat, without an interface.
        """
        return Hello(
            sender=self.address,
            target=self.peer or "",
            sequence=sequence,
            role=self.role,
            admin=self.rules.admin,
            health=self.health,
            eligible=self.eligible,
            primary_since=self._primary_since if self.role is Role.PRIMARY else 0,
            last_primary=self._last_primary,
            claim=self._claim,
            forced=self._forced,
            granted=self._granted if self._now < self._granted_until else 0,
            inviting=self.inviting,
            sticky=self.sticky,
            settled=self.settled,
            facts=facts,
        )

    def drain(self) -> list[Event]:
        """The events since the last call.

        Returns:
            Oldest first.
        """
        events, self.events = self.events, []
        return events

    def deadline(self) -> float:
        """When the next decision may be due if nothing comes in, in seconds of the steady clock."""
        times = [self._heard_at + self.rules.dead_interval_s, self._claim_until, self._granted_until]
        times += [self._inviting_until]
        later = [time for time in times if time > self._now]
        return min(later, default=self._now + self.rules.dead_interval_s)

    @property
    def peer_alive(self) -> bool:
        """Whether the peer was heard within the dead interval."""
        return self.last is not None and self._now - self._heard_at < self.rules.dead_interval_s

    @property
    def eligible(self) -> bool:
        """Whether this node may be primary by its own rules and health."""
        if self.rules.admin not in _MAY_SERVE:
            return False
        if self.health is Health.UP or self.peer is None:
            return True
        return self.rules.fail_safe and not self._peer_could_serve()

    @property
    def inviting(self) -> bool:
        """Whether the node, primary, waits for the peer to take over."""
        return self.role is Role.PRIMARY and self._now < self._inviting_until

    @property
    def sticky(self) -> bool:
        """Whether role changes are used up for now."""
        return 0 < self.rules.max_flips <= self.flips and self.flip_time < self.rules.max_flip_time_s

    @property
    def flip_time(self) -> float:
        """Seconds since role changes began to be counted; 0 if there was none."""
        return self._now - self._flip_window if self.flips else 0.0

    # -- decisions ------------------------------------------------------------------------------

    def _at(self, now: float, wall_ms: int) -> None:
        self._now = now
        self._wall_ms = wall_ms
        if self.role is Role.PRIMARY and self.peer is not None:
            self._last_primary = wall_ms
        if self.flips and self.flip_time >= self.rules.max_flip_time_s:
            self.flips = 0

    def _decide(self) -> None:
        """Move to the role the facts demand; at most a few steps settle it."""
        for _ in range(4):
            before = self.role
            if self.peer is None:
                self._decide_alone()
            else:
                _DECISIONS[self.role](self)
            if self.role is before:
                return

    def _decide_alone(self) -> None:
        # STAYSECONDARY and DISABLED keep a node harmless even alone: the vendor's guides tell to set
        # them before the pair is broken, or the freed node would bring the same addresses up.
        wanted = Role.PRIMARY if self.rules.admin in _MAY_SERVE else Role.SECONDARY
        self._become(wanted, "stand-alone" if wanted is Role.PRIMARY else self.rules.admin.value)

    def _decide_init(self) -> None:
        if self.peer_alive:
            self._become(Role.SECONDARY, "the peer answers")
        elif self._silent:
            self._take_over_or_wait("no peer was heard while starting")

    def _decide_secondary(self) -> None:
        last = self.last
        if last is None or not self.peer_alive:
            if self._silent and self.eligible:
                self._become(Role.PRIMARY, "the peer is silent")
        elif last.role is Role.CLAIMING and self._gives_way_to(last):
            self._grant(last)
        elif self._now >= self._granted_until and self.eligible and self._wants_role(last):
            self._start_claim(forced=False)

    def _decide_claiming(self) -> None:
        last = self.last
        if last is None or not self.peer_alive:
            self._take_over_or_wait("the peer is silent")
        elif not self.eligible:
            self._become(Role.SECONDARY, "not fit to be primary")
        elif last.role is Role.PRIMARY:
            self._meet_refusal(last)
        elif last.granted == self._claim:
            self._become(Role.PRIMARY, "forced failover" if self._forced else "the peer gave way")
        elif last.role is Role.CLAIMING and self._gives_way_to(last):
            self._grant(last)
        elif self._now >= self._claim_until:
            self._become(Role.SECONDARY, "the claim was not answered")

    def _decide_primary(self) -> None:
        last = self.last
        if not self.eligible and not (self.sticky and self.rules.admin in _MAY_SERVE):
            self._become(Role.SECONDARY, "not fit to be primary")
        elif last is None or not self.peer_alive:
            return
        elif last.role is Role.PRIMARY and self._loses_to(last):
            self._become(Role.SECONDARY, "the peer is primary too and stays")
        elif last.role is Role.CLAIMING and self._gives_way_to(last):
            self._grant(last)

    # -- judgements -----------------------------------------------------------------------------

    @property
    def _silent(self) -> bool:
        return self._now - self._heard_at >= self.rules.dead_interval_s

    def _peer_could_serve(self) -> bool:
        last = self.last
        if last is None or not self.peer_alive:
            return False
        return last.admin in _MAY_SERVE and last.health is Health.UP

    def _wants_role(self, peer: Hello) -> bool:
        """Whether this node, secondary and fit, should claim the primary role from a living peer."""
        if peer.role is Role.PRIMARY:
            if peer.inviting:
                return True
            if self.rules.admin is Admin.STAYPRIMARY and peer.admin is not Admin.STAYPRIMARY:
                return True
            return self.health is Health.UP and peer.health is not Health.UP and not peer.sticky
        return self._rank() > rank_of(peer)

    def _gives_way_to(self, peer: Hello) -> bool:
        """Whether the peer's claim is granted."""
        if self.role is not Role.PRIMARY:
            if peer.claim == self._granted and self._granted_until > self._now:
                return True
            return peer.forced or not self.eligible or self._rank() < rank_of(peer)
        if self.rules.admin is Admin.STAYPRIMARY:
            return False
        if peer.forced or self.inviting or peer.admin is Admin.STAYPRIMARY:
            return True
        return self.health is not Health.UP and peer.health is Health.UP and not self.sticky

    def _rank(self) -> Rank:
        return rank_of(self.hello(0, {}))

    def _loses_to(self, peer: Hello) -> bool:
        """Whether this one of two primaries yields.

        The one that became primary later does (our choice; the manuals do not say), unless one of
        them is told to stay.
        """
        if Admin.STAYPRIMARY in {self.rules.admin, peer.admin}:
            return self.rules.admin is not Admin.STAYPRIMARY
        mine = (self.health is not Health.UP, self._primary_since, order(self.address))
        theirs = (peer.health is not Health.UP, peer.primary_since, order(peer.sender))
        return mine > theirs

    # -- moves ----------------------------------------------------------------------------------

    def _take_over_or_wait(self, reason: str) -> None:
        self._become(Role.PRIMARY if self.eligible else Role.SECONDARY, reason)

    def _start_claim(self, *, forced: bool) -> None:
        self._claims_made += 1
        self._claim = (self._wall_ms << 8) | (self._claims_made & 0xFF)
        self._forced = forced
        self._claim_until = self._now + self.rules.dead_interval_s
        self._granted = 0
        self._become(Role.CLAIMING, "forced failover" if forced else "better placed than the peer")

    def _meet_refusal(self, peer: Hello) -> None:
        if Admin.STAYPRIMARY is self.rules.admin is peer.admin:
            self._become(Role.PRIMARY, "both nodes are told to stay primary")
        elif self._now >= self._claim_until:
            self._become(Role.SECONDARY, "the peer did not give way")

    def _grant(self, peer: Hello) -> None:
        fresh = self._granted != peer.claim
        self._granted = peer.claim
        if fresh:
            self._granted_until = self._now + self.rules.dead_interval_s
            self.events.append(SayHello())
        self._become(Role.SECONDARY, "gave way to the peer")

    def _drop_claim(self) -> None:
        self._claim = 0
        self._forced = False
        self._inviting_until = 0.0

    def _become(self, role: Role, reason: str) -> None:
        if role is self.role:
            return
        before, self.role = self.role, role
        self.role_since = self._now
        if role is not Role.CLAIMING:
            self._drop_claim()
        if role is Role.PRIMARY:
            self._primary_since = self._wall_ms
            self._granted = 0
            self.settled = True
        if self.peer is not None and Role.INIT is not before and role is not Role.CLAIMING:
            self._count_flip(role, before)
        self.events += [RoleChanged(role=role, before=before, reason=reason), SayHello()]

    def _count_flip(self, role: Role, before: Role) -> None:
        if Role.PRIMARY not in {role, before}:
            return
        if self.flips == 0:
            self._flip_window = self._now
        self.flips += 1


_DECISIONS: Final = {
    Role.INIT: Machine._decide_init,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the table belongs to the class
    Role.SECONDARY: Machine._decide_secondary,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
    Role.CLAIMING: Machine._decide_claiming,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
    Role.PRIMARY: Machine._decide_primary,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
}
