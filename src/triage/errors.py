"""Every error that this package raises on purpose. Imports nothing, so any module may import it."""


class TriageError(Exception):
    """Base of all errors meant for people: a line on what is wrong, perhaps one on what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class PolicyError(TriageError):
    """The policy cannot be used; `diagnostics` has a line for each error in it."""

    def __init__(self, message: str, diagnostics: tuple[str, ...] = (), help: str = "") -> None:
        super().__init__(message, help)
        self.diagnostics = diagnostics


class RequestError(TriageError):
    """One value of a request cannot be read: its field, the value as given, what was expected.

    `cause` is the same for values that are wrong in the same way: the key of the message.
    """

    def __init__(self, field: str, value: str, expected: str, cause: str = "") -> None:
        super().__init__(f'{field}: "{value}": {expected}')
        self.field = field
        self.value = value
        self.expected = expected
        self.cause = cause or expected

    def __reduce__(self) -> tuple[type["RequestError"], tuple[str, str, str, str]]:
        """The workers of a cluster send errors back by pickle."""
        return type(self), (self.field, self.value, self.expected, self.cause)


class UsageError(TriageError):
    """The command was used wrongly, or its input cannot be read at all (exit code 2)."""


class EvaluationError(TriageError):
    """The engine failed in a way its guards caught; the engine that raised it is not used again.

    The key of a message, with what fills it: only who tells the error knows the language.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(" ".join((key, *map(str, values.values()))))
        self.key, self.values = key, values


def first_line(error: BaseException) -> str:
    """The first line of what another library says is wrong, to stand in a message of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
