"""annotationSection, documentSection, derivedSection: what the registry itself adds to a sponsor's record."""

from __future__ import annotations

from extract.study.base import DateStruct, Number, StudyModel


class UnpostedEvent(StudyModel):
    """A step of results that were submitted and are not posted yet (UnpostedEventType)."""

    type: str | None = None
    date: str | None = None
    date_unknown: bool | None = None


class UnpostedAnnotation(StudyModel):
    """The history of results that are not posted yet."""

    unposted_responsible_party: str | None = None
    unposted_events: list[UnpostedEvent] | None = None


class ViolationEvent(StudyModel):
    """A step of an FDA finding about the record (ViolationEventType)."""

    type: str | None = None
    description: str | None = None
    creation_date: str | None = None
    issued_date: str | None = None
    release_date: str | None = None
    posted_date: str | None = None


class ViolationAnnotation(StudyModel):
    """The history of an FDA finding about the record."""

    violation_events: list[ViolationEvent] | None = None


class AnnotationModule(StudyModel):
    """Both histories."""

    unposted_annotation: UnpostedAnnotation | None = None
    violation_annotation: ViolationAnnotation | None = None


class AnnotationSection(StudyModel):
    """The registry's annotations."""

    annotation_module: AnnotationModule | None = None


class LargeDoc(StudyModel):
    """A document attached to the record; size is in bytes."""

    type_abbrev: str | None = None
    has_protocol: bool | None = None
    has_sap: bool | None = None
    has_icf: bool | None = None
    label: str | None = None
    date: str | None = None
    upload_date: str | None = None
    filename: str | None = None
    size: Number | None = None


class LargeDocumentModule(StudyModel):
    """The documents attached to the record."""

    no_sap: bool | None = None
    large_docs: list[LargeDoc] | None = None


class DocumentSection(StudyModel):
    """The documents attached to the record."""

    large_document_module: LargeDocumentModule | None = None


class FirstMcpInfo(StudyModel):
    """When the first round of the registry's review ended."""

    post_date_struct: DateStruct | None = None


class SubmissionInfo(StudyModel):
    """A round of submission and review."""

    release_date: str | None = None
    unrelease_date: str | None = None
    unrelease_date_unknown: bool | None = None
    reset_date: str | None = None
    mcp_release_n: Number | None = None


class SubmissionTracking(StudyModel):
    """The rounds of submission and review of results."""

    estimated_results_first_submit_date: str | None = None
    first_mcp_info: FirstMcpInfo | None = None
    submission_infos: list[SubmissionInfo] | None = None


class BmiLimits(StudyModel):
    """The body mass index that the criteria admit, as the registry's model reads them, in kg/m2."""

    min_bmi: Number | None = None
    max_bmi: Number | None = None


class ModelPredictions(StudyModel):
    """What the registry's models read out of the text: not the sponsor's words."""

    bmi_limits: BmiLimits | None = None


class MiscInfoModule(StudyModel):
    """The registry's bookkeeping."""

    version_holder: str | None = None
    removed_countries: list[str] | None = None
    submission_tracking: SubmissionTracking | None = None
    model_predictions: ModelPredictions | None = None


class MeshTerm(StudyModel):
    """A term of the Medical Subject Headings."""

    id: str | None = None
    term: str | None = None


class BrowseLeaf(StudyModel):
    """A node of the registry's browsing tree; `as_found` is the word of the record that led there."""

    id: str | None = None
    name: str | None = None
    as_found: str | None = None
    relevance: str | None = None


class BrowseBranch(StudyModel):
    """A branch of the registry's browsing tree."""

    abbrev: str | None = None
    name: str | None = None


class BrowseModule(StudyModel):
    """What the registry derived from the conditions, or the interventions."""

    meshes: list[MeshTerm] | None = None
    ancestors: list[MeshTerm] | None = None
    browse_leaves: list[BrowseLeaf] | None = None
    browse_branches: list[BrowseBranch] | None = None


class DerivedSection(StudyModel):
    """What the registry derived from the record."""

    misc_info_module: MiscInfoModule | None = None
    condition_browse_module: BrowseModule | None = None
    intervention_browse_module: BrowseModule | None = None
