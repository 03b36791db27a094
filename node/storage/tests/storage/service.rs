//! The service over a real swarm and a chain that the tests play.

mod chain;
mod challenges;
mod collecting;
mod joining;
mod shown;
mod uploading;
mod world;
