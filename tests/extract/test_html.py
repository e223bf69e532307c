"""Saved web pages: what they say is read as the same text is, with the lines of the file."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from extract.diff import Version, diff
from extract.extractor import extract
from extract.readers import readings, readings_of_text
from extract.reading import Reading
from trialcite.errors import InputError

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><title>A trial</title><script>var secret = 1;</script></head>
<body>
<nav><a href="/">Home</a></nav>
<main>
  <h1>Solvarin for Gout</h1>
  <!-- not said -->
  <p>Sponsor: Example
     Institute<br>Phase: 2</p>
  <h2>Inclusion Criteria</h2>
  <ol>
    <li>Age 18 to <b>65</b> years</li>
    <li>Uric acid &gt; 7 mg/dL</li>
  </ol>
  <h2>Exclusion Criteria</h2>
  <ul><li>Kidney stones</li></ul>
</main>
<footer>All rights reserved</footer>
</body></html>
"""


def read(text: str) -> Reading:
    (reading,) = readings_of_text(text)
    assert isinstance(reading, Reading), reading
    return reading


def test_the_main_text_is_lines_with_their_places() -> None:
    reading = read(PAGE)
    assert reading.source.format == "html"
    said = [(line, place) for line, place in zip(reading.source.lines, reading.line_places, strict=True) if line]
    assert said == [
        ("Solvarin for Gout", "line 7"),
        ("Sponsor: Example Institute", "line 9"),
        ("Phase: 2", "line 9"),
        ("Inclusion Criteria", "line 11"),
        ("1. Age 18 to 65 years", "line 13"),
        ("2. Uric acid > 7 mg/dL", "line 14"),
        ("Exclusion Criteria", "line 16"),
        ("* Kidney stones", "line 17"),
    ]


def test_its_values_carry_the_place_in_the_file() -> None:
    extraction = extract(read(PAGE))
    (e,) = extraction.evidence["/protocolSection/sponsorCollaboratorsModule/leadSponsor/name"]
    assert (e.quote, e.locator) == ("Example Institute", "line 9")
    assert [(c.id, c.text) for c in extraction.criteria] == [
        ("inclusion-1", "Age 18 to 65 years"),
        ("inclusion-2", "Uric acid > 7 mg/dL"),
        ("exclusion-1", "Kidney stones"),
    ]


@pytest.mark.parametrize("name", ["NCT99000001", "NCT99000002", "NCT99000003", "NCT99000004"])
def test_a_page_of_the_registry_reads_as_its_text_does(examples: Path, name: str) -> None:
    path = examples / f"{name}.txt"
    lines = "\n".join(f"<div>{html.escape(line)}</div>" if line else "<p></p>" for line in path.read_text().split("\n"))
    (text,) = readings(path)
    assert isinstance(text, Reading)
    saved = read(f"<!DOCTYPE html><html><body><nav>Home</nav><main>{lines}</main></body></html>")
    assert diff(Version(text, extract(text)), Version(saved, extract(saved))).same


def test_deep_nesting_does_no_harm() -> None:
    assert read("<html><body>" + "<div>" * 10_000 + "Solvarin").source.text == "Solvarin"


def test_labels_in_tables_and_lists_stand_with_their_values() -> None:
    reading = read(
        "<html><body><dl><dt>Sponsor</dt><dd>Example Institute</dd><dt>Phase:</dt><dd>2</dd></dl>"
        "<table><tr><th>Minimum age</th><td>18 Years</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>"
        "</body></html>"
    )
    assert [line for line in reading.source.lines if line] == [
        "Sponsor: Example Institute",
        "Phase: 2",
        "Minimum age: 18 Years",
        "a",
        "b",
        "c",
    ]
    study = extract(reading).to_json()["study"]["protocolSection"]
    assert study["eligibilityModule"] == {"minimumAge": "18 Years"}
    assert study["sponsorCollaboratorsModule"]["leadSponsor"] == {"name": "Example Institute"}


def test_a_page_without_text_is_said() -> None:
    (error,) = readings_of_text("<!doctype html><html><body><script>draw()</script></body></html>")
    assert isinstance(error, InputError)
    assert "a web page without text" in str(error)
