//! SHA-256 of files.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::Digest as _;

use super::StoryError;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 20;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a file's bytes.
    pub async fn of_file(path: &Path) -> Result<Self, StoryError> {
        let path = path.to_path_buf();
        let hashing = move || hash(&path).map_err(StoryError::file("read", path.clone()));
        tokio::task::spawn_blocking(hashing)
            .await
            .map_err(|died| StoryError::Task(died.to_string()))?
    }
}

fn hash(path: &PathBuf) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(chunk.get(..read).unwrap_or_default());
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_digest_of_an_empty_file_is_the_known_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let digest = Digest::of_file(file.path()).await.unwrap().to_string();
        assert!(digest.starts_with("e3b0c44298fc1c14"), "{digest}");
    }
}
