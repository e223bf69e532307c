"""resultsSection: participant flow, baseline, outcomes, adverse events.

Its figures are texts, as the registry has them. A result belongs to a group by `group_id` ("OG000"); each module, and
each outcome measure, lists its own groups.
"""

from __future__ import annotations

from extract.study.base import Number, StudyModel


class Group(StudyModel):
    """A group of participants whose results are reported together."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


class FlowCount(StudyModel):
    """How many of a group reached a milestone, or left for a reason."""

    group_id: str | None = None
    comment: str | None = None
    num_subjects: str | None = None
    num_units: str | None = None


class Milestone(StudyModel):
    """A point of a period: STARTED, COMPLETED, NOT COMPLETED, or one in the sponsor's words."""

    type: str | None = None
    comment: str | None = None
    achievements: list[FlowCount] | None = None


class DropWithdraw(StudyModel):
    """A reason for not completing a period."""

    type: str | None = None
    comment: str | None = None
    reasons: list[FlowCount] | None = None


class Period(StudyModel):
    """A stage of the study."""

    title: str | None = None
    milestones: list[Milestone] | None = None
    drop_withdraws: list[DropWithdraw] | None = None


class ParticipantFlowModule(StudyModel):
    """Who started, who finished, who left and why."""

    pre_assignment_details: str | None = None
    recruitment_details: str | None = None
    type_units_analyzed: str | None = None
    groups: list[Group] | None = None
    periods: list[Period] | None = None


class DenomCount(StudyModel):
    """How many of a group were analysed."""

    group_id: str | None = None
    value: str | None = None


class Denom(StudyModel):
    """How many were analysed, in one unit (participants, eyes, …)."""

    units: str | None = None
    counts: list[DenomCount] | None = None


class Measurement(StudyModel):
    """One cell of a results table. "NA" is the registry's own "could not be estimated"; `comment` says why."""

    group_id: str | None = None
    value: str | None = None
    spread: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    comment: str | None = None


class MeasureCategory(StudyModel):
    """A category of a class ("Female")."""

    title: str | None = None
    measurements: list[Measurement] | None = None


class MeasureClass(StudyModel):
    """A row of a results table ("Week 12"), perhaps with its own denominators."""

    title: str | None = None
    denoms: list[Denom] | None = None
    categories: list[MeasureCategory] | None = None


class BaselineMeasure(StudyModel):
    """A table of what participants were like at the start."""

    title: str | None = None
    description: str | None = None
    population_description: str | None = None
    param_type: str | None = None
    dispersion_type: str | None = None
    unit_of_measure: str | None = None
    calculate_pct: bool | None = None
    denom_units_selected: str | None = None
    denoms: list[Denom] | None = None
    classes: list[MeasureClass] | None = None


class BaselineCharacteristicsModule(StudyModel):
    """Who took part."""

    population_description: str | None = None
    type_units_analyzed: str | None = None
    groups: list[Group] | None = None
    denoms: list[Denom] | None = None
    measures: list[BaselineMeasure] | None = None


class Analysis(StudyModel):
    """A statistical comparison of groups of one outcome measure."""

    param_type: str | None = None
    param_value: str | None = None
    dispersion_type: str | None = None
    dispersion_value: str | None = None
    statistical_method: str | None = None
    statistical_comment: str | None = None
    p_value: str | None = None
    p_value_comment: str | None = None
    ci_num_sides: str | None = None
    ci_pct_value: str | None = None
    ci_lower_limit: str | None = None
    ci_upper_limit: str | None = None
    ci_lower_limit_comment: str | None = None
    ci_upper_limit_comment: str | None = None
    estimate_comment: str | None = None
    tested_non_inferiority: bool | None = None
    non_inferiority_type: str | None = None
    non_inferiority_comment: str | None = None
    other_analysis_description: str | None = None
    group_description: str | None = None
    group_ids: list[str] | None = None


class OutcomeMeasure(StudyModel):
    """An outcome with its table and analyses."""

    type: str | None = None
    title: str | None = None
    description: str | None = None
    population_description: str | None = None
    reporting_status: str | None = None
    anticipated_posting_date: str | None = None
    param_type: str | None = None
    dispersion_type: str | None = None
    unit_of_measure: str | None = None
    calculate_pct: bool | None = None
    time_frame: str | None = None
    type_units_analyzed: str | None = None
    denom_units_selected: str | None = None
    groups: list[Group] | None = None
    denoms: list[Denom] | None = None
    classes: list[MeasureClass] | None = None
    analyses: list[Analysis] | None = None


class OutcomeMeasuresModule(StudyModel):
    """What came out."""

    outcome_measures: list[OutcomeMeasure] | None = None


class EventGroup(Group):
    """A group whose adverse events are reported together, with how many had any."""

    deaths_num_affected: Number | None = None
    deaths_num_at_risk: Number | None = None
    serious_num_affected: Number | None = None
    serious_num_at_risk: Number | None = None
    other_num_affected: Number | None = None
    other_num_at_risk: Number | None = None


class EventStats(StudyModel):
    """How many of a group had an adverse event, of how many, how often."""

    group_id: str | None = None
    num_events: Number | None = None
    num_affected: Number | None = None
    num_at_risk: Number | None = None


class AdverseEvent(StudyModel):
    """One kind of adverse event in every group."""

    term: str | None = None
    organ_system: str | None = None
    source_vocabulary: str | None = None
    assessment_type: str | None = None
    notes: str | None = None
    stats: list[EventStats] | None = None


class AdverseEventsModule(StudyModel):
    """Deaths, serious and other adverse events. `frequency_threshold` is the percentage below which none is listed."""

    frequency_threshold: str | None = None
    time_frame: str | None = None
    description: str | None = None
    all_cause_mortality_comment: str | None = None
    event_groups: list[EventGroup] | None = None
    serious_events: list[AdverseEvent] | None = None
    other_events: list[AdverseEvent] | None = None


class LimitationsAndCaveats(StudyModel):
    """What the sponsor says against its own results."""

    description: str | None = None


class CertainAgreement(StudyModel):
    """What binds investigators who want to publish."""

    pi_sponsor_employee: bool | None = None
    restriction_type: str | None = None
    restrictive_agreement: bool | None = None
    other_details: str | None = None


class PointOfContact(StudyModel):
    """Whom to ask about the results."""

    title: str | None = None
    organization: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_ext: str | None = None


class MoreInfoModule(StudyModel):
    """Limitations, agreements, contact."""

    limitations_and_caveats: LimitationsAndCaveats | None = None
    certain_agreement: CertainAgreement | None = None
    point_of_contact: PointOfContact | None = None


class ResultsSection(StudyModel):
    """What came out of the study, where results are posted."""

    participant_flow_module: ParticipantFlowModule | None = None
    baseline_characteristics_module: BaselineCharacteristicsModule | None = None
    outcome_measures_module: OutcomeMeasuresModule | None = None
    adverse_events_module: AdverseEventsModule | None = None
    more_info_module: MoreInfoModule | None = None
