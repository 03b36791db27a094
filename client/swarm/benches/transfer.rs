//! MB/s of the shard protocol over loopback, beside a plain TCP copy of the same bytes.
//!
//! The yardstick runs in the same process, on the same runtime, in chunks of the same size, one
//! connection, no encryption. Each row is the best of several rounds.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use neurostore_primitives::{ReservationId, ShardClass, ShardRoot, SlotIndex};
use neurostore_swarm::{
    Identity, LeafAnswer, Limits, PeerId, PutRequest, Refusal, ShardService, ShardSink,
    StoredShard, Swarm, SwarmOptions,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const ROUNDS: usize = 5;
const CHUNK: usize = 256 << 10;
const CLASS: u8 = 16;

/// Stores nothing and gives zeroes: the disk is not what is measured.
struct Void;

struct VoidSink(u64);

/// So many zeroes.
struct Zeroes(u64);

impl AsyncRead for Zeroes {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        let give = usize::try_from(self.0).map_or(room, |left| left.min(room));
        buffer.initialize_unfilled_to(give);
        buffer.advance(give);
        self.0 -= give as u64;
        Poll::Ready(Ok(()))
    }
}

#[async_trait]
impl ShardSink for VoidSink {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Refusal> {
        self.0 += chunk.len() as u64;
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<StoredShard, Refusal> {
        Ok(StoredShard {
            root: ShardRoot::default(),
            signature: [0; 64],
        })
    }
}

#[async_trait]
impl ShardService for Void {
    async fn put(&self, _: PeerId, _: PutRequest) -> Result<Box<dyn ShardSink>, Refusal> {
        Ok(Box::new(VoidSink(0)))
    }

    async fn get(
        &self,
        _: PeerId,
        _: ShardRoot,
        _: u64,
        len: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Refusal> {
        Ok(Box::new(Zeroes(len)))
    }

    async fn leaves(&self, _: PeerId, _: ShardRoot, _: &[u16]) -> Result<Vec<LeafAnswer>, Refusal> {
        Err(Refusal::UnknownShard)
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let class = ShardClass::new(CLASS).ok_or("no such class")?;
    let len = class.shard_bytes();
    println!(
        "one shard of {} MiB over loopback, best of {ROUNDS} rounds",
        len >> 20
    );
    let mut plain = Duration::MAX;
    for _ in 0..ROUNDS {
        plain = plain.min(plain_copy(len).await?);
    }
    let yardstick = rate(len, plain);
    println!("{:<28} {yardstick:>8.0} MB/s   1.00", "plain TCP copy");

    for (name, listen) in [
        ("TCP, Noise, Yamux", "/ip4/127.0.0.1/tcp/0"),
        ("QUIC", "/ip4/127.0.0.1/udp/0/quic-v1"),
    ] {
        let node = swarm(&[listen], true).await?;
        let client = swarm(&[], false).await?;
        for address in node.listen_addresses() {
            client.add_address(node.peer_id(), address).await?;
        }
        let (mut put, mut get, mut four) = (Duration::MAX, Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            put = put.min(put_one(&client, node.peer_id(), class).await?);
            get = get.min(get_one(&client, node.peer_id(), len).await?);
            four = four.min(get_four(&client, node.peer_id(), len).await?);
        }
        for (what, bytes, time) in [
            ("put", len, put),
            ("get", len, get),
            ("4 gets", len * 4, four),
        ] {
            let rate = rate(bytes, time);
            println!(
                "{:<28} {rate:>8.0} MB/s   {:.2}",
                format!("{name}: {what}"),
                rate / yardstick
            );
        }
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
fn rate(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

async fn swarm(listen: &[&str], serves: bool) -> Outcome<Swarm> {
    let options = SwarmOptions {
        identity: Identity::generate(),
        listen: listen
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()?,
        bootnodes: vec![],
        limits: Limits::default(),
    };
    let service = serves.then(|| Arc::new(Void) as Arc<dyn ShardService>);
    Ok(Swarm::start(options, service).await?)
}

async fn put_one(client: &Swarm, peer: PeerId, class: ShardClass) -> Outcome<Duration> {
    let request = PutRequest {
        reservation: ReservationId(0),
        slot: SlotIndex::default(),
        class,
        len: class.shard_bytes(),
        owner: [0; 32],
        signature: [0; 64],
    };
    let begun = Instant::now();
    client
        .put_shard(peer, request, Zeroes(class.shard_bytes()), |_| {})
        .await?;
    Ok(begun.elapsed())
}

async fn get_one(client: &Swarm, peer: PeerId, len: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut body = client.get_range(peer, ShardRoot::default(), 0, len).await?;
    drain(&mut body).await?;
    Ok(begun.elapsed())
}

async fn get_four(client: &Swarm, peer: PeerId, len: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let client = client.clone();
        tasks.spawn(async move { get_one(&client, peer, len).await.map(|_| ()) });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(begun.elapsed())
}

async fn drain(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let mut total = 0;
    loop {
        match reader.read(&mut buffer).await? {
            0 => return Ok(total),
            read => total += read as u64,
        }
    }
}

async fn plain_copy(len: u64) -> Outcome<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let begun = Instant::now();
    let sender = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await?;
        let mut source = Zeroes(len);
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = source.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            stream
                .write_all(buffer.get(..read).unwrap_or_default())
                .await?;
        }
        stream.shutdown().await
    });
    let (mut stream, _) = listener.accept().await?;
    let got = drain(&mut stream).await?;
    sender.await??;
    if got != len {
        return Err("the plain copy lost bytes".into());
    }
    Ok(begun.elapsed())
}
