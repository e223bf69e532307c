"""A language model fills what the rules leave open, and cannot make anything up.

    asks      what is asked for, as data            record    the record as it is shown: numbered lines, in parts
    replies   the objects that come back            locate    where a quote stands (texts: two views of a text)
    follows   whether its words say the value       said      the values that a text says
    hostile   lines that speak to a model           ground    all of it: a proposal accepted or rejected
    merge     rules' and model's values together    complete  one record        run  many records

The model proposes, the lines decide. See docs/models.md and, for the policy, docs/design/model.md.
"""
