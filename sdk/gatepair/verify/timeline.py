"""What was seen, on one clock: answers to users and roles of both nodes, in seconds since the start.

Nothing here looks or judges; these are the plain facts that everything else is computed from.
"""

from __future__ import annotations

import attrs

from gatepair.probes import Answer, Probe, Span


@attrs.frozen(kw_only=True)
class RoleSample(Span):
    """One look at a node; it was in that role at *some* moment between request and answer.

    Attributes:
        node: Management address.
        role: ``primary``, ``secondary``, ``standalone`` or ``unknown`` when it does not answer.
        sync: State of synchronization as the node says it.
        detail: Why it did not answer.
    """

    node: str
    role: str
    sync: str = ""
    detail: str = ""

    @property
    def reachable(self) -> bool:
        """Whether the node answered."""
        return not self.detail

    @property
    def primary(self) -> bool:
        """Whether the node said that it is primary."""
        return self.role == "primary"


@attrs.frozen(kw_only=True)
class Timeline:
    """Everything seen in one stretch of time.

    Attributes:
        nodes: Management addresses of both nodes in canonical order.
        names: Host name of each node, for reading who served; may be empty.
        answers: All attempts of users, by the time they ended.
        samples: All looks at the nodes, by the time they ended.
    """

    nodes: tuple[str, str]
    names: tuple[str, str] = ("", "")
    answers: tuple[Answer, ...] = ()
    samples: tuple[RoleSample, ...] = ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The kinds of attempts that were made."""
        return tuple(probe for probe in Probe if self.of(probe))

    @property
    def extent(self) -> Span:
        """From the beginning of the first to the end of the last thing seen."""
        seen: tuple[Span, ...] = (*self.answers, *self.samples)
        return Span(
            began=min((one.began for one in seen), default=0.0),
            ended=max((one.ended for one in seen), default=0.0),
        )

    def of(self, probe: Probe) -> tuple[Answer, ...]:
        """Return the attempts of one kind."""
        return tuple(answer for answer in self.answers if answer.probe is probe)

    def looks(self, node: str) -> tuple[RoleSample, ...]:
        """Return the looks at one node."""
        return tuple(sample for sample in self.samples if sample.node == node)

    def within(self, began: float, ended: float) -> Timeline:
        """Return what ended in a stretch of time."""
        return attrs.evolve(
            self,
            answers=tuple(answer for answer in self.answers if began <= answer.ended <= ended),
            samples=tuple(sample for sample in self.samples if began <= sample.ended <= ended),
        )

    def other(self, node: str) -> str:
        """Return the peer of a node."""
        first, second = self.nodes
        return second if node == first else first

    def title(self, node: str) -> str:
        """Return a node as a person reads it: host name and address."""
        name = self.names[self.nodes.index(node)] if node in self.nodes else ""
        return f"{name} ({node})" if name else node

    def identify(self, said: str) -> str:
        """Return the management address of the node an answer names, empty if it names none of them."""
        for node, name in zip(self.nodes, self.names, strict=True):
            if said and said in {node, node.rpartition(":")[0], name}:
                return node
        return ""
