"""The study: a CT.gov v2 record as typed objects, and back again deep-equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from extract.study.administration import IdentificationModule, OversightModule, SponsorCollaboratorsModule, StatusModule
from extract.study.base import StudyModel
from extract.study.contacts import ContactsLocationsModule, IpdSharingStatementModule, ReferencesModule
from extract.study.design import (
    ArmsInterventionsModule,
    ConditionsModule,
    DescriptionModule,
    DesignModule,
    EligibilityModule,
    OutcomesModule,
    RelatedTrial,
)
from extract.study.registry import AnnotationSection, DerivedSection, DocumentSection
from extract.study.results import ResultsSection
from trialcite.errors import MalformedRecord


class ProtocolSection(StudyModel):
    """What was registered: the plan of the study and where it stands."""

    identification_module: IdentificationModule | None = None
    status_module: StatusModule | None = None
    sponsor_collaborators_module: SponsorCollaboratorsModule | None = None
    oversight_module: OversightModule | None = None
    description_module: DescriptionModule | None = None
    conditions_module: ConditionsModule | None = None
    design_module: DesignModule | None = None
    arms_interventions_module: ArmsInterventionsModule | None = None
    outcomes_module: OutcomesModule | None = None
    eligibility_module: EligibilityModule | None = None
    contacts_locations_module: ContactsLocationsModule | None = None
    references_module: ReferencesModule | None = None
    ipd_sharing_statement_module: IpdSharingStatementModule | None = None


class Study(StudyModel):
    """A trial record. `Study.model_validate(record).model_dump(by_alias=True, exclude_unset=True)` equals the record.

    Every field may be missing; None is a field that the record has and leaves null. `related_trials` is ours.
    """

    protocol_section: ProtocolSection | None = None
    results_section: ResultsSection | None = None
    annotation_section: AnnotationSection | None = None
    document_section: DocumentSection | None = None
    derived_section: DerivedSection | None = None
    has_results: bool | None = None
    related_trials: list[RelatedTrial] | None = None

    @property
    def nct_id(self) -> str | None:
        """The registry's number, where the record has one."""
        protocol = self.protocol_section
        identification = protocol.identification_module if protocol else None
        return identification.nct_id if identification else None


def study_of(record: Mapping[str, Any], *, where: str) -> Study:
    """The study of a parsed record. Raises MalformedRecord, naming the first value that is not of its field's type."""
    try:
        return Study.model_validate(record)
    except ValidationError as e:
        fault = e.errors(include_url=False, include_context=False, include_input=False)[0]
        # The last step of a number's place is the kind that was tried.
        place = ".".join(str(step) for step in fault["loc"] if step not in ("int", "float"))
        reason = f"{place}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        raise MalformedRecord(f"not a study of the registry's shape ({reason})", where=where) from e
