//! The configuration file and the folder it lies in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{bail, Context};
use neurostore_files::private_folder;
use serde::Deserialize;

use crate::args::{Global, DEFAULT_WINDOWS};

/// Where a node of the chain listens if nobody says otherwise.
const DEFAULT_CHAIN: &str = "ws://127.0.0.1:9944";
/// The largest configuration file that is read.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// `config.json`: what to use where no argument and no variable says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConfigFile {
    /// WebSocket address of a node of the chain.
    chain: Option<String>,
    /// Storage nodes to begin with.
    bootnodes: Vec<String>,
    /// File with the account's secret.
    key_file: Option<PathBuf>,
    /// Windows to pay for.
    windows: Option<u32>,
}

/// What the commands work with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) chain: String,
    pub(crate) bootnodes: Vec<String>,
    pub(crate) key_file: PathBuf,
    pub(crate) windows: u32,
    pub(crate) folder: PathBuf,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Settings {
    /// Arguments and variables first, then the file, then the defaults.
    pub(crate) fn new(global: &Global) -> anyhow::Result<Self> {
        let folder = match &global.config_dir {
            Some(folder) => folder.clone(),
            None => default_folder().context(
                "no home folder is known; say where the configuration is with --config-dir",
            )?,
        };
        let file = read(&folder.join("config.json"))?;
        let key_file = global
            .key_file
            .clone()
            .or(file.key_file.map(|path| folder.join(path)));
        let bootnodes = if global.bootnode.is_empty() {
            file.bootnodes
        } else {
            global.bootnode.clone()
        };
        Ok(Self {
            chain: global
                .chain
                .clone()
                .or(file.chain)
                .unwrap_or_else(|| DEFAULT_CHAIN.into()),
            bootnodes,
            key_file: key_file.unwrap_or_else(|| folder.join("account.key")),
            windows: file.windows.unwrap_or(DEFAULT_WINDOWS),
            folder,
            json: global.json,
            quiet: global.quiet,
        })
    }

    /// A folder inside the configuration folder, made if need be, for the user's eyes only.
    pub(crate) fn private_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = if name.is_empty() {
            self.folder.clone()
        } else {
            self.folder.join(name)
        };
        private_folder(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder)
    }
}

fn read(path: &Path) -> anyhow::Result<ConfigFile> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ConfigFile::default()),
        Ok(meta) if meta.len() > MAX_CONFIG_BYTES => {
            bail!("{} is too large for a configuration", path.display())
        }
        _ => {}
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no configuration; it may have chain, bootnodes, key_file, windows",
            path.display()
        )
    })
}

#[cfg(windows)]
fn default_folder() -> Option<PathBuf> {
    std::env::var_os("APPDATA").map(|folder| PathBuf::from(folder).join("neuro"))
}

#[cfg(not(windows))]
fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".config")))
        .map(|folder| folder.join("neuro"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(folder: &Path) -> Global {
        Global {
            chain: None,
            bootnode: Vec::new(),
            key_file: None,
            config_dir: Some(folder.into()),
            json: false,
            quiet: false,
            verbose: 0,
        }
    }

    #[test]
    fn without_a_file_the_defaults_hold() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(&global(folder.path())).unwrap();
        assert_eq!(settings.chain, DEFAULT_CHAIN);
        assert_eq!(settings.key_file, folder.path().join("account.key"));
        assert_eq!(settings.windows, DEFAULT_WINDOWS);
    }

    #[test]
    fn an_argument_outweighs_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"chain":"ws://file:1","key_file":"other.key","windows":7}"#;
        fs::write(folder.path().join("config.json"), text).unwrap();
        let settings = Settings::new(&global(folder.path())).unwrap();
        assert_eq!(
            (settings.chain.as_str(), settings.windows),
            ("ws://file:1", 7)
        );
        assert_eq!(settings.key_file, folder.path().join("other.key"));
        let mut global = global(folder.path());
        global.chain = Some("ws://argument:1".into());
        assert_eq!(Settings::new(&global).unwrap().chain, "ws://argument:1");
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("config.json"),
            r#"{"chian":"ws://file:1"}"#,
        )
        .unwrap();
        let error = format!("{:#}", Settings::new(&global(folder.path())).unwrap_err());
        assert!(error.contains("chian"), "{error}");
    }
}
