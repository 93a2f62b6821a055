# Built in one stage; the other holds Python, the packages and the code, and nothing that builds or installs.
FROM python:3.13.15-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-compile --only-binary :all: -r requirements.txt \
    && /opt/venv/bin/pip uninstall --yes pip \
    && rm requirements.txt
# 31 MB that nobody reads: months and numbers in the languages that the bot does not speak.
RUN find /opt/venv/lib/*/site-packages/babel/locale-data ! -name 'en*.dat' ! -name 'id*.dat' ! -name root.dat -type f -delete
COPY bot.py LICENSE ./
COPY knowledge knowledge
COPY locales locales
COPY handlers handlers
# The root file system is read-only later: whatever would be written beside the code is made here.
RUN /opt/venv/bin/python -c "from locales import translations as made; made('id'), made('en')" \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib /app

FROM python:3.13.15-slim-trixie
LABEL org.opencontainers.image.title="Tanya 100 Smart City" \
      org.opencontainers.image.licenses="MIT AND ODbL-1.0"
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && install -d -o 10001 -g 10001 -m 0700 /data \
    && install -d -o 10001 -g 10001 -m 0755 /open-data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/data
USER 10001:10001
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "bot.py", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "bot.py"]
CMD ["run"]
