"""Everything that can go wrong, in one tree.

Each error says what happened, on which appliance, in which step, and what to do about it. ``slug``
names the kind of error for programs and never changes; the tree is::

    GatepairError
    ├── InvalidInput                  something declared or given cannot be meant
    │   ├── PairsFileError            pairs.toml, with every problem at once
    │   └── SecretUnavailable         a secret reference leads nowhere
    ├── LocalFileError                a file on this machine cannot be read or written
    ├── Unreachable                   an appliance does not answer
    │   ├── TlsUntrusted              it answers, but its certificate is not trusted
    │   └── NotReady                  it answers, but is still starting
    ├── AuthenticationRefused         an appliance does not let us in
    │   ├── LoginRefused              wrong user name or password
    │   ├── PasswordChangeRequired    the password has to be changed first
    │   │   └── DefaultPasswordRefused    it is still the one from the factory
    │   ├── LoginChallenged           a second factor is asked for
    │   ├── SessionEnded              the session expired and could not be renewed
    │   ├── SessionLimitReached       too many sessions or connections
    │   └── NotAuthorized             logged in, but this is not allowed
    ├── NitroError                    an appliance refuses a call
    │   ├── NotFound                  there is no such thing
    │   ├── AlreadyExists             there is such a thing already
    │   ├── Busy                      another operation is under way
    │   ├── InvalidArgument           it does not accept a value
    │   ├── NotPrimary                it is not the primary
    │   ├── NotLicensed               a feature is not licensed or not enabled
    │   ├── PropagationFailed         done on the primary, not on the secondary
    │   ├── FailoverRefused           it will not fail over now
    │   └── UnexpectedReply           the answer is no NITRO answer
    ├── PreflightFailed               checks before a change failed; nothing was changed
    ├── PairError                     the two appliances are not as a pair should be
    │   ├── NotAPair                  they are no failover pair
    │   ├── InAnotherPair             one belongs to another pair
    │   ├── SplitBrain                both are primary
    │   ├── NoPrimary                 neither is primary
    │   ├── WriteToSecondaryRefused   a pair-wide change was about to go to the secondary
    │   ├── AmbiguousVirtualIp        several addresses could be the virtual IP
    │   ├── SyncFailed                the secondary did not take over the configuration
    │   ├── UsersNotServed            users were not served for longer than allowed
    │   ├── HealthCheckFailed         an appliance is not fit for the next step
    │   └── ConcurrentChange          somebody else changed the pair meanwhile
    ├── DeadlineExceeded              it took longer than allowed
    └── Unsupported                   this appliance or machine cannot do that

No message, remedy or attribute ever holds a secret.
"""

from __future__ import annotations

from gatepair.errors.access import (
    AuthenticationRefused,
    DefaultPasswordRefused,
    LoginChallenged,
    LoginRefused,
    NotAuthorized,
    NotReady,
    PasswordChangeRequired,
    SessionEnded,
    SessionLimitReached,
    TlsUntrusted,
    Unreachable,
)
from gatepair.errors.base import ErrorFacts, GatepairError
from gatepair.errors.declaration import (
    InvalidInput,
    LocalFileError,
    PairsFileError,
    Problem,
    SecretUnavailable,
)
from gatepair.errors.limits import DeadlineExceeded, Unsupported
from gatepair.errors.nitro import (
    AlreadyExists,
    Busy,
    FailoverRefused,
    InvalidArgument,
    NitroError,
    NotFound,
    NotLicensed,
    NotPrimary,
    PropagationFailed,
    UnexpectedReply,
)
from gatepair.errors.pair import (
    AmbiguousVirtualIp,
    CheckLike,
    ConcurrentChange,
    HealthCheckFailed,
    InAnotherPair,
    NoPrimary,
    NotAPair,
    PairError,
    PreflightFailed,
    SplitBrain,
    SyncFailed,
    UsersNotServed,
    WriteToSecondaryRefused,
)

__all__ = [
    "AlreadyExists",
    "AmbiguousVirtualIp",
    "AuthenticationRefused",
    "Busy",
    "CheckLike",
    "ConcurrentChange",
    "DeadlineExceeded",
    "DefaultPasswordRefused",
    "ErrorFacts",
    "FailoverRefused",
    "GatepairError",
    "HealthCheckFailed",
    "InAnotherPair",
    "InvalidArgument",
    "InvalidInput",
    "LocalFileError",
    "LoginChallenged",
    "LoginRefused",
    "NitroError",
    "NoPrimary",
    "NotAPair",
    "NotAuthorized",
    "NotFound",
    "NotLicensed",
    "NotPrimary",
    "NotReady",
    "PairError",
    "PairsFileError",
    "PasswordChangeRequired",
    "PreflightFailed",
    "Problem",
    "PropagationFailed",
    "SecretUnavailable",
    "SessionEnded",
    "SessionLimitReached",
    "SplitBrain",
    "SyncFailed",
    "TlsUntrusted",
    "UnexpectedReply",
    "Unreachable",
    "Unsupported",
    "UsersNotServed",
    "WriteToSecondaryRefused",
]
