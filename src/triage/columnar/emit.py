"""A graph of conditions -> stages of dataframe expressions.

Plainly: each node becomes the expression that computes it from the prepared columns. A node that
several others need becomes a column of its own, in a stage that later stages read. `module` is
`polars` or `narwhals`: the expressions use only names that both have, so that they run on Polars
directly and on every backend of narwhals.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from triage.columnar.columns import member_of, size_of
from triage.columnar.graph import LOGIC, Graph, Node, Op
from triage.model.derived import Derivation
from triage.model.facts import Kind

Expression = Any
Stage = dict[str, Expression]
"""New columns by name; they read columns of earlier stages and of the cases only."""


class Needs:
    """What the expressions read: the values asked of a fact, and the columns of numbers."""

    def __init__(self) -> None:
        self.choices: dict[str, set[str]] = {}
        self.members: dict[str, set[str]] = {}
        self.sizes: set[str] = set()
        self.plain: set[str] = set()
        self.derived: dict[str, Derivation] = {}
        """The columns of facts that are worked out from others."""

    def add(self, graph: Graph, nodes: Iterable[Node]) -> None:
        for node in nodes:
            op, arguments = graph.operations[node]
            match op:
                case Op.IS:
                    self.choices.setdefault(arguments[0], set()).add(arguments[1])
                case Op.HAS:
                    self.members.setdefault(arguments[0], set()).add(arguments[1])
                case Op.FLAG:
                    self.plain.add(arguments[0])
                case Op.COMPARES:
                    self._number(arguments[0])
                case Op.SHARE:
                    self._number(arguments[2])
                case Op.KNOWN:
                    self._known(arguments[0], graph.facts[arguments[0]].kind)
        read = self.choices.keys() | self.members.keys() | self.sizes | self.plain
        self.derived |= {name: one for name, one in graph.derived.items() if name in read}
        for one in self.derived.values():
            if one.row.column is not None:
                kinds = ((source, graph.facts[source].kind) for source in one.row.sources)
                self.sizes |= {source for source, kind in kinds if kind is Kind.SET}

    def _number(self, column: str) -> None:
        fact = column.removesuffix("#")
        if fact != column:
            self.sizes.add(fact)
        else:
            self.plain.add(column)

    def _known(self, fact: str, kind: Kind) -> None:
        match kind:
            case Kind.SET:
                self.sizes.add(fact)
            case Kind.ENUM | Kind.TEXT:
                self.choices.setdefault(fact, set())
            case _:
                self.plain.add(fact)

    def codes(self, fact: str) -> dict[str, int]:
        """The code of each value that is asked of a fact; every other value is 0."""
        return {value: code for code, value in enumerate(sorted(self.choices[fact]), start=1)}


class Emitter:
    """Writes the nodes of one graph as expressions; `wanted` nodes become columns in any case."""

    def __init__(self, module: Any, graph: Graph, wanted: Iterable[Node]) -> None:
        self.module, self.graph = module, graph
        self.wanted = frozenset(wanted)
        self.nodes = graph.reachable(self.wanted)
        self.needs = Needs()
        self.needs.add(graph, self.nodes)
        self._codes = {fact: self.needs.codes(fact) for fact in self.needs.choices}
        uses = Counter(part for node in self.nodes for part in set(graph.operands(node)))
        shared = {node for node in self.nodes if uses[node] > 1 and self._costs(node)}
        self._columns = shared | self.wanted

    def _costs(self, node: Node) -> bool:
        """Whether a node is more than a column that is there already."""
        return self.graph.operations[node].op not in (Op.CONSTANT, Op.FLAG, Op.HAS)

    def stages(self) -> list[Stage]:
        """All columns, each in the first stage after those that it reads."""
        depth: dict[Node, int] = {}
        stages: list[Stage] = []
        for node in self.nodes:
            below = max((depth[operand] for operand in self.graph.operands(node)), default=0)
            depth[node] = below + (node in self._columns)
            if node in self._columns:
                while len(stages) < depth[node]:
                    stages.append({})
                stages[depth[node] - 1][name(node)] = self._written(node)
        return stages

    def column(self, node: Node) -> Expression:
        """A node to build on: its column, or what it is made of where it has none."""
        return self.module.col(name(node)) if node in self._columns else self._written(node)

    def _written(self, node: Node) -> Expression:
        op, arguments = self.graph.operations[node]
        if op in LOGIC:
            return self._logic(op, arguments)
        module = self.module
        match op:
            case Op.CONSTANT:
                return module.lit(arguments[0], dtype=module.Boolean)
            case Op.FLAG:
                return module.col(arguments[0])
            case Op.HAS:
                return module.col(member_of(*arguments))
            case Op.IS:
                return module.col(arguments[0]) == self._codes[arguments[0]][arguments[1]]
            case Op.KNOWN:
                fact = arguments[0]
                return ~module.col(size_of(fact) if fact in self.needs.sizes else fact).is_null()
            case Op.COMPARES:
                return self._compared(*arguments)
            case Op.TOTAL:
                return total(module, [self.column(operand) for operand in arguments])
        return self._share(*arguments)

    def _logic(self, op: Op, nodes: Sequence[Node]) -> Expression:
        operands = [self.column(node) for node in nodes if node != self.graph.unknown]
        match op:
            case Op.NOT:
                return ~operands[0]
            case Op.SURE:
                return operands[0].fill_null(False)
            case Op.MAYBE:
                return operands[0].fill_null(True)
            case Op.SETTLED:
                return ~operands[0].is_null()
        joined = operands[0]
        for operand in operands[1:]:
            joined = joined & operand if op is Op.AND else joined | operand
        if len(operands) == len(nodes):
            return joined
        # "or" with an unknown is true or unknown, "and" with one false or unknown. Written without
        # a column of nothing but unknowns, which not every backend keeps.
        return self.module.when(joined if op is Op.OR else ~joined).then(joined)

    def _compared(self, column: str, operator: str, number: int) -> Expression:
        values = self.module.col(column)
        if operator == "==":
            return values == number
        return values <= number if operator == "<=" else values >= number

    def _share(
        self, low: Node, open_: Node, size: str, numerator: int, denominator: int
    ) -> Expression:
        """Compared as whole numbers, so that two of three are exactly two thirds.

        `low` counts the members that are true, `open_` those that may still become true.
        """
        module, least = self.module, self.column(low)
        enough = module.col(size).cast(module.Int32) * numerator
        sure = least * denominator >= enough
        may = (least + self.column(open_)) * denominator >= enough
        return module.when(sure == may).then(sure)


def name(node: Node) -> str:
    return f"={node}"


def total(module: Any, flags: Sequence[Expression]) -> Expression:
    """How many of these are true, as a 32-bit number; unknown ones are not."""
    if not flags:
        return module.lit(0, dtype=module.Int32)
    narrow = module.UInt8 if len(flags) < 256 else module.Int32
    numbers = (one.fill_null(False).cast(narrow) for one in flags)
    return module.sum_horizontal(*numbers).cast(module.Int32)
