#!/usr/bin/env bash
# Version: SQLite 3.54.1 (sql.js 1.16.0), PostgreSQL 18.6 (@electric-sql/pglite 0.5.16), both npm.
# Guess: A column that keeps amounts exactly in PostgreSQL, numeric(78,0), keeps them in SQLite too, and one declared
#   STRING keeps text.
# Behaviour: SQLite takes both names for numbers, and a whole number that does not fit 64 bits becomes a floating one,
#   though it was handed over as text: 1000 ETH and a wei is read back as 1e+21, and equals 1000 ETH. A name of a type
#   counts only by the letters in it (INT, CHAR, TEXT, ...), so STRING and UINT256 lose leading zeros as well. The same
#   happens to a number taken out of JSON with ->>, where -> and PostgreSQL give every digit.
# Seen (1000000000000000000001 and 0042 go in):
#   numeric(78,0): SQLite 1e+21 42, PostgreSQL 1000000000000000000001 42
#   string: SQLite 1e+21 42, PostgreSQL has no such type
#   uint256: SQLite 1e+21 42, PostgreSQL has no such type
#   text: SQLite 1000000000000000000001 0042, PostgreSQL 1000000000000000000001 0042
#   numeric(78,0) is found by 1000000000000000000000: SQLite yes, PostgreSQL no
#   out of JSON: SQLite ->> 1e+21, -> 1000000000000000000001, PostgreSQL ->> 1000000000000000000001
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent sql.js@1.16.0 @electric-sql/pglite@0.5.16
cat >see.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import initSqlJs from 'sql.js';

const wei = '1000000000000000000001';
const lite = new (await initSqlJs()).Database();
const postgres = await PGlite.create();
const ask = {
  SQLite: async (sql, values) => (lite.exec(sql, values)[0]?.values ?? []).map(([value]) => value),
  PostgreSQL: async (sql, values) => {
    const text = sql.replaceAll('?', '$1');
    return (await postgres.query(text, values, { rowMode: 'array' })).rows.map(([value]) => value);
  },
};
const keep = async (database, type) => {
  try {
    await ask[database]('drop table if exists t');
    await ask[database](`create table t (amount ${type})`);
    for (const value of [wei, '0042']) await ask[database]('insert into t values (?)', [value]);
    return (await ask[database]('select amount from t')).join(' ');
  } catch { return 'has no such type'; }
};
const seen = [];
const say = (line) => { seen.push(line); console.log(line); };
for (const type of ['numeric(78,0)', 'string', 'uint256', 'text']) {
  say(`${type}: SQLite ${await keep('SQLite', type)}, PostgreSQL ${await keep('PostgreSQL', type)}`);
}
const found = [];
for (const database of ['SQLite', 'PostgreSQL']) {
  await keep(database, 'numeric(78,0)');
  const rows = await ask[database]('select amount from t where amount = ?', ['1000000000000000000000']);
  found.push(`${database} ${rows.length === 1 ? 'yes' : 'no'}`);
}
say(`numeric(78,0) is found by 1000000000000000000000: ${found.join(', ')}`);
const json = (database, path, type = '') => ask[database](`select '{"n":${wei}}'${type} ${path}`);
const out = [
  await json('SQLite', "->> 'n'"), await json('SQLite', "-> 'n'"), await json('PostgreSQL', "->> 'n'", '::jsonb'),
];
say(`out of JSON: SQLite ->> ${out[0]}, -> ${out[1]}, PostgreSQL ->> ${out[2]}`);

const expected = `numeric(78,0): SQLite 1e+21 42, PostgreSQL ${wei} 42
string: SQLite 1e+21 42, PostgreSQL has no such type
uint256: SQLite 1e+21 42, PostgreSQL has no such type
text: SQLite ${wei} 0042, PostgreSQL ${wei} 0042
numeric(78,0) is found by 1000000000000000000000: SQLite yes, PostgreSQL no
out of JSON: SQLite ->> 1e+21, -> ${wei}, PostgreSQL ->> ${wei}`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.mjs
