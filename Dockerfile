# roused without a shell or a package beside it: one static program, the notices of what is linked
# into it, and a file for settings. How to run it: README.md, "Docker".
FROM debian:trixie-slim AS packages
# make: g++ optimises at link time with as many processes as make would run.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ccache cmake g++ make ninja-build pkgconf python3 \
        doctest-dev libasio-dev libbrotli-dev libcli11-dev libcrypt-dev libfmt-dev libspdlog-dev \
        libtomlplusplus-dev liburing-dev libzstd-dev nlohmann-json3-dev relacy-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*

FROM packages AS program
WORKDIR /source
COPY CMakeLists.txt ./
COPY runtime runtime
COPY protocols protocols
COPY server server
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake -S . -B /build -G Ninja \
        -D CMAKE_BUILD_TYPE=Release -D "CMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" \
        -D CMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -D ROUSE_HARDEN=ON -D ROUSE_STATIC=ON \
        -D ROUSE_INSTALL=OFF -D ROUSE_SYSTEMD=OFF \
    && cmake --build /build --target roused

# A build that fails its tests makes no image.
FROM program AS tested
COPY configs configs
COPY docs docs
COPY tests tests
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake -D ROUSE_TESTS=ON /build \
    && cmake --build /build --target rouse_tests integration_tests
# Engines forbid io_uring in a build, so epoll is tested, and what only a ring has is left out. /tmp
# is the machine's own: overlayfs cannot tell what is in memory, which sendfile asks for.
RUN --mount=type=cache,target=/tmp ROUSE_TEST_BACKEND=epoll \
    ctest --test-dir /build -j "$(nproc)" --output-on-failure --no-tests=error \
        -R '^(runtime|protocols|server|integration)/' -E '^(runtime/task stack: all of it|\
runtime/fs/file_workers|runtime/fs drop: a read that waits|runtime/reactor (setup|starvation)|\
integration/(backend|robustness: 2,000))'

FROM tested AS collected
WORKDIR /image
# Whose code is in the program, by Debian's package: each has its copyright file there.
RUN for package in \
        libbrotli-dev libc6-dev libcli11-dev libcrypt-dev libfmt-dev libgcc-14-dev libspdlog-dev \
        libstdc++-14-dev libtomlplusplus-dev liburing-dev libzstd-dev nlohmann-json3-dev \
        zlib1g-dev; do \
        mkdir -p "usr/share/doc/$package" \
        && cp -L "/usr/share/doc/$package/copyright" "usr/share/doc/$package/" || exit 1; \
    done
COPY LICENSE usr/share/doc/roused/copyright
COPY configs/docker/roused.toml etc/roused/roused.toml
RUN mkdir -p usr/bin && strip -o usr/bin/roused /build/server/roused

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="roused" \
    org.opencontainers.image.description="TCP and UDP echo, and HTTP, on io_uring or epoll" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
COPY --from=collected /image /
# The container's own addresses: outside is only what is published.
ENV ROUSED_CONFIG=/etc/roused/roused.toml \
    ROUSED_HTTP_LISTEN=0.0.0.0:8080 \
    ROUSED_ECHO_LISTEN=0.0.0.0:7007
USER 65532:65532
EXPOSE 8080/tcp 7007/tcp 7007/udp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["/usr/bin/roused", "--health-check"]
ENTRYPOINT ["/usr/bin/roused"]
