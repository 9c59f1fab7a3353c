// Chain ids of viem, and the forks of Ethereum with the rules on a transaction's gas and size.
import { Common, Mainnet } from '@ethereumjs/common'
import { paramsTx } from '@ethereumjs/tx'
import * as viem from 'viem/chains'

const chains = Object.entries(viem).filter(([, chain]) => chain?.id).map(([key, chain]) =>
  ({ key, id: chain.id, name: chain.name, testnet: chain.testnet === true }))
const changes = new Map(new Common({ chain: Mainnet }).HARDFORK_CHANGES)
const forks = Mainnet.hardforks.map(({ name, timestamp }) =>
  ({ name, time: timestamp ? Number(timestamp) : null, eips: changes.get(name)?.eips ?? [] }))
console.log(JSON.stringify({ chains, forks, rules: paramsTx }))
