"""What limits access: blocks, revocations, rate limits and signed links. No Flask."""
