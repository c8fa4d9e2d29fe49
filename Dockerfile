# syntax=docker/dockerfile:1
# Waybill in a container: built in one, run in another that has little else.
FROM rust:1.94-slim-trixie AS build
RUN apt-get update \
    && apt-get install --no-install-recommends --yes build-essential cmake pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY api api
COPY entity entity
COPY migration migration
# A member of the workspace, which is not built here.
COPY tests/bench/baseline tests/bench/baseline
# The tests are a target of the manifest, and stay outside.
RUN echo 'fn main() {}' > tests/main.rs
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin waybill \
    && cp target/release/waybill /usr/local/bin/waybill

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --no-install-recommends --yes ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/waybill --create-home --shell /usr/sbin/nologin waybill \
    && chmod 700 /var/lib/waybill
COPY --from=build /usr/local/bin/waybill /usr/local/bin/waybill
COPY LICENSE /usr/share/doc/waybill/LICENSE
USER 10001:10001
WORKDIR /var/lib/waybill
VOLUME /var/lib/waybill
ENV WAYBILL_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["waybill"]
CMD ["serve"]
