//! What storing costs.

use std::collections::BTreeMap;

use neurostore_chain::{Balance, Chain};
use neurostore_format::{cut, Index, Part, SegmentKey, SegmentPlan};
use neurostore_primitives::{SegmentId, ShardClass, TOTAL_SHARDS};

use crate::{client::Client, error::PutError};

/// The price of an object, apart from transaction fees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Rent of all segments for all windows, in plancks.
    pub rent: Balance,
    /// Deposits for the segments' records, returned when they go.
    pub deposit: Balance,
    /// Segments, the index of a larger object among them.
    pub segments: usize,
    /// Bytes that the nodes store: parity and padding included.
    pub stored_bytes: u64,
}

impl Cost {
    /// Rent and deposit together.
    ///
    /// ```
    /// use neurostore_client::{Cost, NEURO};
    ///
    /// let cost = Cost { rent: 3 * NEURO, deposit: NEURO, ..Cost::default() };
    /// assert_eq!(cost.total(), 4 * NEURO);
    /// ```
    pub fn total(&self) -> Balance {
        self.rent.saturating_add(self.deposit)
    }

    /// What an object of `size` bytes costs for `windows` proving windows: a question to the chain
    /// alone, no storage node is needed.
    ///
    /// ```no_run
    /// # use neurostore_client::{Chain, Cost, Neuro};
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let chain = Chain::connect("ws://127.0.0.1:9944").await?;
    /// let cost = Cost::quote(&chain, 1 << 30, 24).await?;
    /// println!("a GiB for 24 windows: {}", Neuro(cost.rent));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PutError::TooLarge`] where the format has no room for so many bytes, [`PutError::NoPrice`]
    /// where the rent of so many windows cannot be expressed, [`PutError::Chain`] where the chain
    /// cannot be asked. [`PutError::Index`] and [`PutError::Layout`] do not come for what the
    /// format has room for.
    pub async fn quote(chain: &Chain, size: u64, windows: u32) -> Result<Self, PutError> {
        Self::of_plans(chain, &cut(size)?, windows).await
    }

    /// The cost of these segments and, where they are more than one, of the index over them.
    pub(crate) async fn of_plans(
        chain: &Chain,
        plans: &[SegmentPlan],
        windows: u32,
    ) -> Result<Self, PutError> {
        let mut cost = Self::default();
        for (class, count) in classes(plans)? {
            let quote = chain
                .quote(class, windows)
                .await?
                .ok_or(PutError::NoPrice(windows))?;
            let many = u128::try_from(count).unwrap_or(u128::MAX);
            cost.rent = cost.rent.saturating_add(quote.rent.saturating_mul(many));
            cost.deposit = cost
                .deposit
                .saturating_add(quote.deposit.saturating_mul(many));
            cost.segments += count;
            let shards = (count as u64).saturating_mul(TOTAL_SHARDS as u64);
            let bytes = class.shard_bytes().saturating_mul(shards);
            cost.stored_bytes = cost.stored_bytes.saturating_add(bytes);
        }
        Ok(cost)
    }
}

/// How many segments of each class these plans make, their index included.
fn classes(plans: &[SegmentPlan]) -> Result<BTreeMap<ShardClass, usize>, PutError> {
    let mut classes: BTreeMap<ShardClass, usize> = BTreeMap::new();
    for plan in plans {
        *classes.entry(plan.class()).or_default() += 1;
    }
    if plans.len() > 1 {
        // The size of an index depends on the number of its parts only.
        let blank = |plan: &SegmentPlan| Part {
            segment: SegmentId::default(),
            key: SegmentKey::from_bytes([0; 32]),
            class: plan.class(),
            content_len: plan.content_len(),
        };
        let index = Index::new(plans.iter().map(blank).collect())?;
        *classes.entry(index.plan()?.class()).or_default() += 1;
    }
    Ok(classes)
}

impl Client {
    /// What an object of `size` bytes costs for `windows` proving windows.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Neuro};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let size = std::fs::metadata("film.mkv")?.len();
    /// let cost = client.quote(size, 24).await?;
    /// println!("{} of rent, {} of deposit", Neuro(cost.rent), Neuro(cost.deposit));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Cost::quote`].
    pub async fn quote(&self, size: u64, windows: u32) -> Result<Cost, PutError> {
        Cost::quote(self.chain(), size, windows).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_object_is_one_segment_and_a_large_one_has_an_index() {
        let small = classes(&cut(5).unwrap()).unwrap();
        assert_eq!(small.values().sum::<usize>(), 1);
        let plans = cut(2 << 30).unwrap();
        let large = classes(&plans).unwrap();
        assert_eq!(large.values().sum::<usize>(), plans.len() + 1);
    }
}
