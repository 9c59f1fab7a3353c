// The unions of the XDR that the Stellar SDK brings: names by code.
import { xdr } from '@stellar/stellar-sdk'

const [, , ...unions] = process.argv
const codes = (name) => {
  const members = Object.values(xdr[name] ?? {}).filter((member) => Number.isInteger(member?.value))
  return Object.fromEntries(members.map((member) => [member.value, member.name]))
}
console.log(JSON.stringify(Object.fromEntries(unions.map((name) => [name, codes(name)]))))
