// The fields and codes of the newest ripple-binary-codec, in the notation of definitions.txt.
import { DEFAULT_DEFINITIONS, TRANSACTION_TYPES } from 'ripple-binary-codec'
import { readFileSync } from 'node:fs'

const path = new URL(import.meta.resolve('ripple-binary-codec')).pathname
const file = path.replace(/dist\/.*$/, 'dist/enums/definitions.json')
const { TYPES, FIELDS, LEDGER_ENTRY_TYPES, TRANSACTION_TYPES: codes } = JSON.parse(readFileSync(file))
const flags = (field) =>
  (field.isSerialized ? 's' : '') + (field.isSigningField ? 'g' : '') + (field.isVLEncoded ? 'v' : '')
const fields = FIELDS.map(([name, field]) =>
  [name, `${field.type} ${TYPES[field.type]} ${field.nth} ${flags(field)}`])
const texts = (codes) => Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, String(code)]))
console.log(JSON.stringify({
  field: Object.fromEntries(fields),
  type: texts(codes),
  entry: texts(LEDGER_ENTRY_TYPES),
  permission: texts(DEFAULT_DEFINITIONS.granularPermissions),
}))
