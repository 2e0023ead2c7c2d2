"""All numbers of how often somebody may do something, in one place; `docs/limits.md` says them in words.

For one member, for one address of the net (a block of them where that is what somebody has, see
`http.security.address_block`), or for whatever the name says. They are counted for all processes together
(`core.rate_limits`).
"""

from __future__ import annotations

from datetime import timedelta

from community.core.rate_limits import Limit

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# --- getting in ---------------------------------------------------------------------------------------------

LOG_IN_FROM_ONE_ADDRESS = Limit("log in: address", 30, 5 * _MINUTE)
LOG_IN_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT = Limit("log in: account and address", 10, 15 * _MINUTE)
LOG_IN_TO_ONE_ACCOUNT = Limit("log in: account", 100, _HOUR)
LOG_IN_FROM_KNOWN_BROWSER = Limit("log in: known browser", 10, 5 * _MINUTE)
CODES_FROM_ONE_ADDRESS = Limit("code: address", 30, _HOUR)
CODES_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT = Limit("code: account and address", 5, 5 * _MINUTE)
CODES_TO_ONE_ACCOUNT = Limit("code: account", 30, _DAY)
"""Of a million codes three are right at a time: whoever has the password guesses for decades."""
CODES_FROM_KNOWN_BROWSER = Limit("code: known browser", 10, 5 * _MINUTE)
CODES_AFTER_NEW_PASSWORD = Limit("code: new password", 30, _DAY)
"""For the account, from all browsers together that chose a new password by mail: whoever reads the mail of somebody
guesses no faster than others, and whoever knew the old password does not keep its owner out."""
PASSKEYS = Limit("passkey", 60, 5 * _MINUTE)
OWN_PASSWORD = Limit("own password", 10, 15 * _MINUTE)
SIGN_ONS = Limit("log in: provider", 30, 5 * _MINUTE)
SIGN_ON_ANSWERS = Limit("log in: answer of the provider", 1, 20 * _MINUTE)
"""Each way to the provider and back is good for one log-in, and orders to log somebody out for one log-out."""
REGISTRATIONS = Limit("register", 30, _HOUR)
LINKS = Limit("forgotten password", 30, _HOUR)
"""Of one address of the net; mails to one mail address are counted apart (`accounts.mails`)."""

# --- one's own account and company --------------------------------------------------------------------------

REVEALS = Limit("reveal", 20, _DAY)
DOWNLOADS = Limit("download of one's data", 6, _DAY)
CONFIRMATIONS = Limit("confirm an address again", 6, _HOUR)
CONSENTS = Limit("consent", 12, _HOUR)
COMPANY_CODES = Limit("company code", 10, _HOUR)
INVITATIONS = Limit("invitation", 60, _HOUR)
OFFBOARDINGS = Limit("off-boarding", 60, _HOUR)
OFFBOARDINGS_AT_ONCE = Limit("off-boarding at once", 5, _DAY)
GROUP_INVITATIONS = Limit("invite into groups", 60, _DAY)
GROUP_INVITATIONS_TO_ONE = Limit("invite one into a group", 3, 30 * _DAY)
"""Of one group to one nickname or address, whoever invites: no means no."""
JOIN_REQUESTS = Limit("ask to join a group", 10, _DAY)
SEGMENT_PREVIEWS = Limit("segment preview", 30, _DAY)
ATTRIBUTE_IMPORTS = Limit("attribute import", 60, _HOUR)

# --- writing ------------------------------------------------------------------------------------------------

POSTS = Limit("post", 60, _HOUR, scales=True)
"""Threads, answers, comments and edits of one member together."""
POSTS_FROM_ONE_ADDRESS = Limit("post: address", 300, _HOUR, scales=True)
"""Of all members behind one address: a whole company may sit there."""
NEW_POSTS = Limit("post: new member", 10, _HOUR, scales=True)
"""Beside `POSTS`, for whoever is new: nobody comes to write twenty posts within minutes, but advertisers do."""
QUESTIONS = Limit("ask", 20, _DAY, scales=True)
NEW_QUESTIONS = Limit("ask: new member", 5, _DAY, scales=True)
NEW_FOR = 7 * _DAY
"""How long after its confirmation an account is new."""
ANSWERS_BY_MAIL = Limit("answer by mail", 30, _HOUR)
"""Of one member: two machines that answer each other do not go on for long."""
EXPLANATIONS = Limit("explain a refused mail", 5, _DAY)
"""To one member; what is refused beyond that is refused in silence."""
EXPERT_QUESTIONS = Limit("ask expert", 20, _DAY, scales=True)
KUDOS = Limit("kudos", 120, _HOUR, scales=True)
"""Kudos and "same problem", given and taken back."""
NEW_KUDOS = Limit("kudos: new member", 30, _HOUR, scales=True)
FLAGS = Limit("flag", 20, _HOUR, scales=True)
ENTRY_FEEDBACK = Limit("faq feedback", 60, _DAY, scales=True)
"""Of one member, or of all guests at one address of the net."""
ENTRY_FEEDBACK_ONCE = Limit("faq feedback: entry and address", 1, _DAY)
"""Of all guests at one address about one entry."""
ENTRY_WORDS = Limit("faq words", 60, _DAY, scales=True)
"""Searches from whose results one member, or guests at one address, opened an entry."""
ENTRY_WORDS_ONCE = Limit("faq words: entry, words and reader", 1, _DAY)
FILES_PER_DAY = Limit("attach files", 100, _DAY)
"""Of one member, those that were taken out again included; sizes are counted apart."""
NOTICES = Limit("notice", 10, _HOUR)
"""Reports of what is illegal, of one address of the net or of one member."""
NOTICE_MAILS = Limit("notice: mail", 12, _DAY)
"""To one address: whoever types somebody else's must not be able to fill their mailbox."""
DRAFTS = Limit("draft", 600, _HOUR, scales=True)
"""A script saves every few seconds while somebody types."""

# --- reading ------------------------------------------------------------------------------------------------

PROFILES = Limit("profile", 30, 5 * _MINUTE, scales=True)
"""Pages of members that one member, or all guests at one address, look at: whoever wants them all is slowed down."""
NICKNAMES = Limit("complete nickname", 120, 5 * _MINUTE, scales=True)
SEARCHES = Limit("search", 120, 5 * _MINUTE, scales=True)
"""Of all guests at one address, or of one member."""
SUGGESTIONS = Limit("search suggestions", 600, 5 * _MINUTE, scales=True)
