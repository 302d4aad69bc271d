"""The SIP user agent on pjsua2: registrations, calls, subscriptions and the conference bridge."""
