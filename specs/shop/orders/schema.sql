create schema if not exists orders;

create table if not exists orders.placed (
    id     uuid primary key,
    cents  bigint not null,
    lines  jsonb not null,
    placed timestamptz not null default now()
);

create index if not exists placed_at on orders.placed (placed);
