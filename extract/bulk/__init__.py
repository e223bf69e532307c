"""Bulk runs: any number of inputs into tables, restartable at any moment, the same bytes however they were made.

| module     | does                                                                                   |
|------------|----------------------------------------------------------------------------------------|
| units      | what is named on the command line → inputs, one a record, in constant memory           |
| archives   | zip and tar, with limits on ratio, size, number and names                              |
| batches    | inputs → batches, each with a fingerprint of what is in it                             |
| work       | a batch → its part of every output; runs in any process, on any machine                |
| tables     | an extraction → rows of tidy tables (tables.toml)                                      |
| engines    | where batches are worked on: here, in a pool of processes, on a Dask cluster           |
| processes  | how the processes of that pool start                                                   |
| parts      | what came of each batch, on disk: drafted by who worked on it, kept by the run         |
| journal    | what was done, one row an input: the truth about a run that was cut off                |
| outputs    | parts, in order, → the files a person asked for                                        |
| run        | all of it                                                                              |

The order of the work does not matter, because a part holds all that its batch adds to every output, and the outputs
are put together from the parts in the order of the inputs. A batch counts as done when its part is safely on disk and
the journal says so; whatever else a killed run leaves behind is thrown out or overwritten.
"""
