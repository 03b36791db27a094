// Stores a segment: node store.js URL ACCOUNT
// Reserves fifteen nodes, prints them, reads the fifteen receipts as one line of JSON, commits,
// and prints what the chain then says. Whoever runs it moves the shards.
import { createInterface } from 'node:readline';
import { Keyring } from '@polkadot/api';
import { connect, send } from './connect.js';

const CLASS = 0;
const CIPHERTEXT_BYTES = 10 * 1024;
const WINDOWS = 5;

const [url, account] = process.argv.slice(2);
const api = await connect(url);
const signer = new Keyring({ type: 'sr25519' }).addFromUri(`//${account}`);
const print = (line) => console.log(JSON.stringify(line));

try {
  const { reserve, commit } = api.tx.placement;
  const { Reserved, SegmentActivated } = api.events.placement;

  const reserved = await send(api, reserve(CLASS, CIPHERTEXT_BYTES, WINDOWS), signer, Reserved);
  const reservation = reserved.reservation;
  const slots = await drawn(reservation);
  print({
    step: 'drawn',
    reservation: reservation.toNumber(),
    slots: slots.map((slot) => ({
      slot: slot.slot.toNumber(),
      node: slot.node.toNumber(),
      account: slot.account.toHex(),
      peerKey: slot.peerKey.toHex(),
    })),
  });

  const receipts = JSON.parse(await line());
  const activated = await send(api, commit(reservation, receipts), signer, SegmentActivated);
  const segment = (await api.call.placementApi.segment(activated.segment)).unwrap();
  print({
    step: 'active',
    segment: segment.id.toHex(),
    slots: segment.slots.map((slot) => ({ node: slot.node.toNumber(), root: slot.root.toHex() })),
  });

  const node = segment.slots[0].node;
  const challenge = (await api.call.spacetimeApi.nextChallenge(node)).unwrap();
  print({
    step: 'challenge',
    node: challenge.node.toNumber(),
    window: challenge.window.toNumber(),
    opensAt: challenge.opensAt.toNumber(),
    deadline: challenge.deadline.toNumber(),
    samples: challenge.samples.toNumber(),
  });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
await api.disconnect();
// Whoever holds the other end of the pipe must not keep this process from ending.
process.stdin.destroy();

// The nodes are drawn in the block after the reservation.
async function drawn(reservation) {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const found = await api.call.placementApi.reservation(reservation);
    if (found.isSome && found.unwrap().slots.length > 0) return found.unwrap().slots;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`no nodes were drawn for reservation ${reservation}`);
}

async function line() {
  for await (const text of createInterface({ input: process.stdin })) return text;
  throw new Error('no receipts came');
}
