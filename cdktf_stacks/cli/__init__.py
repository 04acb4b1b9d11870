"""Commands that the stacks add to ``gatepair``."""
