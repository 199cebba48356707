# The image: Node, one bundled file, and the demo next to it. Builds with BuildKit (Docker 23 or later) and with buildah.
# Other base images work too: the first needs Node 24, npm and a shell, the second Node 24 as /nodejs/bin/node or in its PATH.
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# Built once, on the builder's own platform: the bundle is the same on all platforms.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# For your own npm registry: --secret id=npmrc,src=FILE and --secret id=ca,src=FILE (PEM). Neither remains in a layer.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/ca.pem \
    if [ -s /run/ca.pem ]; then export NODE_EXTRA_CA_CERTS=/run/ca.pem; fi; \
    npm ci --ignore-scripts --prefer-offline
COPY scripts/build.mjs scripts/
COPY manifests/install.yaml manifests/
COPY src src
COPY demo demo
COPY simulator simulator
RUN npm run build

FROM ${RUNTIME_IMAGE}
COPY LICENSE /app/
COPY --from=build /src/dist/main.mjs /src/dist/main.mjs.LEGAL.txt /src/dist/demo.mjs /app/
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
# Memory settings, measured with their costs in docs/benchmarks.md. Half of the Pod's limit is for the heap, the rest for Node itself.
ENV NODE_OPTIONS="--max-semi-space-size=2 --max-old-space-size-percentage=50" MALLOC_ARENA_MAX=2
# Numeric, so that `runAsNonRoot` can be checked without the image's passwd.
USER 65532:65532
WORKDIR /app
EXPOSE 8080
STOPSIGNAL SIGTERM
# SIGUSR1 must not open the debugger: a heap snapshot shows the tokens. NODE_OPTIONS does not allow this flag.
ENTRYPOINT ["node", "--disable-sigusr1", "/app/main.mjs"]
CMD ["run"]

# Last, because they change with each build.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=https://github.com/ecr-pull-secrets/ecr-pull-secrets
LABEL org.opencontainers.image.title="ecr-pull-secrets" \
      org.opencontainers.image.description="Keeps private Amazon ECR images pullable in every Kubernetes namespace that opts in" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}#readme" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
