"""protocolSection, the part about who runs a study and where it stands: identification, status, sponsors, oversight."""

from __future__ import annotations

from pydantic import Field

from extract.study.base import DateStruct, Sponsor, StudyModel


class OrgStudyIdInfo(StudyModel):
    """The sponsor's own number of the study."""

    id: str | None = None
    type: str | None = None
    link: str | None = None


class SecondaryIdInfo(StudyModel):
    """A number that another registry, a funder or an agency gave the study; domain names who, where type doesn't."""

    id: str | None = None
    type: str | None = None
    domain: str | None = None
    link: str | None = None


class Organization(StudyModel):
    """The organization that registered the study."""

    full_name: str | None = None
    class_: str | None = Field(default=None, alias="class")


class IdentificationModule(StudyModel):
    """Numbers and titles."""

    nct_id: str | None = None
    nct_id_aliases: list[str] | None = None
    org_study_id_info: OrgStudyIdInfo | None = None
    secondary_id_infos: list[SecondaryIdInfo] | None = None
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None
    organization: Organization | None = None


class ExpandedAccessInfo(StudyModel):
    """Whether the treatment can be had outside the study, and the record that says how."""

    has_expanded_access: bool | None = None
    nct_id: str | None = None
    status_for_nct_id: str | None = None


class StatusModule(StudyModel):
    """Where the study stands, and its dates."""

    status_verified_date: str | None = None
    overall_status: str | None = None
    last_known_status: str | None = None
    delayed_posting: bool | None = None
    why_stopped: str | None = None
    expanded_access_info: ExpandedAccessInfo | None = None
    start_date_struct: DateStruct | None = None
    primary_completion_date_struct: DateStruct | None = None
    completion_date_struct: DateStruct | None = None
    study_first_submit_date: str | None = None
    study_first_submit_qc_date: str | None = None
    study_first_post_date_struct: DateStruct | None = None
    results_waived: bool | None = None
    results_first_submit_date: str | None = None
    results_first_submit_qc_date: str | None = None
    results_first_post_date_struct: DateStruct | None = None
    disp_first_submit_date: str | None = None
    disp_first_submit_qc_date: str | None = None
    disp_first_post_date_struct: DateStruct | None = None
    last_update_submit_date: str | None = None
    last_update_post_date_struct: DateStruct | None = None


class ResponsibleParty(StudyModel):
    """Who answers for the record; the old* fields are those of records from before 2011."""

    type: str | None = None
    investigator_full_name: str | None = None
    investigator_title: str | None = None
    investigator_affiliation: str | None = None
    old_name_title: str | None = None
    old_organization: str | None = None


class SponsorCollaboratorsModule(StudyModel):
    """Who leads the study, who supports it, who answers for it."""

    responsible_party: ResponsibleParty | None = None
    lead_sponsor: Sponsor | None = None
    collaborators: list[Sponsor] | None = None


class OversightModule(StudyModel):
    """Data monitoring committee and U.S. FDA regulation."""

    oversight_has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_ppsd: bool | None = None
    is_us_export: bool | None = None
    fdaaa801_violation: bool | None = None
