"""What stops a person or a link: blocks, revocations, rate limits, signed links. No Flask."""
