"""Error codes, messages and status lines of the NITRO API: constants only.

The emulated pair shares this module with the SDK, so it imports nothing of the project.
Texts are those of the vendor's error list as published in the Go client
jantytgat/go-netscaleradc-nitro (``pkg/nitro/errorCode_nitro.go``); status lines are the ones the
vendor's own Go client compares literally (citrix/adc-nitro-go, ``service/netscaler_resource.go``).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Code(IntEnum):
    """A NITRO ``errorcode``; 0 is success, everything else is an error or a warning."""

    DONE = 0
    NOT_RUNNING = 256
    NOT_PERMITTED = 257
    NO_SUCH_RESOURCE = 258
    PERMISSION_DENIED = 269
    DEVICE_BUSY = 272
    ALREADY_EXISTS = 273
    INVALID_ARGUMENT = 278
    TEMPORARILY_UNAVAILABLE = 291
    NOW_IN_PROGRESS = 292
    ALREADY_IN_PROGRESS = 293
    CONNECTION_REFUSED = 317
    NOT_SUPER_USER = 340
    NO_SERVICE = 344
    PROPAGATION_FAILED = 347
    TOO_MANY_NODES = 348
    FAILED_ON_SECONDARY = 349
    NO_SUCH_SERVER = 351
    LOGIN_REQUIRED = 352
    BAD_CREDENTIALS = 354
    BAD_CREDENTIALS_ALSO = 355
    NOT_LICENSED = 356
    PROPAGATION_AUTHENTICATION = 358
    INVALID_NODE_ID = 362
    STANDALONE = 363
    INVALID_PEER_STATE = 364
    INVALID_SYSTEM_STATE = 365
    NOT_STABLE = 366
    ONLY_ON_SECONDARY = 367
    ONLY_ON_PRIMARY = 368
    ROUTE_MONITORS_BOUND = 377
    LICENSE_STARTING = 389
    NO_SUCH_IP = 397
    PASSWORD_TOO_SHORT = 399
    SYNC_DISABLED = 410
    NODE_DISABLED = 411
    SYNC_IN_PROGRESS = 412
    PEER_NOT_IN_SUBNET = 414
    INVALID_PEER = 415
    INVALID_HOST_NAME = 417
    NOTHING_TO_SET = 431
    ROUTE_MONITOR_NEEDS_INC = 443
    SESSION_EXPIRED = 444
    SESSION_LIMIT = 445
    CONNECTION_LIMIT = 446
    SECONDARY_UNREACHABLE = 457
    SECONDARY_SILENT = 458
    RPC_TIMEOUT = 459
    NO_SUCH_VSERVER = 461
    NO_SUCH_SERVICE = 463
    SAVE_IN_PROGRESS = 603
    NOT_SAVED = 613
    NO_ARP_FROM_SECONDARY = 785
    PEER_NSIP = 994
    SECOND_NSIP = 996
    ARP_ICMP_FIXED = 998
    STATE_FIXED = 999
    MANAGEMENT_ACCESS_REFUSED = 1002
    VERSION_MISMATCH = 1017
    SYNC_VLAN_HAS_IP = 1018
    LOGIN_FAILED = 1025
    NOT_LOGGED_IN = 1026
    LOGIN_TIMED_OUT = 1027
    ON_SECONDARY = 1028
    LOGIN_CHALLENGED = 1034
    INTERNAL_ERROR = 1043
    LICENSE_NOT_ACCEPTED = 1045
    FORCE_PASSWORD_CHANGE = 1046
    DEFAULT_PASSWORD = 1047
    RUNNING_NOT_SAVED = 1054
    DEFAULT_RPC_PASSWORD = 1064
    FEATURE_NOT_ENABLED = 1067
    INVALID_VALUE = 1074
    INVALID_NAME = 1075
    NO_SUCH_COMMAND = 1088
    NO_SUCH_ARGUMENT = 1090
    ARGUMENT_VALUE_MISSING = 1091
    EXCLUSIVE_ARGUMENTS = 1092
    PREREQUISITE_MISSING = 1093
    TOO_FEW_ARGUMENTS = 1094
    ARGUMENT_MISSING = 1095
    INVALID_ARGUMENT_VALUE = 1097
    STRING_TOO_LONG = 1106
    ABOVE_MAXIMUM = 1108
    BELOW_MINIMUM = 1109
    SAVE_AND_REBOOT = 1120
    REBOOT_NEEDED = 1125
    CONFIG_SAVED = 1130
    REBOOTING = 1132
    CONFIG_UNCHANGED = 1133
    CONFIRM_FAILOVER = 1146
    PEER_NOT_OPTIMAL = 1147
    HELLO_NOT_MULTIPLE = 1148
    CONFIRM_SAVE_AFTER_SYNC = 1149
    BULK_ROLLED_BACK = 1241
    BULK_ROLLBACK_FAILED = 1242
    UNKNOWN_ACTION = 1240
    BULK_FAILED = 1243
    BASIC_AUTH_DISABLED = 1244
    SERVER_EXISTS = 1335
    SYNC_VLAN_SET = 1385
    STAY_PRIMARY = 1441
    VERSION_MISMATCH_NO_SYNC = 1447
    PROPAGATION_DISABLED = 1448
    ONE_NODE_DOWN = 1449
    COMMAND_PROPAGATION_DISABLED = 1450
    TOO_MANY_SAVES = 1461
    NO_SUCH_CERTIFICATE = 1540
    NOT_AUTHORIZED = 2138
    SYNC_VLAN_WITH_INC = 2399
    CLUSTER = 2453
    IP_OWNED_BY_PEER = 2541
    NOT_PROPAGATED = 2546
    NO_SUCH_FILE = 3441
    NO_SUCH_DIRECTORY = 3445


MESSAGES: Final[dict[int, str]] = {
    Code.DONE: "Done",
    Code.NOT_RUNNING: "NetScaler not running",
    Code.NOT_PERMITTED: "Operation not permitted",
    Code.NO_SUCH_RESOURCE: "No such resource",
    Code.PERMISSION_DENIED: "Permission denied",
    Code.DEVICE_BUSY: "Device busy",
    Code.ALREADY_EXISTS: "Resource already exists",
    Code.INVALID_ARGUMENT: "Invalid argument",
    Code.TEMPORARILY_UNAVAILABLE: "Resource temporarily unavailable",
    Code.NOW_IN_PROGRESS: "Operation now in progress",
    Code.ALREADY_IN_PROGRESS: "Operation already in progress",
    Code.CONNECTION_REFUSED: "Connection refused",
    Code.NOT_SUPER_USER: "Not super-user",
    Code.NO_SERVICE: "No Service",
    Code.PROPAGATION_FAILED: "Command propagation failed",
    Code.TOO_MANY_NODES: "Too many nodes",
    Code.FAILED_ON_SECONDARY: (
        "Command failed on secondary node, but succeeded on primary node. Configuration will be "
        "synchronized to ensure secondary and primary have same configuration."
    ),
    Code.NO_SUCH_SERVER: "No such server",
    Code.LOGIN_REQUIRED: "Login is required",
    Code.BAD_CREDENTIALS: "Invalid username or password",
    Code.BAD_CREDENTIALS_ALSO: "Invalid username or password",
    Code.NOT_LICENSED: "Feature(s) not licensed",
    Code.PROPAGATION_AUTHENTICATION: "Command propagation failed due to user authentication problems",
    Code.INVALID_NODE_ID: "Invalid node ID specified",
    Code.STANDALONE: "Operation not permitted on stand-alone node",
    Code.INVALID_PEER_STATE: "Operation not possible due to invalid peer state. Rectify and retry.",
    Code.INVALID_SYSTEM_STATE: (
        "Operation not possible as system state is invalid. Use show node for more information."
    ),
    Code.NOT_STABLE: "Operation not possible now. Please wait for system to stabilize before retrying.",
    Code.ONLY_ON_SECONDARY: "Operation permitted only on secondary node.",
    Code.ONLY_ON_PRIMARY: "Operation permitted only on primary node.",
    Code.ROUTE_MONITORS_BOUND: "Unbind all route monitors before making node standalone.",
    Code.LICENSE_STARTING: "License engine initialization in progress",
    Code.NO_SUCH_IP: "IP does not exist for default or specified td",
    Code.PASSWORD_TOO_SHORT: "Password too short - minimum length is 8 characters",
    Code.SYNC_DISABLED: "Synchronization disabled",
    Code.NODE_DISABLED: "Node disabled",
    Code.SYNC_IN_PROGRESS: "Synchronization is in progress",
    Code.PEER_NOT_IN_SUBNET: "Peer IP should be on the NSIP subnet if INC mode is disabled",
    Code.INVALID_PEER: "Not a valid peer IP",
    Code.INVALID_HOST_NAME: "Invalid hostname",
    Code.NOTHING_TO_SET: "No arguments to set",
    Code.ROUTE_MONITOR_NEEDS_INC: "Route monitors should be added only if INC mode is enabled",
    Code.SESSION_EXPIRED: "Session expired or killed. Please login again",
    Code.SESSION_LIMIT: "Session limit exceeded",
    Code.CONNECTION_LIMIT: "Connection limit to CFE exceeded",
    Code.SECONDARY_UNREACHABLE: (
        "Unable to establish connection with the secondary. Command propagation failed"
    ),
    Code.SECONDARY_SILENT: "There is no response from the secondary. Propagation timed out",
    Code.RPC_TIMEOUT: "RPC timeout",
    Code.NO_SUCH_VSERVER: "No such Vserver",
    Code.NO_SUCH_SERVICE: "No such service/serviceGroup",
    Code.SAVE_IN_PROGRESS: "Configuration is being saved, please try again later",
    Code.NOT_SAVED: "Configuration is not saved",
    Code.NO_ARP_FROM_SECONDARY: "Secondary can not arp for this IP.",
    Code.PEER_NSIP: "Cannot add IP address. This is peer's NSIP",
    Code.SECOND_NSIP: "Adding NSIP not allowed",
    Code.ARP_ICMP_FIXED: "ARP and ICMP cannot be disabled on SNIP/NSIP/MIP/CLIP",
    Code.STATE_FIXED: "IP address state of SNIP/NSIP/CLIP cannot be disabled",
    Code.MANAGEMENT_ACCESS_REFUSED: "Management Access cannot be enabled on this IP address",
    Code.VERSION_MISMATCH: "HA version mismatch between primary and secondary",
    Code.SYNC_VLAN_HAS_IP: "Syncvlan should be L2 VLAN. No IP address should be bound to this VLAN",
    Code.LOGIN_FAILED: "Login failed",
    Code.NOT_LOGGED_IN: "Not logged in",
    Code.LOGIN_TIMED_OUT: "Not logged in or connection timed out",
    Code.ON_SECONDARY: (
        "You are connected to a secondary node; configuration changes made in this session will not "
        "be propagated to, or saved on, other nodes"
    ),
    Code.LOGIN_CHALLENGED: "Login challenged",
    Code.INTERNAL_ERROR: "Internal error",
    Code.LICENSE_NOT_ACCEPTED: "End User License Agreement is not accepted",
    Code.FORCE_PASSWORD_CHANGE: "ForcePasswordChange is enabled. Please change the default password.",
    Code.DEFAULT_PASSWORD: "Default nsroot password is not allowed. Please enter a new password.",
    Code.RUNNING_NOT_SAVED: "The running configuration is not saved",
    Code.DEFAULT_RPC_PASSWORD: (
        "One or more RPC nodes are configured with default passwords. For enhanced security, you must "
        "change the default RPC node password."
    ),
    Code.FEATURE_NOT_ENABLED: "Feature(s) not enabled",
    Code.INVALID_VALUE: "Invalid value",
    Code.INVALID_NAME: "Invalid name; names must begin with an alphanumeric character or underscore",
    Code.NO_SUCH_COMMAND: "No such command",
    Code.NO_SUCH_ARGUMENT: "No such argument",
    Code.ARGUMENT_VALUE_MISSING: "Required argument value missing",
    Code.EXCLUSIVE_ARGUMENTS: "Arguments cannot both be specified",
    Code.PREREQUISITE_MISSING: "Argument pre-requisite missing",
    Code.TOO_FEW_ARGUMENTS: "Too few arguments",
    Code.ARGUMENT_MISSING: "Required argument missing",
    Code.INVALID_ARGUMENT_VALUE: "Invalid argument value",
    Code.STRING_TOO_LONG: "String length exceeds maximum",
    Code.ABOVE_MAXIMUM: "Integer value exceeds maximum",
    Code.BELOW_MINIMUM: "Integer value below minimum",
    Code.SAVE_AND_REBOOT: (
        "The configuration must be saved and the system rebooted for these settings to take effect"
    ),
    Code.REBOOT_NEEDED: "The configuration changes will not take effect until the system is rebooted",
    Code.CONFIG_SAVED: "The running configuration has been saved",
    Code.REBOOTING: "NetScaler is rebooting now",
    Code.CONFIG_UNCHANGED: "The running configuration has not changed",
    Code.CONFIRM_FAILOVER: "Please confirm whether you want force-failover (Y/N)? [N]:",
    Code.PEER_NOT_OPTIMAL: "Force Failover may cause configuration loss, peer health not optimum. Reason(s):",
    Code.HELLO_NOT_MULTIPLE: "Invalid value. Hellotime Interval must be a multiple of 200",
    Code.CONFIRM_SAVE_AFTER_SYNC: "Do you want to save the config after sync (Y/N)? [Y]:",
    Code.UNKNOWN_ACTION: "Invalid nitro action or operation",
    Code.BULK_ROLLED_BACK: "Bulk operation failed, rolled back",
    Code.BULK_ROLLBACK_FAILED: "Bulk operation failed, rollback failed",
    Code.BULK_FAILED: "Bulk operation failed",
    Code.BASIC_AUTH_DISABLED: "Authentication Failed: Use of Basic Authentication is Disabled.",
    Code.SERVER_EXISTS: "Server already exists",
    Code.SYNC_VLAN_SET: "Please unset sync vlan, before removing the HA node.",
    Code.STAY_PRIMARY: "Cannot failover as Node State set to STAYPRIMARY",
    Code.VERSION_MISMATCH_NO_SYNC: "HA version mismatch. Prop and sync not allowed",
    Code.PROPAGATION_DISABLED: "Propagation disabled",
    Code.ONE_NODE_DOWN: "Failover not permitted as one node is up and another node is down",
    Code.COMMAND_PROPAGATION_DISABLED: "Command propagation disabled.",
    Code.TOO_MANY_SAVES: "Maximum number of concurrent save configs are in progress. Try again later.",
    Code.NO_SUCH_CERTIFICATE: "Certificate does not exist",
    Code.NOT_AUTHORIZED: "Not authorized to execute this command",
    Code.SYNC_VLAN_WITH_INC: "SyncVlan is not supported in HA-INC mode",
    Code.CLUSTER: "Clustering and HA cannot coexist.",
    Code.IP_OWNED_BY_PEER: "Cannot add ip address as the address is already owned by cluster or peer node",
    Code.NOT_PROPAGATED: "This setting will not be propagated to other nodes.",
    Code.NO_SUCH_FILE: "File does not exist.",
    Code.NO_SUCH_DIRECTORY: "Destination path does not exist.",
}

REASONS: Final[dict[int, str]] = {
    200: "OK",
    201: "Created",
    207: "Multi Status",
    209: "X-NITRO-WARNING",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    503: "Service Unavailable",
    599: "Netscaler specific error",
}
"""Reason phrases by status; the vendor's Go client takes an unknown status line for success."""

SESSION_COOKIE: Final = "NITRO_AUTH_TOKEN"
CONFIG_PATH: Final = "/nitro/v1/config"
STAT_PATH: Final = "/nitro/v1/stat"

REFUSED_CREDENTIALS: Final = frozenset({Code.BAD_CREDENTIALS, Code.BAD_CREDENTIALS_ALSO, Code.LOGIN_FAILED})
"""The appliance knows the user or password to be wrong; repeating it risks a lock-out."""

SESSION_ENDED: Final = frozenset(
    {Code.SESSION_EXPIRED, Code.LOGIN_TIMED_OUT, Code.NOT_LOGGED_IN, Code.LOGIN_REQUIRED}
)
"""The session, not the credentials, is refused: log in again and repeat the call once."""

BUSY: Final = frozenset(
    {
        Code.DEVICE_BUSY,
        Code.TEMPORARILY_UNAVAILABLE,
        Code.NOW_IN_PROGRESS,
        Code.ALREADY_IN_PROGRESS,
        Code.SAVE_IN_PROGRESS,
        Code.TOO_MANY_SAVES,
    }
)
"""The call was not carried out because another one runs: wait and send it again, whatever its verb."""

LIMITS: Final = frozenset({Code.SESSION_LIMIT, Code.CONNECTION_LIMIT})
"""Too many sessions or connections are open; the call was not carried out."""

STARTING: Final = frozenset({Code.NOT_RUNNING, Code.LICENSE_STARTING})
"""The appliance answers but its engine does not yet: not up."""

NOT_FOUND: Final = frozenset(
    {
        Code.NO_SUCH_RESOURCE,
        Code.NO_SERVICE,
        Code.NO_SUCH_SERVER,
        Code.NO_SUCH_IP,
        Code.NO_SUCH_VSERVER,
        Code.NO_SUCH_SERVICE,
        Code.NO_SUCH_CERTIFICATE,
        Code.NO_SUCH_FILE,
    }
)
"""What was named is not there."""

PROPAGATION_TROUBLE: Final = frozenset(
    {
        Code.PROPAGATION_FAILED,
        Code.FAILED_ON_SECONDARY,
        Code.PROPAGATION_AUTHENTICATION,
        Code.SECONDARY_UNREACHABLE,
        Code.SECONDARY_SILENT,
        Code.RPC_TIMEOUT,
    }
)
"""Done on the primary, not on the secondary; a later synchronization repairs it."""
