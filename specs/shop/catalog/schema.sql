create schema if not exists catalog;

create table if not exists catalog.product (
    id    text primary key,
    name  text not null,
    cents integer not null check (cents > 0),
    stock integer not null check (stock >= 0),
    sold  integer not null default 0
);

create table if not exists catalog.reservation (
    order_id uuid not null,
    product  text not null references catalog.product,
    quantity integer not null check (quantity > 0),
    primary key (order_id, product)
);

insert into catalog.product (id, name, cents, stock) values
    ('kettle', 'Pour-over kettle', 4900, 120),
    ('grinder', 'Hand grinder', 8900, 45),
    ('scale', 'Brewing scale', 3900, 80),
    ('mug', 'Stoneware mug', 1800, 300)
on conflict (id) do nothing;
