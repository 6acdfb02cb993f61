"""A market player's platform (MPP): consents, points of delivery and values, in a database of its own.

`usecases` and `queries` are what its desk can do, `rest` its interfaces to the market place, to other platforms
and to customers, `bootstrap` puts it together. Models of queries are in `app.queries.models`, for the policy.
"""
