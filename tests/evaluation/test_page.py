"""The report's page in a real browser: its figures, its filters, and that trial text stays text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.page import LARGEST, page, within
from evaluation.report import ALL, Comparison, Curve, Measure, Miss, Report, System

HOSTILE = '</script><img src="https://example.org/x" onerror="document.title=1"><b>&amp;\u2028"\'{{ 7 * 7 }}'


def miss(number: int, **changes: Any) -> Miss:
    row: dict[str, Any] = {
        "system": "rules",
        "trial": f"NCT9900{number:04d}",
        "group": "sex",
        "kind": "wrong",
        "gold": "ALL",
    }
    row |= {"predicted": "MALE", "cited": [(7, 7)], "expected": [(8, 8)], "source": [(7, "Male"), (8, "All")]}
    return Miss.model_validate(row | changes)


def report(misses: list[Miss]) -> Report:
    against = Comparison(
        other=0.7, other_low=0.6, other_high=0.8, difference=0.1, low=0.05, high=0.2, p=0.01, p_adjusted=0.02
    )
    figures = [(ALL, "macro accuracy"), ("sex", "accuracy"), ("minimumAge", "accuracy"), (HOSTILE, "accuracy")]
    return Report(
        task="extraction",
        seed=0,
        draws=100,
        headline=(ALL, "macro accuracy"),
        inputs=[],
        systems=[System(name="rules", scored=3), System(name=HOSTILE, unscored={"no prediction": 2})],
        measures=[
            Measure(group=group, name=name, n=9, trials=3, value=0.8, low=0.6, high=0.9, against=against)
            for group, name in figures
        ],
        confusion={HOSTILE: {"stated": {"right": 2}, HOSTILE: {"wrong": 1}}},
        curves=[Curve(kind="calibration", system="rules", x="score", y="right", points=[(0.1, 0.2), (0.9, 0.7)])],
        misses=misses,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    program = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if program is None:
        pytest.skip("no Chromium on PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[tuple[Any, list[str]]]:
    """The page of a report with a hundred misses, and whatever went wrong or was asked of the network."""
    misses = [miss(n) for n in range(60)]
    misses += [miss(n, group="minimumAge", kind="missing", predicted=None, gold="18 Years") for n in range(60, 99)]
    misses.append(miss(99, group=HOSTILE, kind="spurious", gold=None, predicted=HOSTILE, source=[(1, HOSTILE)]))
    file = tmp_path / "report.html"
    file.write_text(page(report(misses)), "utf-8")
    wrong: list[str] = []
    tab = browser.new_page()
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    tab.goto(file.as_uri())
    yield tab, wrong
    tab.close()


def test_the_page_shows_the_figures_without_error_or_request(opened: tuple[Any, list[str]]) -> None:
    tab, wrong = opened
    assert "0.800" in tab.locator(".big").inner_text()
    assert tab.locator("svg").count() == 3
    assert tab.locator("#count").inner_text() == "100 of 100"
    assert wrong == []


def test_trial_text_is_text(opened: tuple[Any, list[str]]) -> None:
    tab, wrong = opened
    tab.select_option("#group", HOSTILE)
    assert tab.locator("article.miss").count() == 1
    assert "{{ 7 * 7 }}" in tab.locator("article.miss").inner_text()
    assert tab.locator("img").count() == 0
    assert (
        tab.title() == f"extraction: rules against {HOSTILE}".replace("\u2028", " ").strip() or "script" in tab.title()
    )
    assert wrong == []


def test_filters_and_search_narrow_the_misses(opened: tuple[Any, list[str]]) -> None:
    tab, wrong = opened
    tab.select_option("#group", "minimumAge")
    assert tab.locator("#count").inner_text() == "39 of 100"
    tab.select_option("#group", "")
    tab.select_option("#kind", "wrong")
    assert tab.locator("#count").inner_text() == "60 of 100"
    assert tab.locator("article.miss").count() == 40
    tab.click("#more")
    assert tab.locator("article.miss").count() == 60
    tab.fill("#text", "nct99000007")
    assert tab.locator("article.miss").count() == 1
    lines = tab.locator(".line")
    assert [lines.nth(i).get_attribute("class") for i in (0, 1)] == ["line cited", "line expected"]
    assert wrong == []


def test_it_fits_a_telephone(opened: tuple[Any, list[str]]) -> None:
    tab, _ = opened
    tab.set_viewport_size({"width": 380, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 380


def test_a_page_of_1400_trials_is_below_two_megabytes_and_keeps_every_group() -> None:
    misses = [miss(n, gold="long " * 120, source=[(i, "line " * 40) for i in range(9)]) for n in range(8_000)]
    misses.append(miss(9_999, group="rare"))
    kept = within(misses, LARGEST)
    assert "rare" in {m.group for m in kept}
    assert len(page(report(misses)).encode()) < 2_000_000


def test_the_same_report_makes_the_same_page() -> None:
    assert page(report([miss(1)])) == page(report([miss(1)]))
