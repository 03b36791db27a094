// Connects to a chain with nothing but its address: every type comes from the chain's metadata.
import { ApiPromise, WsProvider } from '@polkadot/api';

export async function connect(url) {
  const provider = new WsProvider(url);
  return ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
}

// Signs and sends a transaction; resolves with the event it waits for once it is in a block.
export function send(api, transaction, signer, event) {
  return new Promise((resolve, reject) => {
    transaction
      .signAndSend(signer, ({ status, events, dispatchError }) => {
        if (dispatchError) {
          const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule);
          reject(new Error(`${section}.${name}: ${docs.join(' ')}`));
        } else if (status.isInBlock) {
          const found = events.find((record) => event.is(record.event));
          found ? resolve(found.event.data) : reject(new Error('the event is missing'));
        } else if (status.isInvalid || status.isDropped || status.isUsurped) {
          reject(new Error(`the transaction is ${status.type}`));
        }
      })
      .catch(reject);
  });
}
