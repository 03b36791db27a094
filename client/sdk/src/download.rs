//! Reading an object: find its segments, ask several nodes at once, decode, hand on.

mod fetch;
mod race;
mod reader;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use neurostore_chain::Segment;
use neurostore_format::{
    DecodeError, Index, Kind, Layout, Locator, Mode, Place, SegmentDecoder, SegmentKey, StripeUnits,
};
use neurostore_primitives::{segment_id, SegmentId, ShardRoot, TOTAL_SHARDS};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::{
    client::Client, error::GetError, limits::ClientLimits, network::ShardNetwork,
    progress::ProgressSink, retry::RetryBudget,
};
use fetch::StripeFetch;
pub use reader::ObjectReader;

/// An object whose root was opened: its size is known, its bytes can be read.
#[derive(Clone, Debug)]
pub struct Object {
    client: Client,
    root: Arc<OpenSegment>,
    parts: Option<Arc<Index>>,
    size: u64,
    mode: Mode,
}

/// A segment of the chain with the key that opens it.
#[derive(Debug)]
pub(crate) struct OpenSegment {
    pub(crate) record: Segment,
    pub(crate) layout: Layout,
    pub(crate) decoder: SegmentDecoder,
    /// Units that came with the head: reading does not ask for them again.
    pub(crate) first: Option<StripeUnits<Bytes>>,
}

impl Object {
    /// Bytes of the object.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let object = client.open(locator).await?;
    /// let tail = object.size().saturating_sub(1024)..object.size(); // the last KiB
    /// let reader = object.read(tail)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How its key came about.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator, Mode};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// match client.open(locator).await?.mode() {
    ///     Mode::Private => println!("its key is random: nobody can tell what was stored"),
    ///     Mode::Team | Mode::Public => println!("its key comes from its content"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Its segments: data segments in order, the root last.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let object = client.open(locator).await?;
    /// client.extend_segments(&object.segments(), 24).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn segments(&self) -> Vec<SegmentId> {
        let parts = self.parts.iter().flat_map(|index| index.parts());
        let mut all: Vec<SegmentId> = parts.map(|part| part.segment).collect();
        all.push(self.root.record.id);
        all
    }

    /// A reader of a range of the object. Reading starts when it is first polled; dropping it
    /// ends every transfer.
    ///
    /// ```no_run
    /// # use neurostore_client::Object;
    /// # async fn example(object: &Object) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut first = object.read(0..1 << 20)?;
    /// let mut file = tokio::fs::File::create("first-mebibyte").await?;
    /// tokio::io::copy(&mut first, &mut file).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`GetError::Range`] where the range is not inside the object. What goes wrong while reading
    /// is told by the [reader](ObjectReader::next_piece).
    pub fn read(&self, range: Range<u64>) -> Result<ObjectReader, GetError> {
        self.read_with(range, ProgressSink::default())
    }

    /// The same, telling of every step.
    ///
    /// ```no_run
    /// # use neurostore_client::{Object, Progress, ProgressSink};
    /// # async fn example(object: &Object) -> Result<(), Box<dyn std::error::Error>> {
    /// let sink = ProgressSink::new(|step| {
    ///     if let Progress::Downloaded { bytes } = step {
    ///         println!("{bytes} bytes more");
    ///     }
    /// });
    /// let mut reader = object.read_with(0..object.size(), sink)?;
    /// tokio::io::copy(&mut reader, &mut tokio::io::stdout()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Object::read`].
    pub fn read_with(
        &self,
        range: Range<u64>,
        progress: ProgressSink,
    ) -> Result<ObjectReader, GetError> {
        let Range { start, end } = range;
        if start > end || end > self.size {
            return Err(GetError::Range {
                start,
                end,
                size: self.size,
            });
        }
        Ok(ObjectReader::new(self.clone(), range, progress))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn root(&self) -> &Arc<OpenSegment> {
        &self.root
    }

    pub(crate) fn index(&self) -> Option<&Arc<Index>> {
        self.parts.as_ref()
    }
}

impl Client {
    /// Opens the object behind a locator.
    ///
    /// This reads the head of its root, and the whole list of its segments where it has several.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let locator: Locator = std::fs::read_to_string("film.locator")?.trim().parse()?;
    /// let object = client.open(&locator).await?;
    /// println!("{} bytes in {} segments", object.size(), object.segments().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// - [`GetError::Chain`] where the chain cannot be asked.
    /// - [`GetError::UnknownSegment`] where the chain does not know the root: its time is over, or
    ///   the locator is for another chain.
    /// - [`GetError::NotEnoughShards`] where fewer than ten nodes give their shard; it names the
    ///   others.
    /// - [`GetError::WrongKey`] where the locator's key does not open the root.
    /// - [`GetError::Malformed`] where what was stored is not what the format says, or the locator
    ///   leads to a part of an object.
    /// - [`GetError::Interrupted`] where the runtime is shutting down.
    pub async fn open(&self, locator: &Locator) -> Result<Object, GetError> {
        let record = self.segment_record(&locator.segment).await?;
        let layout = Layout::from_chain(record.class, record.ciphertext_len)
            .map_err(|error| GetError::malformed(record.id, error))?;
        let mut root = OpenSegment::new(record, layout, &locator.key, Place::Root)?;
        let budget = RetryBudget::new(self.limits().retries);
        let head = root.open_head(self.swarm(), self.limits(), &budget).await?;
        let id = root.record.id;
        let root = Arc::new(root);
        let mut object = Object {
            client: self.clone(),
            root,
            parts: None,
            size: head.content_len,
            mode: head.mode,
        };
        match head.kind {
            Kind::Whole => Ok(object),
            Kind::Index => {
                let bytes = reader::read_all(&object, head.content_len).await?;
                let index =
                    Index::from_bytes(&bytes).map_err(|error| GetError::malformed(id, error))?;
                object.size = index.object_len();
                object.parts = Some(Arc::new(index));
                Ok(object)
            }
            Kind::Part => Err(GetError::malformed(id, "it is a part and no root")),
        }
    }

    /// Reads an object from its first byte to its last.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # use tokio::io::AsyncReadExt;
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut reader = client.get(locator).await?;
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::open`].
    pub async fn get(&self, locator: &Locator) -> Result<ObjectReader, GetError> {
        let object = self.open(locator).await?;
        object.read(0..object.size())
    }

    /// Reads a range of an object. Only the nodes that hold what is read are asked.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # use tokio::io::AsyncReadExt;
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut header = client.get_range(locator, 0..512).await?;
    /// let mut bytes = [0; 512];
    /// header.read_exact(&mut bytes).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::open`], and [`GetError::Range`] where the range is not inside the object.
    pub async fn get_range(
        &self,
        locator: &Locator,
        range: Range<u64>,
    ) -> Result<ObjectReader, GetError> {
        self.open(locator).await?.read(range)
    }

    /// Writes an object to `writer` and returns its size.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator, ProgressSink};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut file = tokio::fs::File::create("film.mkv").await?;
    /// let size = client.get_to(locator, &mut file, ProgressSink::default()).await?;
    /// file.sync_all().await?;
    /// println!("{size} bytes");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::open`] and [`ObjectReader::next_piece`], and [`GetError::Write`] where the
    /// writer fails: it may have got a part of the object by then.
    pub async fn get_to(
        &self,
        locator: &Locator,
        mut writer: impl AsyncWrite + Unpin,
        progress: ProgressSink,
    ) -> Result<u64, GetError> {
        let object = self.open(locator).await?;
        let mut reader = object.read_with(0..object.size(), progress)?;
        while let Some(piece) = reader.next_piece().await? {
            writer.write_all(&piece).await.map_err(GetError::Write)?;
        }
        writer.flush().await.map_err(GetError::Write)?;
        Ok(object.size())
    }

    /// The chain's record of a segment, checked against its identity: the endpoint cannot hand
    /// us another segment's shards.
    pub(crate) async fn segment_record(&self, id: &SegmentId) -> Result<Segment, GetError> {
        let record = self
            .chain()
            .segment(id)
            .await?
            .ok_or(GetError::UnknownSegment(*id))?;
        let in_order = record
            .slots
            .iter()
            .enumerate()
            .all(|(i, slot)| slot.slot.index() == i);
        let roots: Vec<ShardRoot> = record.slots.iter().map(|slot| slot.root).collect();
        let roots = <[ShardRoot; TOTAL_SHARDS]>::try_from(roots)
            .ok()
            .filter(|_| in_order);
        let hashed = roots.map(|roots| segment_id(record.class, record.ciphertext_len, &roots));
        if hashed != Some(*id) {
            return Err(GetError::malformed(
                *id,
                "the chain's record does not hash to it",
            ));
        }
        Ok(record)
    }
}

impl OpenSegment {
    pub(crate) fn new(
        record: Segment,
        layout: Layout,
        key: &SegmentKey,
        place: Place,
    ) -> Result<Self, GetError> {
        let decoder = SegmentDecoder::new(key, place, layout)
            .map_err(|error| GetError::malformed(record.id, error))?;
        Ok(Self {
            record,
            layout,
            decoder,
            first: None,
        })
    }

    /// Fetches stripe 0 and reads the segment's head from it.
    async fn open_head<N: ShardNetwork>(
        &mut self,
        network: &N,
        limits: &ClientLimits,
        budget: &RetryBudget,
    ) -> Result<neurostore_format::Head, GetError> {
        let id = self.record.id;
        let (head, units) = {
            let mut fetch = StripeFetch::new(network, &self.record, &self.layout, limits, budget);
            let mut units = fetch.begin(0, 1).await?;
            let head = loop {
                match self.decoder.open(&units) {
                    Ok(opened) => {
                        fetch.damaged(opened.bad, 0);
                        break opened.head;
                    }
                    Err(error) => {
                        fetch
                            .repair(&mut units, 0, decode_error(id, error)?)
                            .await?
                    }
                }
            };
            (head, units)
        };
        self.first = Some(units);
        Ok(head)
    }
}

/// Damaged units can be replaced; everything else ends the read.
pub(crate) fn decode_error(
    segment: SegmentId,
    error: DecodeError,
) -> Result<neurostore_format::BadUnits, GetError> {
    match error {
        DecodeError::Units(bad) => Ok(bad),
        DecodeError::WrongKey => Err(GetError::WrongKey(segment)),
        DecodeError::Head(error) => Err(GetError::head(segment, error)),
        other => Err(GetError::malformed(segment, other)),
    }
}
