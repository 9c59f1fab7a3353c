-- journal.db, version 4: by what a store knows its own journal again.
create table identity (
    only integer primary key check (only = 1),
    id blob not null check (length(id) = 16),
    -- When it took the place of one that was lost, in milliseconds since 1970.
    replaced integer
) strict;
insert into identity (only, id) values (1, randomblob(16));
-- Every start of a daemon that may sign, with the sequence of then.
create table opening (
    token blob primary key check (length(token) = 16),
    at integer not null,
    sequence integer not null
) strict, without rowid;
