# The image of API and workers:       docker build --target runtime -t sidestream .
# The image of workers with a GPU:    docker build --target gpu -t sidestream-gpu .

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Packages run no install scripts: nothing here needs one, and none is trusted with the build.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY bench bench
COPY workers workers
COPY src src
RUN node scripts/build.mjs
RUN npm prune --omit=dev --ignore-scripts
# onnxruntime-node has the libraries of all systems inside, a quarter of a gigabyte that this one never loads; libsql
# comes for both C libraries, and Debian's is glibc.
RUN ["node", "-e", "\
    const fs = require('node:fs'); \
    const top = 'node_modules/onnxruntime-node/bin/napi-v6/'; \
    const drop = (path) => fs.rmSync(path, { recursive: true }); \
    for (const os of fs.readdirSync(top)) \
      for (const cpu of fs.readdirSync(top + os)) \
        if (os !== process.platform || cpu !== process.arch) drop(top + os + '/' + cpu); \
    for (const name of fs.readdirSync('node_modules/@libsql')) \
      if (name.endsWith('-musl')) drop('node_modules/@libsql/' + name);"]

# The parts of ONNX Runtime that speak to CUDA are too large for npm; its own installer fetches them from NuGet, for
# linux/amd64 alone. TensorRT's is left out: its libraries are not in the image below.
FROM node:20.20.2-bookworm-slim AS build-cuda
WORKDIR /build
COPY --from=build /build/node_modules node_modules
RUN ["node", "node_modules/onnxruntime-node/script/install.js", "--onnxruntime-node-install=cuda12"]
RUN ["rm", "-f", "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so"]

# CUDA 12 and cuDNN 9 are what the CUDA provider of ONNX Runtime is linked to. The image is written after their
# documentation and has not been run on a GPU yet: `sidestream doctor` in it says whether the provider works. Vulkan's
# loader is for WebGPU, which has been.
FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04 AS gpu
LABEL org.opencontainers.image.title="sidestream-gpu" \
      org.opencontainers.image.description="Segments video with words: workers with an NVIDIA GPU" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-NC-4.0"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg libvulkan1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
# A fixed number, so that who owns the volumes stays the same from image to image.
RUN groupadd --gid 10001 sidestream \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin sidestream
# New volumes take their owner from these folders.
RUN install --directory --owner=10001 --group=10001 \
    /var/lib/sidestream/data /var/lib/sidestream/storage /var/lib/sidestream/scratch /var/cache/sidestream
WORKDIR /app
COPY LICENSE NOTICE package.json ./
COPY config config
COPY models models
COPY --from=build-cuda /build/node_modules node_modules
COPY --from=build /build/dist dist
RUN ["ln", "-s", "/app/dist/cli.js", "/usr/local/bin/sidestream"]
ENV NODE_ENV=production \
    HOME=/var/lib/sidestream \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video,graphics \
    CUDA_CACHE_PATH=/var/cache/sidestream/cuda \
    SIDESTREAM_DATA__DIRECTORY=/var/lib/sidestream/data \
    SIDESTREAM_STORAGE__DIRECTORY=/var/lib/sidestream/storage \
    SIDESTREAM_WORKERS__SCRATCH=/var/lib/sidestream/scratch \
    SIDESTREAM_CACHE__DIRECTORY=/var/cache/sidestream
USER 10001:10001
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["worker", "--queues", "analyse,live"]

FROM debian:12.12-slim AS runtime
LABEL org.opencontainers.image.title="sidestream" \
      org.opencontainers.image.description="Segments video with words: API and workers" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-NC-4.0"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*
# Node alone: npm and yarn have no business where the server runs.
COPY --from=build /usr/local/bin/node /usr/local/bin/node
RUN groupadd --gid 10001 sidestream \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin sidestream
RUN install --directory --owner=10001 --group=10001 \
    /var/lib/sidestream/data /var/lib/sidestream/storage /var/lib/sidestream/scratch /var/cache/sidestream
WORKDIR /app
COPY LICENSE NOTICE package.json ./
COPY config config
COPY models models
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
RUN ["ln", "-s", "/app/dist/cli.js", "/usr/local/bin/sidestream"]
ENV NODE_ENV=production \
    HOME=/var/lib/sidestream \
    SIDESTREAM_DATA__DIRECTORY=/var/lib/sidestream/data \
    SIDESTREAM_STORAGE__DIRECTORY=/var/lib/sidestream/storage \
    SIDESTREAM_WORKERS__SCRATCH=/var/lib/sidestream/scratch \
    SIDESTREAM_CACHE__DIRECTORY=/var/cache/sidestream
USER 10001:10001
EXPOSE 8080
# Of the API; workers have no port, and docker-compose.yml asks them otherwise.
HEALTHCHECK --interval=10s --timeout=5s --retries=3 \
    CMD ["node", "-e", "\
      fetch('http://127.0.0.1:' + (process.env.SIDESTREAM_HTTP__PORT || 8080) + '/healthz') \
        .then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1));"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve", "--workers", "0", "--host", "0.0.0.0"]
