"""A language model reads questions that the rules do not, and says what the record's lines say. It proves nothing.

    reading   a question that the rules cannot place, read into the plan that the rules then answer
    replies   the object that comes back: claims, each with the lines and words that are to prove it
    follows   whether a claim says what its words say (follows.toml)
    claims    all of it: a claim accepted with the record's own words, or turned down with the reason
    calls     what is asked: the records as numbered lines, in a block that text cannot end
    combine   rules' and model's answers together
    run       one question after another, several under way at once

The model proposes, the lines decide: no claim comes out without a citation that passed, and the rules' answer is what
stands where model and rules disagree. See docs/answers.md.
"""
