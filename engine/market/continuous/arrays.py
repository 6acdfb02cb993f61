"""Arrays of one step as the compiled functions take them.

Buses are numbered in the order of `Network.free`, the coupling bus comes last (number n_free). A branch has two
ends: end 2 b is the from end of branch b, end 2 b + 1 its to end. Powers and admittances are in pu of 1 MVA, so
pu of power are MW. What is alike shares an array, and constants name its rows: compiling takes time for every
array that a function is given.

A limit has one number: k the upper voltage of bus k, n_free + k its lower voltage, 2 n_free + e the loading of
end e. Excess is in percent: of nominal voltage, or of the rating.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.grid.network import Ints
from engine.reading import Floats

NO_SOLUTION = -2

# Rows of a point, and the points of a state.
V_RE, V_IM, P, Q = range(4)
NOW, TRIAL, SCENE, KEPT, MADE_FOR = range(5)
# Rows of bus and end limits and of controls.
HIGH, LOW = range(2)
I_MAX, S_MAX = range(2)
VM, Q_MIN, Q_MAX = range(3)
# Rows of the working space by bus, by (re, im) of the free buses, and by end.
Q_TOTAL, VM_HELD, I_RE, I_IM, BEND_RE, BEND_IM, SIZE, V_UP, V_DOWN = range(9)
RESIDUAL, CHANGE, SOLVED, RIGHT, START, UNIT = range(6)
END_RE, END_IM, TURN_RE, TURN_IM = range(4)
# Places in `counts`.
RIGHTS, RIGHTS_KNOWN, CUTS, CUTS_KNOWN, HAS_INVERSE = range(5)
# Columns of a right and of a cut, rows of flows.
OFFER_BUS, REQUEST_BUS, IS_REACTIVE, MARK = range(4)
LIMIT, KEY = range(2)
MADE_RE, MADE_IM, MADE_WAY, STEEPEST = range(4)
FLOW, FLOW_UP, FLOW_DOWN = range(3)


class Grid(NamedTuple):
    """A network and the limits of one step.

    row_start, column, y : admittances of the free buses by rows, y : [2, n] real and imaginary; end_bus :
    [n_ends, 2] own and far bus; end_y : [n_ends, 4] admittances (re, im, re, im) that give the current at an end
    from the voltages at (own, far) bus; bus_limit : [2, n_free] pu, inf and 0 where unlimited; end_limit : [2,
    n_ends] pu, inf where unlimited, with linear physics I_MAX is active power; control_bus : [n_controls],
    control : [3, n_controls]; shift_factors : [n_branch, n_free + 1] MW per MW (linear physics, else empty).
    """

    is_linear: bool
    n_free: int
    row_start: Ints
    column: Ints
    y: Floats
    end_bus: Ints
    end_y: Floats
    bus_limit: Floats
    end_limit: Floats
    control_bus: Ints
    control: Floats
    shift_factors: Floats


class Work(NamedTuple):
    """Space for solving. bus : [9, n_free + 1]; pairs : [6, 2 n_free]; end : [4, n_ends]; inverse : [2, 2 n_free,
    2 n_free] of a Jacobian near by, and its transpose; modes : [5, n_controls] as in `engine.grid.controls`, of
    the points and of what the Jacobian was made for; counts : [5]."""

    bus: Floats
    pairs: Floats
    end: Floats
    inverse: Floats
    modes: Ints
    counts: Ints


class Rights(NamedTuple):
    """Accepted conditional matches of a step, and for every limit the subset of them that pushes it most.

    right : [n, 4] its buses, commodity and mark; injection : [n] MW or Mvar at the offer's bus, the opposite at
    the request's. First-order effects of 1 MW or Mvar at a bus : response [2, n_free + 1, 2 n_free] on (v_re,
    v_im), by_voltage [2, n_free + 1, n_free] on |v|, by_current [2, n_free + 1, n_ends, 2] on currents (re, im);
    has_response : [2, n_free + 1] whether they are those of the operating point. Sums over the
    pushing subsets are V_UP and V_DOWN of `Work.bus`, and along : [n_ends, 8] current (re, im) for four
    directions. A case is a limit with its subset: k, n_free + k for voltages, 2 n_free + 4 e + side for
    currents; key : [n_cases] equal for equal subsets, 0 for none; forecast : [n_cases] percent. exercised : [n] of
    SCENE; by : [2, n_free + 1] derivatives of a limit there.
    """

    right: Ints
    injection: Floats
    response: Floats
    by_voltage: Floats
    by_current: Floats
    has_response: Ints
    along: Floats
    key: Ints
    forecast: Floats
    exercised: Ints
    by: Floats


class Cuts(NamedTuple):
    """Limits that refused a match, with their derivatives.

    cut : [n, 2] limit, and key of the subset of rights with which it was met; value : [n] excess at the operating
    point in percent; by : [n, 2, n_free + 1] percent per MW and per Mvar where they were worked out; made : [n, 4]
    current at the limit's end (re, im), way of the operating point until then, and the largest derivative; doubt :
    [n] what a derivative may have changed since, 0 where it is exact; way : [1] pu moved so far.
    """

    cut: Ints
    value: Floats
    by: Floats
    made: Floats
    doubt: Floats
    way: Floats


class State(NamedTuple):
    """All that moves while a step is matched. points : [4, 4, n_free + 1] voltages and injections of the operating
    point, of a match on trial, of that with rights exercised, and of the last trial that held; flows : [3,
    n_branch] MW now and by the rights that raise and lower them (linear physics)."""

    points: Floats
    flows: Floats
    work: Work
    rights: Rights
    cuts: Cuts


class Orders(NamedTuple):
    """The orders of one step in the sequence of their arrival.

    events : [n_events] what happens in turn: x is the arrival of order x, ~x (below 0) its withdrawal.
    book, group, rank : [n]; is_offer, is_conditional : [n]; price : [n]; left : [n] W or var; by_rank : [n]
    order of each rank. Ranks run by book, side, best price, arrival. group_start, group_bus : buses of each
    group in the order in which they are tried; heap, heap_start, heap_size : ranks waiting in each queue, queue
    = (book * 2 + is_offer) * n_groups + group; heads : [n_books, 2, n_groups] best order waiting in each, -1 for
    none; refused : [n_books, n_groups, n_groups] number of the operating point at which an offer group's and a
    request group's best orders were refused, refused_limit : by which limit, suspect : the number of the cut that
    did it and 1, else 0.
    """

    events: Ints
    book: Ints
    group: Ints
    rank: Ints
    is_offer: Ints
    is_conditional: Ints
    price: Floats
    left: Ints
    by_rank: Ints
    group_start: Ints
    group_bus: Ints
    heap: Ints
    heap_start: Ints
    heap_size: Ints
    heads: Ints
    refused: Ints
    refused_limit: Ints
    suspect: Ints
