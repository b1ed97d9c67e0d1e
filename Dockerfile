# One image for web, worker, media and setup; docker-compose.yml says which.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY deploy/slim-packages deploy/
# Not `npm ci`: docs/decisions/0007-npm-install.md. Without "optional" there is no embedded PostgreSQL: set DATABASE_URL.
# Without "dev" there is no Prisma CLI. The image has a Node: of the package's own there is a link left.
RUN npm install --no-save --no-audit --no-fund --omit=dev --omit=optional \
 && deploy/slim-packages node_modules \
 && rm -rf node_modules/node \
 && ln -sf /usr/local/bin/node node_modules/.bin/node

# The Prisma client and the pages are made by development packages that stay behind here.
FROM node:24-bookworm-slim AS made
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --no-audit --no-fund
COPY prisma.config.ts ./
COPY prisma prisma
COPY tsconfig.json vite.web.config.ts ./
COPY scripts/generate.ts scripts/build-web.ts scripts/route-table.ts scripts/
COPY docs/guide docs/guide
COPY src src
RUN node scripts/generate.ts && node scripts/build-web.ts

# Debian's ffmpeg comes with drivers of graphics cards, which no server has. What it is linked to is a third of it.
FROM node:24-bookworm-slim AS programs
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg bubblewrap util-linux
COPY deploy/gather-programs /
RUN /gather-programs /programs ffmpeg ffprobe bwrap prlimit

FROM node:24-bookworm-slim
COPY --from=programs /programs /
RUN ldconfig \
 && ffmpeg -hide_banner -loglevel error -muxers | grep -q chromaprint \
 && install -d -o node -g node -m 0700 /var/lib/emanet \
 && install -d -o node -g node -m 0770 /run/emanet
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY prisma prisma
COPY scripts/emanet scripts/
COPY src src
COPY --from=made /app/src/adapters/prisma/generated src/adapters/prisma/generated
COPY --from=made /app/dist dist
ENV NODE_ENV=production EMANET_HOME=/var/lib/emanet HOST=0.0.0.0 PORT=8300
USER node
VOLUME /var/lib/emanet
EXPOSE 8300
STOPSIGNAL SIGTERM
# The small young generation: docs/performance.md, Memory.
CMD ["node", "--max-semi-space-size=4", "--v8-pool-size=1", "src/processes/main.ts"]
