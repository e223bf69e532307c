"""The study: a CT.gov v2 record as typed objects, and back again deep-equal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, RootModel, ValidationError

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
from extract.study.shape import ShapeOf
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


class Sections(StudyModel):
    """All that a study has. `related_trials` is ours."""

    protocol_section: ProtocolSection | None = None
    results_section: ResultsSection | None = None
    annotation_section: AnnotationSection | None = None
    document_section: DocumentSection | None = None
    derived_section: DerivedSection | None = None
    has_results: bool | None = None
    related_trials: list[RelatedTrial] | None = None


class Study(RootModel[dict[str, Any]]):
    """A trial record. `Study.model_validate(record).root` equals the record, its keys in the order of the models.

    Its sections are typed when they are first asked for, and not to be changed. Every field may be missing; None is
    also a field that the record has and leaves null.
    """

    root: Annotated[dict[str, Any], ShapeOf(Sections)] = Field(default_factory=dict)

    @cached_property
    def _sections(self) -> Sections:
        """The study as typed objects."""
        return Sections.model_validate(self.root)

    @property
    def protocol_section(self) -> ProtocolSection | None:
        """What was registered."""
        return self._sections.protocol_section

    @property
    def results_section(self) -> ResultsSection | None:
        """What came out, where results are posted."""
        return self._sections.results_section

    @property
    def annotation_section(self) -> AnnotationSection | None:
        """The registry's annotations."""
        return self._sections.annotation_section

    @property
    def document_section(self) -> DocumentSection | None:
        """The documents attached to the record."""
        return self._sections.document_section

    @property
    def derived_section(self) -> DerivedSection | None:
        """What the registry derived from the record."""
        return self._sections.derived_section

    @property
    def has_results(self) -> bool | None:
        """Whether results are posted."""
        return self.root.get("hasResults")

    @property
    def related_trials(self) -> list[RelatedTrial] | None:
        """Other trials that a page names."""
        return self._sections.related_trials

    @property
    def nct_id(self) -> str | None:
        """The registry's number, where the record has one."""
        protocol = self.root.get("protocolSection") or {}
        identification = protocol.get("identificationModule") or {}
        return identification.get("nctId")


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
