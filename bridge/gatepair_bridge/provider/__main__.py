"""``python -m gatepair_bridge.provider``: what Terraform starts."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the provider.

    Returns:
        Exit code, if it did not serve.
    """
    # gRPC's own messages would only make Terraform parse them.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    gc.disable()  # loading makes nothing but what stays: a tenth of the start is saved
    from .serve import COOKIE, Process  # noqa: PLC0415 - after the environment is set

    if "--dev" in sys.argv[1:]:
        return _develop()
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.stderr.write(
            "This is a Terraform provider: Terraform starts it. To make it known to Terraform, run\n"
            "'gatepair provider install'; to debug it, run it with --dev.\n"
        )
        return 1
    Process().serve()
    return 0


def _develop() -> int:
    import threading  # noqa: PLC0415 - only for debugging

    from .serve import Process  # noqa: PLC0415 - only for debugging

    process = Process()
    value = process.serve_reattached("gatepair.dev/gatepair/restapi")
    sys.stdout.write(
        f"Serving until interrupted. In another terminal:\n\nexport TF_REATTACH_PROVIDERS='{value}'\n"
    )
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
