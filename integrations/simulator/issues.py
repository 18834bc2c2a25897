"""The issues the simulated Kombo can raise: type, title for customers, and what is wrong in
Markdown.
"""

from dataclasses import dataclass

AUTHENTICATION = "authentication_failed"

_AUTHENTICATION = """\
## What happened

We could not sign in to **{tool}** with the stored credentials. The last three attempts were refused:

```
401 Unauthorized
{{"error": "invalid_grant", "error_description": "The token was revoked."}}
```

## What to do

1. Sign in to {tool} as an administrator.
2. Check that the user `kombo-integration` still exists and is **not locked**.
3. Reconnect the integration.

No data is lost: the next sync fetches what changed in the meantime.
[How signing in works](https://docs.kombo.dev/connect/reconnection).
"""

_ACTION = """\
## What happened

More than half of the calls of **Create employee** failed within the last 24 hours (9 of 14).
{tool} answered:

> `422` – The field `legal_entity_id` is required for this company.

## What to do

- Send `legal_entity_id` with every call, or
- make the field optional in {tool} under *Settings → Employee fields*.

Reading data is **not affected**. The issue ends by itself once the calls succeed again.
[More on failing actions](https://docs.kombo.dev/hris/features/issue-types).
"""

_INCOMING = """\
## What happened

{tool} sends us a message whenever something changes. More than half of those of the last *six hours*
could not be processed.

| Message | Received | Failed |
|---|---|---|
| `employee.updated` | 41 | 33 |
| `absence.created` | 6 | 2 |

## What to do

Usually the messages point to an address that has changed:

1. Open **Webhooks** in {tool}.
2. Compare the address with the one in the [setup guide](https://docs.kombo.dev/hris/guides/data-changed-migration).
3. Send a test message.

Until then, changes arrive with the next sync instead of at once.
"""

# Everything a reader of third-party Markdown has to survive. The link that is fine shows that not
# all is thrown away.
_HOSTILE = """\
# <script>alert('heading')</script>{tool}

<script>alert(1)</script><style>body {{ display: none }}</style>
<img src=x onerror=alert(2)><svg onload=alert(3)></svg>
<iframe src="https://evil.example"></iframe><a href="javascript:alert(4)" onclick="alert(5)">raw link</a>

[harmless text](javascript:alert(6)) [encoded](&#106;avascript:alert(7)) [cased](JaVaScRiPt:alert(8))
[data](data:text/html;base64,PHNjcmlwdD5hbGVydCg5KTwvc2NyaXB0Pg==) [quoted](https://evil.example/"onmouseover="alert(10))
[reference][x] <javascript:alert(11)> [relative](//evil.example/login) [fine](https://docs.kombo.dev/)

[x]: vbscript:alert(12) "title\\" onmouseover=alert(13)"

![tracker](https://evil.example/pixel.gif?who=you) ![x](x"onerror="alert(14))

- `</code><script>alert(15)</script>`
- **bold <b>and raw</b>** *star_under*_score_ [unclosed](https://evil.example
- {{{{ 7 * 7 }}}}{{% debug %}} ${{7*7}} &lt;already&gt; &amp;

> \u202eemployees hidden\u202c أجازات <b> 👩🏽‍💼

{long}

```html
</pre><script>alert(16)</script>
never closed
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of issue; `markdown` has a hole for the label of the tool."""

    type: str
    title: str
    markdown: str

    def message(self, tool: str) -> str:
        """Return what is wrong with the integration of that tool."""
        return self.markdown.format(tool=tool, long="Donaudampfschifffahrtsgesellschaft" * 20)


KINDS = {
    AUTHENTICATION: Kind(
        "integration.authentication_failed", "Signing in to your tool fails", _AUTHENTICATION
    ),
    "action_failing": Kind(
        "integration.action_failing", "Writing data to your tool keeps failing", _ACTION
    ),
    "incoming_webhook_failing": Kind(
        "integration.incoming_webhook_failing",
        "Messages from your tool can't be processed",
        _INCOMING,
    ),
    "hostile": Kind(
        "integration.hostile",
        f"<script>alert('title')</script>\"><img src=x onerror=alert(1)> {{{{ 7 * 7 }}}} "
        f"\u202e{'W' * 200}",
        _HOSTILE,
    ),
}
"""Kinds of issues by the name the switches know them under; `hostile` is for tests."""
