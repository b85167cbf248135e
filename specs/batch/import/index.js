// Loads the sales feed, a CSV file behind FEED_URL, into the warehouse. Run twice, it loads nothing twice.
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import pg from "pg";

const BATCH = 1000;
const COLUMNS = ["receipt", "day", "store", "cents"];
const UPSERT = `
  insert into sale (receipt, day, store, cents)
  select * from unnest($1::text[], $2::date[], $3::text[], $4::integer[])
  on conflict (receipt) do update set day = excluded.day, store = excluded.store, cents = excluded.cents`;

// Process 1 of a container ignores SIGTERM unless it says otherwise; the server rolls back what is open.
process.once("SIGTERM", () => process.exit(143));

// `compose` hands an error of the download on; `pipe` would wait for ever.
const rows = (feed) => Readable.fromWeb(feed.body).compose(parse({ columns: true }));

async function* batches(rows) {
  let batch = new Map(); // by receipt: one statement cannot touch a row twice
  for await (const row of rows) {
    batch.set(row.receipt, row);
    if (batch.size === BATCH) {
      yield [...batch.values()];
      batch = new Map();
    }
  }
  if (batch.size > 0) {
    yield [...batch.values()];
  }
}

async function main() {
  for (const name of ["FEED_URL", "DATABASE_URL"]) {
    if (!process.env[name]) {
      throw new Error(`set ${name}`);
    }
  }
  const feed = await fetch(process.env.FEED_URL, { signal: AbortSignal.timeout(600_000) });
  if (!feed.ok) {
    throw new Error(`the feed answered ${feed.status}`);
  }
  const db = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await db.connect();
  let count = 0;
  await db.query("begin");
  for await (const batch of batches(rows(feed))) {
    await db.query(UPSERT, COLUMNS.map((column) => batch.map((row) => row[column])));
    count += batch.length;
  }
  await db.query("commit");
  await db.end();
  return count;
}

function log(level, message, fields) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

try {
  log("info", "imported", { rows: await main() });
} catch (error) {
  log("error", "import failed", { error: error.message });
  process.exit(1);
}
