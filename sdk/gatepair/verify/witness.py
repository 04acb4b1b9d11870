"""Who sees everything: the users' probes and the looks at both nodes, on one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepair.probes import Outcome, Stopwatch, Watch
from gatepair.verify.looking import RoleWatch
from gatepair.verify.timeline import RoleSample, Timeline

if TYPE_CHECKING:
    from gatepair.models import Credentials
    from gatepair.probes import Target
    from gatepair.verify.looking import MakeLooker
    from gatepair.verify.options import VerifyOptions
    from gatepair.workflows.observe import Addresses

_ANSWERED = frozenset({Outcome.SERVED, Outcome.UNAUTHORIZED})


class Witness:
    """Probes as users do and samples the roles of both nodes, until it is stopped.

    Args:
        target: Where users go.
        addresses: The two appliances in canonical order.
        names: Their host names.
        options: Pace, time-outs and the user of the session probe.
        make_looker: Makes who looks at a node.
    """

    def __init__(
        self,
        target: Target,
        addresses: Addresses,
        names: tuple[str, str],
        options: VerifyOptions,
        make_looker: MakeLooker,
    ) -> None:
        self.clock = Stopwatch()
        self.nodes = (str(addresses[0]), str(addresses[1]))
        self._names = names
        self.watch = Watch(
            target, options.interval_s, user=options.user, timeout_s=options.timeout_s, clock=self.clock
        )
        lookers = tuple(make_looker(address) for address in addresses)
        self._roles = RoleWatch(lookers, options.interval_s, self.clock)

    @property
    def user(self) -> Credentials | None:
        """The user who signs in, if there is one."""
        return self.watch.user

    def start(self) -> None:
        """Begin; returns at once."""
        self.watch.start()
        self._roles.start()

    def stop(self) -> None:
        """Tell all threads to end; returns at once."""
        self.watch.stop()
        self._roles.stop()

    @property
    def running(self) -> bool:
        """Whether a thread has not ended yet."""
        return self.watch.running or self._roles.running

    def timeline(self) -> Timeline:
        """Return everything seen so far."""
        return Timeline(
            nodes=self.nodes, names=self._names, answers=self.watch.answers, samples=self._roles.samples
        )

    def role(self, node: str) -> RoleSample | None:
        """Return the latest look at a node."""
        return self._roles.latest(node)

    def seen_all(self) -> bool:
        """Whether each probe has an answer and each node was looked at."""
        probed = set(self.watch.latest()) == set(self.watch.probes)
        return probed and all(self.role(node) is not None for node in self.nodes)

    def serves_since(self, node: str, since: float) -> bool:
        """Whether a node is primary and the gateway answered users after that, with whatever they do.

        A 401 from behind the gateway is an answer here: another switch would not mend it, and it is judged
        later.

        Args:
            node: Management address.
            since: Looks and answers that began before do not count.
        """
        look = self.role(node)
        if look is None or not look.primary or look.began < since:
            return False
        first = next(
            one.ended
            for one in self._roles.samples
            if one.node == node and one.primary and one.began >= since
        )
        return self.answered(first)

    def answered(self, since: float = 0.0) -> bool:
        """Whether the gateway answered users, with whatever they do, in attempts that began since then."""
        latest = self.watch.latest()
        return all(
            probe in latest and latest[probe].outcome in _ANSWERED and latest[probe].began >= since
            for probe in self.watch.probes
        )
