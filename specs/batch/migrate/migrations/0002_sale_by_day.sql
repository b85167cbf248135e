create index sale_by_day on sale (day, store);
