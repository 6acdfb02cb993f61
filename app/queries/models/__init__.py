"""Queries and the read models they answer with. Frozen; arrays are numpy, money and volumes Decimal.

Series have one value per quarter hour of the delivery day. Positive power is upward (injection).
"""

from __future__ import annotations

from app.bridge.outcomes import NodalPrices as NodalPrices
from app.bridge.outcomes import PriceParts as PriceParts
from app.bridge.outcomes import ProofView as ProofView
from app.bridge.outcomes import UnmetRow as UnmetRow
from app.bridge.states import DayState as DayState
from app.bridge.states import Floats as Floats
from app.bridge.states import GridMap as GridMap
from app.bridge.states import NeedRow as NeedRow
from app.bridge.states import Plan as Plan
from app.bridge.states import ProposedRequest as ProposedRequest
from app.queries.models.assets import AssetDay as AssetDay
from app.queries.models.assets import GetAssetDay as GetAssetDay
from app.queries.models.assets import GetPortfolio as GetPortfolio
from app.queries.models.assets import ListAssets as ListAssets
from app.queries.models.assets import PortfolioRow as PortfolioRow
from app.queries.models.base import Answer as Answer
from app.queries.models.base import Query as Query
from app.queries.models.everyone import GetShell as GetShell
from app.queries.models.everyone import ListJobs as ListJobs
from app.queries.models.everyone import ListNotifications as ListNotifications
from app.queries.models.everyone import ListParties as ListParties
from app.queries.models.everyone import ListPrices as ListPrices
from app.queries.models.everyone import ListRegions as ListRegions
from app.queries.models.everyone import ShellView as ShellView
from app.queries.models.grid import CouplingRow as CouplingRow
from app.queries.models.grid import ExampleFiles as ExampleFiles
from app.queries.models.grid import GetFiles as GetFiles
from app.queries.models.grid import GetGrid as GetGrid
from app.queries.models.grid import GridView as GridView
from app.queries.models.grid import ListUnits as ListUnits
from app.queries.models.grid import SumByCoupling as SumByCoupling
from app.queries.models.grid import UnitRow as UnitRow
from app.queries.models.market import AwardRow as AwardRow
from app.queries.models.market import CheckOffer as CheckOffer
from app.queries.models.market import GetNodalPrices as GetNodalPrices
from app.queries.models.market import GetResult as GetResult
from app.queries.models.market import ListActivations as ListActivations
from app.queries.models.market import ListOffers as ListOffers
from app.queries.models.market import ListRequests as ListRequests
from app.queries.models.market import ListSessions as ListSessions
from app.queries.models.market import OfferCheck as OfferCheck
from app.queries.models.market import OfferRow as OfferRow
from app.queries.models.market import ResultView as ResultView
from app.queries.models.market import SessionRow as SessionRow
