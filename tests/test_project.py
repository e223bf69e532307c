"""What stands around the code holds: the lock files, the documents, the examples, the targets."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from trialcite.cli import app
from trialcite.version import __version__

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.txt", "requirements-dev.txt")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])


def package_name(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def declared(*, groups: tuple[str, ...] = ()) -> set[str]:
    requirements = list(PYPROJECT["project"]["dependencies"])
    for group in groups:
        requirements += PYPROJECT["dependency-groups"][group]
    return {package_name(r) for r in requirements}


def locked(lock: str) -> list[str]:
    """Each requirement of a lock file, its continuation lines joined, comments left out."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / lock).read_text())
    return text.replace("\\\n", " ").splitlines()


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# Requirements


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_is_pinned_and_hashed(lock: str) -> None:
    rows = locked(lock)
    assert rows
    for row in rows:
        assert re.match(r"[a-z0-9-]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", row), row[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_place(lock: str) -> None:
    assert not re.findall(r"--(?:extra-)?index|--find-links|://|file:|(?<![\w.])/\w+/", (ROOT / lock).read_text())


def test_what_is_declared_is_locked() -> None:
    assert declared(groups=("weights",)) <= {package_name(row) for row in locked("requirements.txt")}
    assert declared(groups=("dev",)) - declared() <= {package_name(row) for row in locked("requirements-dev.txt")}


@pytest.mark.parametrize("unwanted", ["torch", "transformers", "sentence-transformers", "litellm"])
def test_what_must_stay_out_is_not_locked(unwanted: str) -> None:
    assert unwanted not in {package_name(row) for lock in LOCKS for row in locked(lock)}


def test_both_lock_files_pin_shared_packages_alike() -> None:
    pins = [dict(row.split(" ", 1)[0].split("==") for row in locked(lock) if ";" not in row) for lock in LOCKS]
    shared = pins[0].keys() & pins[1].keys()
    assert {name: pins[0][name] for name in shared} == {name: pins[1][name] for name in shared}


def test_every_dependency_has_its_reason_and_nothing_else_has() -> None:
    table = (ROOT / "docs/design/dependencies.md").read_text()
    rows = set(re.findall(r"(?m)^\| ([a-z0-9-]+) \| ", table)) - {"package"}
    assert rows == declared(groups=("weights", "dev"))


# Packages


@pytest.mark.parametrize("package", PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
def test_every_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_help_imports_nothing_heavy() -> None:
    heavy = {"openai", "instructor", "chromadb", "numpy", "onnx", "onnxruntime", "tantivy", "tokenizers", "pint"}
    watch = "import sys, trialcite, trialcite.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=True).stdout.split()
    assert "trialcite.cli" in loaded
    assert not heavy & set(loaded)


def test_workers_can_start_before_the_extractor_is_imported() -> None:
    watch = "import sys, extract.bulk.processes; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=True).stdout.split()
    assert "extract.bulk.processes" in loaded
    assert not {"pydantic", "orjson", "extract.extractor", "extract.bulk.work"} & set(loaded)


# Makefile


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"(?m)^\.PHONY: (.*)$", makefile)
    assert phony
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"(?m)^  make ([\w-]+) +\S", listed) == phony[1].split()


# Documents


def shell_lines() -> Iterator[tuple[str, str]]:
    """(document, command line) for every line of a document that runs trialcite."""
    for document in DOCUMENTS:
        if document.name == "commands.md":  # generated from the commands themselves
            continue
        for line in re.findall(r"(?m)^(?: {4}|\$ )(trialcite [a-z].*)$", document.read_text()):
            yield from ((document.name, part) for part in line.split(" | ") if part.startswith("trialcite "))


@pytest.mark.parametrize(("document", "line"), sorted(set(shell_lines())))
def test_commands_in_documents_exist(document: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands"), f"{document}: no such command in: {line}"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
    used = {word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
    assert used <= known, f"{document}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_make_targets_named_in_documents_exist() -> None:
    phony = set(re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text()))
    named = {t for d in DOCUMENTS for t in re.findall(r"(?:`|^ {4})make ([a-z-]+)", d.read_text(), re.MULTILINE)}
    assert named
    assert named <= phony


# Examples


def test_examples_are_invented_trials(examples: Path) -> None:
    names = sorted(p.name for p in examples.iterdir())
    assert names == [f"NCT9900000{n}.{'json' if n == 5 else 'txt'}" for n in range(1, 7)]
    for path in examples.iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.stem in text
        assert all(number.startswith("NCT99") for number in re.findall(r"NCT\d{8}", text))
        assert all(a.endswith("example.org") for a in re.findall(r"[\w.-]+@[\w.-]+", text))


def test_the_json_example_keeps_its_counts(examples: Path) -> None:
    study = json.loads((examples / "NCT99000005.json").read_text())
    flow = study["resultsSection"]["participantFlowModule"]["periods"][0]["milestones"]
    started = sum(int(a["numSubjects"]) for a in flow[0]["achievements"])
    ended = sum(int(a["numSubjects"]) for m in flow[1:] for a in m["achievements"])
    assert started == ended == study["protocolSection"]["designModule"]["enrollmentInfo"]["count"]


# What must not be said anywhere


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    host = re.compile(r"https?://[a-z.-]*(?:py(?:pi|thonhosted)|npmjs|debian)\.")
    path = re.compile(r"(?:^|[^.\w])/(?:work|farm|home|root)/", re.MULTILINE)
    for file in tracked():
        text = file.read_text(encoding="utf-8", errors="replace")
        assert not host.search(text), file
        assert not path.search(text), file
