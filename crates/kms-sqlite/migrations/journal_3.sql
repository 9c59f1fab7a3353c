-- journal.db, from version 2 to version 3: how far a transaction came and what happens next are
-- two things; what the API is owed; payments, so that the same one is noticed.
create table attempt (
    id text primary key,
    digest blob not null,
    chain text not null,
    network text not null,
    stance text check (stance in (
        'waiting', 'held', 'parked', 'rejected', 'skipped', 'cancelled'
    )),
    reason text not null,
    tries integer not null default 0,
    -- What an approver was asked about.
    asked blob,
    is_wanted integer not null default 0 check (is_wanted in (0, 1)),
    since integer not null,
    updated integer not null
) strict, without rowid;
insert into attempt (id, digest, chain, network, stance, reason, tries, since, updated)
    select id, digest, chain, network, kind, reason, tries, since, updated from trial
    where kind in ('skipped', 'cancelled')
        or id not in (select id from entry where state in ('confirmed', 'failed'));
drop table trial;
-- For queries of people's own that were written for version 2.
create view trial as
    select id, digest, chain, network, stance as kind, reason, tries, since, updated
    from attempt where stance is not null;

alter table entry add column attempt integer not null default 1;
alter table entry add column is_allowed integer not null default 0 check (is_allowed in (0, 1));
update entry set is_allowed = 1 where state = 'reserved';
alter table entry add column owed text check (owed in ('completed', 'failed'));
-- In base units of the chain's coin.
alter table entry add column fee text;
alter table entry add column first_slot integer;
create index entry_by_chain on entry (chain, network, place);
create index entry_by_txid on entry (txid) where txid is not null;

alter table past rename to superseded;
alter table superseded add column state text not null default 'expired';
alter table superseded add column txid text;
-- What the bytes used up, a line each.
alter table superseded add column claims text not null default '';
create index superseded_by_id on superseded (id);

-- Failures that the API is to be told, and those that it was told.
create table report (
    id text not null,
    digest blob not null,
    chain text not null,
    network text not null,
    error text not null,
    is_taken integer not null default 0 check (is_taken in (0, 1)),
    primary key (id, digest)
) strict, without rowid;
insert into report (id, digest, chain, network, error, is_taken)
    select id, digest, '', '', '', 1 from reported;
drop table reported;
create index report_due on report (chain, network) where is_taken = 0;

-- Fingerprints of payments.
create table payment (
    payment blob not null,
    id text not null,
    at integer not null,
    primary key (payment, id)
) strict, without rowid;
create index payment_by_id on payment (id);
create index payment_by_time on payment (at);
