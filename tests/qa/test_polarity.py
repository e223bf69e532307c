"""What a question about a person asks: whether they may come in, or whether something keeps them out."""

from __future__ import annotations

from datetime import date

import pytest

from qa.answers.patients import asks_what_keeps_out
from qa.asked import Asked
from qa.plan import Plan

_KEPT_OUT = """
would that stop me joining
would that keep her from joining
does asthma make me ineligible
does a stroke knock her out
is a stroke disqualifying
is a stroke a reason to say no
is a stroke a reason not to take him
would a stroke get him turned down
would a stroke count against him
is hep b a showstopper
would they refuse her with hep b
will hep b be held against her
would hep b spoil my chances
do they mind if I smoke
does smoking matter
am I out of the running with a stroke
would she be turned away for smoking
is smoking a bar to entry
do they exclude smokers
would they say no to a smoker
is smoking forbidden
is a patient on warfarin unfit for this
does his hep C rule him out
would hep C bar me
does hep C prevent enrolment
does hep C preclude participation
is hep C an exclusion
is hep C exclusionary
does hep C stand in the way
does diabetes take me out
can't I join with diabetes
would a pacemaker be a deal breaker
would a pacemaker be problematic
are smokers excluded
are smokers not allowed
are smokers barred
should someone with HIV be left out
screen fail?  HIV positive
is being on warfarin an obstacle
does being on warfarin disqualify me
had it cured a year ago: out?
is that a barrier
is that a no-go?
too advanced for this study?
would they turn him down for that
does an upper age limit stop her?
active leukemia right now - shut out?
is 85 above the upper age they accept?
BMI 28.5 - over the limit?
do I have to come off warfarin
contraindication to joining?
"""
_LET_IN = """
can a smoker join
is a smoker ok
would a smoker be allowed
is warfarin permitted
could she still take part
does he qualify
would he get in
is he eligible
any chance for a smoker
fine with warfarin?
may he enter
are smokers welcome
is a stroke two years ago acceptable
would they take a smoker
can he be in it
is 30 low enough
would my mum fit the criteria
does she meet the requirements
is she a candidate
could I sign up
She can't stand the MRI tube and refuses it. Still a candidate?
MRI picks out a lesion, suitable?
"""


@pytest.mark.parametrize("question", _KEPT_OUT.strip().splitlines())
def test_a_yes_means_kept_out(question: str) -> None:
    assert asks_what_keeps_out(Asked(Plan(question=question), date(2026, 1, 1)))


@pytest.mark.parametrize("question", _LET_IN.strip().splitlines())
def test_a_yes_means_let_in(question: str) -> None:
    assert not asks_what_keeps_out(Asked(Plan(question=question), date(2026, 1, 1)))
