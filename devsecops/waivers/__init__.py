"""Waivers: findings that the owners of the destination branch accept until a day. Pure, no I/O."""
