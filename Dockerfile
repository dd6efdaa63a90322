# syntax=docker/dockerfile:1
# Pin the base by digest where you build for good:
#   docker build --build-arg PYTHON_IMAGE=python:3.13-slim-trixie@sha256:… .
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/fengsui
# requirements-tracing.lock brings what traces are made with, too.
ARG REQUIREMENTS=requirements.lock
COPY ${REQUIREMENTS} /src/requirements.lock
RUN /opt/fengsui/bin/pip install --require-hashes -r /src/requirements.lock
COPY pyproject.toml README.md LICENSE /src/
COPY api /src/api
COPY audit /src/audit
COPY classification /src/classification
COPY collectors /src/collectors
COPY compliance /src/compliance
COPY detection /src/detection
COPY events /src/events
COPY fengsui /src/fengsui
COPY incidents /src/incidents
COPY playbooks /src/playbooks
COPY policies /src/policies
COPY registry /src/registry
COPY store /src/store
RUN /opt/fengsui/bin/pip install --no-deps --no-build-isolation /src \
    && /opt/fengsui/bin/pip uninstall --yes pip \
    && find /opt/fengsui -name '__pycache__' -prune -exec rm -rf {} + \
    && /opt/fengsui/bin/python -m compileall -q /opt/fengsui/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Fengsui 烽燧" \
      org.opencontainers.image.licenses="Apache-2.0"
# tshark reads packet captures; on jemalloc events are taken in more quickly, in less memory; the client programs back
# up the records, and must not be older than the server.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends libjemalloc2 postgresql-client-17 tshark \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 fengsui \
    && useradd --system --uid 10001 --gid fengsui --no-create-home --home-dir /var/lib/fengsui fengsui \
    && install --directory --owner=fengsui --group=fengsui --mode=0700 /var/lib/fengsui /var/backups/fengsui
COPY --from=build /opt/fengsui /opt/fengsui
COPY deploy/certificates.py deploy/healthcheck.py deploy/compose/credentials.py deploy/compose/cluster_users.py \
     deploy/compose/data_view.py /opt/fengsui/deploy/
ENV PATH=/opt/fengsui/bin:$PATH \
    LD_PRELOAD=libjemalloc.so.2 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FENGSUI_DATA_DIR=/var/lib/fengsui \
    XDG_CACHE_HOME=/tmp/cache
USER 10001:10001
WORKDIR /var/lib/fengsui
VOLUME ["/var/lib/fengsui"]
EXPOSE 8460
HEALTHCHECK --interval=15s --timeout=6s --start-period=90s --retries=4 \
    CMD ["python", "/opt/fengsui/deploy/healthcheck.py", "http://127.0.0.1:8460/readyz"]
ENTRYPOINT ["fengsui"]
CMD ["serve"]
