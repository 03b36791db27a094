// Prints the storage nodes of a chain and when each is asked next: node look.js ws://127.0.0.1:9944
import { connect } from './connect.js';

const api = await connect(process.argv[2] ?? 'ws://127.0.0.1:9944');
const chain = (await api.rpc.system.chain()).toString();
const [window, answer] = (await api.call.spacetimeApi.windowBlocks()).map(Number);
console.log(`${chain}: windows of ${window} blocks, ${answer} of them to answer`);

for (const node of await api.call.storageNodesApi.nodes(0, 256)) {
  const next = (await api.call.spacetimeApi.nextChallenge(node.id)).unwrapOr(undefined);
  const when = next ? `window ${next.window} opens at block ${next.opensAt}` : 'not asked';
  const earned = await api.call.paymentsApi.earnings(node.id);
  console.log(
    `node ${node.id}: ${node.class.toString()}, ${node.country.toUtf8()}, ` +
      `${node.usedLeaves} of ${node.capacityLeaves} KiB, ${when}, ` +
      `${earned.creditedTotal} plancks credited`,
  );
}
await api.disconnect();
