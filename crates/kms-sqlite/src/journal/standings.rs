//! The standing of every transaction, for people and programs.

use kms_core::{Filter, Gap, JournalError, Owed, Progress, Stance, Standing};
use rusqlite::{Connection, Row, params};

use super::{corrupt, milliseconds, storage};

const QUERY: &str = "
    select id, chain, network, state, stance, txid, progress_reason, stance_reason, effects,
        tries, attempt, owed, since, updated
    from (
        select e.id, e.chain, e.network, e.state, a.stance, e.txid, e.reason as progress_reason,
            a.reason as stance_reason, e.effects, coalesce(a.tries, 0) as tries, e.attempt,
            e.owed, e.since, max(e.updated, coalesce(a.updated, 0)) as updated
        from entry e left join attempt a on a.id = e.id
        union all
        select id, chain, network, 'unsigned', stance, null, null, reason, null, tries, 0, null,
            since, updated
        from attempt where id not in (select id from entry)
    )
    where (?1 is null or id = ?1) and (?2 is null or chain = ?2)
    order by updated desc, id";

/// The words of a standing are chosen in the core, so that a filter by them is applied there.
pub(super) fn read(
    connection: &Connection,
    filter: &Filter,
) -> Result<Vec<Standing>, JournalError> {
    let mut select = connection.prepare_cached(QUERY).map_err(storage)?;
    let rows = select.query_map(params![filter.id, filter.chain], read_one).map_err(storage)?;
    let most = filter.most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let mut standings = Vec::new();
    for row in rows {
        let unknown = || corrupt("a transaction has an unknown state");
        let standing = row.map_err(storage)?.ok_or_else(unknown)?;
        if standings.len() < most && standing.is_one_of(&filter.states) {
            standings.push(standing);
        }
    }
    Ok(standings)
}

fn read_one(row: &Row<'_>) -> rusqlite::Result<Option<Standing>> {
    let (stance, owed): (Option<String>, Option<String>) = (row.get(4)?, row.get(11)?);
    let Some(progress) = Progress::parse(&row.get::<_, String>(3)?) else { return Ok(None) };
    let text = |index: usize| -> rusqlite::Result<Option<String>> {
        Ok(row.get::<_, Option<String>>(index)?.filter(|text| !text.is_empty()))
    };
    Ok(Some(Standing {
        id: row.get(0)?,
        chain: row.get(1)?,
        network: row.get(2)?,
        progress,
        stance: stance.map(|stance| Stance::parse(&stance).unwrap_or(Stance::Held)),
        txid: row.get(5)?,
        progress_reason: text(6)?,
        stance_reason: text(7)?,
        effects: row.get(8)?,
        tries: row.get(9)?,
        attempt: row.get(10)?,
        owed: owed.and_then(|owed| Owed::parse(&owed)),
        since: milliseconds(row.get(12)?),
        updated: milliseconds(row.get(13)?),
    }))
}

pub(super) fn read_gaps(connection: &Connection) -> rusqlite::Result<Vec<Gap>> {
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
        Ok(Gap {
            account: row.get(0)?,
            first_missing: milliseconds(row.get(1)?).saturating_add(1),
            last_missing: milliseconds(row.get(2)?).saturating_sub(1),
            blocked: row.get(3)?,
        })
    })?;
    rows.collect()
}
