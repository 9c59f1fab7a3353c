// The contract types of the protocol that tronweb brings.
import { createRequire } from 'node:module'

const path = new URL(import.meta.resolve('tronweb')).pathname
const folder = path.replace(/\/lib\/(esm|commonjs)\/.*$/, '/lib/commonjs')
const types = ['Tron_pb.cjs']
createRequire(import.meta.url)(`${folder}/protocol/core/${types[0]}`)
console.log(JSON.stringify(globalThis.TronWebProto.Transaction.Contract.ContractType))
