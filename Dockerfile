# One image, run as every node of the hub. The Node version is the one package.json pins (deploy/compose.test.ts compares them).

FROM node:26.10.0-trixie-slim AS build
WORKDIR /app
# No package needs an install script, so none runs.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run prepare && npm run build
# Optional packages stay: some carry the platform's binary of a library (argon2). The Node among them goes: the image has its own.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/.bin/node

FROM node:26.10.0-trixie-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# Only a hub without MONGODB_URI writes here.
RUN install --directory --owner=node --group=node --mode=700 /data
WORKDIR /app
# Owned by root: the hub can read what it runs and change none of it.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY --from=build /app/app/lib/paraglide ./app/lib/paraglide
COPY --from=build /app/app/lib/refusal/status.ts ./app/lib/refusal/status.ts
COPY --from=build /app/models ./models
COPY --from=build /app/realtime ./realtime
COPY --from=build /app/exchange ./exchange
COPY --from=build /app/collector ./collector
COPY --from=build /app/embedded ./embedded
COPY --from=build /app/server ./server
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s --start-interval=2s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/main.ts"]
