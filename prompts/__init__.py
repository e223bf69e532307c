"""What we ask a language model, and how.

    template ──slots──▶ Prompt ──client──▶ Reply[T]      T: a Pydantic model, validated in instructor's context
                                  │
                                  ├─ dialect   how this endpoint takes a request for an object, found by a probe
                                  ├─ store     replies by everything that determines them; a run replays offline from it
                                  ├─ usage     tokens of every attempt, the run's budget
                                  └─ audit     every attempt and every verdict, one JSON line each

Nothing else in the program talks to a model. This layer knows nothing of trials. See docs/models.md.
"""
