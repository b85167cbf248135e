// Starts the storefront and a second listener for metrics, and drains both on SIGTERM.
import { createServer } from "node:http";
import { collectDefaultMetrics, register } from "prom-client";
import { createClient } from "redis";
import { createApp } from "./app.js";
import { readFeatures } from "./features.js";
import { log } from "./log.js";

const PORT = Number(process.env.PORT ?? 3000);
const METRICS_PORT = Number(process.env.METRICS_PORT ?? 9090);
const { CATALOG_URL, ORDERS_URL, REDIS_URL, SESSION_KEY } = process.env;

for (const [name, value] of Object.entries({ CATALOG_URL, ORDERS_URL, REDIS_URL, SESSION_KEY })) {
  if (!value) {
    throw new Error(`set ${name}`);
  }
}

// Without the offline queue a request fails at once while redis is away, instead of hanging.
const redis = createClient({ url: REDIS_URL, disableOfflineQueue: true });
redis.on("error", (error) => log("warn", "redis", { error: error.message || error.code }));
redis.connect().catch(() => {}); // it keeps trying, and /readyz tells

const app = createApp({
  redis,
  features: readFeatures(process.env.FEATURES),
  sessionKey: SESSION_KEY,
  catalogUrl: CATALOG_URL,
  ordersUrl: ORDERS_URL,
});
const server = app.listen(PORT, () => log("info", "listening", { port: PORT }));

collectDefaultMetrics();
const metrics = createServer(async (request, response) => {
  response.setHeader("Content-Type", register.contentType);
  response.end(await register.metrics());
}).listen(METRICS_PORT);

process.once("SIGTERM", () => {
  log("info", "draining");
  metrics.close();
  server.close(() => {
    redis.destroy();
    process.exit(0);
  });
});
