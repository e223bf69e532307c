"""protocolSection, the part that points elsewhere: contacts and sites, references, sharing of participants' data."""

from __future__ import annotations

from extract.study.base import Contact, Number, StudyModel


class Official(StudyModel):
    """A person responsible for the whole study."""

    name: str | None = None
    affiliation: str | None = None
    role: str | None = None


class GeoPoint(StudyModel):
    """Degrees north and east."""

    lat: Number | None = None
    lon: Number | None = None


class Location(StudyModel):
    """A site, its own status and contacts."""

    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    contacts: list[Contact] | None = None
    country_code: str | None = None
    geo_point: GeoPoint | None = None


class ContactsLocationsModule(StudyModel):
    """Whom to ask and where it happens. `facility_contacts` is ours: a page lists them apart from their sites."""

    central_contacts: list[Contact] | None = None
    overall_officials: list[Official] | None = None
    locations: list[Location] | None = None
    facility_contacts: list[Contact] | None = None


class Retraction(StudyModel):
    """That a cited paper was withdrawn."""

    pmid: str | None = None
    source: str | None = None


class Reference(StudyModel):
    """A cited paper; type says whether it is background, or came out of the study."""

    pmid: str | None = None
    type: str | None = None
    citation: str | None = None
    retractions: list[Retraction] | None = None


class SeeAlsoLink(StudyModel):
    """A link to more about the study."""

    label: str | None = None
    url: str | None = None


class AvailIpd(StudyModel):
    """A data set or document that can be had; type is in the sponsor's words."""

    id: str | None = None
    type: str | None = None
    url: str | None = None
    comment: str | None = None


class ReferencesModule(StudyModel):
    """Papers, links and available data."""

    references: list[Reference] | None = None
    see_also_links: list[SeeAlsoLink] | None = None
    avail_ipds: list[AvailIpd] | None = None


class IpdSharingStatementModule(StudyModel):
    """Whether, when and how individual participants' data are shared."""

    ipd_sharing: str | None = None
    description: str | None = None
    info_types: list[str] | None = None
    time_frame: str | None = None
    access_criteria: str | None = None
    url: str | None = None
