"""Log in and out at one server as a table: place x happening -> what to do, and the next place.

Law: `TABLE` names every pair; what an action does is `core.agent`'s. docs/states.md is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from deskphone.core.agent.state import Place


class Happening(StrEnum):
    """What can happen to the log in at a server."""

    LOG_IN = "log in"  # the person (or fail-over) claims the phone for an agent
    LOG_OUT = "log out"  # the person wants out
    CHALLENGED = "challenged"  # hoteling: a new nonce
    SPENT = "nonce spent"  # the nonce just answered comes again, or one too many: the password is wrong
    SEATED = "seated"  # hoteling: somebody's guest address
    UNSEATED = "unseated"  # hoteling: an empty guest address, where one was shown or claimed
    LOGGED_ON = "logged on"  # as-feature: an agent event of somebody logged on
    LOGGED_OFF = "logged off"  # as-feature: AgentLoggedOffEvent
    OFF_AFTER_ALL = "logged off after all"  # the same, of a log out of ours that was given up
    REFUSED = "refused"  # the server does not accept the command
    TIMED_OUT = "timed out"  # login timer, or logout timer
    OWED = "still owed"  # either, of a log out that is the phone's own: the agent sits elsewhere
    LOST = "lost"  # the server is out of service


class Action(StrEnum):
    """What a step does; `core.agent.session.ACTIONS` has the functions."""

    NONE = ""
    CLAIM = "claim"  # SetHoteling with the user name
    PROVE = "prove"  # SetHoteling with the proof
    WELCOME = "welcome"  # the log in succeeded: ask for state_after_login
    ARRIVE = "arrive"  # somebody is logged in without our doing
    FAIL = "fail"  # 'Login failed'
    AGAIN = "again"  # nobody answered: the phone's own log in is tried again, a person's has failed
    ABANDON = "abandon"  # the person changed their mind
    ASK_OFF = "ask off"  # SetAgentState loggedOff
    FREE = "free"  # SetHoteling empty: the logout is complete
    GONE = "gone"  # logged out by the server
    STAY = "stay"  # the logout did not work
    ONCE_MORE = "once more"  # it is asked for again
    FAIL_OVER = "fail over"  # log in at another server, in the state of now
    ELSEWHERE = "elsewhere"  # the log in goes on at another server


P, H, A = Place, Happening, Action
Row = dict[Happening, tuple[Action, Place]]


def _row(place: Place, steps: Row) -> Row:
    """A whole row: what it does not name changes nothing."""
    return {happening: steps.get(happening, (A.NONE, place)) for happening in H}


_TRYING: Row = {
    H.LOG_IN: (A.CLAIM, P.CLAIMING),
    H.LOG_OUT: (A.ABANDON, P.OUT),
    H.CHALLENGED: (A.PROVE, P.PROVING),
    H.SPENT: (A.FAIL, P.OUT),
    H.SEATED: (A.WELCOME, P.IN),
    H.UNSEATED: (A.FAIL, P.OUT),
    H.LOGGED_ON: (A.WELCOME, P.IN),
    H.REFUSED: (A.FAIL, P.OUT),
    H.TIMED_OUT: (A.AGAIN, P.OUT),
    H.LOST: (A.ELSEWHERE, P.OUT),
}
TABLE: dict[Place, Row] = {
    P.OUT: _row(
        P.OUT,
        {H.LOG_IN: (A.CLAIM, P.CLAIMING), H.SEATED: (A.ARRIVE, P.IN), H.LOGGED_ON: (A.ARRIVE, P.IN)},
    ),
    P.CLAIMING: _row(P.CLAIMING, _TRYING),
    P.PROVING: _row(P.PROVING, _TRYING),
    P.IN: _row(
        P.IN,
        {
            H.LOG_IN: (A.CLAIM, P.CLAIMING),  # somebody sits here and yet nobody is logged on
            H.LOG_OUT: (A.ASK_OFF, P.LEAVING),
            H.CHALLENGED: (A.PROVE, P.IN),  # a server that asks again in the session; no password, no answer
            H.UNSEATED: (A.GONE, P.OUT),
            H.LOGGED_OFF: (A.GONE, P.OUT),
            H.OFF_AFTER_ALL: (A.FREE, P.OUT),
            H.LOST: (A.FAIL_OVER, P.OUT),
        },
    ),
    P.LEAVING: _row(
        P.LEAVING,
        {
            H.UNSEATED: (A.GONE, P.OUT),
            H.LOGGED_OFF: (A.FREE, P.OUT),
            H.REFUSED: (A.STAY, P.IN),
            H.TIMED_OUT: (A.STAY, P.IN),
            H.OWED: (A.ONCE_MORE, P.LEAVING),
            H.LOST: (A.GONE, P.OUT),
        },
    ),
}
