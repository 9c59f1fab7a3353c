-- journal.db, from version 1 to version 2: what became of a transaction after it was signed, and
-- what operators said of it.
create table entry_2 (
    place integer primary key autoincrement,
    id text not null unique,
    digest blob not null,
    chain text not null,
    network text not null,
    effects text not null,
    -- Addresses that are paid, a line each.
    receivers text not null default '',
    holder blob not null,
    state text not null check (state in (
        'reserved', 'signed', 'sent', 'confirmed', 'failed', 'dropped', 'expired', 'refused'
    )),
    raw text,
    txid text,
    reason text,
    -- Milliseconds since 1970; 0 in entries of version 1.
    since integer not null default 0,
    updated integer not null default 0,
    -- When it is looked up next; null when it is not followed.
    next_look integer,
    looks integer not null default 0
) strict;
insert into entry_2 (place, id, digest, chain, network, effects, holder, state, raw)
    select place, id, digest, chain, network, effects, holder,
        case state when 'closed' then 'sent' else state end, raw
    from entry order by place;
drop table entry;
alter table entry_2 rename to entry;
create index entry_by_next_look on entry (chain, network, next_look) where next_look is not null;

alter table claim add column account text;
alter table claim add column number integer;
create index claim_by_account on claim (account, number) where account is not null;

-- What never got as far as a reservation, and what operators want left alone.
create table trial (
    id text primary key,
    digest blob not null,
    chain text not null,
    network text not null,
    kind text not null check (kind in (
        'waiting', 'held', 'parked', 'rejected', 'skipped', 'cancelled'
    )),
    reason text not null,
    tries integer not null default 0,
    since integer not null,
    updated integer not null
) strict, without rowid;

create table pause (
    scope text not null check (scope in ('everything', 'chain', 'wallet', 'receiver')),
    what text not null,
    since integer not null,
    primary key (scope, what)
) strict, without rowid;

-- Bytes that were signed for an id and proved to be of no use, before others were signed.
create table past (
    place integer primary key autoincrement,
    id text not null,
    raw text not null,
    reason text not null,
    at integer not null
) strict;

create table event (
    place integer primary key autoincrement,
    id text not null,
    at integer not null,
    what text not null,
    detail text
) strict;
create index event_by_id on event (id);
