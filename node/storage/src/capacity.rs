//! Sizes as people write them: `500GiB`, `2TB`, `1048576`.

pub use neurostore_primitives::{BadCapacity, Capacity};
