#![doc = include_str!("../README.md")]

mod circles;
mod metadata;
mod modules;
mod names;
mod tables;

pub use circles::{circles, Circle};
pub use metadata::{workspace, Crate, MetadataError, Target, Workspace};
pub use modules::{ModuleTree, ReadError};
pub use tables::{rows, TableError};
