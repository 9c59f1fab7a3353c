-- wallet.dat, version 1. Everything but bucket numbers and places is sealed or keyed.
create table header (only integer primary key check (only = 1), bytes blob not null) strict;
create table root (only integer primary key check (only = 1), bytes blob not null) strict;
create table bucket (number integer primary key, sum blob not null) strict;
create table record (
    place integer primary key autoincrement,
    blind_index blob not null unique,
    bucket integer not null,
    public blob not null,
    secret blob not null
) strict;
create index record_by_bucket on record (bucket);
