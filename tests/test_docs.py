"""What the README, the help, the API's description and the code say of each other; and what no file may say."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.settings import SETTINGS
from tests.served import routes_of, serve

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "annotation").rglob("*.md")])
IN_CODE = re.compile(r"^```\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
METHODS = ("get", "post", "put", "patch", "delete")
# Put together from parts, so that this file itself holds none of them.
PACKAGE_HOSTS = [
    "".join(parts)
    for parts in (("py", "pi.org"), ("python", "hosted.org"), ("download.", "pytorch.org"), ("npm", "js.org"))
]
PLACES_HERE = ["/".join(("", folder, "")) for folder in ("work", "tmp", "root", "home")]


def commands(program: str) -> list[str]:
    """Every line of code in the README that runs the program, without its comment."""
    lines = [line for block in IN_CODE.findall(README) for line in "".join(block).splitlines()]
    found = (re.fullmatch(rf"(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?({program} .*)", line) for line in lines)
    return [match[1].partition(" #")[0].strip() for match in found if match]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def told(*words: str) -> str:
    shown = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, list(words))
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_the_two_commands_of_the_readme_are_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    named = {command.split()[1] for command in commands("make")}
    assert {"run", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("command", commands("suture"))
def test_what_the_readme_runs_is_a_command_with_these_options(command):
    words = shlex.split(command)[1:]
    group = told("--help")
    path = [words[0]]
    if words[0] in ("users", "audit", "corpus"):
        path.append(words[1])
    assert re.search(rf"\b{path[0]}\b", group)
    help_text = told(*path, "--help")
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", help_text), option


def test_the_readme_runs_all_that_one_needs_to_begin():
    assert {"analyse", "train", "evaluate", "worker", "settings", "audit", "corpus", "deidentify"} <= {
        command.split()[1] for command in commands("suture")
    }


def test_every_setting_is_listed_with_what_it_does():
    listed = told("settings")
    for setting in SETTINGS:
        assert f"{setting.env}  [{setting.default or 'unset'}]\n    {setting.help}" in listed


def test_every_variable_that_the_readme_names_is_one():
    elsewhere = {"SUTURE_ANNOMI", "SUTURE_TEST_POSTGRES", "SUTURE_NEW_MASTER_KEY"}
    known = {setting.env for setting in SETTINGS} | elsewhere
    assert set(re.findall(r"\bSUTURE_[A-Z_]+", README)) <= known


@pytest.mark.parametrize("prose", PROSE, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_within_the_project_lead_to_a_file(prose):
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", prose.read_text(encoding="utf-8")):
        assert (prose.parent / link).exists(), link


def test_every_route_of_the_api_is_described(settings, cheap_passwords):
    served = serve(settings, cheap_passwords)
    described = served.visitor().get("/api/v1/openapi.json").json()["paths"]
    routes = {route for route in routes_of(served.app) if " /api/" in route}
    routes.remove("GET /api/v1/openapi.json")
    assert {f"{m.upper()} {path}" for path, by in described.items() for m in by if m in METHODS} == routes
    for path, by_method in described.items():
        for method, route in by_method.items():
            assert route.get("summary") and route.get("description") and route.get("tags"), (method, path)
    served.parts.store.close()


def test_no_file_names_a_package_host_or_a_place_on_somebodys_machine():
    named = [
        (str(path.relative_to(ROOT)), word)
        for path in tracked()
        for raw in [path.read_bytes()]
        for word in PACKAGE_HOSTS + PLACES_HERE
        if word.encode() in raw
    ]
    assert named == []
