"""From a plan to claims: one module a kind of question."""
