"""Predictions against gold labels: what is right, how sure that is, and every miss with the lines it was read from.

    files ──▶ a task (extraction, criteria, retrieval, qa) ──▶ Scored ──statistics──▶ Report ──▶ terminal, JSON, HTML

Everything a task measures is a sum over a sum, kept by trial; so one bootstrap over trials serves every measure, and
two systems on the same trials are compared draw by draw. See docs/evaluation.md.
"""
