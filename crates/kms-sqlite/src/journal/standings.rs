//! Where every transaction stands, for people and programs.

use kms_core::{Gap, JournalError, Standing, State};
use rusqlite::{Connection, params};

use super::{SqliteJournal, storage};

/// Which transactions are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub id: Option<String>,
    pub chain: Option<String>,
    /// Empty for all.
    pub states: Vec<State>,
    /// At most so many, those that changed last.
    pub most: Option<u32>,
}

/// A trial says more of a transaction than a reservation or bytes that are of no use.
const QUERY: &str = "
    select id, chain, network, state, txid, reason, effects, tries, since, updated from (
        select e.id, e.chain, e.network, coalesce(t.kind, e.state) as state, e.txid,
            coalesce(t.reason, e.reason) as reason, e.effects, coalesce(t.tries, 0) as tries,
            e.since, max(e.updated, coalesce(t.updated, 0)) as updated
        from entry e left join trial t on t.id = e.id
        union all
        select id, chain, network, kind, null, reason, null, tries, since, updated
        from trial where id not in (select id from entry)
    )
    where (?1 is null or id = ?1) and (?2 is null or chain = ?2)
        and (?3 = '' or instr(?3, ',' || state || ',') > 0)
    order by updated desc, id limit ?4";

impl SqliteJournal {
    /// Where transactions stand, those that changed last first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn standings(&self, filter: Filter) -> Result<Vec<Standing>, JournalError> {
        self.read(move |connection| read(connection, &filter).map_err(storage)).await
    }

    /// Numbers that transactions signed here leave out. Only accounts with something unconfirmed
    /// are looked at, from the lowest number that is unconfirmed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn gaps(&self) -> Result<Vec<Gap>, JournalError> {
        self.read(|connection| read_gaps(connection).map_err(storage)).await
    }
}

fn read(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Standing>> {
    let states: Vec<_> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = match states.is_empty() {
        true => String::new(),
        false => format!(",{},", states.join(",")),
    };
    let most = filter.most.map_or(-1, i64::from);
    let mut select = connection.prepare_cached(QUERY)?;
    let rows = select.query_map(params![filter.id, filter.chain, states, most], |row| {
        let time = |at: i64| u64::try_from(at).unwrap_or(0);
        Ok(Standing {
            id: row.get(0)?,
            chain: row.get(1)?,
            network: row.get(2)?,
            state: State::parse(&row.get::<_, String>(3)?).unwrap_or(State::Held),
            txid: row.get(4)?,
            reason: row.get(5)?,
            effects: row.get(6)?,
            tries: row.get(7)?,
            since: time(row.get(8)?),
            updated: time(row.get(9)?),
        })
    })?;
    rows.collect()
}

fn read_gaps(connection: &Connection) -> rusqlite::Result<Vec<Gap>> {
    let mut select = connection.prepare_cached(
        "select account, previous, number, id from (
             select c.account, c.number, c.id, e.state,
                 lag(c.number) over (partition by c.account order by c.number) as previous
             from claim c join entry e on e.id = c.id
             where c.account is not null and e.state in ('signed', 'sent', 'confirmed', 'failed')
         )
         where previous is not null and number > previous + 1 and state in ('signed', 'sent')
         order by account, number",
    )?;
    let rows = select.query_map([], |row| {
        let number = |at: usize| row.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or(0));
        Ok(Gap {
            account: row.get(0)?,
            first: number(1)?.saturating_add(1),
            last: number(2)?.saturating_sub(1),
            waiting: row.get(3)?,
        })
    })?;
    rows.collect()
}
