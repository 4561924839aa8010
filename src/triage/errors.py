"""Every error that this package raises on purpose. Imports nothing, so that any module may
import it.
"""


class TriageError(Exception):
    """Base of all errors meant for people: one line that says what is wrong, and perhaps what to
    do.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class PolicyError(TriageError):
    """The policy cannot be used: it has errors, which `triage check` lists.

    `diagnostics` holds one rendered line for each of them.
    """

    def __init__(self, message: str, diagnostics: tuple[str, ...] = (), help: str = "") -> None:
        super().__init__(message, help)
        self.diagnostics = diagnostics


class RequestError(TriageError):
    """One value of a request cannot be read: `field`, the `value` as given, and what was
    `expected`.
    """

    def __init__(self, field: str, value: str, expected: str) -> None:
        super().__init__(f'{field}: "{value}": {expected}')
        self.field = field
        self.value = value
        self.expected = expected

    def __reduce__(self) -> tuple[type["RequestError"], tuple[str, str, str]]:
        """Errors come back from the workers of a cluster."""
        return type(self), (self.field, self.value, self.expected)


class UsageError(TriageError):
    """The command was used wrongly, or its input cannot be read at all (exit code 2)."""


class EvaluationError(TriageError):
    """The engine failed in a way its guards caught; the engine that raised it is not used again."""


def first_line(error: BaseException) -> str:
    """The first line of what another library says is wrong, to stand in a message of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
