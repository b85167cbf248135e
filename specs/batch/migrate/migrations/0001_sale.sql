create table sale (
    receipt text primary key,
    day     date not null,
    store   text not null,
    cents   integer not null
);
