"""The list of mistakes: in which file, what becomes what, and which tests have to notice."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """One mistake; `right` occurs once in the file, `tests` are what the test command is given."""

    name: str
    file: str
    right: str
    wrong: str
    tests: str


MISTAKES = (
    Mistake(
        "tenant filter",
        "integrations/access/loading.py",
        "tenant__public_id=tenant_id, tenant__memberships__user=user_pk",
        "tenant__public_id=tenant_id, tenant__memberships__user__gt=-user_pk",
        "tests/access/test_permissions.py",
    ),
    Mistake(
        "mapping guard",
        "integrations/access/mapping_guard.py",
        'return named not in {"", integration.tenant.origin_id, integration.confirmed_origin_id}',
        "return named is None",
        "tests/access/test_permissions.py tests/views/customer/test_pages_withheld.py",
    ),
    Mistake(
        "lease",
        "integrations/upstream/snapshots.py",
        "free, unchanged, pk=snapshot.pk, failures=snapshot.failures",
        "unchanged, pk=snapshot.pk, failures=snapshot.failures",
        "tests/upstream/test_snapshots.py",
    ),
    Mistake(
        "a second DELETE",
        "integrations/upstream/disconnecting.py",
        "if disconnections.under_way(row):",
        "if disconnections.under_way(row) is integration:",
        "tests/upstream/test_disconnecting.py",
    ),
    Mistake(
        "second pair of eyes",
        "integrations/workspace/disconnect_requests.py",
        "if asked.requested_by and by.user and asked.requested_by.pk == by.user.pk:",
        "if asked.requested_by and by.user and asked.pk == by.user:",
        "tests/workspace/test_disconnect_requests.py",
    ),
    Mistake(
        "budget of calls",
        "integrations/upstream/rate_limiter.py",
        "state.next_call_at = slot + timedelta(seconds=spacing(environment))",
        "state.next_call_at = slot",
        "tests/upstream/test_rate_limiter.py",
    ),
    Mistake(
        "whole-call deadline",
        "integrations/kombo/http.py",
        "    if left <= 0:\n        raise expired",
        "    if left <= -60:\n        raise expired",
        "tests/kombo/test_http.py",
    ),
    Mistake(
        "webhook signature",
        "integrations/kombo/webhooks.py",
        "hmac.compare_digest(sign(body, secret).encode(), given)",
        "hmac.compare_digest(sign(body, secret).encode()[:8], given[:8])",
        "tests/kombo/test_webhooks.py tests/views/public/test_webhooks.py",
    ),
    Mistake(
        "spent embed token (jti)",
        "integrations/access/embed_sessions.py",
        "SpentToken.objects.create(",
        "SpentToken(",
        "tests/access/test_embed_sessions.py",
    ),
    Mistake(
        "hand-off signature",
        "integrations/access/hand_off_tokens.py",
        'return public_id if _is_ours(public_id, signature, kind) else ""',
        'return public_id if signature else ""',
        "tests/access/test_hand_offs.py",
    ),
    Mistake(
        "mail at most once",
        "integrations/mail/delivery.py",
        "unclaimed, sent_at__isnull=True, handed_at__isnull=True, due_at__isnull=False",
        "sent_at__isnull=True, due_at__isnull=False",
        "tests/mail/test_delivery.py tests/mail/test_delivery_processes.py",
    ),
    Mistake(
        "append-only audit record",
        "integrations/migrations/0001_initial.py",
        "migrations.RunPython(refuse_changes, allow_changes)",
        "migrations.RunPython(migrations.RunPython.noop)",
        "tests/access/test_audit.py tests/models/test_migrations.py",
    ),
    Mistake(
        "scope of the administration",
        "integrations/admin/base.py",
        "return rows if permissions.sees_every_tenant(user) else rows.filter(**whose)",
        "return rows if whose else rows.none()",
        "tests/admin",
    ),
    Mistake(
        "no-store",
        "integrations/middleware.py",
        '"Cache-Control", "private, no-store"',
        '"Cache-Control", "private"',
        "tests/views/test_headers.py",
    ),
    Mistake(
        "escaping in the grid",
        "integrations/templatetags/grid.py",
        "key=escape(key),",
        "key=key,",
        "tests/views/test_escaping.py tests/views/customer/test_coverage.py",
    ),
    Mistake(
        "fields kept without their language",
        "integrations/templatetags/grid.py",
        "_field_text(language, field.id",
        '_field_text("", field.id',
        "tests/views/customer/test_kept_grid.py",
    ),
    Mistake(
        "CSV formula",
        "integrations/domain/csv_export.py",
        '_FORMULAS[delimiter].sub("\'", cell) for cell in cells',
        "cell for cell in cells",
        "tests/domain/test_csv_export.py",
    ),
    Mistake(
        "one limit for every sign-in",
        "integrations/urls/site.py",
        '    path("admin/login/", auth.administration_sign_in, name="administration_sign_in"),\n',
        "",
        "tests/views/public/test_auth.py",
    ),
    Mistake(
        "origin of whoever speaks to the frame",
        "static/js/embed/host_channel.js",
        " || !allowed.some((one) => one.test(origin))",
        "",
        "tests/browser/test_embed_safety.py",
    ),
    Mistake(
        "origin of whoever speaks to the host's page",
        "static/js/embed/loader.js",
        "postMessage(init, HOME, [channel.port2])",
        'postMessage(init, "*", [channel.port2])',
        "tests/browser/test_embed_safety.py",
    ),
    Mistake(
        "token of the metrics",
        "integrations/views/public/metrics.py",
        "return any(known) or bool(is_near)",
        "return bool(settings.METRICS_TOKENS) or bool(is_near)",
        "tests/views/public/test_metrics.py",
    ),
    Mistake(
        "comparison of a copied database",
        "integrations/database/copying.py",
        "if there != here:",
        "if there.rows < 0:",
        "tests/database/test_copying.py",
    ),
    Mistake(
        "links in the proxy's log",
        "deploy/nginx/dashboard.conf",
        '"$door..."',
        "$uri",
        "tests/deployment/test_proxy.py",
    ),
    Mistake(
        "made-up client address",
        "deploy/nginx/dashboard.conf",
        "X-Forwarded-For $proxy_add_x_forwarded_for",
        "X-Forwarded-For $http_x_forwarded_for",
        "tests/deployment/test_proxy.py",
    ),
    Mistake(
        "sandbox of the services",
        "deploy/systemd/dashboard-.service.d/common.conf",
        "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\nPrivateUsers=yes\n",
        "",
        "tests/deployment/test_files.py",
    ),
)
