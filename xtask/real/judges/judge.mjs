// Reads one line of JSON per transaction, writes one per verdict. Each chain's judge is a file
// of its own; a judge returns when it accepts and throws when it refuses.
//
// in:  {"chain", "network": "mainnet"|"testnet", "raw", "payload", "signer"}
// out: {"accepted": true} or {"accepted": false, "reason"}
import { createInterface } from 'node:readline';

// Some SDKs print what they then throw or answer, and one prints its name.
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => {};

const judges = new Map();

async function judgeOf(chain) {
  if (!judges.has(chain)) {
    judges.set(chain, (await import(`./${chain.toLowerCase()}.mjs`)).judge);
  }
  return judges.get(chain);
}

for await (const line of createInterface({ input: process.stdin })) {
  const transaction = JSON.parse(line);
  const judge = await judgeOf(transaction.chain);
  let verdict;
  try {
    await judge(transaction);
    verdict = { accepted: true };
  } catch (error) {
    verdict = { accepted: false, reason: String(error?.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
