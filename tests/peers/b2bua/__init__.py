"""sippy's user agents as a third party between the phone and a customer (RFC 3725)."""
