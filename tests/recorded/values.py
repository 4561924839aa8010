"""Contents of the files that are made: values as people write them, strange texts, overlays."""

from collections.abc import Mapping, Sequence
from typing import Any

VALUES: Mapping[str, Sequence[Any]] = {
    "received": (
        "4 July 2022", "July 4, 2022", "4 juillet 2022", "1er juin 2022", "2022-07-04T10:00",
        "03/04/2022", "13/04/2022", "2022-02-30", "20220704", "44746", "1800-01-01", "3 mars", "",
    ),
    "cost_cad": (
        "1234.50", "1,234.50", "1 234,50", "$1,234.50", "1 234,50 $", "1,234", "$85,000", "12 €",
        "-5", "1e3", "abc", "9999999999999", "0", "0.1234567",
    ),
    "participants": ("12", "1,234", "12.000", "12.5", "-1", "1000001", "twelve", "0", "12 people"),
    "purpose_stated": ("yes", "no", "oui", "non", "true", "x", "1", "0", "maybe", "Y", "n/a"),
    "countries": (
        "Japan", "Japon", "JPN", "jp", "Korea", "Congo", "Peru; Pérou", "Côte d'Ivoire", "Atlantis",
        "Viet Nam, Japan", "UK", "Kosovo", "Hong Kong", "Taiwan", "Europe",
    ),
    "topics": ("Labour mobilty", "labour mobility", "Thème", "asylum_systems; culture", ";;", "x"),
    "engagement_type": ("Meeting", "réunion", "MEETING", "study  tour", "meet", "conference"),
    "forum": ("Colombo Process", "processus de colombo", "no such forum"),
    "level": ("Director", "directrice", "minister", "boss"),
    "gc_priority": ("afghanistan_response", "anything", "no"),
    "start": ("2022-06-01", "2022-07-03", "2030-01-01"),
    "end": ("2022-06-01", "2022-07-02"),
    "classification": ("Unclassified", "protégé B", "secret", "top secret"),
    "visa_required_participants": ("3", "99"),
    "id": ("IN-1", "in-1", "a b", "x" * 70, "1", "=1"),
}  # fmt: skip
"""Values of facts as people write them, good ones and others."""


def hostile() -> list[dict[str, Any]]:
    """Requests whose texts would be taken for something else."""
    texts = (
        "=1+1", "@SUM(A1)", "-2+3", "+4", "\ttab", "<script>alert(1)</script>", "a | b | c",
        "**bold** _it_ `code` [link](http://x)", "# head\n- item\n> quote", "&amp; < > \" '",
        "\u202eright to left", "a\u0000b", "é\u0301ç\u00a0« x »", "x" * 400, "{slot} {0} %s \\n",
    )  # fmt: skip
    return [
        {
            "id": f"H-{number}",
            "title": text,
            "summary": text,
            "received": "2022-07-04",
            "engagement_type": "meeting",
            "countries": ["JPN"],
            "requester_organization": text,
            "mission": text,
            "topics": ["labour_mobility"],
        }
        for number, text in enumerate(texts)
    ]


SUSPENSION = """
suspensions:
  - id: evacuation
    title: {en: Evacuation and resettlement, fr: Évacuation et réinstallation}
    reason: {en: "Teams are on emergency work.", fr: "Les équipes font du travail d'urgence."}
    in_force: {from: 2022-09-01, until: 2022-10-15}
    below: 80
    reserves: {visits-a-quarter: 2, officer-days-a-month: 60}
    basis: setting
    rationale: {en: "Decided on 2022-09-28.", fr: "Décidé le 2022-09-28."}
"""
OVERLAYS = {
    "suspension.yaml": f"french: unreviewed\n{SUSPENSION}",
    "removals.yaml": "remove: [same-topic-again, asia-topic-removals]\nrules: []\n",
    "unknown-remove.yaml": "remove: [no-such-rule]\n",
    "unknown-parameter.yaml": "parameters:\n"
    "  accept_treshold: {values: {2024-01-01: {value: 55}}}\n",
    "strategy.yaml": "strategies: {asia: {}}\n",
    "broken-overlay.yaml": "parameters:\n  accept_threshold: [\n",
    "empty-overlay.yaml": "",
    "crossed.yaml": "parameters:\n  accept_threshold:\n    values:\n      2022-04-12: {value: 10, "
    'rationale: {en: "On trial.", fr: "À l\'essai."}}\n',
}
