"""Sanctions of members: what they are, and who is under one now. By nickname, never by identity.

Below the accounts, so that logging in, writing and mails all ask the same place. Who imposes them, and what ends with
them, stands in `community.moderation.sanctioning`.
"""
