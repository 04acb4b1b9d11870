"""The wire: NITRO calls, codecs, resources, sessions and the HTTP transport."""
