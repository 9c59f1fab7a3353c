// What dotenv reads out of `.env` files: one JSON text a line in, one JSON object a line out.
import { createInterface } from 'node:readline';
import dotenv from 'dotenv';

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(dotenv.parse(JSON.parse(line)))}\n`);
}
