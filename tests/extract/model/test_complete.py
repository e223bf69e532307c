"""A record completed by a model, against a real HTTP server: what it finds, what it makes up, and what fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.evidence import stands_at
from extract.extraction import Extraction
from extract.extractor import Extracted
from extract.model.complete import Completed, Policy
from extract.model.run import ModelRun
from prompts.audit import AuditLog
from prompts.store import ReplyStore
from tests.extract.model.common import PROSE, bytes_of, cite, completed, example, extracted_of, passage, unread
from tests.prompts.common import settings as client_settings
from tests.prompts.stub import Answer, Received, Script, Stub, choices, fails, gives, probed, refuses, says
from trialcite import errors

PROTOCOL = "/protocolSection/"
TRUE: dict[str, Any] = {
    "briefTitle": cite(PROSE, "The study we call WADER compares marsh tea with plain water in people who sleep badly"),
    "nctId": cite(PROSE, "NCT99000042", "NCT99000042"),
    "enrollment": cite(PROSE, "About 84 adults", 84),
    "phases": [cite(PROSE, "a phase 2 trial", "PHASE2")],
    "startDate": cite(PROSE, "14 March 2031", "2031-03-14"),
    "completionDate": cite(PROSE, "complete in June 2033", "2033-06"),
    "conditions": [cite(PROSE, "insomnia disorder"), cite(PROSE, "restless legs")],
    "allocation": cite(PROSE, "randomly assigned", "RANDOMIZED"),
    "masking": cite(PROSE, "double-blinded", "DOUBLE"),
    "minimumAge": cite(PROSE, "from 21 to 66 years of age", "21 Years"),
    "maximumAge": cite(PROSE, "from 21 to 66 years of age", "66 Years"),
    "sex": cite(PROSE, "men and women", "ALL"),
    "healthyVolunteers": cite(PROSE, "Healthy volunteers are not accepted", False),
    "leadSponsor": cite(PROSE, "Reed Foundation"),
    "briefSummary": passage(PROSE, "About 84 adults", "insomnia disorder and restless legs."),
    "interventions": [
        {"name": cite(PROSE, "marsh tea"), "type": None},
        {"name": cite(PROSE, "plain water"), "description": None},
    ],
}


def answering(reply: dict[str, Any]) -> Script:
    """Answers what of a reply is asked for."""

    def script(received: Received) -> Answer:
        properties = received.body["response_format"]["json_schema"]["schema"]["properties"]
        return gives({k: v for k, v in reply.items() if k in properties}, received)

    return script


def value_at(extraction: Extraction, pointer: str) -> Any:
    node: Any = extraction.to_json()["study"]
    for step in pointer.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node.get(step) if node else None
    return node


def assert_grounded(done: Completed, item: Extracted) -> None:
    """Every value of the model's stands on its lines, and every leaf of the study has evidence."""
    source = item.reading.source
    for pointer, proofs in done.extraction.evidence.items():
        assert value_at(done.extraction, pointer) not in (None, [], {})
        assert all(stands_at(p.quote, p.lines, source) for p in proofs)


def test_what_rules_left_open_is_filled_with_evidence() -> None:
    item = unread(PROSE)
    done, stub = completed(item, answering(TRUE))
    assert done.failures == ()
    assert_grounded(done, item)
    got = done.extraction
    for pointer, value in {
        "designModule/enrollmentInfo/count": 84,
        "designModule/phases": ["PHASE2"],
        "designModule/designInfo/allocation": "RANDOMIZED",
        "designModule/designInfo/maskingInfo/masking": "DOUBLE",
        "statusModule/startDateStruct/date": "2031-03-14",
        "statusModule/completionDateStruct/date": "2033-06",
        "conditionsModule/conditions": ["insomnia disorder", "restless legs"],
        "eligibilityModule/minimumAge": "21 Years",
        "eligibilityModule/maximumAge": "66 Years",
        "eligibilityModule/sex": "ALL",
        "eligibilityModule/healthyVolunteers": False,
        "sponsorCollaboratorsModule/leadSponsor/name": "Reed Foundation",
        "identificationModule/nctId": "NCT99000042",
        "armsInterventionsModule/interventions": [{"name": "marsh tea"}, {"name": "plain water"}],
    }.items():
        assert value_at(got, PROTOCOL + pointer) == value, pointer
    summary = value_at(got, PROTOCOL + "descriptionModule/briefSummary")
    assert summary.startswith("About 84 adults are to take part")
    assert summary.endswith("insomnia disorder and restless legs.")
    by_model = [p for p, proofs in got.evidence.items() if proofs[0].method == "model"]
    assert PROTOCOL + "conditionsModule/conditions/1" in by_model
    assert all(got.outcomes[p] == "extracted" for p in got.outcomes if p in by_model)
    assert got.outcomes[PROTOCOL + "contactsLocationsModule/locations/*/city"] == "not_stated"
    assert got.run.method == "rules+llm"
    assert (got.run.model, got.run.prompt) == ("m", "extract-fields@1")
    assert got.run.usage == {
        "calls": len(stub.calls),
        "prompt_tokens": 100 * len(stub.calls),
        "completion_tokens": 20 * len(stub.calls),
        "estimated_tokens": 0,
    }
    assert not [f for f in got.findings if f.code.startswith("model-")]


# field, what is cited, what stands then (None: nothing does), and how the outcome reads
PROPOSED: dict[str, tuple[str, Any, object, str]] = {
    "an invented quote": ("leadSponsor", cite(PROSE, "Reed Foundation") | {"quote": "Evil Corp"}, None, "rejected"),
    "the right quote at a wrong line": (
        "leadSponsor",
        cite(PROSE, "Money comes from the Reed Foundation", line=2),
        "Money comes from the Reed Foundation",
        "extracted",
    ),
    "a short quote at a wrong line": ("leadSponsor", cite(PROSE, "Reed Foundation", line=1), None, "rejected"),
    "lines that are none": ("leadSponsor", cite(PROSE, "Reed Foundation", line=-7), None, "rejected"),
    "a quote of characters that a pattern would trip over": (
        "leadSponsor",
        cite(PROSE, 'accepted (see "rules (≥21)")'),
        'accepted (see "rules (≥21)")',
        "extracted",
    ),
    "an unclosed bracket that is not there": (
        "leadSponsor",
        cite(PROSE, "Reed Foundation") | {"quote": "(≥21 [a-z]+ ("},
        None,
        "rejected",
    ),
    "a value that the quote does not say": ("enrollment", cite(PROSE, "About 84 adults", 8400), None, "rejected"),
    "another number of the line": ("enrollment", cite(PROSE, "21 to 66 years of age", 66), None, "rejected"),
    "the upper age as the lower": ("minimumAge", cite(PROSE, "21 to 66 years of age", "66 Years"), None, "rejected"),
    "a near miss": (
        "completionDate",
        cite(PROSE, "the study should be complete in June 2033")
        | {"quote": "the study shuold be Complete in June 2033", "value": "2033-06"},
        "2033-06",
        "extracted",
    ),
    "a passage that ends before it begins": (
        "detailedDescription",
        passage(PROSE, "It is a phase 2 trial", "The study we call WADER"),
        None,
        "rejected",
    ),
}


@pytest.mark.parametrize(("name", "cited", "value", "outcome"), PROPOSED.values(), ids=PROPOSED.keys())
def test_a_proposal_stands_on_the_lines_or_not_at_all(name: str, cited: Any, value: object, outcome: str) -> None:
    from extract.model.asks import asks

    item = unread(PROSE)
    done, _ = completed(item, answering({name: cited}))
    pointer = asks()[name].pointer
    assert value_at(done.extraction, pointer) == value
    assert done.extraction.outcomes[pointer] == outcome
    assert_grounded(done, item)
    rejections = [f for f in done.extraction.findings if f.code == "model-rejected"]
    assert [f.message.partition(":")[0] for f in rejections] == ([name] if outcome == "rejected" else [])
    assert "Evil" not in str(done.extraction.to_json())


def test_a_fault_is_named_to_the_model_and_mended() -> None:
    bad = {**TRUE, "leadSponsor": cite(PROSE, "Reed Foundation") | {"quote": "Reed and Co"}}
    asked = []

    def script(received: Received) -> Answer:
        asked.append(received.text)
        again = "does not stand in the record as cited" in received.text
        return answering(TRUE if again else bad)(received)

    done, _ = completed(PROSE, script)
    assert value_at(done.extraction, PROTOCOL + "sponsorCollaboratorsModule/leadSponsor/name") == "Reed Foundation"
    (again,) = [t for t in asked if "does not stand in the record as cited" in t]
    assert "/leadSponsor/name: the quote is not in the record where it was cited" in again
    assert not [f for f in done.extraction.findings if f.code == "model-rejected"]


def test_what_held_the_first_time_stands_though_the_second_reply_is_useless() -> None:
    bad = {**TRUE, "briefTitle": cite(PROSE, "The study we call WADER") | {"quote": "The study they call BITTERN"}}

    def script(received: Received) -> Answer:
        return says("{") if "does not stand in the record as cited" in received.text else answering(bad)(received)

    done, _ = completed(PROSE, script)
    assert value_at(done.extraction, PROTOCOL + "designModule/enrollmentInfo/count") == 84
    assert value_at(done.extraction, PROTOCOL + "identificationModule/briefTitle") is None
    assert {type(f) for f in done.failures} == {errors.ReplyInvalid}


def test_wrong_codes_are_asked_again_and_then_lost() -> None:
    done, stub = completed(PROSE, answering({"phases": [cite(PROSE, "phase 2", "PHASE9")]}))
    assert value_at(done.extraction, PROTOCOL + "designModule/phases") is None
    assert [type(f) for f in done.failures] == [errors.ReplyInvalid]
    assert sum("phases" in r.text and "PHASE9" in r.text for r in stub.calls) == 1


def test_a_reply_that_is_cut_off_is_asked_for_its_lists_apart() -> None:
    def script(received: Received) -> Answer:
        properties = received.body["response_format"]["json_schema"]["schema"]["properties"]
        if "interventions" in properties and len(properties) > 1:
            return says('{"interventions": [', finish="length")
        return answering(TRUE)(received)

    done, _ = completed(PROSE, script)
    assert done.failures == ()
    names = [i["name"] for i in value_at(done.extraction, PROTOCOL + "armsInterventionsModule/interventions")]
    assert names == ["marsh tea", "plain water"]
    assert value_at(done.extraction, PROTOCOL + "designModule/designInfo/maskingInfo/masking") == "DOUBLE"


# The fault matrix: whatever the endpoint does, the rules' extraction comes back.

JSON = {"Content-Type": "application/json"}
SLOW = {"slow drip", "silence"}
FAULTS: dict[str, tuple[Script, type[errors.ModelError]]] = {
    "invalid JSON": (lambda _: says("{"), errors.ReplyInvalid),
    "truncated": (lambda _: says('{"a', finish="length"), errors.ReplyTruncated),
    "refusal": (lambda _: refuses("no"), errors.ReplyRefused),
    "empty choices": (lambda _: choices([]), errors.ReplyEmpty),
    "401": (lambda _: fails(401), errors.KeyRefused),
    "404": (lambda _: fails(404), errors.ModelUnknown),
    "429": (lambda _: fails(429, headers={"Retry-After": "0"}), errors.RateLimited),
    "500": (lambda _: fails(500), errors.EndpointFault),
    "reset": (lambda _: Answer(reset=True), errors.EndpointUnreachable),
    "slow drip": (lambda _: Answer(body=b" " * 999, headers=JSON, drip=0.05), errors.EndpointTimeout),
    "silence": (lambda _: Answer(stall=2), errors.EndpointTimeout),
    "a web page": (lambda _: Answer(body=b"<html>"), errors.EndpointFault),
}


@pytest.mark.parametrize("policy", ["fill", "full"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_leaves_the_rules_extraction(fault: str, policy: Policy) -> None:
    item, (script, error) = unread(PROSE), FAULTS[fault]
    timeout, deadline = (0.4, 0.5) if fault in SLOW else (5, 8)
    done, _ = completed(item, script, policy, retries=0, timeout=timeout, deadline=deadline)
    assert {type(f) for f in done.failures} == {error}
    assert {f.exit_code for f in done.failures} == {5}
    findings = [f for f in done.extraction.findings if f.code == "model-failed"]
    assert findings
    plain = done.extraction.model_copy(update={"findings": [f for f in done.extraction.findings if f not in findings]})
    assert bytes_of(plain) == bytes_of(item.extraction)


NO_MODE: dict[str, Script] = {
    "no support for response_format": lambda _: fails(400, "unknown parameter"),
    "prose in every mode": lambda _: says("as you wish"),
}


@pytest.mark.parametrize("script", NO_MODE.values(), ids=NO_MODE.keys())
def test_a_model_without_modes_leaves_the_rules_extraction(script: Script) -> None:
    item = unread(PROSE)
    done, _ = completed(item, script, probes=False)
    assert {type(f) for f in done.failures} == {errors.NoWorkingMode}
    assert done.extraction.study == item.extraction.study


def test_missing_usage_is_estimated() -> None:
    done, _ = completed(PROSE, lambda r: gives({}, r, usage=None))
    assert done.extraction.run.usage
    assert done.extraction.run.usage["estimated_tokens"] > 500


def test_a_spent_budget_leaves_the_rest_to_the_rules() -> None:
    item = unread(PROSE)
    done, stub = completed(item, answering(TRUE), token_budget=3000)
    assert {type(f) for f in done.failures} == {errors.TokenBudgetSpent}
    assert stub.calls == []
    assert done.extraction.study == item.extraction.study


# Full: where rules and model disagree


def echo(item: Extracted, planted: Callable[[str, Any], Any] = lambda _, value: value) -> Script:
    """A model that reports what the rules found, with their evidence, and lies where it is told to."""
    from extract.model.asks import asks

    def cited(ask_pointer: str, pointer: str) -> Any:
        proofs = item.extraction.evidence.get(pointer)
        if not proofs:
            return None
        ask = next(a for a in asks().values() if a.pointer == ask_pointer)
        (first, last), quote = proofs[0].lines, proofs[0].quote
        where = {"first_line": first, "last_line": last}
        if ask.long:
            words = quote.split()
            return planted(pointer, where | {"first_words": " ".join(words[:5]), "last_words": " ".join(words[-5:])})
        value = {} if ask.field.kind == "text" else {"value": value_at(item.extraction, pointer)}
        return planted(pointer, where | {"quote": quote} | value)

    def listed(pointer: str, ask_pointer: str) -> Any:
        found: list[Any] = []
        while f"{pointer}/{len(found)}" in item.extraction.evidence:
            found.append(cited(ask_pointer, f"{pointer}/{len(found)}"))
        return [f for f in found if f] or None

    def script(received: Received) -> Answer:
        schema = received.body["response_format"]["json_schema"]["schema"]
        reply: dict[str, Any] = {}
        for ask in asks().values():
            if ask.items is None:
                bare = ask.pointer.removesuffix("/*")
                reply[ask.name] = listed(bare, ask.pointer) if ask.many else cited(ask.pointer, bare)
                continue
            name = ask.items.rpartition("/")[2]
            count = len(value_at(item.extraction, ask.items) or [])
            rows = reply.setdefault(name, [{} for _ in range(count)])
            for n, row in enumerate(rows):
                at = f"{ask.items}/{n}/{ask.member}"
                row[ask.member] = listed(at, ask.pointer) if ask.many else cited(ask.pointer, at)
        return gives({k: v for k, v in reply.items() if k in schema["properties"]}, received)

    return script


@pytest.mark.parametrize("name", ["NCT99000001.txt", "NCT99000002.txt", "NCT99000003.txt", "NCT99000004.txt"])
def test_a_model_that_agrees_changes_nothing(name: str) -> None:
    item = example(name)
    done, _ = completed(item, echo(item), "full")
    assert done.failures == ()
    assert bytes_of(done.extraction) == bytes_of(item.extraction)


def test_disagreements_are_exactly_the_planted_ones() -> None:
    item = example("NCT99000001.txt")
    text = item.reading.source.text
    design, arms = PROTOCOL + "designModule", PROTOCOL + "armsInterventionsModule"
    title = item.extraction.evidence[PROTOCOL + "identificationModule/briefTitle"][0].quote
    words = title.split()
    planted = {
        # other words of the record, true to their lines, and not what the rules read
        PROTOCOL + "identificationModule/briefTitle": cite(text, " ".join(words[:4])),
        f"{arms}/armGroups/0/label": None,  # not found: no disagreement
        f"{arms}/interventions/0/name": cite(text, words[0] + " " + words[1]),  # another item
        # made up: rejected, and no disagreement either
        f"{design}/enrollmentInfo/count": {"first_line": 1, "last_line": 1, "quote": "5 people", "value": 5},
    }
    done, _ = completed(item, echo(item, lambda pointer, value: planted.get(pointer, value)), "full")
    assert value_at(done.extraction, PROTOCOL + "identificationModule/briefTitle") == title
    assert done.extraction.study == item.extraction.study
    found = [f for f in done.extraction.findings if f.code == "model-disagrees"]
    assert sorted(f.message.partition(":")[0] for f in found) == ["briefTitle", "interventions"]
    assert all({e.method for e in f.evidence} == {"rule", "model"} for f in found if "briefTitle" in f.message)
    assert done.extraction.outcomes == item.extraction.outcomes


RUN_TOGETHER = [
    (["Insomnia Disorder", "Restless Legs Syndrome"], True),
    (["Insomnia", "Disorder Restless Legs Syndrome"], True),
    (["Insomnia Disorder"], False),
    (["Restless Legs Syndrome", "Insomnia Disorder"], False),
    (["Insomnia Disorder", "Legs Syndrome"], False),
    (["Insomnia Disorder", "Disorder Restless Legs Syndrome"], False),
]


@pytest.mark.parametrize(("split", "stands"), RUN_TOGETHER)
def test_words_that_run_together_are_split_as_cited_if_none_is_lost_or_added(split: list[str], stands: bool) -> None:
    item = example("NCT99000001.txt")
    pointer = PROTOCOL + "conditionsModule/conditions"
    ((first, _),) = {item.extraction.evidence[p][0].lines for p in item.extraction.evidence if p.startswith(pointer)}
    lines = list(item.reading.source.lines)
    lines[first - 1] = "Insomnia Disorder Restless Legs Syndrome"
    changed = extracted_of("\n".join(lines), "changed.txt")
    rules = value_at(changed.extraction, pointer)
    proposed = [{"first_line": first, "last_line": first, "quote": s} for s in split]
    done, _ = completed(changed, answering({"conditions": proposed}))
    assert value_at(done.extraction, pointer) == (split if stands else rules)
    assert_grounded(done, changed)


# Replaying, planning, long records


def test_a_finished_run_repeats_without_calls_in_identical_bytes(tmp_path: Path) -> None:
    item = unread(PROSE)
    store = ReplyStore(tmp_path / "replies.db", program="1")
    with Stub(probed(answering({**TRUE, "leadSponsor": cite(PROSE, "Reed Foundation") | {"quote": "x y z"}}))) as stub:

        def run(send: bool) -> bytes:
            with ModelRun(client_settings(stub), "fill", store=store, send=send) as model:
                (done,) = model.complete([item])
                assert isinstance(done, Completed)
                return done.extraction.to_bytes()

        first, asked = run(send=True), len(stub.received)
        assert run(send=True) == run(send=False) == first
        assert len(stub.received) == asked


def test_a_dry_run_shows_the_calls_and_makes_none() -> None:
    items = [unread(PROSE), example("NCT99000001.txt")]
    with Stub(probed(answering(TRUE))) as stub, ModelRun(client_settings(stub), "full", send=False) as run:
        done = list(run.complete(items))
        assert [type(d) for d in done] == [Completed, Completed]
        assert len(run.unsent) >= 4
        assert stub.received == []


def test_records_come_back_in_order_and_errors_in_their_place() -> None:
    texts = [PROSE.replace("WADER", f"WADER-{i}") for i in range(12)]
    items: list[Extracted | errors.InputError] = [unread(t, f"{i}.txt") for i, t in enumerate(texts)]
    items.insert(5, errors.EmptyInput("nothing", where="e"))
    with Stub(probed(answering(TRUE))) as stub, ModelRun(client_settings(stub, concurrency=3), "fill") as run:
        done = list(run.complete(items))
    assert isinstance(done.pop(5), errors.EmptyInput)
    assert [d.extraction.document.path for d in done if isinstance(d, Completed)] == [f"{i}.txt" for i in range(12)]
    assert stub.peak <= 3


def test_an_interrupted_run_stops_its_calls_and_keeps_what_it_gave_back() -> None:
    items = [unread(PROSE, f"{i}.txt") for i in range(4)]

    def script(received: Received) -> Answer:
        return replace(answering(TRUE)(received), stall=0.2)

    with Stub(probed(script)) as stub:
        with ModelRun(client_settings(stub, concurrency=1), "fill") as run:
            first = next(run.complete(items * 3))
        assert isinstance(first, Completed)
        at_the_end = len(stub.calls)
        assert at_the_end < 12 * 4
        time.sleep(0.5)
        assert len(stub.calls) == at_the_end


def test_a_long_record_takes_few_calls_and_cites_its_lines() -> None:
    filler = [f"Chapter {n}. " + "Marsh birds were counted again and again. " * 9 for n in range(700)]
    text = "\n\n".join([*filler[:350], PROSE, *filler[350:]])
    assert len(text) > 250_000
    item = unread(text)
    moved = {"enrollment": cite(text, "About 84 adults", 84), "sex": cite(text, "men and women", "ALL")}
    done, stub = completed(item, answering(moved), context_tokens=8192)
    assert done.failures == ()
    assert 1 <= len(stub.calls) <= 8
    assert any("About 84 adults" in r.text for r in stub.calls)
    assert value_at(done.extraction, PROTOCOL + "designModule/enrollmentInfo/count") == 84
    assert_grounded(done, item)


def test_requests_fit_the_context() -> None:
    from prompts.usage import estimate_tokens

    item = extracted_of("\n".join("Patients aged from 20 to 60 years are randomized to tea. " * 3 for _ in range(900)))
    for context in (4096, 8192, 32768):
        done, stub = completed(item, lambda r: gives({}, r), "full", context_tokens=context, reply_tokens=1024)
        assert done.failures == ()
        for received in stub.calls:
            assert estimate_tokens(json.dumps(received.body, ensure_ascii=False)) + 1024 <= context * 1.1


def test_a_structured_record_keeps_its_study_and_is_asked_about_its_criteria() -> None:
    item = example("NCT99000005.json")
    done, stub = completed(item, answering(TRUE), "full")
    assert done.extraction.study == item.extraction.study
    assert done.extraction.evidence == item.extraction.evidence
    assert {
        set(r.body["response_format"]["json_schema"]["schema"]["properties"]) == {"bounds", "topics"}
        for r in stub.calls
    }


ELIGIBLE = """\
A trial of marsh tea
Who can come

Inclusion criteria
1. Aged 20 to 60 years
2. Sleeps badly
Exclusion criteria
1. Restless legs within the last 3 months
"""


def test_criteria_that_the_model_found_are_read_like_any() -> None:
    found = passage(ELIGIBLE, "Inclusion criteria 1. Aged"[:18], "within the last 3 months")
    done, _ = completed(ELIGIBLE, answering({"eligibilityCriteria": found}))
    got = done.extraction
    assert [(c.id, c.lines) for c in got.criteria] == [
        ("inclusion-1", (5, 5)),
        ("inclusion-2", (6, 6)),
        ("exclusion-1", (8, 8)),
    ]
    assert [len(c.constraints) for c in got.criteria] == [1, 0, 1]
    assert value_at(got, PROTOCOL + "eligibilityModule/eligibilityCriteria").splitlines()[0] == "Inclusion criteria"


def test_every_verdict_is_in_the_audit_log(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "audit.jsonl")
    reply = {"enrollment": TRUE["enrollment"], "leadSponsor": cite(PROSE, "Reed Foundation") | {"quote": "Evil Corp"}}
    completed(PROSE, answering(reply), audit=audit)
    rows = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    verdicts = {r["pointer"].rpartition("/")[2]: r["verdict"] for r in rows if r["event"] == "verdict"}
    assert verdicts == {"count": "accepted", "name": "the quote is not in the record where it was cited"}
    calls = {r["call"] for r in rows if r["event"] == "attempt"}
    assert {r["call"] for r in rows if r["event"] == "verdict"} <= calls
