//! The chain's specification, where no preset is what is wanted.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{json, Value};

use crate::{
    authority::{account, Authority},
    error::NetworkError,
    member::operator_secret,
    options::NetworkOptions,
    programs::Programs,
};

/// Plancks that an operator gets whom the preset does not know: what the preset gives to others.
const ENDOWMENT: u64 = 1_000_000_000_000_000_000;

/// What the validators are told with `--chain`: the name of a preset, or a file in `folder` that
/// has the validators, operators and windows of `options`.
pub(crate) fn chain(
    options: &NetworkOptions,
    programs: &Programs,
    folder: &Path,
) -> Result<String, NetworkError> {
    if options.is_preset() {
        return Ok(options.preset().into());
    }
    let mut chain = export(programs, options.preset())?;
    change(&mut chain, options)?;
    let path: PathBuf = folder.join("chain.json");
    fs::write(&path, chain.to_string()).map_err(NetworkError::file("write", &path))?;
    Ok(path.display().to_string())
}

fn export(programs: &Programs, preset: &str) -> Result<Value, NetworkError> {
    let output = Command::new(&programs.validator)
        .args(["export-chain-spec", "--chain", preset])
        .output()
        .map_err(|error| NetworkError::Start {
            name: "export-chain-spec".into(),
            error,
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(NetworkError::ChainFile(said));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| NetworkError::ChainFile(error.to_string()))
}

fn change(chain: &mut Value, options: &NetworkOptions) -> Result<(), NetworkError> {
    let genesis = chain
        .pointer_mut("/genesis/runtimeGenesis/patch")
        .ok_or_else(|| missing("patch"))?;
    if let Some((window, answer)) = options.windows {
        let spacetime = entry(genesis, "/spacetime")?;
        spacetime["windowBlocks"] = window.into();
        spacetime["answerBlocks"] = answer.into();
    }
    let keys = (0..options.validators).map(|number| Authority::new(number).session());
    *entry(genesis, "/session/keys")? = keys.collect::<Result<_, _>>()?;
    let balances = entry(genesis, "/balances/balances")?
        .as_array_mut()
        .ok_or_else(|| missing("list of balances"))?;
    for number in options.poor_operators() {
        balances.push(json!([account(&operator_secret(number))?, ENDOWMENT]));
    }
    Ok(())
}

fn entry<'a>(genesis: &'a mut Value, name: &str) -> Result<&'a mut Value, NetworkError> {
    genesis.pointer_mut(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> NetworkError {
    NetworkError::ChainFile(format!("it has no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_file_has_the_wanted_validators_operators_and_windows() {
        let mut chain = json!({ "genesis": { "runtimeGenesis": { "patch": {
            "spacetime": { "windowBlocks": 40, "answerBlocks": 38 },
            "session": { "keys": ["alice", "bob", "charlie", "dave"] },
            "balances": { "balances": ["others"] },
        } } } });
        let options = NetworkOptions {
            validators: 6,
            daemons: 28,
            windows: Some((12, 10)),
            ..NetworkOptions::default()
        };
        change(&mut chain, &options).unwrap();
        let at = |name: &str| {
            let path = format!("/genesis/runtimeGenesis/patch/{name}");
            chain.pointer(&path).unwrap().clone()
        };
        assert_eq!(at("spacetime/windowBlocks"), 12);
        assert_eq!(at("spacetime/answerBlocks"), 10);
        assert_eq!(at("session/keys").as_array().unwrap().len(), 6);
        // Members 32 and 33 are the first whom the preset does not endow.
        assert_eq!(at("balances/balances").as_array().unwrap().len(), 1 + 2);
    }
}
