# syntax=docker/dockerfile:1
# docker build -t tatum-kms .
# `cargo xtask image` makes the same without an engine: docs/docker.md.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --package tatum-kms \
    && apt-get update \
    && packaging/docker/root.sh target/dist/tatum-kms /image

FROM scratch
LABEL org.opencontainers.image.title="tatum-kms" \
    org.opencontainers.image.description="Key-management daemon, a drop-in replacement for Tatum KMS" \
    org.opencontainers.image.source="https://github.com/tatum-kms/tatum-kms" \
    org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /image/ /
COPY --from=build --chown=1000:1000 /image/home/node/ /home/node/
COPY --from=build --chown=1000:1000 /image/root/ /root/
# The original's user, home and working directory.
ENV HOME=/home/node
WORKDIR /opt/app
USER 1000:1000
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["/usr/bin/tatum-kms", "health"]
ENTRYPOINT ["/usr/bin/tatum-kms"]
CMD ["daemon"]
