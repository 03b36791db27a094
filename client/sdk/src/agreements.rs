//! Agreements: more time, how long is paid for, and an end.

use std::time::Duration;

use neurostore_chain::{AccountId, ChainError, PlacementError, Segment, Signer};
use neurostore_primitives::SegmentId;

use crate::{
    client::Client,
    error::{AgreementError, GetError},
};

/// Between two looks at the last final block.
const FINALITY_PAUSE: Duration = Duration::from_secs(2);

impl Client {
    /// Pays for more windows of each of these segments. Repeated, it pays again; see
    /// [`Client::extend_segments_until`].
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ObjectHandle};
    /// # async fn example(client: &Client, stored: &ObjectHandle)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// for one in client.extend_segments(&stored.segments, 24).await? {
    ///     println!("{}: paid until block {}, was {}", one.segment, one.after, one.before);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AgreementError::NoSigner`] where the client has no signer, [`AgreementError::Chain`] where
    /// the chain refused a segment or did not answer: it says which, and how many were extended
    /// before. Where [`AgreementError::is_unsettled`], look at [`Client::paid_until`] before you
    /// repeat it.
    pub async fn extend_segments(
        &self,
        segments: &[SegmentId],
        windows: u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        self.extend_each(segments, |_| windows).await
    }

    /// Pays for as many windows of each of these segments as are missing until `block`: repeated,
    /// it pays for nothing that was paid for before.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator, MILLISECONDS_PER_BLOCK};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let segments = client.open(locator).await?.segments();
    /// let (now, _) = client.chain().best_block().await?;
    /// let month = u32::try_from(30 * 86_400_000 / MILLISECONDS_PER_BLOCK)?;
    /// client.extend_segments_until(&segments, now + month).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::extend_segments`], and [`AgreementError::Read`] where the chain is asked for
    /// the length of a window and does not answer: nothing was paid then.
    pub async fn extend_segments_until(
        &self,
        segments: &[SegmentId],
        block: u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        let (window, _) = self.chain().window_blocks().await.map_err(GetError::from)?;
        self.extend_each(segments, |paid| windows_until(paid, block, window))
            .await
    }

    /// Extends each segment by what `windows` makes of the block until which it is paid for.
    async fn extend_each(
        &self,
        segments: &[SegmentId],
        windows: impl Fn(u32) -> u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        let signer = self.signer().ok_or(AgreementError::NoSigner)?;
        let mut extended = Vec::with_capacity(segments.len());
        for (done, segment) in segments.iter().enumerate() {
            let one = self.extend_one(signer, segment, &windows).await;
            let all = segments.len();
            extended.push(one.map_err(|error| AgreementError::Chain {
                segment: *segment,
                done,
                all,
                error,
            })?);
        }
        Ok(extended)
    }

    async fn extend_one(
        &self,
        signer: &Signer,
        segment: &SegmentId,
        windows: impl Fn(u32) -> u32,
    ) -> Result<Extended, ChainError> {
        let found = self.chain().segment(segment).await?;
        let payer = signer.account_id();
        // Where there is no agreement, the chain's refusal says so.
        let before = found.and_then(|found| paid_until(&found, &payer));
        let before = before.unwrap_or_default();
        let after = match windows(before) {
            0 => before,
            windows => self.chain().extend(signer, segment, windows).await?,
        };
        Ok(Extended {
            segment: *segment,
            before,
            after,
        })
    }

    /// The block until which the payer pays for all of these segments; `None` where there is one
    /// that he does not pay for.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ObjectHandle};
    /// # async fn example(client: &Client, stored: &ObjectHandle)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let (now, _) = client.chain().best_block().await?;
    /// match client.paid_until(&stored.segments).await? {
    ///     Some(block) => println!("paid for {} more blocks", block.saturating_sub(now)),
    ///     None => println!("this account does not pay for all of it"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AgreementError::NoSigner`] where the client has no signer, [`AgreementError::Read`] where
    /// the chain cannot be asked.
    pub async fn paid_until(&self, segments: &[SegmentId]) -> Result<Option<u32>, AgreementError> {
        let payer = self.signer().ok_or(AgreementError::NoSigner)?;
        let payer = payer.account_id();
        let mut first = None;
        for segment in segments {
            let found = self
                .chain()
                .segment(segment)
                .await
                .map_err(GetError::from)?;
            let Some(until) = found.and_then(|found| paid_until(&found, &payer)) else {
                return Ok(None);
            };
            first = Some(first.map_or(until, |first: u32| first.min(until)));
        }
        Ok(first)
    }

    /// Waits until the payer pays for each of these segments until the block that stands beside it
    /// or longer, as the last final block has it: no fork can undo that. Returns whether it came
    /// to that within `patience`.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, PutOptions};
    /// # use std::time::Duration;
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let stored = client.put_file("film.mkv", PutOptions::new(24)).await?;
    /// let segments = stored.segments.iter().map(|segment| (*segment, 0)); // paid for at all
    /// if !client.wait_final(segments, Duration::from_secs(300)).await? {
    ///     println!("stored, and a fork may still drop it");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AgreementError::NoSigner`] where the client has no signer, [`AgreementError::Read`] where
    /// the chain cannot be asked.
    pub async fn wait_final(
        &self,
        paid: impl IntoIterator<Item = (SegmentId, u32)>,
        patience: Duration,
    ) -> Result<bool, AgreementError> {
        let payer = self.signer().ok_or(AgreementError::NoSigner)?;
        let payer = payer.account_id();
        let waiting = async {
            let (_, mut block) = self.chain().finalized_block().await?;
            for (segment, until) in paid {
                loop {
                    let found = self.chain().segment_at(&segment, block).await?;
                    let now = found.and_then(|found| paid_until(&found, &payer));
                    if now.is_some_and(|now| now >= until) {
                        break;
                    }
                    tokio::time::sleep(FINALITY_PAUSE).await;
                    block = self.chain().finalized_block().await?.1;
                }
            }
            Ok::<(), ChainError>(())
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) => Err(GetError::from(error).into()),
            Err(_) => Ok(false),
        }
    }

    /// Ends the payer's agreements for these segments; unused rent comes back. A segment that the
    /// payer has no agreement for (any more) is passed over, so that an interrupted deletion can
    /// be repeated; where the chain still has it, it is named in the answer.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ObjectHandle};
    /// # async fn example(client: &Client, stored: &ObjectHandle)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let dropped = client.drop_segments(&stored.segments).await?;
    /// println!("{} segments are no longer paid for", dropped.ended);
    /// for segment in &dropped.not_ours {
    ///     println!("others pay for {segment}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AgreementError::NoSigner`] where the client has no signer, [`AgreementError::Chain`] where
    /// the chain refused a segment or did not answer: it says which, and how many were gone through
    /// before. It can be repeated.
    pub async fn drop_segments(&self, segments: &[SegmentId]) -> Result<Dropped, AgreementError> {
        let signer = self.signer().ok_or(AgreementError::NoSigner)?;
        let mut dropped = Dropped::default();
        for (done, segment) in segments.iter().enumerate() {
            match self.end_agreement(signer, segment).await {
                Ok(Outcome::Ended) => dropped.ended += 1,
                Ok(Outcome::Gone) => tracing::debug!(%segment, "no agreement to end"),
                Ok(Outcome::NotOurs) => dropped.not_ours.push(*segment),
                Err(error) => {
                    let all = segments.len();
                    return Err(AgreementError::Chain {
                        segment: *segment,
                        done,
                        all,
                        error,
                    });
                }
            }
        }
        Ok(dropped)
    }

    async fn end_agreement(
        &self,
        signer: &Signer,
        segment: &SegmentId,
    ) -> Result<Outcome, ChainError> {
        match self.chain().drop_agreement(signer, segment).await {
            Ok(_) => Ok(Outcome::Ended),
            Err(error) if error.is_refusal(PlacementError::UnknownAgreement) => {
                let known = self.chain().segment(segment).await?;
                Ok(known.map_or(Outcome::Gone, |_| Outcome::NotOurs))
            }
            Err(error) => Err(error),
        }
    }
}

/// What came of paying for more time of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The segment.
    pub segment: SegmentId,
    /// The block until which it was paid for.
    pub before: u32,
    /// The block until which it is paid for now.
    pub after: u32,
}

/// The block until which `payer` pays for a segment.
fn paid_until(segment: &Segment, payer: &AccountId) -> Option<u32> {
    let mut agreements = segment.agreements.iter();
    let own = agreements.find(|agreement| agreement.owner == *payer);
    own.map(|agreement| agreement.paid_until)
}

/// Whole windows that are missing from `paid` until `block`.
fn windows_until(paid: u32, block: u32, window: u32) -> u32 {
    block.saturating_sub(paid).div_ceil(window.max(1))
}

/// What came of ending agreements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// How many agreements were ended.
    pub ended: usize,
    /// Segments that the chain has and the payer does not pay for.
    pub not_ours: Vec<SegmentId>,
}

/// What came of ending one agreement.
enum Outcome {
    /// It was ended.
    Ended,
    /// The chain knows no such segment.
    Gone,
    /// The chain has the segment, and others pay for it.
    NotOurs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use neurostore_primitives::ShardClass;

    #[test]
    fn time_that_is_paid_for_is_not_paid_again() {
        assert_eq!(windows_until(100, 100, 10), 0);
        assert_eq!(windows_until(100, 90, 10), 0);
        assert_eq!(windows_until(100, 101, 10), 1);
        assert_eq!(windows_until(100, 110, 10), 1);
        assert_eq!(windows_until(100, 111, 10), 2);
        assert_eq!(windows_until(0, 5, 0), 5, "a window has at least one block");
    }

    #[test]
    fn only_the_payers_own_agreement_counts() {
        let (payer, other) = (AccountId::from([1; 32]), AccountId::from([2; 32]));
        let agreement = |owner, paid_until| neurostore_primitives::AgreementInfo {
            owner,
            paid_until,
            rate_per_slot: 1,
        };
        let segment = Segment {
            id: SegmentId::default(),
            class: ShardClass::default(),
            ciphertext_len: 1,
            created_at: 1,
            slots: Vec::new(),
            agreements: vec![agreement(other, 90), agreement(payer, 70)],
        };
        assert_eq!(paid_until(&segment, &payer), Some(70));
        assert_eq!(paid_until(&segment, &AccountId::from([3; 32])), None);
    }
}
