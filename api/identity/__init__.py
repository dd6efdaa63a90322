"""Who is calling and what they may do: accounts, sessions, API keys, roles.

Passwords are kept as argon2id hashes, session tokens and API keys as SHA-256 digests; roles, lifetimes and lockout are
policy (``policies/identity``).
"""

from api.identity.accounts import AccountError, create_user, ensure_first_administrator, reset_password
from api.identity.api_keys import ApiKeyError, ApiKeyNotFoundError, revoke_api_key
from api.identity.authentication import RequestOrigin, authenticate
from api.identity.policy import RolePolicy, SignInPolicy, role_policy, sign_in_policy
from api.identity.principal import Principal
from api.identity.sessions import end_session
from api.identity.sign_in import Presented, Refusal, SignedIn, sign_in

__all__ = [
    "AccountError",
    "ApiKeyError",
    "ApiKeyNotFoundError",
    "Presented",
    "Principal",
    "Refusal",
    "RequestOrigin",
    "RolePolicy",
    "SignInPolicy",
    "SignedIn",
    "authenticate",
    "create_user",
    "end_session",
    "ensure_first_administrator",
    "reset_password",
    "revoke_api_key",
    "role_policy",
    "sign_in",
    "sign_in_policy",
]
