"""Conversations with a pair: `plain` for ordinary code, `asynchronous` for asyncio, `flows` for both.

A session logs in at the first call, keeps its connections, finds out who is primary before each change
and logs out when it is closed, also after an error.
"""
