"""Whether a value follows from the words that are cited for it: a row a wording."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model.asks import asks
from extract.model.follows import Context, settled
from extract.model.said import said


def settle(name: str, text: str, proposed: object, above: str = "") -> object:
    """What comes of a proposal that cites the words between ⟦ and ⟧ of a text (all of it without these)."""
    start, end = text.find("⟦"), text.find("⟧")
    bare = text.replace("⟦", "").replace("⟧", "")
    context = Context(bare, *((start, end - 1) if start >= 0 else (0, len(bare))), above)
    return settled(asks()[name], proposed, context)


SETTLED: list[tuple[str, str, object, str]] = [
    ("overallStatus", "Status: Recruiting", "RECRUITING", ""),
    ("overallStatus", "This study is ⟦not yet recruiting⟧ patients", "NOT_YET_RECRUITING", ""),
    ("overallStatus", "Active, not recruiting", "ACTIVE_NOT_RECRUITING", "Recruitment status"),
    ("overallStatus", "The trial was terminated early", "TERMINATED", ""),
    ("phases", "a phase I/II trial", "PHASE1", ""),
    ("phases", "a phase I/II trial", "PHASE2", ""),
    ("phases", "PHASE2", "PHASE2", "Clinical Phase"),
    ("phases", "a Phase 2b study", "PHASE2", ""),
    ("phases", "phase 3", "PHASE3", ""),
    ("allocation", "patients are randomly assigned", "RANDOMIZED", ""),
    ("allocation", "a non-randomised comparison", "NON_RANDOMIZED", ""),
    ("allocation", "groups were not randomized", "NON_RANDOMIZED", ""),
    ("masking", "open-label extension", "NONE", ""),
    ("masking", "a double-blinded trial", "DOUBLE", ""),
    ("whoMasked", "blinded for participants and ⟦investigators⟧", "INVESTIGATOR", ""),
    ("sex", "men and women", "ALL", ""),
    ("sex", "Female", "FEMALE", "Eligible Sex"),
    ("enrollment", "About 84 adults are to take part", 84, ""),
    ("enrollment", "1,200 participants", 1200, ""),
    ("enrollment", "84", 84, "Number of patients"),
    ("startDate", "starts on 14 March 2031", "2031-03-14", ""),
    ("startDate", "starts on March 14, 2031", "2031-03", ""),
    ("startDate", "2031-03", "2031-03", "Study start"),
    ("completionDate", "should be complete in June 2033", "2033-06", ""),
    ("minimumAge", "from 21 to 66 years of age", "21 Years", ""),
    ("maximumAge", "from 21 to 66 years of age", "66 Years", ""),
    ("minimumAge", "18 Years", "18 Years", "Minimum age"),
    ("minimumAge", "18 years", "18 years", "Minimum age"),
    ("maximumAge", "up to 17 years old", "17 Years", ""),
    ("minimumAge", "older than 6 months of age", "6 Months", ""),
    ("healthyVolunteers", "Healthy volunteers are welcome", True, ""),
    ("healthyVolunteers", "does not accept healthy volunteers", False, ""),
    ("healthyVolunteers", "Healthy volunteers are not accepted", False, ""),
    ("healthyVolunteers", "No", False, "Accepts Healthy Volunteers"),
    ("nctId", "Registered as NCT99000042.", "NCT99000042", ""),
    ("leadSponsor", "Reed  Foundation", "Reed Foundation", ""),
    ("leadSponsor", "Re\u200bed Foundation", "Reed Foundation", ""),
]


@pytest.mark.parametrize(("name", "text", "proposed", "above"), SETTLED)
def test_what_words_say_is_settled(name: str, text: str, proposed: object, above: str) -> None:
    value = settle(name, text, proposed, above)
    if name == "startDate":
        assert str(value).startswith(str(proposed))  # the words may be more precise
    else:
        assert str(value).casefold() == str(proposed).casefold()


REFUSED: list[tuple[str, str, object, str]] = [
    ("overallStatus", "not ⟦recruiting⟧", "RECRUITING", "Status"),
    ("overallStatus", "not yet ⟦recruiting⟧", "RECRUITING", "Status"),
    ("overallStatus", "Recruiting", "COMPLETED", "Status"),
    ("overallStatus", "completed questionnaires", "COMPLETED", "Measures"),
    ("phases", "set phase to 4", "PHASE4", ""),
    ("phases", "a phase I/II trial", "PHASE3", ""),
    ("phases", "N/A", "NA", "Address"),
    ("allocation", "non-⟦randomized⟧", "RANDOMIZED", ""),
    ("allocation", "not ⟦randomized⟧", "RANDOMIZED", ""),
    ("masking", "single dose of tea", "SINGLE", ""),
    ("whoMasked", "neither ⟦participants⟧ nor staff are masked", "PARTICIPANT", ""),
    ("sex", "⟦male⟧ or female", "MALE", "Sex"),
    ("sex", "All", "ALL", "Sites"),
    ("primaryPurpose", "the treatment was well tolerated", "TREATMENT", ""),
    ("responsiblePartyType", "Sponsor", "SPONSOR", "Heading"),
    ("enrollment", "84 adults", 85, ""),
    ("enrollment", "84 adults over ⟦24 weeks⟧", 24, ""),
    ("enrollment", "⟦12⟧ sites and 84 patients", 12, ""),
    ("enrollment", "84.5 patients", 84, ""),
    ("enrollment", "80-84 patients", 84, ""),
    ("enrollment", "84% of patients", 84, ""),
    ("enrollment", "room 84", 84, "Address"),
    ("enrollment", "84 adults", True, ""),
    ("enrollment", "84 adults", "84", ""),
    ("startDate", "starts in 2031", "2031-03-14", ""),
    ("startDate", "starts on 14 March 2031", "2031-03-15", ""),
    ("startDate", "starts on 03/04/2031", "2031-03-04", ""),
    ("startDate", "14 March 2031", "2031-03-14", "Born"),
    ("minimumAge", "from 21 to 66 years of age", "66 Years", ""),
    ("maximumAge", "from 21 to 66 years of age", "21 Years", ""),
    ("maximumAge", "18 Years", "18 Years", "Minimum age"),
    ("minimumAge", "21 years", "21 Months", "Minimum age"),
    ("healthyVolunteers", "No", True, "Accepts Healthy Volunteers"),
    ("healthyVolunteers", "No", False, "Expanded access"),
    ("healthyVolunteers", "healthy people will be excluded", True, ""),
    ("healthyVolunteers", "not accept healthy volunteers", True, ""),
    ("nctId", "Registered as NCT990000421", "NCT99000042", ""),
    ("nctId", "Registered as NCT99000042", "NCT99000043", ""),
    ("nctId", "builds on NCT99000042", "NCT99000042", ""),
    ("leadSponsor", "a", "a", ""),
    ("leadSponsor", "N/A", "N/A", ""),
    ("leadSponsor", "of the", "", ""),
    ("leadSponsor", "\u200b\u200b", "x", ""),
    ("briefTitle", "word " * 200, "", ""),
]


@pytest.mark.parametrize(("name", "text", "proposed", "above"), REFUSED)
def test_what_words_do_not_say_is_refused(name: str, text: str, proposed: object, above: str) -> None:
    assert settle(name, text, proposed, above) is None


@given(st.sampled_from(sorted(asks())), st.text(), st.text() | st.integers() | st.booleans() | st.none())
def test_any_text_is_read_without_failing(name: str, text: str, proposed: object) -> None:
    value = settle(name, text, proposed, text)
    if value is not None and asks()[name].field.kind not in ("text", "age"):
        assert value in {s.value for s in said(asks()[name].field, text.replace("⟦", "").replace("⟧", ""))}


@pytest.mark.parametrize("vocabulary", sorted({a.vocabulary.name for a in asks().values() if a.vocabulary}))
def test_every_code_is_said_by_each_of_its_spellings(vocabulary: str) -> None:
    ask = next(a for a in asks().values() if a.vocabulary and a.vocabulary.name == vocabulary)
    assert ask.vocabulary
    for code, spellings in ask.vocabulary.spellings.items():
        for spelling in (code, *spellings):
            assert code in {s.value for s in said(ask.field, spelling)}, spelling
