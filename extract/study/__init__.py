"""Study models after the ClinicalTrials.gov API v2.

The registry's data structure is the vocabulary of this project: snake_case in Python, its own camelCase in JSON.
"""

from extract.study.study import ProtocolSection, Study, study_of

__all__ = ["ProtocolSection", "Study", "study_of"]
