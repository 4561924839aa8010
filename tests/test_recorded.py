"""Recordings of two checkouts are compared without what has to differ between them."""

from datetime import date

from recorded.normal import Normal

NORMAL = Normal("/checkout", "/scratch", "0.2.0", date(2026, 11, 30))


def test_versions_of_policies_and_ids_of_decisions_are_numbered_as_they_come() -> None:
    def told(first: str, second: str) -> str:
        return (
            f"policy {first}, decision D-{first}0123; policy {second}, decision D-{second}0123; "
            f"again {first}; backtest-{second}.yaml"
        )

    normal = NORMAL.text(told("0a1b2c3d4e5f", "abcdef012345"))
    assert normal == NORMAL.text(told("9f8e7d6c5b4a", "1234567890ab"))
    assert normal == (
        "policy <policy 1>, decision <decision 1>; policy <policy 2>, decision <decision 2>; "
        "again <policy 1>; backtest-<policy 2>.yaml"
    )
    # A text that takes one policy for the other differs.
    assert normal != NORMAL.text(told("0a1b2c3d4e5f", "0a1b2c3d4e5f"))


def test_numbers_and_longer_digests_stay() -> None:
    digest = "0a1b2c3d4e5f" * 3
    text = f"999999999999 {digest} X-0a1b2c3d4e5g R-0a1b2c3d4e"
    assert NORMAL.text(text) == text
