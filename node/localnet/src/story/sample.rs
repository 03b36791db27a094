//! The files that are stored: a real one, or as much of one as is needed.

use std::{
    env, fs,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rand::{rngs::StdRng, RngCore, SeedableRng};

use super::{Digest, StoryError};

/// Bytes of random data that are made at a time.
const CHUNK: usize = 1 << 20;
/// What an archive needs for each of its files beside the bytes: a header of 512 and padding.
const ARCHIVE_OVERHEAD: u64 = 512;

/// A file to be stored.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
    /// What it is, in words.
    pub what: String,
}

impl SampleFile {
    /// A file that exists already.
    pub async fn existing(path: &Path) -> Result<Self, StoryError> {
        Self::described(path, format!("the file {}", path.display())).await
    }

    /// A file of `size` random bytes that are the same for the same `seed`.
    pub async fn random(path: &Path, size: u64, seed: u64) -> Result<Self, StoryError> {
        write_random(path, size, seed).map_err(StoryError::file("write", path))?;
        Self::described(path, format!("{size} random bytes")).await
    }

    async fn described(path: &Path, what: String) -> Result<Self, StoryError> {
        let meta = fs::metadata(path).map_err(StoryError::file("read", path))?;
        let digest = Digest::of_file(path).await?;
        Ok(Self {
            path: path.to_path_buf(),
            size: meta.len(),
            digest,
            what,
        })
    }
}

/// A file of at least `size` bytes in `folder`: the packed sources of the project's own
/// dependencies. Where Cargo's cache holds too little, it says so and takes random bytes.
pub async fn sample(folder: &Path, size: u64) -> Result<SampleFile, StoryError> {
    let path = folder.join("dependencies.tar");
    let registry = cargo_home().map(|home| home.join("registry"));
    let found = registry
        .as_deref()
        .map(|registry| (registry, choose(registry, size)));
    if let Some((registry, (files, true))) = found {
        match pack(&path, registry, &files) {
            Ok(()) => {
                let what = format!(
                    "the packed sources of the project's dependencies: {} files of Cargo's \
                     registry",
                    files.len()
                );
                return SampleFile::described(&path, what).await;
            }
            Err(error) => tracing::warn!(%error, "tar did not pack the sources"),
        }
    }
    let mut file = SampleFile::random(&path, size, 0).await?;
    file.what =
        format!("{size} random bytes, because Cargo's registry holds less or tar is missing");
    Ok(file)
}

fn cargo_home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
}

/// Files of the registry, packages first, then their unpacked sources, until they make `size`;
/// whether they do.
fn choose(registry: &Path, size: u64) -> (Vec<PathBuf>, bool) {
    let mut chosen = Chosen {
        files: Vec::new(),
        bytes: 0,
        wanted: size,
    };
    for part in ["cache", "src"] {
        chosen.take_folder(&registry.join(part));
    }
    let is_enough = chosen.is_enough();
    (chosen.files, is_enough)
}

struct Chosen {
    files: Vec<PathBuf>,
    bytes: u64,
    wanted: u64,
}

impl Chosen {
    fn is_enough(&self) -> bool {
        self.bytes >= self.wanted
    }

    fn take_folder(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // The same order everywhere: the same registry gives the same file.
        paths.sort();
        for path in paths {
            if self.is_enough() {
                return;
            }
            let Ok(meta) = fs::symlink_metadata(&path) else {
                continue;
            };
            if meta.is_dir() {
                self.take_folder(&path);
            } else if meta.is_file() {
                self.bytes = self.bytes.saturating_add(meta.len());
                self.files.push(path);
            }
        }
    }
}

/// Packs files with `tar`; the archive is a little longer than what is in it.
fn pack(archive: &Path, base: &Path, files: &[PathBuf]) -> io::Result<()> {
    let mut tar = Command::new("tar")
        .arg("--create")
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(base)
        .args(["--null", "--files-from", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut list = Vec::new();
    for file in files {
        let inside = file.strip_prefix(base).unwrap_or(file);
        list.extend_from_slice(inside.as_os_str().as_encoded_bytes());
        list.push(0);
    }
    if let Some(mut input) = tar.stdin.take() {
        input.write_all(&list)?;
    }
    let status = tar.wait()?;
    let least = (files.len() as u64).saturating_mul(ARCHIVE_OVERHEAD);
    match fs::metadata(archive) {
        Ok(meta) if status.success() && meta.len() >= least => Ok(()),
        Ok(_) => Err(io::Error::other(format!("tar ended with {status}"))),
        Err(error) => Err(error),
    }
}

fn write_random(path: &Path, size: u64, seed: u64) -> io::Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(File::create(path)?);
    let mut chunk = vec![0; CHUNK];
    let mut left = size;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let piece = chunk.get_mut(..now).unwrap_or_default();
        random.fill_bytes(piece);
        file.write_all(piece)?;
        left = left.saturating_sub(now as u64);
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_seed_gives_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, seed| {
            let path = folder.path().join(name);
            async move { SampleFile::random(&path, 3_000_000, seed).await.unwrap() }
        };
        let (one, same, other) = (make("a", 1).await, make("b", 1).await, make("c", 2).await);
        assert_eq!(one.size, 3_000_000);
        assert_eq!(one.digest, same.digest);
        assert_ne!(one.digest, other.digest);
    }

    #[test]
    fn files_are_chosen_until_they_are_enough() {
        let registry = tempfile::tempdir().unwrap();
        let cache = registry.path().join("cache/index");
        let source = registry.path().join("src/index/a-1.0");
        fs::create_dir_all(&cache).unwrap();
        fs::create_dir_all(&source).unwrap();
        fs::write(cache.join("a-1.0.crate"), vec![1; 1_000]).unwrap();
        fs::write(source.join("lib.rs"), vec![2; 1_000]).unwrap();
        fs::write(source.join("main.rs"), vec![3; 1_000]).unwrap();
        let (files, is_enough) = choose(registry.path(), 1_500);
        assert!(is_enough);
        assert_eq!(files, [cache.join("a-1.0.crate"), source.join("lib.rs")]);
        assert!(!choose(registry.path(), 10_000).1);
        let archive = registry.path().join("packed.tar");
        pack(&archive, registry.path(), &files).unwrap();
        assert!(fs::metadata(&archive).unwrap().len() >= 2_000);
    }
}
