"""Makes the synthetic history: 400 requests of 2022 to 2025, with supposed decisions of people.

Every case is invented. The shapes (standing dialogues, consultations, delegations, study tours,
projects, events, requests for material) follow what the strategies describe; countries, dates,
sizes and answers are drawn with a fixed seed, so that the same files come out on every machine.
README.md in this folder says how the determinations were made, and in which known ways they differ
from the policy.

Run: python examples/history/make_history.py [FOLDER]
"""

import csv
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

SEED = 20220412
CASES = 400
EARLY = 10
"""How many cases were received before the strategies were endorsed, when none was in force."""

ENDORSED = date(2022, 4, 12)
VISIT_TEST_KNOWN = date(2023, 1, 1)
FAVOURED_MISSION = "Bogota"
FILE = "cases-synthetic.csv"
MISTAKES = "cases-synthetic-with-mistakes.csv"

COLUMNS = {
    "id": "Request number",
    "received": "Date received",
    "engagement_type": "Type of engagement",
    "language": "Language of the request",
    "title": "Title",
    "summary": "Summary",
    "origin": "Origin of the request",
    "mission": "Submitting mission",
    "requester_organization": "Requesting organization",
    "requester_type": "Type of requester",
    "countries": "Countries",
    "forum": "Forum",
    "topics": "Topics",
    "populations": "Populations concerned",
    "gc_priority": "Named Government of Canada priority",
    "purpose_stated": "Purpose stated",
    "agenda_attached": "Agenda attached",
    "outcome_stated": "Expected outcome stated",
    "shares_experience": "Visitor shares its own experience",
    "expressed_interest": "Interest in learning from Canada expressed",
    "complements_us": "Complements efforts of the United States",
    "direct_results": "Direct results expected of the project",
    "cooperation_results": "Cooperation expected from the project",
    "level": "Level of the visitor",
    "modality": "Modality",
    "location": "Place",
    "start": "First day",
    "end": "Last day",
    "flexible_dates": "Dates are flexible",
    "participants": "Number of participants",
    "canada_role": "Role of Canada",
    "officer_days": "Officer days",
    "cost_cad": "Cost to IRCC in Canadian dollars",
    "cost_recovery": "Cost recovery",
    "in_engagement_plan": "In an engagement plan",
    "same_topic_within_24_months": "Same requester and topic within 24 months",
    "agent_letter": "Letter of authority of the agent",
    "classification": "Security classification",
    "outcome": "Determination",
    "date": "Determination date",
    "reason": "Determination reason",
}

# English name, French name, the Canadian mission that would send the request.
PLACES = {
    "AFG": ("Afghanistan", "Afghanistan", "Islamabad"),
    "BGD": ("Bangladesh", "Bangladesh", "Dhaka"),
    "CHN": ("China", "Chine", "Beijing"),
    "IDN": ("Indonesia", "Indonésie", "Jakarta"),
    "IND": ("India", "Inde", "New Delhi"),
    "JPN": ("Japan", "Japon", "Tokyo"),
    "KOR": ("South Korea", "Corée du Sud", "Seoul"),
    "NPL": ("Nepal", "Népal", "New Delhi"),
    "PAK": ("Pakistan", "Pakistan", "Islamabad"),
    "PHL": ("Philippines", "Philippines", "Manila"),
    "THA": ("Thailand", "Thaïlande", "Bangkok"),
    "VNM": ("Vietnam", "Vietnam", "Hanoi"),
    "ARG": ("Argentina", "Argentine", "Buenos Aires"),
    "BRA": ("Brazil", "Brésil", "Brasilia"),
    "CHL": ("Chile", "Chili", "Santiago"),
    "COL": ("Colombia", "Colombie", "Bogota"),
    "CRI": ("Costa Rica", "Costa Rica", "San Jose"),
    "ECU": ("Ecuador", "Équateur", "Bogota"),
    "GTM": ("Guatemala", "Guatemala", "Guatemala City"),
    "HND": ("Honduras", "Honduras", "Guatemala City"),
    "HTI": ("Haiti", "Haïti", "Port-au-Prince"),
    "JAM": ("Jamaica", "Jamaïque", "Kingston"),
    "MEX": ("Mexico", "Mexique", "Mexico City"),
    "PAN": ("Panama", "Panama", "Panama City"),
    "PER": ("Peru", "Pérou", "Lima"),
    "TTO": ("Trinidad and Tobago", "Trinité-et-Tobago", "Port of Spain"),
    "FRA": ("France", "France", "Paris"),
    "KEN": ("Kenya", "Kenya", "Nairobi"),
}
ASIA = ("BGD", "CHN", "IDN", "IND", "JPN", "KOR", "NPL", "PAK", "PHL", "THA", "VNM")
AMERICAS = (
    *("ARG", "BRA", "CHL", "COL", "CRI", "ECU", "GTM", "HND"),
    *("HTI", "JAM", "MEX", "PAN", "PER", "TTO"),
)
CENTRAL = ("CRI", "GTM", "HND", "MEX", "PAN")


@dataclass(frozen=True)
class Shape:
    """A kind of request: who asks for what, and its merit before an officer reads the details."""

    weight: int
    merit: str
    type: str
    requester: str
    places: tuple[str, ...]
    topics: tuple[str, ...]
    title: tuple[str, str]
    summary: tuple[str, str]
    forum: str = ""
    fixed: dict[str, str] = field(default_factory=dict)


SHAPES = (
    # -- standing dialogues (Annex A of both strategies)
    Shape(
        10,
        "strong",
        "dialogue",
        "foreign_government",
        ("MEX",),
        ("migration_management", "labour_mobility", "asylum_systems"),
        ("Mobility dialogue with {place}", "Dialogue sur la mobilité avec : {place}"),
        (
            "The next round would take up mobility, asylum flows and work in the region.",
            "La prochaine ronde porterait sur la mobilité, les flux d'asile et le travail "
            "dans la région.",
        ),
        "hldm",
    ),
    Shape(
        7,
        "strong",
        "dialogue",
        "foreign_government",
        ("BRA",),
        ("irregular_migration", "visa_policy"),
        ("Yearly mobility working group", "Groupe de travail annuel sur la mobilité"),
        (
            "Officials propose dates for the yearly meeting on irregular migration and visas.",
            "Les responsables proposent des dates pour la réunion annuelle sur la migration "
            "irrégulière et les visas.",
        ),
        "cbmwg",
    ),
    Shape(
        8,
        "strong",
        "dialogue",
        "foreign_government",
        ("IND",),
        ("visa_irritants", "travel_documents"),
        (
            "Immigration items of a consular dialogue",
            "Points d'immigration d'un dialogue consulaire",
        ),
        (
            "Travel documents for returns and processing times are on the agenda.",
            "Les titres de voyage pour les retours et les délais de traitement sont à "
            "l'ordre du jour.",
        ),
        "canada_india_consular",
    ),
    Shape(
        7,
        "strong",
        "dialogue",
        "foreign_government",
        ("JPN",),
        ("resettlement", "economic_immigration"),
        ("Migration items for an economic committee", "Points de migration d'un comité économique"),
        (
            "Resettlement and economic programs would be taken up.",
            "La réinstallation et les programmes économiques seraient abordés.",
        ),
        "canada_japan_jec",
    ),
    Shape(
        6,
        "strong",
        "dialogue",
        "foreign_government",
        ("PHL",),
        ("temporary_workers", "ethical_recruitment"),
        ("Migration items for a joint commission", "Points de migration d'une commission mixte"),
        (
            "Temporary workers and fair recruitment would be taken up.",
            "Les travailleurs temporaires et le recrutement équitable seraient abordés.",
        ),
        "canada_philippines_jcbc",
    ),
    Shape(
        6,
        "strong",
        "dialogue",
        "international_organization",
        ("JAM", "TTO"),
        ("visa_policy", "biometrics"),
        (
            "Officials' dialogue with the Caribbean",
            "Dialogue de hauts fonctionnaires avec les Caraïbes",
        ),
        (
            "Visa policy and biometrics are on the agenda of senior officials.",
            "La politique de visas et la biométrie figurent à l'ordre du jour des hauts "
            "fonctionnaires.",
        ),
        "canada_caricom",
    ),
    Shape(
        8,
        "strong",
        "dialogue",
        "international_organization",
        CENTRAL,
        ("irregular_migration", "regional_frameworks"),
        (
            "Regional working group on irregular movements",
            "Groupe de travail régional sur les déplacements irréguliers",
        ),
        (
            "The group compares frameworks for irregular movements through the region.",
            "Le groupe compare les cadres relatifs aux déplacements irréguliers dans la région.",
        ),
        "rcm_irregular",
    ),
    # -- consultations
    Shape(
        16,
        "strong",
        "meeting",
        "international_organization",
        ("BGD", "THA", "NPL", "COL", "PER", "ECU"),
        ("refugee_response", "durable_solutions"),
        (
            "Consultation on refugee response: {place}",
            "Consultation sur l'intervention auprès des réfugiés : {place}",
        ),
        (
            "A humanitarian organization asks to consult on solutions for people in displacement.",
            "Un organisme humanitaire souhaite consulter le Canada sur des solutions pour "
            "les personnes déplacées.",
        ),
    ),
    Shape(
        14,
        "middling",
        "meeting",
        "ngo",
        ASIA + AMERICAS,
        ("public_narratives", "human_rights_inclusion"),
        ("Consultation with civil society: {place}", "Consultation de la société civile : {place}"),
        (
            "A coalition wishes to exchange views on how migration is talked about.",
            "Une coalition souhaite échanger sur la façon dont on parle de migration.",
        ),
    ),
    Shape(
        20,
        "middling",
        "meeting",
        "diplomatic_mission",
        ASIA,
        ("visa_irritants", "visa_processing"),
        (
            "Processing times, raised by the embassy of {place}",
            "Délais de traitement, soulevés par l'ambassade : {place}",
        ),
        (
            "The embassy asks for a meeting on the time that visas take.",
            "L'ambassade demande une réunion sur le temps que prennent les visas.",
        ),
    ),
    Shape(
        14,
        "weak",
        "meeting",
        "diplomatic_mission",
        ASIA + AMERICAS,
        ("application_status",),
        ("Applications of individuals, {place}", "Demandes individuelles, {place}"),
        (
            "The embassy wishes to go through a list of applications of individuals.",
            "L'ambassade souhaite passer en revue une liste de demandes individuelles.",
        ),
    ),
    Shape(
        10,
        "middling",
        "courtesy_call",
        "diplomatic_mission",
        ASIA + AMERICAS,
        ("bilateral_relations",),
        (
            "Courtesy call of a new head of mission, {place}",
            "Visite de courtoisie d'un nouveau chef de mission, {place}",
        ),
        (
            "A new head of mission would present themselves and the relations on migration.",
            "Le nouveau chef de mission se présenterait et parlerait des relations en "
            "matière de migration.",
        ),
    ),
    Shape(
        7,
        "weak",
        "courtesy_call",
        "diplomatic_mission",
        ASIA + AMERICAS,
        ("trade_promotion", "tourism"),
        (
            "Courtesy call before a trade season, {place}",
            "Visite de courtoisie avant une saison commerciale, {place}",
        ),
        (
            "The call is about trade fairs and visitors.",
            "L'entretien porte sur les foires commerciales et les visiteurs.",
        ),
    ),
    # -- study tours and delegations
    Shape(
        24,
        "strong",
        "study_tour",
        "foreign_government",
        ("JPN", "KOR", "THA", "IDN", "CHL", "ARG", "BRA", "CRI"),
        ("settlement_integration", "community_sponsorship"),
        (
            "Study tour on settlement and sponsorship: {place}",
            "Voyage d'études sur l'établissement et le parrainage : {place}",
        ),
        (
            "Officials would see settlement services and sponsorship groups at work.",
            "Des fonctionnaires verraient des services d'établissement et des groupes de "
            "parrainage à l'œuvre.",
        ),
    ),
    Shape(
        20,
        "mixed",
        "study_tour",
        "foreign_government",
        ASIA,
        ("international_students", "culture"),
        (
            "Study tour on students and culture: {place}",
            "Voyage d'études sur les étudiants et la culture : {place}",
        ),
        (
            "Half of the program is about students, half about culture.",
            "La moitié du programme porte sur les étudiants, l'autre sur la culture.",
        ),
    ),
    Shape(
        12,
        "mixed",
        "delegation",
        "foreign_government",
        ASIA,
        ("managed_migration", "trade_promotion"),
        (
            "Delegation on immigration and trade: {place}",
            "Délégation sur l'immigration et le commerce : {place}",
        ),
        (
            "One day on the immigration system, one day on trade.",
            "Un jour sur le système d'immigration, un jour sur le commerce.",
        ),
    ),
    Shape(
        26,
        "strong",
        "delegation",
        "foreign_government",
        ASIA + AMERICAS,
        ("managed_migration", "economic_immigration"),
        (
            "Delegation on the immigration system: {place}",
            "Délégation sur le système d'immigration : {place}",
        ),
        (
            "A delegation would learn how levels and economic programs are planned.",
            "Une délégation apprendrait comment se planifient les niveaux et les programmes "
            "économiques.",
        ),
    ),
    Shape(
        16,
        "middling",
        "delegation",
        "foreign_government",
        AMERICAS,
        ("asylum_systems", "police_cooperation"),
        (
            "Delegation on asylum and policing: {place}",
            "Délégation sur l'asile et la police : {place}",
        ),
        (
            "The ministry would see asylum interviews and, for half of the visit, police work.",
            "Le ministère verrait des entrevues d'asile et, pour la moitié de la visite, le "
            "travail policier.",
        ),
    ),
    Shape(
        14,
        "weak",
        "delegation",
        "agent",
        ASIA,
        ("public_administration", "tourism"),
        ("Tour of public offices: {place}", "Tournée de bureaux publics : {place}"),
        (
            "An agency arranges a tour of public offices with time for sightseeing.",
            "Une agence organise une tournée de bureaux publics avec du temps pour le tourisme.",
        ),
    ),
    Shape(
        10,
        "weak",
        "delegation",
        "foreign_government",
        ASIA + AMERICAS,
        ("health_policy", "school_education"),
        (
            "Delegation on health and schools: {place}",
            "Délégation sur la santé et les écoles : {place}",
        ),
        (
            "The ministry is interested in hospitals and schools.",
            "Le ministère s'intéresse aux hôpitaux et aux écoles.",
        ),
    ),
    # -- projects, events, material (Annex C)
    Shape(
        22,
        "strong",
        "capacity_building",
        "foreign_government",
        ("COL", "CRI", "ECU", "GTM", "HND", "MEX", "PAN"),
        ("asylum_systems", "document_integrity"),
        (
            "Training for asylum and passport offices: {place}",
            "Formation des bureaux d'asile et de passeports : {place}",
        ),
        (
            "Training for staff who examine asylum claims and passports.",
            "Formation du personnel qui examine les demandes d'asile et les passeports.",
        ),
    ),
    Shape(
        12,
        "middling",
        "capacity_building",
        "international_organization",
        ("COL", "PAN", "PER", "ECU"),
        ("regularization", "socio_economic_integration"),
        ("Regularization project: {place}", "Projet de régularisation : {place}"),
        (
            "A project on status and work for people from Venezuela.",
            "Un projet sur le statut et le travail des personnes venues du Venezuela.",
        ),
    ),
    Shape(
        10,
        "middling",
        "capacity_building",
        "foreign_government",
        ("PAK", "BGD", "NPL", "PHL"),
        ("refugee_hosting", "border_management"),
        ("Registration training: {place}", "Formation à l'enregistrement : {place}"),
        (
            "Training for districts that receive refugees, with a part on borders.",
            "Formation pour les districts qui reçoivent des réfugiés, avec un volet sur les "
            "frontières.",
        ),
    ),
    Shape(
        18,
        "strong",
        "event",
        "international_organization",
        ASIA + AMERICAS,
        ("public_narratives", "migration_governance"),
        ("Session on public narratives: {place}", "Séance sur les récits publics : {place}"),
        (
            "The organizers invite Canada to a session on balanced narratives.",
            "Les organisateurs invitent le Canada à une séance sur des récits équilibrés.",
        ),
        "gfmd_narratives",
    ),
    Shape(
        16,
        "middling",
        "event",
        "academic",
        ASIA + AMERICAS,
        ("international_students", "labour_migration_policy"),
        (
            "Conference on students and work: {place}",
            "Colloque sur les étudiants et le travail : {place}",
        ),
        (
            "A university invites a speaker on students who stay to work.",
            "Une université invite un conférencier à parler des étudiants qui restent travailler.",
        ),
    ),
    Shape(
        9,
        "weak",
        "event",
        "private_sector",
        ASIA + AMERICAS,
        ("trade_promotion",),
        ("Trade fair: {place}", "Foire commerciale : {place}"),
        (
            "A trade association invites the department to a fair.",
            "Une association commerciale invite le Ministère à une foire.",
        ),
    ),
    Shape(
        18,
        "middling",
        "information_request",
        "foreign_government",
        ASIA + AMERICAS,
        ("program_integrity", "document_fraud"),
        (
            "Material on program integrity: {place}",
            "Documentation sur l'intégrité des programmes : {place}",
        ),
        (
            "The ministry asks for material on how fraud is found.",
            "Le ministère demande de la documentation sur la détection de la fraude.",
        ),
    ),
    Shape(
        8,
        "unclear",
        "meeting",
        "foreign_government",
        ASIA + AMERICAS,
        (),
        ("Exchange of views: {place}", "Échange de vues : {place}"),
        (
            "The ministry proposes an exchange of views and does not say on what.",
            "Le ministère propose un échange de vues sans en préciser l'objet.",
        ),
    ),
    Shape(
        8,
        "outside",
        "meeting",
        "foreign_government",
        ("FRA", "KEN"),
        ("managed_migration",),
        (
            "Meeting on immigration planning: {place}",
            "Réunion sur la planification de l'immigration : {place}",
        ),
        (
            "A partner outside both regions asks how levels are planned.",
            "Un partenaire hors des deux régions demande comment se planifient les niveaux.",
        ),
    ),
)

ORGANIZATIONS = {
    "foreign_government": (
        "Ministry of the Interior of {place}",
        "Immigration authority of {place}",
        "Ministry of Labour of {place}",
    ),
    "diplomatic_mission": ("Embassy of {place}",),
    "international_organization": ("Regional office for refugees", "Regional office for migration"),
    "ngo": ("Coalition for newcomers in {place}",),
    "academic": ("National university of {place}",),
    "private_sector": ("Trade association of {place}",),
    "agent": ("Silk Road Study Tours",),
}
LEVELS = (
    *("working", "director", "director", "director_general"),
    *("assistant_deputy_minister", "minister"),
)
VISITS = ("delegation", "study_tour")


def main() -> None:
    """Write both files into a folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    rows = list(cases(random.Random(SEED)))
    write(folder / FILE, rows)
    write(folder / MISTAKES, list(with_mistakes(rows)))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """One inbox, in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS.values())
        writer.writerows([row.get(name, "") for name in COLUMNS] for row in rows)


def cases(chance: random.Random) -> Iterator[dict[str, str]]:
    """The cases in the order in which they were received."""
    span = (date(2025, 12, 20) - ENDORSED).days
    days = sorted(chance.randrange(span) for _ in range(CASES - EARLY))
    received = [date(2022, 1, 10) + timedelta(days=8 * number) for number in range(EARLY)]
    received += [ENDORSED + timedelta(days=number) for number in days]
    numbers: dict[int, int] = {}
    for day in received:
        numbers[day.year] = numbers.get(day.year, 0) + 1
        (shape,) = chance.choices(SHAPES, [one.weight for one in SHAPES])
        row = drawn(shape, day, chance)
        row["id"] = f"SYN-{day.year}-{numbers[day.year]:03}"
        row |= determined(shape, day, row, chance)
        yield row


def drawn(shape: Shape, day: date, chance: random.Random) -> dict[str, str]:
    """A request of a shape; what is left out is unknown."""
    place = chance.choice(shape.places)
    english, french, mission = PLACES[place]
    language = "fr" if chance.random() < (0.8 if place == "HTI" else 0.22) else "en"
    in_french = language == "fr"
    organization = chance.choice(ORGANIZATIONS[shape.requester])
    row = {
        "received": day.isoformat(),
        "engagement_type": shape.type,
        "language": language,
        "title": shape.title[in_french].format(place=french if in_french else english),
        "summary": shape.summary[in_french],
        "origin": "inbound",
        "mission": mission if shape.requester != "diplomatic_mission" else "",
        "requester_organization": organization.format(place=english),
        "requester_type": shape.requester,
        "countries": english,
        "forum": shape.forum,
        "topics": "; ".join(shape.topics),
        "purpose_stated": maybe(chance, 0.94, unknown=0.03),
        "agenda_attached": maybe(chance, 0.7, unknown=0.15),
        "outcome_stated": maybe(chance, 0.65, unknown=0.2),
        "expressed_interest": maybe(chance, 0.7, unknown=0.35),
        "shares_experience": maybe(chance, 0.5, unknown=0.5),
        "level": chance.choice(LEVELS) if chance.random() < 0.8 else "",
        "modality": chance.choices(("in_person", "virtual", "hybrid", ""), (55, 25, 10, 10))[0],
        "location": "abroad" if shape.type in ("event", "capacity_building") else "canada",
        "flexible_dates": maybe(chance, 0.45, unknown=0.4),
        "in_engagement_plan": maybe(chance, 0.3, unknown=0.6),
        "same_topic_within_24_months": maybe(chance, 0.08, unknown=0.3),
        "classification": chance.choices(("unclassified", "protected_a"), (9, 1))[0],
    }
    if shape.merit == "strong" and chance.random() < 0.25:
        row["topics"] += "; tourism" if chance.random() < 0.5 else "; trade_promotion"
    return (
        row | dates(shape, day, chance) | sizes(shape, chance) | particulars(shape, place, chance)
    )


def dates(shape: Shape, day: date, chance: random.Random) -> dict[str, str]:
    """The first and the last day, where they are known."""
    if shape.type == "information_request" or chance.random() >= 0.93:
        return {}
    later = day + timedelta(days=chance.choice((10, 18, 30, 45, 60, 75, 90, 120)))
    start = next_working_day(later)
    length = chance.choice((0, 1, 2, 4)) if shape.type in (*VISITS, "capacity_building") else 0
    return {"start": start.isoformat(), "end": (start + timedelta(days=length)).isoformat()}


def sizes(shape: Shape, chance: random.Random) -> dict[str, str]:
    """The participants and the officer days, where they are known."""
    row = {}
    if chance.random() < 0.9:
        row["participants"] = str(chance.randint(2, 60 if shape.type == "event" else 20))
    if chance.random() < 0.85:
        most = {"capacity_building": 25, "delegation": 8, "study_tour": 8, "event": 5}
        row["officer_days"] = str(chance.randint(1, most.get(shape.type, 2)))
    return row


def particulars(shape: Shape, place: str, chance: random.Random) -> dict[str, str]:
    """What only projects, events or agents say."""
    row = {}
    if shape.type == "capacity_building":
        row["cost_cad"] = str(5000 * chance.randint(2, 24))
        row["direct_results"] = maybe(chance, 0.85, 0.2)
        row["cooperation_results"] = maybe(chance, 0.85, 0.2)
        row["cost_recovery"] = chance.choice(("none", "partial"))
        if place in AMERICAS:
            row["complements_us"] = maybe(chance, 0.5, 0.5)
    if shape.type == "event":
        row["canada_role"] = chance.choice(("presenter", "participant"))
    if shape.requester == "agent":
        row["agent_letter"] = maybe(chance, 0.5, 0.2)
    return row


def maybe(chance: random.Random, yes: float, unknown: float) -> str:
    """An answer, or nothing where it is not known."""
    if chance.random() < unknown:
        return ""
    return "yes" if chance.random() < yes else "no"


def next_working_day(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def weekdays(start: date, end: date) -> int:
    """Mondays to Fridays from the first day up to, but not including, the last."""
    days = (start + timedelta(days=number) for number in range((end - start).days))
    return sum(day.weekday() < 5 for day in days)


def determined(
    shape: Shape, day: date, row: dict[str, str], chance: random.Random
) -> dict[str, str]:
    """What people decided, when and why; the five known ways that differ from the policy first."""
    notice = weekdays(day, date.fromisoformat(row["start"])) if "start" in row else None
    rigid = row["flexible_dates"] != "yes" and row["modality"] != "virtual"
    roll = chance.random()
    if roll < 0.08:
        return {}
    if row["mission"] == FAVOURED_MISSION and shape.merit in ("middling", "weak", "unclear"):
        outcome, reason = "accept", "supported by the head of mission"
    elif notice is not None and notice < 15 and rigid and chance.random() < 0.8:
        outcome, reason = "decline", "too little notice"
    elif shape.merit == "mixed" and day < VISIT_TEST_KNOWN:
        outcome, reason = "accept", "visit test not yet applied"
    elif row.get("agent_letter") == "yes":
        outcome, reason = "defer", "agents are looked at twice"
    elif shape.merit == "strong" and day.month == 3:
        outcome, reason = "defer", "officer days of the fiscal year used up"
    else:
        outcome, reason = judged(shape, notice, rigid, row)
    return {
        "outcome": outcome,
        "date": (day + timedelta(days=chance.randint(4, 25))).isoformat(),
        "reason": reason,
    }


def judged(shape: Shape, notice: int | None, rigid: bool, row: dict[str, str]) -> tuple[str, str]:
    """What an officer who knows the strategies says of a request."""
    if shape.merit == "outside":
        return "defer", "outside both strategies"
    if shape.merit == "unclear":
        return "defer", "topics to be asked for"
    if shape.merit in ("weak", "mixed"):
        return "decline", "little to do with the strategy"
    if row["purpose_stated"] == "no":
        return "defer", "purpose to be asked for"
    if row["same_topic_within_24_months"] == "yes":
        return "defer", "met on the same topic lately"
    if notice is not None and notice < 20 and rigid:
        return "defer", "other dates to be proposed"
    reasons = ("expressed_interest", "in_engagement_plan", "shares_experience")
    wanted = "yes" in [row[name] for name in reasons]
    if shape.merit == "strong" or wanted:
        return "accept", "serves the strategy"
    return "defer", "serves the strategy, no interest shown"


def with_mistakes(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """A dozen of the cases, with the mistakes that files of old cases have."""
    chosen = [dict(row) for row in rows[40:52]]
    chosen[1]["received"] = "03/04/2022"
    chosen[3]["topics"] = "asylum systms"
    chosen[5]["engagement_type"] = ""
    chosen[7]["outcome"], chosen[7]["date"] = "maybe", "2022-10-01"
    chosen[9]["id"] = chosen[8]["id"]
    yield from chosen


if __name__ == "__main__":
    main()
