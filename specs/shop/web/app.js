import { randomUUID } from "node:crypto";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { log } from "./log.js";
import { sorry, storefront, thanks } from "./pages.js";
import { Refused, services } from "./services.js";

export function createApp({ redis, features, sessionKey, catalogUrl, ordersUrl }) {
  const { products, order } = services({ catalogUrl, ordersUrl });
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", 1); // TLS ends at the ingress

  app.get("/healthz", (request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", (request, response) => {
    response.status(redis.isReady ? 200 : 503).json({ sessions: redis.isReady });
  });

  app.use(requestLog);
  app.use(express.urlencoded({ extended: false, limit: "10kb" }));
  app.use(session({
    store: new RedisStore({ client: redis, prefix: "session:", ttl: 86400 }),
    secret: sessionKey,
    name: "session",
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax", secure: "auto" },
  }));

  app.get("/", async (request, response) => {
    response.send(storefront({ products: await products(), cart: request.session.cart ?? {}, features }));
  });

  app.post("/cart", async (request, response) => {
    const known = (await products()).find(({ id }) => id === request.body?.product);
    if (known) {
      // The order's id is drawn with the first product: pressing the button twice orders once.
      request.session.order ??= randomUUID();
      request.session.cart = { ...request.session.cart, [known.id]: (request.session.cart?.[known.id] ?? 0) + 1 };
    }
    response.redirect(303, "/");
  });

  app.post("/checkout", async (request, response) => {
    const { cart, order: id } = request.session;
    if (!cart || !features.checkout) {
      return response.redirect(303, "/");
    }
    const placed = await order(id, cart);
    delete request.session.cart;
    delete request.session.order;
    response.send(thanks(placed));
  });

  app.use((error, request, response, next) => {
    if (response.headersSent) {
      return next(error);
    }
    if (error instanceof Refused) {
      return response.status(409).send(sorry(error.message));
    }
    log("error", "request failed", { path: request.path, error: error.message });
    response.status(error.status ?? 503).send(sorry("Something is not working, try again in a minute"));
  });
  return app;
}

function requestLog(request, response, next) {
  const start = performance.now();
  response.on("finish", () => {
    const milliseconds = Math.round(performance.now() - start);
    log("info", "request", { method: request.method, path: request.path, status: response.statusCode, milliseconds });
  });
  next();
}
