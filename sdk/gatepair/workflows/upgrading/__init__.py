"""Upgrade of a pair: one node after the other, with users served by the other one."""
