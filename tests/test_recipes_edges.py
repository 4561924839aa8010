"""The recipes for a command, an endpoint and a message, followed on a copy."""

import json

import pytest

from copied import TESTS, Copy

# -- a command, with a message of its own

COMMAND = '''

def count(rules: RulesOption = None, lang: LangOption = "en") -> None:
    """Count the rules."""
    from triage.messages import say
    from triage.rulebook.load import load_policy

    write_text(say("counting.rules", lang, count=len(load_policy(rules, lang).rules)) + "\\n", None)
'''
ROW = '    "count": (policies.count, "help-text.count"),\n'
HELP = {"en": "Count the rules.", "fr": "Compter les règles."}
COUNTED = {"en": "The policy has {count} rules", "fr": "La politique compte {count} règles"}
SAME_KEYS = "test_messages.py::test_both_languages_have_the_same_keys"
USED = "test_messages.py::test_every_key_is_used"
DOCUMENTED = "test_docs.py::test_every_command_is_documented"


def add_message(copy: Copy, language: str) -> None:
    text = f'[counting]\nrules = "{COUNTED[language]}"\n\n'
    copy.insert(f"src/triage/messages/{language}.toml", text, "[worksheet]\n")


@pytest.fixture
def with_command(copy: Copy) -> Copy:
    copy.append("src/triage/cli/policies.py", COMMAND)
    copy.insert("src/triage/cli/app.py", ROW, '    "diff": (comparing')
    for language, help_ in HELP.items():
        row = f'count = "{help_}"\n'
        copy.insert(f"src/triage/messages/{language}.toml", row, "\n[explain]\n")
        add_message(copy, language)
    return copy


def test_a_new_command_is_offered_and_speaks_both_languages(with_command: Copy) -> None:
    copy = with_command
    for language, words in HELP.items():
        assert words in copy.triage("--lang", language, "--help")
        assert words in copy.triage("count", "--lang", language, "--help")
    assert copy.triage("count", "--rules", "rules").startswith("The policy has ")
    assert "règles" in copy.triage("count", "--lang", "fr", "--rules", "rules")


def test_a_new_command_is_to_be_documented(with_command: Copy) -> None:
    copy = with_command
    copy.take_tests()
    assert copy.failed(DOCUMENTED, SAME_KEYS, USED) == [DOCUMENTED]
    copy.append("README.md", "\n`triage count` counts the rules.\n")
    assert copy.failed(DOCUMENTED) == []


# -- a message


def test_a_new_message_is_to_be_in_both_languages_and_used(copy: Copy) -> None:
    copy.take_tests()
    add_message(copy, "en")
    assert copy.failed(SAME_KEYS, USED) == [SAME_KEYS]
    add_message(copy, "fr")
    assert copy.failed(SAME_KEYS, USED) == [USED]
    use = "from triage.messages import say\n\nprint(say('counting.rules', 'fr', count=3))\n"
    copy.write("src/triage/counting.py", use)
    assert copy.python("src/triage/counting.py").stdout == "La politique compte 3 règles\n"


# -- an endpoint

ENDPOINT = """\
    @routes.get("/v1/criteria", tags=["policy"], **openapi.CRITERIA)
    async def criteria(request: Request) -> Response:
        return _answer(
            request, lambda language: {"criteria": [one.label[language] for one in policy.criteria]}
        )

"""
DESCRIBED = 'CRITERIA = _reading("criteria", "The criteria", "What points are given for.")\n'
PATH = "/v1/criteria"
AGREED = (
    "test_openapi.py::test_the_page_on_the_api_has_every_path",
    "test_openapi.py::test_the_document_is_openapi_3_1_and_has_every_path",
)


@pytest.fixture
def with_endpoint(copy: Copy) -> Copy:
    copy.insert("api/triage_api/resources.py", ENDPOINT, '    @routes.get("/v1/schema"')
    copy.insert("api/triage_api/openapi.py", DESCRIBED, "HEALTH = _reading")
    return copy


def test_a_new_endpoint_is_described_and_answers_as_every_other(with_endpoint: Copy) -> None:
    ran = with_endpoint.python(str(TESTS / "toy_endpoint.py"), PATH)
    found = json.loads(ran.stdout or ran.stderr)
    english, french = (found.pop(language)["criteria"] for language in ("en", "fr"))
    assert "Alignment" in english
    assert len(french) == len(english)
    assert french != english
    assert found == {
        **{"policy": True, "again": 304, "route": PATH},
        **{"refused": 401, "let in": 200, "described": "The criteria"},
    }


def test_a_new_endpoint_is_to_be_documented(with_endpoint: Copy) -> None:
    copy = with_endpoint
    copy.take_tests()
    assert copy.failed(*AGREED) == list(AGREED)
    copy.insert("tests/test_openapi.py", f'    "{PATH}",\n', '    *("/v1/vocabulary", ')
    copy.append("docs/api.md", f"\n`GET {PATH}` tells the criteria.\n")
    assert copy.failed(*AGREED) == []
