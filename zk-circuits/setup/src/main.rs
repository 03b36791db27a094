//! Makes keys: development keys, and those of a ceremony.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{ceremony, development};

/// Makes the proving and verifying keys of the proof-of-spacetime circuits.
///
/// Exit codes: 0 done, 1 a file could not be read or written, 2 wrong arguments, 3 refused: a key
/// or a ceremony is not acceptable.
#[derive(Parser)]
#[command(name = "neurostore-setup", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Derives development keys: `<circuit>.vk` and the proving key as provers cache it.
    DevKeys(development::Keys),
    /// Derives the verifying keys of development only: `<circuit>.vk`.
    ExportVk(development::Keys),
    /// Writes a circuit for snarkjs: the start of a ceremony.
    ExportR1cs(ceremony::Export),
    /// Checks a ceremony from its files, and writes its transcript.
    ///
    /// The final key must follow from the circuit, the powers of tau and the contributions. Not
    /// checked is how the powers came about: compare the printed hash of their file with the
    /// published one.
    VerifyTranscript(ceremony::Verify),
    /// Turns the outcome of a ceremony into the keys of chain and provers.
    ///
    /// Compares the key with the circuit and with the transcript, admits the verifying key as
    /// chains do, and tries the key with proofs. Run `verify-transcript` first: a transcript from
    /// others is their word.
    ImportZkey(ceremony::Import),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::DevKeys(keys) => development::write_keys(keys, true),
        Command::ExportVk(keys) => development::write_keys(keys, false),
        Command::ExportR1cs(export) => ceremony::export(export),
        Command::VerifyTranscript(verify) => ceremony::verify(verify),
        Command::ImportZkey(import) => ceremony::import(import),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit_code()
        }
    }
}
