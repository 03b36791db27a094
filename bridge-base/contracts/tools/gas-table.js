// Prints the gas table from the receipts that `gas.sh` made. `--write FILE` also puts it between the two marks of a page.
const fs = require('node:fs');
const path = require('node:path');

const run = path.join(__dirname, '../broadcast/Gas.s.sol/8453/measure-latest.json');
const { transactions, receipts } = JSON.parse(fs.readFileSync(run, 'utf8'));
const gasOf = new Map(receipts.map((r) => [r.transactionHash, { used: Number(r.gasUsed), ok: Number(r.status) === 1 }]));

// EIP-7976: a transaction pays for at least 64 gas a byte of calldata.
const FLOOR_PER_BYTE = 64;
const sent = transactions.map(({ hash, transaction }) => {
  const bytes = (transaction.input.length - 2) / 2;
  const { used, ok } = gasOf.get(hash);
  if (!ok) throw new Error(`transaction ${hash} failed`);
  return { used, floor: Math.max(used, 21000 + FLOOR_PER_BYTE * bytes), bytes };
});

// The order of script/Gas.s.sol: nine transactions a set (four deploy), then those of the gateway.
const set = (i) => ({
  first: sent[9 * i + 4],
  next: sent[9 * i + 6],
  handover: sent[9 * i + 7],
  list: sent[9 * i + 8],
});
const [ten, thirtyTwo, hundred] = [set(0), set(1), set(2)];
const [deliver0, deliverNew, deliver, claim0, claimMonth, claimTick, keeperAgain, own, ownAgain, , ownOlder, burn0, burn1, burn2] = sent.slice(27);
const minus = (a, b) => ({ used: a.used - b.used, floor: a.floor - b.floor, bytes: a.bytes - b.bytes });
const plus = (a, b) => ({ used: a.used + b.used, floor: a.floor + b.floor, bytes: a.bytes + b.bytes });
const most = (...all) => all.reduce((a, b) => (b.used > a.used ? b : a));

const rows = [
  ['import, 7 of 10 signers', ten.next, 110_000],
  ['import, 22 of 32', thirtyTwo.next, 175_000],
  ['import, 67 of 100', hundred.next, 400_000, 400_000],
  ['hand-over to a known list of 100, on top', minus(hundred.handover, hundred.next), 45_000],
  ['hand-over to a new list of 100, on top', plus(minus(hundred.handover, hundred.next), hundred.list), 550_000],
  ['deliver a message', deliver, 100_000],
  ['deliver to a new holder', deliverNew, 115_000],
  ['burn', most(burn0, burn1, burn2), 100_000],
  ['claim again', most(ownAgain, ownOlder), 85_000],
  ['claim again, for another and with a tip', keeperAgain],
  ['first claim', own, 120_000],
  ['first claim, for a new holder and with a tip', most(claimMonth, claimTick)],
];

const number = (n) => (n === undefined ? '' : n.toLocaleString('en-US'));
const lines = [
  '| call | gasUsed | with EIP-7976 floor | goal | bytes |',
  '|---|---:|---:|---:|---:|',
  ...rows.map(([name, g, goal]) => `| ${name} | ${number(g.used)} | ${number(g.floor)} | ${number(goal)} | ${number(g.bytes)} |`),
];
console.log(lines.join('\n'));
console.log(`\nfirst import of all (empty slots): ${number(hundred.first.used)} with 100 validators`);
console.log(`first claim after 30 days ${number(claimMonth.used)}, after 12 seconds ${number(claimTick.used)}`);
console.log('Snowbridge, published: submitFinal 797k to 1,014k (28 to 41 signatures), submitFiatShamir 1.75M to 1.96M,');
console.log('all 200 signatures 2.34M; deliver 327k (v1).');

const missed = rows.filter(([, g, goal, floorGoal]) => g.used > goal || (floorGoal && g.floor > floorGoal));
// Calldata differs by its zero bytes: half a percent is not a cost of time.
const drift = Math.abs(claimMonth.used - claimTick.used) / claimTick.used;
if (drift > 0.005) missed.push(['a claim after 30 days costs what one after 12 seconds costs']);
const at = process.argv.indexOf('--write');
if (at > 0) {
  const page = process.argv[at + 1];
  const [before, , after] = fs.readFileSync(page, 'utf8').split(/(?<=<!-- gas -->\n)([^]*)(?=<!-- end of gas -->)/);
  if (after === undefined) throw new Error(`${page} has no place for the table`);
  fs.writeFileSync(page, `${before}${lines.join('\n')}\n${after}`);
}
for (const [name] of missed) console.error(`goal missed: ${name}`);
process.exitCode = missed.length ? 1 : 0;
