#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod folder;
mod private;
mod replacement;

pub use folder::{private_folder, sync_name};
pub use private::{
    append_synced, create_private, open_private, read_private, PrivateText, ReadError,
};
pub use replacement::{replace_private, write_new_private, Access, Replacement};
