-- journal.db, version 1.
create table entry (
    place integer primary key autoincrement,
    id text not null unique,
    digest blob not null,
    chain text not null,
    network text not null,
    effects text not null,
    holder blob not null,
    state text not null check (state in ('reserved', 'signed', 'closed', 'refused')),
    raw text
) strict;
create table claim (what text primary key, id text not null) strict, without rowid;
create index claim_by_id on claim (id);
create table reported (id text not null, digest blob not null, primary key (id, digest)) strict, without rowid;
