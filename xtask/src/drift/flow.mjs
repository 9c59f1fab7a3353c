// Addresses of contracts and templates of the newest React SDK, and what the Cadence parser says of
// the scripts in the folder given.
import { CadenceParser } from '@onflow/cadence-parser'
import { readFileSync, readdirSync } from 'node:fs'

const [, , folder] = process.argv
const place = (name, file) =>
  new URL(import.meta.resolve(name)).pathname.replace(new RegExp(`(${name})/.*$`), `$1/${file}`)
const sdk = readFileSync(place('@onflow/react-sdk', 'dist/index.js'), 'utf8')
const addresses = (network) => {
  const block = sdk.match(new RegExp(`\\b${network}: \\{([^}]*FlowToken:[^}]*)\\}`))?.[1] ?? ''
  return Object.fromEntries([...block.matchAll(/(\w+): "0x([0-9a-f]{16})"/g)].map(([, name, own]) => [name, own]))
}
const binary = readFileSync(place('@onflow/cadence-parser', 'dist/cadence-parser.wasm'))
const parser = await CadenceParser.create(binary)
const problem = (file) => {
  const { error } = parser.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  return error ? JSON.stringify(error.Errors ?? error).slice(0, 200) : null
}
const scripts = readdirSync(folder).filter((file) => file.endsWith('.cdc'))
console.log(JSON.stringify({
  mainnet: addresses('mainnet'),
  testnet: addresses('testnet'),
  scripts: Object.fromEntries(scripts.map((file) => [file, problem(file)])),
  templates: sdk.includes('transaction(') ? sdk : '',
}))
