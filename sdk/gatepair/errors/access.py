"""An appliance cannot be reached or does not let us in."""

# ruff: noqa: N818 - named after what happened; the tree says that they are errors

from __future__ import annotations

from gatepair.errors.base import GatepairError


class Unreachable(GatepairError):
    """An appliance does not answer: no route, refused, timed out or cut off."""

    slug = "unreachable"
    title = "The appliance does not answer"
    default_remedy = "Check its address, its power and the route to its management port."
    retryable = True


class TlsUntrusted(Unreachable):
    """The appliance answers, but its certificate is not trusted or not for this address."""

    slug = "tls-untrusted"
    title = "The appliance's certificate is not trusted"
    default_remedy = "Name the CA that signed its management certificate as ca_file in pairs.toml."
    retryable = False


class NotReady(Unreachable):
    """The appliance answers, but its engine is still starting."""

    slug = "not-ready"
    title = "The appliance is still starting"
    default_remedy = "Wait until it has started."


class AuthenticationRefused(GatepairError):
    """An appliance does not let us in, or not far enough."""

    slug = "authentication-refused"
    title = "The appliance refuses the credentials"
    default_remedy = "Check user name and password; both appliances need the same ones."


class LoginRefused(AuthenticationRefused):
    """Wrong user name or password. It is never tried again by itself: that could lock the account."""

    slug = "login-refused"
    title = "Wrong user name or password"
    default_remedy = "Correct username or password in pairs.toml; both appliances need the same password."


class PasswordChangeRequired(AuthenticationRefused):
    """The appliance wants a new password before it does anything else."""

    slug = "password-change-required"
    title = "The password has to be changed first"
    default_remedy = "Log on to the appliance once, set a new password on both appliances and save."


class DefaultPasswordRefused(PasswordChangeRequired):
    """The password is still the one from the factory, which the appliance does not accept any more."""

    slug = "default-password"
    title = "The factory password is still set"


class LoginChallenged(AuthenticationRefused):
    """The appliance asks for a second factor, which a program cannot give."""

    slug = "login-challenged"
    title = "The appliance asks for a second factor"
    default_remedy = "Use an account without a second factor, such as a local system user."


class SessionEnded(AuthenticationRefused):
    """The session expired or was killed and a new one ended as well."""

    slug = "session-ended"
    title = "The session ended"
    default_remedy = "Run it again; see that nobody ends the sessions of this user meanwhile."
    retryable = True


class SessionLimitReached(AuthenticationRefused):
    """The appliance has too many sessions or connections open."""

    slug = "session-limit"
    title = "Too many sessions on the appliance"
    default_remedy = "End idle sessions of this user (show system session) or raise its maxsession."
    retryable = True


class NotAuthorized(AuthenticationRefused):
    """Logged in, but the user may not do this."""

    slug = "not-authorized"
    title = "The user may not do this"
    default_remedy = "Bind a command policy such as superuser to the user on both appliances."
