//! From errors to exit codes: the one place where that is decided.

use std::process::ExitCode;

use neurostore_client::{AgreementError, ChainError, ConnectError, GetError, PutError};

/// Failed.
pub(crate) const FAILED: u8 = 1;
/// Wrong arguments; clap uses the same.
pub(crate) const USAGE: u8 = 2;
/// Too few shards.
pub(crate) const NOT_ENOUGH_SHARDS: u8 = 3;
/// Too little money.
pub(crate) const NOT_ENOUGH_FUNDS: u8 = 4;
/// No chain.
pub(crate) const CHAIN_UNREACHABLE: u8 = 5;
/// No such object or node.
pub(crate) const NOT_FOUND: u8 = 6;
/// Interrupted by the user: 128 + SIGINT, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// The user pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; an upload goes on when the same command is run again")]
pub(crate) struct Interrupted;

/// The arguments cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Something that was named does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotFound(pub(crate) String);

/// Prints an error and gives its exit code.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let code = code_of(error);
    if json {
        let document = serde_json::json!({ "error": format!("{error:#}"), "code": code });
        println!("{document}");
    } else {
        eprintln!("neuro: {error:#}");
    }
    ExitCode::from(code)
}

/// The exit code of an error.
pub(crate) fn code_of(error: &anyhow::Error) -> u8 {
    error.chain().find_map(known).unwrap_or(FAILED)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<Interrupted>() {
        return Some(INTERRUPTED);
    }
    if cause.is::<Usage>() {
        return Some(USAGE);
    }
    if cause.is::<NotFound>() {
        return Some(NOT_FOUND);
    }
    if let Some(error) = cause.downcast_ref::<ChainError>() {
        return of_chain(error);
    }
    if let Some(error) = cause.downcast_ref::<GetError>() {
        return of_get(error);
    }
    if let Some(PutError::Chain(error)) = cause.downcast_ref::<PutError>() {
        return of_chain(error);
    }
    match cause.downcast_ref::<AgreementError>() {
        Some(AgreementError::Chain { error, .. }) => return of_chain(error),
        Some(AgreementError::Read(error)) => return of_get(error),
        _ => {}
    }
    match cause.downcast_ref::<ConnectError>() {
        Some(ConnectError::Chain(error)) => of_chain(error),
        Some(ConnectError::Bootnode(_)) => Some(USAGE),
        _ => None,
    }
}

fn of_chain(error: &ChainError) -> Option<u8> {
    match error {
        ChainError::Unreachable { .. } | ChainError::NoAnswer { .. } => Some(CHAIN_UNREACHABLE),
        ChainError::NotEnoughFunds { .. } => Some(NOT_ENOUGH_FUNDS),
        ChainError::NoNode(_) => Some(NOT_FOUND),
        ChainError::Unsettled { error, .. } => of_chain(error),
        _ => None,
    }
}

fn of_get(error: &GetError) -> Option<u8> {
    match error {
        GetError::NotEnoughShards(_) => Some(NOT_ENOUGH_SHARDS),
        GetError::UnknownSegment(_) => Some(NOT_FOUND),
        GetError::Chain(error) => of_chain(error),
        GetError::Range { .. } => Some(USAGE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use neurostore_client::{NotEnoughShards, SegmentId};

    fn unreachable() -> ChainError {
        ChainError::Unreachable {
            url: "ws://x".into(),
            reason: "refused".into(),
        }
    }

    #[test]
    fn every_documented_code_is_given() {
        let too_few = NotEnoughShards {
            segment: SegmentId::default(),
            needed: 10,
            missing: Vec::new(),
        };
        let broke = ChainError::NotEnoughFunds {
            reason: "empty".into(),
        };
        let unsettled = AgreementError::Chain {
            segment: SegmentId::default(),
            done: 0,
            all: 1,
            error: ChainError::Unsettled {
                call: neurostore_client::CallName::Extend,
                until: 9,
                error: Box::new(unreachable()),
            },
        };
        let cases: [(anyhow::Error, u8); 8] = [
            (unsettled.into(), CHAIN_UNREACHABLE),
            (GetError::NotEnoughShards(too_few).into(), NOT_ENOUGH_SHARDS),
            (PutError::Chain(broke).into(), NOT_ENOUGH_FUNDS),
            (ConnectError::Chain(unreachable()).into(), CHAIN_UNREACHABLE),
            (
                GetError::UnknownSegment(SegmentId::default()).into(),
                NOT_FOUND,
            ),
            (Usage("what?".into()).into(), USAGE),
            (Interrupted.into(), INTERRUPTED),
            (anyhow::anyhow!("anything"), FAILED),
        ];
        for (error, code) in cases {
            assert_eq!(code_of(&error), code, "{error}");
        }
    }

    #[test]
    fn context_does_not_hide_the_code() {
        let error = Err::<(), _>(unreachable())
            .context("while looking")
            .unwrap_err();
        assert_eq!(code_of(&error), CHAIN_UNREACHABLE);
    }
}
