"""protocolSection, the part about what is done to whom: description, design, arms, outcomes, eligibility."""

from __future__ import annotations

from extract.study.base import Number, StudyModel


class DescriptionModule(StudyModel):
    """The sponsor's own account, in the registry's markup."""

    brief_summary: str | None = None
    detailed_description: str | None = None


class ConditionsModule(StudyModel):
    """What is studied."""

    conditions: list[str] | None = None
    keywords: list[str] | None = None


class ExpandedAccessTypes(StudyModel):
    """For whom expanded access is meant."""

    individual: bool | None = None
    intermediate: bool | None = None
    treatment: bool | None = None


class MaskingInfo(StudyModel):
    """How far, and who, does not know the assignment."""

    masking: str | None = None
    masking_description: str | None = None
    who_masked: list[str] | None = None


class DesignInfo(StudyModel):
    """How participants are allocated and observed."""

    allocation: str | None = None
    intervention_model: str | None = None
    intervention_model_description: str | None = None
    primary_purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking_info: MaskingInfo | None = None


class BioSpec(StudyModel):
    """The samples that are kept."""

    retention: str | None = None
    description: str | None = None


class EnrollmentInfo(StudyModel):
    """How many participants, planned or actual (DateType)."""

    count: Number | None = None
    type: str | None = None


class DesignModule(StudyModel):
    """The study's kind, phase, size and design."""

    study_type: str | None = None
    n_ptrs_to_this_exp_acc_nct_id: Number | None = None
    expanded_access_types: ExpandedAccessTypes | None = None
    patient_registry: bool | None = None
    target_duration: str | None = None
    phases: list[str] | None = None
    design_info: DesignInfo | None = None
    bio_spec: BioSpec | None = None
    enrollment_info: EnrollmentInfo | None = None


class ArmGroup(StudyModel):
    """An arm (or, in an observational study, a group); its interventions are named "Drug: Name"."""

    label: str | None = None
    type: str | None = None
    description: str | None = None
    intervention_names: list[str] | None = None


class Intervention(StudyModel):
    """What is given or done, and in which arms."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    arm_group_labels: list[str] | None = None
    other_names: list[str] | None = None


class ArmsInterventionsModule(StudyModel):
    """Arms and interventions, which name each other."""

    arm_groups: list[ArmGroup] | None = None
    interventions: list[Intervention] | None = None


class Outcome(StudyModel):
    """What will be measured, and when."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class OutcomesModule(StudyModel):
    """Planned outcomes; what came out is in the results section."""

    primary_outcomes: list[Outcome] | None = None
    secondary_outcomes: list[Outcome] | None = None
    other_outcomes: list[Outcome] | None = None


class EligibilityModule(StudyModel):
    """Who can take part. Ages are texts with their unit ("18 Years", "6 Months")."""

    eligibility_criteria: str | None = None
    healthy_volunteers: bool | None = None
    sex: str | None = None
    gender_based: bool | None = None
    gender_description: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    std_ages: list[str] | None = None
    study_population: str | None = None
    sampling_method: str | None = None


class RelatedTrial(StudyModel):
    """Another trial that a page names beside the one it shows. Ours: the registry has no such list."""

    brief_title: str | None = None
    nct_id: str | None = None
    overall_status: str | None = None
    phases: list[str] | None = None
