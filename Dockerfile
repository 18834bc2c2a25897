# syntax=docker/dockerfile:1
# Site, worker and commands in one image: compose.yaml starts them, docs/deploying.md explains them.

FROM python:3.13-slim-trixie AS wheels
COPY requirements.txt /build/
RUN ["python", "-m", "pip", "wheel", "--no-cache-dir", "--no-deps", "--require-hashes", "--requirement", "/build/requirements.txt", "--wheel-dir", "/build/wheels"]

FROM python:3.13-slim-trixie AS environment
COPY --from=wheels /build/wheels /build/wheels
RUN python -m venv --without-pip /srv/dashboard/.venv \
    && python -m pip --python /srv/dashboard/.venv/bin/python install --no-cache-dir --no-index --no-deps --no-compile /build/wheels/*.whl

FROM python:3.13-slim-trixie
# What builds and installs stays behind: here nothing is built.
RUN python -m pip uninstall --yes --no-cache-dir --root-user-action ignore pip \
    && groupadd --system --gid 10001 dashboard \
    && useradd --system --uid 10001 --gid dashboard --no-create-home --home-dir /var/lib/dashboard --shell /usr/sbin/nologin dashboard \
    && install --directory --owner dashboard --group dashboard --mode 0700 /var/lib/dashboard
COPY --from=environment /srv/dashboard/.venv /srv/dashboard/.venv
WORKDIR /srv/dashboard
COPY . .
ENV PATH=/srv/dashboard/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# The key is of this step alone. Bytecode is made now, as nothing can be written later.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .venv/lib integrations kombo_dashboard
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "kombo_dashboard.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "16", "--reuse-port", "--keep-alive", "30", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--bind", "0.0.0.0:8000"]
