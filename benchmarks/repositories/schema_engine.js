#!/usr/bin/env node
// Plays Prisma's schema engine for `prisma migrate deploy` on PostgreSQL: the migrations that are not applied yet run in
// their order and are recorded in `_prisma_migrations`. What is asked besides is refused. Of Node alone, since an image
// of a program in Node has nothing else; it speaks PostgreSQL's protocol, with a password by SCRAM or none.
const node = (name) => process.getBuiltinModule(name);
const { createHash, createHmac, pbkdf2Sync, randomBytes, randomUUID } = node('node:crypto');

const VERSION = '@VERSION@'; // the commit that Prisma's own program asks an engine for
const TABLE = `create table if not exists _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null,
  finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

// ---- PostgreSQL: https://www.postgresql.org/docs/current/protocol-message-formats.html ---------------------------------
class Connection {
  constructor(address) {
    this.url = new URL(address);
    this.socket = node('node:net').connect(Number(this.url.port || 5432), this.url.hostname);
    this.received = Buffer.alloc(0);
    this.wake = () => {};
    this.socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.wake();
    });
    this.socket.on('error', (error) => this.end(error.message));
    this.socket.on('close', () => this.end('the server closed the connection'));
  }

  end(why) {
    this.ended ??= why;
    this.wake();
  }

  async message() {
    for (;;) {
      const size = this.received.length >= 5 ? this.received.readInt32BE(1) + 1 : Infinity;
      if (this.received.length >= size) {
        const [type, body] = [String.fromCharCode(this.received[0]), this.received.subarray(5, size)];
        this.received = this.received.subarray(size);
        if (type === 'E') this.error ??= /\0M([^\0]*)/.exec(`\0${body}`)?.[1] ?? 'an error without a text';
        return [type, body];
      }
      if (this.ended) throw new Error(this.ended);
      await new Promise((resolve) => (this.wake = resolve));
    }
  }

  send(type, body) {
    const size = Buffer.alloc(4);
    size.writeInt32BE(Buffer.byteLength(body) + 4);
    this.socket.write(Buffer.concat([Buffer.from(type), size, Buffer.from(body)]));
  }

  async open() {
    const user = decodeURIComponent(this.url.username);
    this.send('', `\0\x03\0\0user\0${user}\0database\0${decodeURIComponent(this.url.pathname.slice(1)) || user}\0\0`);
    for (let [type, body] = await this.message(); type !== 'Z'; [type, body] = await this.message()) {
      if (this.error) throw new Error(this.error);
      if (type === 'R') this.login(body.readInt32BE(0), body.subarray(4).toString());
    }
    const schema = this.url.searchParams.get('schema');
    if (schema) await this.query(`create schema if not exists "${schema}"; set search_path = "${schema}"`);
    return this;
  }

  // https://www.rfc-editor.org/rfc/rfc5802#section-3
  login(kind, said) {
    if (kind === 10) {
      this.first = `n=,r=${randomBytes(18).toString('base64')}`;
      const size = Buffer.alloc(4);
      size.writeInt32BE(this.first.length + 3);
      this.send('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), size, Buffer.from(`n,,${this.first}`)]));
    } else if (kind === 11) {
      const [, nonce, salt, rounds] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(said);
      const password = decodeURIComponent(this.url.password);
      const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
      const signed = (key, text) => createHmac('sha256', key).update(text).digest();
      const key = signed(salted, 'Client Key');
      const last = `c=biws,r=${nonce}`;
      const stored = createHash('sha256').update(key).digest();
      const signature = signed(stored, `${this.first},${said},${last}`);
      this.send('p', `${last},p=${Buffer.from(key.map((byte, at) => byte ^ signature[at])).toString('base64')}`);
    } else if (kind !== 0 && kind !== 12) {
      throw new Error(`a login of kind ${kind} is not played`);
    }
  }

  // The first column of every row.
  async query(sql) {
    const rows = [];
    this.error = undefined;
    this.send('Q', `${sql}\0`);
    for (let [type, body] = await this.message(); type !== 'Z'; [type, body] = await this.message()) {
      if (type === 'D') rows.push(body.subarray(6, 6 + Math.max(0, body.readInt32BE(2))).toString());
    }
    if (this.error) throw new Error(this.error);
    return rows;
  }
}

// ---- what is asked for -----------------------------------------------------------------------------------------------
async function applyMigrations(database, { migrationsList }) {
  await database.query(TABLE);
  const failed = await database.query(
    'select migration_name from _prisma_migrations where finished_at is null and rolled_back_at is null',
  );
  if (failed.length) throw known('P3009', `migrate found failed migrations in the target database: ${failed}`);
  const done = await database.query('select migration_name from _prisma_migrations where finished_at is not null');
  const appliedMigrationNames = [];
  for (const { path, migrationFile } of migrationsList.migrationDirectories) {
    if (done.includes(path)) continue;
    const { tag, value } = migrationFile.content;
    if (tag !== 'ok') throw known('P3015', `Could not find the migration file of ${path}: ${value}`);
    const [id, sum, name] = [randomUUID(), createHash('sha256').update(value).digest('hex'), path.replaceAll("'", "''")];
    await database.query(
      `insert into _prisma_migrations (id, checksum, migration_name) values ('${id}', '${sum}', '${name}')`,
    );
    await database.query(value).catch((error) => {
      throw known('P3018', `A migration failed to apply.\n\nMigration name: ${path}\n\n${error.message}`);
    });
    await database.query(
      `update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = '${id}'`,
    );
    appliedMigrationNames.push(path);
  }
  return { appliedMigrationNames };
}

function known(code, message) {
  return Object.assign(new Error(message), { code });
}

async function answer(method, params, address) {
  if (method !== 'applyMigrations') throw new Error(`the stand-in for Prisma's schema engine does not play ${method}`);
  const database = await new Connection(address).open();
  try {
    return await applyMigrations(database, params);
  } finally {
    database.socket.destroy();
  }
}

async function serve(address) {
  for await (const line of node('node:readline').createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    const said = await answer(method, params, address).then(
      (result) => ({ result }),
      (error) => {
        const data = { is_panic: false, message: error.message, meta: null, error_code: error.code ?? 'P1001' };
        return { error: { code: 4466, message: 'An error happened. Check the data field for details.', data } };
      },
    );
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...said })}\n`);
  }
}

async function command(name, address) {
  const log = (level, fields, target) => console.error(JSON.stringify({ level, fields, target }));
  log('INFO', { message: 'Starting the stand-in for the schema engine' }, 'schema_engine');
  try {
    if (name !== 'can-connect-to-database') throw new Error(`the stand-in does not play ${name}`);
    (await new Connection(address).open()).socket.destroy();
  } catch (error) {
    log('ERROR', { is_panic: false, error_code: 'P1001', message: error.message }, 'schema_engine::logger');
    process.exitCode = 1;
  }
}

const words = process.argv.slice(2);
const datasource = words[words.indexOf('--datasource') + 1];
if (words.includes('--version')) {
  console.log(`schema-engine-cli ${VERSION}`);
} else if (!words.includes('--datasource')) {
  console.error('the stand-in for the schema engine plays Prisma 7, which names its data source');
  process.exitCode = 1;
} else {
  const { url } = JSON.parse(datasource);
  const done = words.includes('cli') ? command(words[words.indexOf('cli') + 1], url) : serve(url);
  done.catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
