"""Conditions as a graph of three-valued expressions.

A node is true, false or unknown for each case, by Kleene's logic; only a total is a number. Its
plain meaning is the expression that it was built from: `all_((a, not_(b)))` is "a and not b". Equal
expressions are one node, and constants are folded, so that what many rules ask is computed once.
Nothing here knows a dataframe; `emit` turns nodes into columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from triage.columnar.columns import size_of
from triage.model.derived import Derivation
from triage.model.facts import Fact

Node = int
"""The index of a node in its graph. A node comes after the nodes that it is made of."""


class Op(StrEnum):
    """What a node does: reads a prepared column, counts nodes, is a constant, or joins nodes."""

    IS = "is"
    FLAG = "flag"
    HAS = "has"
    COMPARES = "compares"
    KNOWN = "known"

    TOTAL = "total"
    SHARE = "share"

    CONSTANT = "constant"

    NOT = "not"
    AND = "and"
    OR = "or"
    SURE = "sure"
    MAYBE = "maybe"
    SETTLED = "settled"


LOGIC = frozenset((Op.NOT, Op.AND, Op.OR, Op.SURE, Op.MAYBE, Op.SETTLED))
"""Nodes whose arguments are nodes and nothing else."""


class Operation(NamedTuple):
    op: Op
    arguments: tuple[Any, ...]


class Graph:
    """Nodes, each there once; the operations simplify as they build."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        """`facts` are those of the cases."""
        self.facts = dict(facts)
        self.derived: dict[str, Derivation] = {}
        """The facts that are worked out case by case, by the names of their columns."""
        self.operations: list[Operation] = []
        self._nodes: dict[Operation, Node] = {}
        self.false = self._add(Op.CONSTANT, False)
        self.true = self._add(Op.CONSTANT, True)
        self.unknown = self._add(Op.CONSTANT, None)

    def _add(self, op: Op, *arguments: Any) -> Node:
        operation = Operation(op, arguments)
        node = self._nodes.get(operation)
        if node is None:
            node = self._nodes[operation] = len(self.operations)
            self.operations.append(operation)
        return node

    # -- what is read from the cases

    def worked_out(self, derivation: Derivation) -> Fact:
        """A derived fact under the name of its column, which is another for other settings."""
        fact, settings = derivation.row.fact, derivation.settings
        name = f"{fact.name}{settings}" if settings else fact.name
        self.derived[name] = derivation
        return self.facts.setdefault(name, replace(fact, name=name))

    def is_(self, fact: str, value: str) -> Node:
        return self._add(Op.IS, fact, value)

    def flag(self, fact: str) -> Node:
        """The fact is true."""
        return self._add(Op.FLAG, fact)

    def has(self, fact: str, value: str) -> Node:
        """The set includes the value."""
        return self._add(Op.HAS, fact, value)

    def compares(self, column: str, operator: str, number: int) -> Node:
        """A column of whole numbers is `==`, `<=` or `>=` a number."""
        return self._add(Op.COMPARES, column, operator, number)

    def known(self, fact: str) -> Node:
        """The fact is known; the node itself is never unknown."""
        return self._add(Op.KNOWN, fact)

    def given(self, fact: str) -> Node:
        """True where the fact is known, and unknown where it is not."""
        return self.any_((self.known(fact), self.unknown))

    def share(self, members: Sequence[Node], fact: str, least: Fraction) -> Node:
        """As many nodes are true as are at least some share of the members of a set.

        Unknown where the answer depends on nodes that are unknown, or on an unknown size.
        """
        members = [one for one in members if one != self.false]
        # What a set includes is unknown only where its size is, so it is not counted as open.
        asked = [one for one in members if self.operations[one].op is not Op.HAS]
        open_ = [self.not_(self.settled(one)) for one in asked]
        totals = [self._add(Op.TOTAL, *sorted(nodes)) for nodes in (members, open_)]
        return self._add(Op.SHARE, *totals, size_of(fact), *least.as_integer_ratio())

    # -- logic

    def constant(self, value: bool | None) -> Node:
        """The same for every case."""
        return self.unknown if value is None else self.true if value else self.false

    def not_(self, node: Node) -> Node:
        """True where the node is false."""
        op, arguments = self.operations[node]
        if op is Op.CONSTANT:
            return self.constant(None if arguments[0] is None else not arguments[0])
        return int(arguments[0]) if op is Op.NOT else self._add(Op.NOT, node)

    def all_(self, nodes: Iterable[Node]) -> Node:
        return self._combined(Op.AND, nodes, zero=self.false, one=self.true)

    def any_(self, nodes: Iterable[Node]) -> Node:
        return self._combined(Op.OR, nodes, zero=self.true, one=self.false)

    def _combined(self, op: Op, nodes: Iterable[Node], zero: Node, one: Node) -> Node:
        """`zero` decides the result whatever else there is; `one` changes nothing."""
        flat: set[Node] = set()
        for node in nodes:
            operation = self.operations[node]
            flat.update(operation.arguments if operation.op is op else (node,))
        flat.discard(one)
        if zero in flat:
            return zero
        # a and (a or b) is a, in three values too.
        other = Op.OR if op is Op.AND else Op.AND
        of = self.operations
        kept = {n for n in flat if of[n].op is not other or flat.isdisjoint(of[n].arguments)}
        if len(kept) < 2:
            return next(iter(kept), one)
        return self._add(op, *sorted(kept))

    # -- from three values to two

    def sure(self, node: Node) -> Node:
        """True where the node is true, else false."""
        return self._narrowed(Op.SURE, node, self.false)

    def maybe(self, node: Node) -> Node:
        """False where the node is false, else true."""
        return self._narrowed(Op.MAYBE, node, self.true)

    def settled(self, node: Node) -> Node:
        """Whether the node is true or false."""
        if node == self.unknown:
            return self.false
        return self.true if self._two_valued(node) else self._add(Op.SETTLED, node)

    def _narrowed(self, op: Op, node: Node, unknown: Node) -> Node:
        if node == self.unknown:
            return unknown
        return node if self._two_valued(node) else self._add(op, node)

    def _two_valued(self, node: Node) -> bool:
        op, arguments = self.operations[node]
        if op is Op.CONSTANT:
            return arguments[0] is not None
        if op in (Op.NOT, Op.AND, Op.OR):
            return all(map(self._two_valued, arguments))
        return op in (Op.KNOWN, Op.SURE, Op.MAYBE, Op.SETTLED)

    # -- reading

    def operands(self, node: Node) -> tuple[Node, ...]:
        op, arguments = self.operations[node]
        if op in LOGIC:
            return arguments
        if op is Op.SHARE:
            return arguments[:2]
        return arguments if op is Op.TOTAL else ()

    def reachable(self, nodes: Iterable[Node]) -> list[Node]:
        """These nodes and all that they are made of, operands first."""
        reached: set[Node] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting += self.operands(node)
        return sorted(reached)
