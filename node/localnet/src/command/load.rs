//! `load`: blocks full of proofs on a running chain.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{bail, Context};
use futures::{future::try_join_all, stream, StreamExt, TryStreamExt};
use neurostore_chain::{
    names::events::ProofAccepted,
    testnet::{block_weight, execute_again, sign_all, submit_batch, submit_signed, BlockWeight},
    AccountId, Call, Chain, Registration, Reservation, Signer,
};
use neurostore_localnet::{Network, NetworkOptions};
use neurostore_primitives::{
    node_account_payload, peer_key_payload, receipt_payload, CircuitId, CountryCode, NodeClass,
    NodeId, Receipt, ShardClass, ShardRoot, NEURO, SAMPLES_PRODUCTION,
};
use neurostore_setup::Forger;
use neurostore_swarm::Identity;
use rand::{rngs::StdRng, SeedableRng};

use super::{
    show::{headline, spinner},
    Load,
};

/// Operators that the preset endows.
const OPERATORS: u16 = 32;
/// Segments of each of them; all wait for their draw at once, and the chain's queue takes 256.
const SEGMENTS: usize = 8;
/// Windows that the segments of the first operator are paid for. Those of each further one are paid
/// for one more: only so many may end in one block.
const PAID_WINDOWS: u32 = 5;
/// Blocks of a window, in which all its challenges stay open.
/// With 45 so many of them open in each block that it has room for 897 proofs, with 60 for 928; a
/// live chain has 600.
const WINDOW: u32 = 60;
/// Blocks before the first challenge of the window ends, when the proofs are sent.
const MARGIN: u32 = 6;
/// Room each node offers.
const CAPACITY_LEAVES: u64 = 4 << 20;
/// NEURO of a node account, for fees that valid proofs get back.
const PURSE: u128 = NEURO;
/// What a block has to carry.
const GOAL: usize = 900;
/// Questions and transactions on their way at a time, for each connection.
const AT_ONCE: usize = 32;
/// Blocks in which the proofs have to appear.
const BLOCKS: u32 = 12;
const BLOCK_PATIENCE: Duration = Duration::from_secs(60);
const FINALITY_PATIENCE: Duration = Duration::from_secs(120);

/// A node without a machine: its keys, and its number on the chain.
struct Phantom {
    account: Signer,
    id: NodeId,
}

/// What a block carried and what it cost.
struct Row {
    number: u32,
    accepted: usize,
    weight: BlockWeight,
    built: Option<Duration>,
    executed: Duration,
}

/// Fills blocks of a network of four validators; fails where they carry less than they should.
pub(crate) async fn load(arguments: &Load) -> anyhow::Result<()> {
    headline("starting four validators with the production circuit");
    let bar = spinner();
    let tell = |what: &str| bar.set_message(what.to_owned());
    let options = NetworkOptions {
        daemons: 0,
        light_daemons: 0,
        folder: arguments.folder.dir.clone(),
        keep: arguments.folder.keep,
        production_circuit: true,
        only_blocks: true,
        windows: Some((WINDOW, WINDOW - 1)),
        ..NetworkOptions::default()
    };
    let network = Network::start(options, &tell).await?;
    bar.finish_and_clear();
    let loaded = fill(&network, arguments.nodes).await;
    let killed = network.shut_down().await?;
    let rows = loaded?;
    println!("   the validators were ended, {killed} of them by force");
    judge(&rows)
}

async fn fill(network: &Network, nodes: u16) -> anyhow::Result<Vec<Row>> {
    let chain = network.chain()?;
    headline("registering the nodes");
    let operators = (0..OPERATORS)
        .map(|number| Signer::from_secret(&format!("//Operator//{number}")))
        .collect::<Result<Vec<_>, _>>()?;
    let phantoms = join(chain, &operators, nodes).await?;
    println!("   {} nodes of {OPERATORS} operators", phantoms.len());

    headline("storing segments, of which only the receipts exist");
    let stored_at = store(chain, &operators, &phantoms).await?;
    println!(
        "   {} segments, the last in block {stored_at}",
        SEGMENTS * operators.len()
    );

    let send_at = stored_at + WINDOW - MARGIN;
    headline(&format!(
        "waiting for their windows to open, until block {send_at}"
    ));
    let minutes = Duration::from_secs(12 * u64::from(WINDOW));
    chain.wait_for_block(send_at, minutes).await?;

    headline("making proofs ahead of time, and sending them");
    let proofs = prove(chain, &phantoms).await?;
    println!("   {} proofs for open challenges", proofs.len());
    let from = send(network, proofs).await?;
    read(network, chain, from).await
}

/// Registers nodes in turn for all operators and gives each what it needs for fees.
async fn join(chain: &Chain, operators: &[Signer], nodes: u16) -> anyhow::Result<Vec<Phantom>> {
    let genesis = chain.genesis();
    let mut accounts = Vec::new();
    let mut batches: Vec<Vec<Call>> = vec![Vec::new(); operators.len()];
    for number in 0..nodes {
        let account = Signer::from_secret(&format!("//Node//{number}"))?;
        let mut secret = [0; 32];
        secret[..2].copy_from_slice(&number.to_le_bytes());
        secret[31] = 1;
        let identity = Identity::from_secret_bytes(&mut secret)?;
        let at = usize::from(number) % operators.len();
        let (Some(operator), Some(batch)) = (operators.get(at), batches.get_mut(at)) else {
            continue;
        };
        let (operator, own) = (operator.account_id(), account.account_id());
        let peer_key = identity.peer_key();
        batch.push(Call::register(&Registration {
            node_account: own,
            peer_key,
            class: NodeClass::Anchor,
            country: CountryCode(*b"DE"),
            capacity_leaves: CAPACITY_LEAVES,
            peer_proof: identity.sign(&peer_key_payload(&genesis, &operator.0, &own.0)),
            account_proof: account.sign(&node_account_payload(&genesis, &operator.0, &peer_key)),
        }));
        batch.push(Call::transfer(&own, PURSE));
        accounts.push(account);
    }
    let sent = operators.iter().zip(&batches);
    try_join_all(sent.map(|(operator, calls)| submit_batch(chain, operator, calls))).await?;
    let known = chain.nodes().await?;
    let id_of = |account: &AccountId| {
        let node = known.iter().find(|node| node.account == *account);
        node.map(|node| node.id).context("a node is not registered")
    };
    accounts
        .into_iter()
        .map(|account| {
            let id = id_of(&account.account_id())?;
            Ok(Phantom { account, id })
        })
        .collect()
}

/// Stores segments of the smallest class for every operator; the block of the last.
async fn store(chain: &Chain, operators: &[Signer], phantoms: &[Phantom]) -> anyhow::Result<u32> {
    let class = ShardClass::default();
    let reserve = |windows: u32| Call::reserve(class, class.segment_bytes(), windows);
    try_join_all(
        operators
            .iter()
            .zip(PAID_WINDOWS..)
            .map(|(owner, windows)| {
                let calls: Vec<Call> = (0..SEGMENTS).map(|_| reserve(windows)).collect();
                async move { submit_batch(chain, owner, &calls).await }
            }),
    )
    .await?;
    let drawn = |owner: &Signer| {
        let account = owner.account_id();
        async move {
            let mut drawn = Vec::new();
            for id in chain.reservations_of(&account).await? {
                drawn.push(chain.wait_drawn(id).await?);
            }
            Ok::<_, anyhow::Error>(drawn)
        }
    };
    try_join_all(operators.iter().map(drawn)).await?;
    // A fork may still give the slots to others.
    let best = chain.best_block().await?.0;
    until_final(chain, best).await?;
    let blocks = try_join_all(operators.iter().map(|owner| async move {
        let drawn = drawn(owner).await?;
        let commits = drawn.iter().map(|drawn| commit(chain, drawn, phantoms));
        let commits = commits.collect::<anyhow::Result<Vec<_>>>()?;
        Ok::<_, anyhow::Error>(submit_batch(chain, owner, &commits).await?.block.0)
    }))
    .await?;
    blocks.into_iter().max().context("nobody stored anything")
}

async fn until_final(chain: &Chain, number: u32) -> anyhow::Result<()> {
    let begun = Instant::now();
    while chain.finalized_block().await?.0 < number {
        if begun.elapsed() > FINALITY_PATIENCE {
            bail!("block {number} did not become final");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// The receipts of a reservation: roots are any field elements, since nobody reads the shards.
fn commit(chain: &Chain, reservation: &Reservation, phantoms: &[Phantom]) -> anyhow::Result<Call> {
    let (genesis, id, class) = (chain.genesis(), reservation.id, reservation.class);
    let receipts = reservation.slots.iter().map(|at| {
        let holder = phantoms.iter().find(|phantom| phantom.id == at.node);
        let holder = holder.context("a node was drawn that is not ours")?;
        let mut root = ShardRoot([0; 32]);
        root.0[..8].copy_from_slice(&id.0.to_le_bytes());
        root.0[8] = at.slot.get();
        let payload = receipt_payload(&genesis, id, at.slot, class, &root);
        Ok(Receipt {
            root,
            signature: holder.account.sign(&payload),
        })
    });
    let receipts = receipts.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Call::commit(id, &receipts))
}

/// A signed answer to every open challenge. The proofs are forged with the public secret of the
/// development key: the verifier cannot tell them from honest ones, which would take an hour.
async fn prove(chain: &Chain, phantoms: &[Phantom]) -> anyhow::Result<Vec<Vec<u8>>> {
    let forger = Forger::new(CircuitId(SAMPLES_PRODUCTION)).context("no development key")?;
    let mut rng = StdRng::seed_from_u64(1);
    let challenges: Vec<_> = stream::iter(phantoms)
        .map(|phantom| async move {
            Ok::<_, anyhow::Error>((phantom, chain.next_challenge(phantom.id).await?))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut calls = Vec::new();
    for (phantom, challenge) in challenges {
        let Some(open) = challenge.filter(|challenge| challenge.open) else {
            continue;
        };
        let proof = forger
            .forge(&open.statement, &mut rng)
            .context("the statement is no field element")?;
        let call = Call::submit_proof(open.window, open.statement, &proof);
        calls.push((&phantom.account, 0, call));
    }
    Ok(sign_all(chain, &calls, u64::from(2 * BLOCKS)).await?)
}

/// Hands the proofs to the pools of all validators at once, right after a block; its number.
async fn send(network: &Network, proofs: Vec<Vec<u8>>) -> anyhow::Result<u32> {
    let mut chains = Vec::new();
    for member in network.members() {
        chains.push(Chain::connect(&member.rpc_url()).await?);
    }
    let first = chains.first().context("no validator")?;
    let next = first.best_block().await?.0 + 1;
    first.wait_for_block(next, BLOCK_PATIENCE).await?;
    let begun = Instant::now();
    let all = proofs.len();
    stream::iter(proofs.into_iter().enumerate())
        .map(|(number, proof)| {
            let chain = &chains[number % chains.len()];
            async move { submit_signed(chain, &proof).await }
        })
        .buffer_unordered(AT_ONCE * chains.len())
        .try_collect::<Vec<()>>()
        .await?;
    println!("   {all} sent in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(next)
}

/// Looks into the blocks after `from` until a few came without a proof.
async fn read(network: &Network, chain: &Chain, from: u32) -> anyhow::Result<Vec<Row>> {
    headline("reading the blocks");
    chain
        .wait_for_block(from + BLOCKS, BLOCK_PATIENCE * BLOCKS)
        .await?;
    let mut rows = Vec::new();
    for number in from..=from + BLOCKS {
        let hash = chain.block_hash(number).await?;
        let events = chain.events_at(hash).await?;
        let accepted = events
            .iter()
            .filter(|event| event.is::<ProofAccepted>())
            .count();
        if accepted == 0 {
            continue;
        }
        let mut executed = execute_again(chain, hash).await?;
        for _ in 0..2 {
            executed = executed.min(execute_again(chain, hash).await?);
        }
        rows.push(Row {
            number,
            accepted,
            weight: block_weight(chain, hash).await?,
            built: built(network, number),
            executed,
        });
    }
    Ok(rows)
}

/// How long its author built a block, as his log says.
fn built(network: &Network, number: u32) -> Option<Duration> {
    let mark = format!("Prepared block for proposing at {number} (");
    network.members().iter().find_map(|member| {
        let log = fs::read_to_string(member.log()).ok()?;
        let line = log.lines().find(|line| line.contains(&mark))?;
        let (_, rest) = line.split_once(&mark)?;
        let (milliseconds, _) = rest.split_once(" ms)")?;
        Some(Duration::from_millis(milliseconds.trim().parse().ok()?))
    })
}

fn judge(rows: &[Row]) -> anyhow::Result<()> {
    headline("proofs of the circuit of 48 samples in the blocks of a running network");
    println!(
        "     block    proofs     weight used / limit     build    execute   weight / execution"
    );
    for row in rows {
        let built = row.built.map_or("      ?".into(), |took| {
            format!("{:5.3} s", took.as_secs_f64())
        });
        println!(
            "{:>10} {:>9} {:>12.3} s / {:.3} s  {built} {:>8.3} s {:>19.2}x",
            row.number,
            row.accepted,
            row.weight.used.as_secs_f64(),
            row.weight.limit.as_secs_f64(),
            row.executed.as_secs_f64(),
            row.weight.used.as_secs_f64() / row.executed.as_secs_f64(),
        );
    }
    let fullest = rows
        .iter()
        .max_by_key(|row| row.accepted)
        .context("no proof came into a block")?;
    println!(
        "\n   the fullest block carried {} proofs, goal {GOAL}",
        fullest.accepted
    );
    if fullest.accepted < GOAL {
        bail!("no block carried {GOAL} proofs");
    }
    if rows
        .iter()
        .any(|row| row.executed > row.weight.used || row.weight.used > row.weight.limit)
    {
        bail!("a block took longer than its weight allows");
    }
    Ok(())
}
