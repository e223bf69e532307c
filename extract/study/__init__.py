"""Study models after the ClinicalTrials.gov API v2, and its enumerations in words.

The registry's data structure is the vocabulary of this project: snake_case in Python, its own camelCase in JSON.
"""

from extract.study.study import ProtocolSection, Study, study_of
from extract.study.vocabulary import Vocabulary, vocabulary, vocabulary_of

__all__ = ["ProtocolSection", "Study", "Vocabulary", "study_of", "vocabulary", "vocabulary_of"]
