"""`triage serve` as a process; the file of keys; the example client."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from commands import run
from served import PATIENCE, process, serving
from support import ROOT, RULES, shipped
from triage.errors import UsageError
from triage.messages import LANGUAGES, Language
from triage_api.keys import add_key, hash_of, read_keys
from triage_api.languages import choose
from triage_api.server import serve

SOUND = {"id": "T-1", "received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"]}
ZEROS = "0" * 64


def test_it_decides_and_stops_when_told_to() -> None:
    with process("--lang", "fr") as (running, served):
        answer = served.post("/v1/decisions", SOUND)
        assert answer.json["policy"]["version"] == shipped().version
        assert answer.headers["content-language"] == "fr"
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert err == b""
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["request", "stopped"]


def test_what_is_under_way_is_finished_before_it_stops() -> None:
    requests = [SOUND | {"id": f"T-{number}"} for number in range(300)]
    body = json.dumps({"requests": requests}).encode()
    head = (
        "POST /v1/decisions/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with (
        process() as (running, served),
        socket.create_connection(("127.0.0.1", served.port), PATIENCE) as under_way,
    ):
        under_way.sendall(head.encode())
        # A client that is told to go on is being served.
        assert under_way.recv(1000).startswith(b"HTTP/1.1 100 ")
        running.send_signal(signal.SIGTERM)
        while True:
            try:
                socket.create_connection(("127.0.0.1", served.port), PATIENCE).close()
            except OSError:
                break  # it takes no more requests
        assert running.poll() is None
        under_way.sendall(body)
        answer = b""
        while piece := under_way.recv(1_000_000):
            answer += piece
        out, err = running.communicate(timeout=PATIENCE)
    assert answer.startswith(b"HTTP/1.1 200 ")
    totals = {"read": 300, "decided": 300, "failed": 0}
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["totals"] == totals
    assert running.returncode == 0
    assert err == b""
    assert json.loads(out.splitlines()[-1])["event"] == "stopped"


def test_a_policy_that_does_not_load_stops_the_start_with_its_diagnostics(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    path = rules / "operations" / "notice.yaml"
    path = path if path.exists() else sorted((rules / "operations").glob("*.yaml"))[0]
    path.write_text(path.read_text("utf-8") + "\nnonsense: 1\n", "utf-8")
    command = [sys.executable, "-m", "triage.cli", "serve", "--port", "0", "--rules", str(rules)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert 'unknown key "nonsense"' in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost", "127.0.0.2", ""])
def test_another_address_needs_allow_remote_and_keys(host: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    add_key(keys, "mission")
    alone = run("serve", "--host", host)
    assert (alone.code, alone.out) == (2, "")
    assert "--allow-remote" in alone.err
    assert run("serve", "--host", host, "--keys", str(keys)).code == 2
    without_keys = run("serve", "--host", host, "--allow-remote")
    assert without_keys.code == 2
    assert "--keys" in without_keys.err


def test_allow_remote_without_keys_is_refused_on_any_address() -> None:
    assert "--keys" in run("serve", "--allow-remote").err


def test_with_a_key_from_the_command_line_the_service_is_open_to_its_owner(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    made = run("serve", "--new-key", "mission", "--keys", str(keys))
    key = made.out.strip()
    assert made.code == 0
    assert key.startswith("triage_")
    assert key not in made.err
    assert key not in keys.read_text("utf-8")
    with process("--allow-remote", "--keys", str(keys)) as (_, served):
        assert served.post("/v1/decisions", SOUND).status == 401
        assert served.post("/v1/decisions", SOUND, Authorization=f"Bearer {key}").status == 200


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}: cannot listen there: "):
            serve(None, "en", "127.0.0.1", port, allow_remote=False, keys_file=None)


# -- keys


def test_a_key_is_good_until_its_last_day(tmp_path: Path) -> None:
    today = date.today()
    path = tmp_path / "keys"
    digests = {name: hash_of(name).hex() for name in ("old", "good", "new")}
    path.write_text(
        "# who may ask\n\n"
        f"old {digests['old']} {today - timedelta(days=2)}\n"
        f"good  {digests['good']} {today + timedelta(days=2)} # renew\n"
        f"new {digests['new']}\n",
        "utf-8",
    )
    keys = read_keys(path)
    owners = [keys.owner(key) for key in ("old", "good", "new", "", "else")]
    assert owners == [None, "good", "new", None, None]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "# none\n",
        "mission\n",
        "mission abc\n",
        f"a {ZEROS} 2022-02-31\n",
        f"a {ZEROS}\na {'1' * 64}\n",
    ],
)
def test_a_file_of_keys_that_is_wrong_is_refused(
    tmp_path: Path, text: str, language: Language
) -> None:
    path = tmp_path / "keys"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=str(path)):
        read_keys(path, language)


def test_a_file_of_keys_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_keys(path)
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(UsageError, match="UTF-8"):
        read_keys(tmp_path / "latin")


def test_each_name_has_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("# no line break at the end", "utf-8")
    first, second = add_key(path, "first"), add_key(path, "second")
    assert first != second
    assert [read_keys(path).owner(one) for one in (first, second)] == ["first", "second"]
    for name in ("first", "a b", "", "x" * 65):
        with pytest.raises(UsageError):
            add_key(path, name)
    assert run("serve", "--new-key", "x").code == 2


# -- languages


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("FR-ca", "fr"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("en;q=0.5, fr;q=0.6", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("en;q=0, *", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=0, en;q=0", "en"),
        ("fr;q=high", "en"),
        ("fr;q=2", "en"),
        ("en-US;q=0.2, fr-CA;q=0.1, fr;q=0.3", "fr"),
        (";;;,,,", "en"),
    ],
)
def test_accept_language_chooses(accepted: str, language: Language) -> None:
    assert choose(accepted) == language


def test_the_language_of_the_service_is_what_is_left_to_it() -> None:
    chosen = [choose(accepted, "fr") for accepted in ("", "*", "de", "en", "fr, en")]
    assert chosen == ["fr", "fr", "fr", "en", "fr"]


# -- the example client

CLIENT = ROOT / "examples" / "client.py"


def test_the_example_client_prints_a_decision() -> None:
    path = ROOT / "examples" / "proposals" / "discussion-mobilite.json"
    with serving() as served:
        command = [sys.executable, str(CLIENT), str(path), served.url, "fr"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.startswith("MP-2022-03\nACCEPT\n")
    assert "Recommandation" in done.stdout


def test_the_example_client_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(SOUND | {"received": "03/04/2022"}), "utf-8")
    with serving() as served:
        command = [sys.executable, str(CLIENT), str(path), served.url]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert "/received: the day and the month cannot be told apart" in done.stderr


def test_the_example_client_is_short() -> None:
    assert len(CLIENT.read_text("utf-8").splitlines()) < 40
