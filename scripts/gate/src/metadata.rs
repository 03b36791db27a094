//! What `cargo metadata` says of the workspace.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

/// Why the workspace cannot be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// `cargo` did not start.
    #[error("cannot run cargo metadata: {0}")]
    Start(#[from] std::io::Error),
    /// `cargo` refused.
    #[error("cargo metadata failed: {0}")]
    Refused(String),
    /// What it printed has another form than expected.
    #[error("cargo metadata printed something else: {0}")]
    Form(#[from] serde_json::Error),
}

/// The crates of this workspace.
#[derive(Debug)]
pub struct Workspace {
    /// Folder of the root manifest.
    pub root: PathBuf,
    /// Its members, by name.
    pub crates: Vec<Crate>,
}

/// One crate of the workspace.
#[derive(Debug)]
pub struct Crate {
    /// The package's name.
    pub name: String,
    /// Its folder, below the root.
    pub folder: PathBuf,
    /// Packages that it depends on to run or to build, by name, ours and others.
    pub knows: BTreeSet<String>,
    /// Packages that only its tests, examples and benches depend on.
    pub knows_in_tests: BTreeSet<String>,
    /// Its libraries and programs.
    pub targets: Vec<Target>,
}

/// A library or a program of a crate.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Its first source file.
    pub file: PathBuf,
}

#[derive(Deserialize)]
struct Printed {
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<PrintedTarget>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct PrintedTarget {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

/// Reads the workspace that holds the folder where this runs.
///
/// # Errors
/// Where `cargo` cannot be run, refuses, or prints another form.
pub fn workspace() -> Result<Workspace, MetadataError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(MetadataError::Refused(words));
    }
    let printed: Printed = serde_json::from_slice(&output.stdout)?;
    let root = printed.workspace_root;
    let mut crates: Vec<Crate> = printed
        .packages
        .into_iter()
        .map(|package| describe(package, &root))
        .collect();
    crates.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Workspace { root, crates })
}

fn describe(package: Package, root: &Path) -> Crate {
    let folder = package.manifest_path.parent().unwrap_or(root);
    let folder = folder.strip_prefix(root).unwrap_or(folder).to_path_buf();
    let is_for_tests = |dependency: &&Dependency| dependency.kind.as_deref() == Some("dev");
    let names = |list: Vec<&Dependency>| list.iter().map(|d| d.name.clone()).collect();
    let (for_tests, always): (Vec<_>, Vec<_>) = package.dependencies.iter().partition(is_for_tests);
    let targets = package
        .targets
        .into_iter()
        .filter(|target| {
            target
                .kind
                .iter()
                .any(|kind| kind == "lib" || kind == "bin")
        })
        .map(|target| Target {
            name: target.name,
            file: target.src_path,
        })
        .collect();
    Crate {
        name: package.name,
        folder,
        knows: names(always),
        knows_in_tests: names(for_tests),
        targets,
    }
}
