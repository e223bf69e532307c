"""Answers with a model."""
