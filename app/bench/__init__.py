"""Speed of the engine against its peers, measured in the same run (`launch.py bench`; docs/bench.md).

Who computes is a contestant: a process that reads a case file and answers with its seconds and its result. We are
one, a peer is another, with a virtual environment of its own (`contestants`, `requirements`). What is measured is
the table in `rows`; `cases` makes its cases from seeds, `race` runs it, `figures` turns answers into ratios,
`report` prints and writes them.
"""
