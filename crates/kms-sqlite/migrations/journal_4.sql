-- journal.db, version 4: by what a store knows its own journal again.
create table identity (
    only integer primary key check (only = 1),
    id blob not null check (length(id) = 16),
    -- When it took the place of one that was lost, in milliseconds since 1970.
    replaced integer,
    -- What daemons noted so far. It never falls, and operators' words do not count: they may be
    -- said to an older copy, which must not pass for the newer one by them.
    steps integer not null default 0
) strict;
insert into identity (only, id, steps) values (1, randomblob(16), (select count(*) from event));
create trigger count_step after insert on event
when new.what not in (
    'skipped', 'cancelled', 'retry requested', 'sign-again requested', 'deleted from the API'
)
begin
    update identity set steps = steps + 1;
end;
-- Every start of a daemon that may sign, with the sequence of then.
create table opening (
    token blob primary key check (length(token) = 16),
    at integer not null,
    sequence integer not null
) strict, without rowid;
