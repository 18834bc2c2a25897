"""What is said of outages of tools."""

from tests.copy.message import Message

A_PAST_OUTAGE = "A past outage"
PROBABLY_A_PROBLEM_AT = Message("Probably a problem at %(tool)s, since %(since)s.")
PROBABLY_TOOL_ITSELF = Message("Probably %(tool)s itself, not your customers")
REMINDERS_ARE_SENT_AS_USUAL = Message("Reminders about %(tool)s are sent as usual.")
SEND_REMINDERS_ANYWAY = "Send reminders anyway"
SHOW_ALL_N = Message("Show all %(n)s")
THEIR_REMINDERS_ARE_SENT = "Their reminders are sent as usual."
THEIR_REMINDERS_ARE_ON_HOLD = "Their reminders are on hold until it’s over."
THIS_OUTAGE_IS_OVER = "This outage is over, or its reminders are no longer on hold."
TOOL_IS_PROBABLY_DOWN = Message("%(tool)s is probably down")
YOU_DONT_NEED_TO_DO_ANYTHING = "You don’t need to do anything."
