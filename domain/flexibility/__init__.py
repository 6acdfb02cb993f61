"""FlexAssets, FlexRequests, FlexOffers, market sessions, awards and activations."""
