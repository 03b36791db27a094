//! Reservations, segments and agreements.

mod draws;

use std::ops::Range;

use neurostore_primitives::{
    ClassCounts, HeldShardInfo, NodeId, Receipt, ReservationId, SegmentId, ShardClass,
};

use crate::{
    call::Call,
    connection::Chain,
    error::ChainError,
    names::{
        events::{AgreementExtended, Reserved, SegmentActivated},
        methods,
    },
    signer::Signer,
    submit::Included,
    AccountId, Quote, Reservation, Segment,
};

impl Chain {
    /// What a segment of `class` costs for `windows`; `None` where that cannot be expressed.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn quote(
        &self,
        class: ShardClass,
        windows: u32,
    ) -> Result<Option<Quote>, ChainError> {
        self.ask(methods::QUOTE, (class, windows), None).await
    }

    /// Asks for 15 nodes; they are drawn in a later block, see [`Chain::wait_drawn`].
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn reserve(
        &self,
        owner: &Signer,
        class: ShardClass,
        ciphertext_len: u64,
        windows: u32,
    ) -> Result<ReservationId, ChainError> {
        let call = Call::reserve(class, ciphertext_len, windows);
        let reserved: Reserved = self.submit(owner, call).await?.event()?;
        Ok(reserved.reservation)
    }

    /// A reservation as it stands now.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, ChainError> {
        self.ask(methods::RESERVATION, (id,), None).await
    }

    /// The open reservations of an account.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn reservations_of(
        &self,
        owner: &AccountId,
    ) -> Result<Vec<ReservationId>, ChainError> {
        self.ask(methods::RESERVATIONS_OF, (owner,), None).await
    }

    /// Gives a reservation back; its rent is freed.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn cancel(
        &self,
        owner: &Signer,
        reservation: ReservationId,
    ) -> Result<Included, ChainError> {
        self.submit(owner, Call::cancel(reservation)).await
    }

    /// Turns a reservation with its 15 receipts into a segment.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn commit(
        &self,
        owner: &Signer,
        reservation: ReservationId,
        receipts: Vec<Receipt>,
    ) -> Result<SegmentId, ChainError> {
        let call = Call::commit(reservation, &receipts);
        let activated: SegmentActivated = self.submit(owner, call).await?.event()?;
        Ok(activated.segment)
    }

    /// A segment as it stands now.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn segment(&self, id: &SegmentId) -> Result<Option<Segment>, ChainError> {
        self.ask(methods::SEGMENT, (id,), None).await
    }

    /// The same as seen in the state of a certain block.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn segment_at(
        &self,
        id: &SegmentId,
        block: [u8; 32],
    ) -> Result<Option<Segment>, ChainError> {
        self.ask(methods::SEGMENT, (id,), Some(block)).await
    }

    /// Pays for more windows of a segment. Returns the block at which the paid time ends now.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn extend(
        &self,
        owner: &Signer,
        segment: &SegmentId,
        windows: u32,
    ) -> Result<u32, ChainError> {
        let call = Call::extend(segment, windows);
        let extended: AgreementExtended = self.submit(owner, call).await?.event()?;
        Ok(extended.paid_until)
    }

    /// Ends the signer's agreement; unused rent comes back.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn drop_agreement(
        &self,
        owner: &Signer,
        segment: &SegmentId,
    ) -> Result<Included, ChainError> {
        self.submit(owner, Call::drop_agreement(segment)).await
    }

    /// The shards of `class` that a node is expected to hold at these positions, at most 1,024 at
    /// a time.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn held_shards(
        &self,
        node: NodeId,
        class: ShardClass,
        positions: Range<u32>,
    ) -> Result<Vec<HeldShardInfo>, ChainError> {
        let limit = positions.end.saturating_sub(positions.start);
        let arguments = (node, class, positions.start, limit);
        self.ask(methods::HELD_SHARDS, arguments, None).await
    }

    /// How many shards of each class a node is expected to hold.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn holdings(&self, node: NodeId) -> Result<ClassCounts, ChainError> {
        self.ask(methods::HOLDINGS, (node,), None).await
    }
}
