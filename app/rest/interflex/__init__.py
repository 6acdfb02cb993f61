"""The InterFlex interface under `/interflex/api/v1`."""
