//! Where the bytes of an object come from.
//!
//! A shard whose node fails is encoded again for the node that replaces it, so a source must be
//! readable more than once, from any offset, and must give the same bytes each time.

use std::{
    fs::{File, Metadata},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a stream that [`Spool`] keeps on disk if nobody says otherwise: 64 GiB.
pub const DEFAULT_SPOOL_LIMIT: u64 = 64 << 30;
/// Bytes read from a stream at once.
const SPOOL_CHUNK: usize = 256 << 10;

/// The bytes of an object.
pub trait Source: Send + Sync + 'static {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on. Fails where the source changed since it
    /// was opened: a key must never seal two different contents.
    ///
    /// # Errors
    /// Where the bytes cannot be read, are fewer, or are not those of before.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// What tells in a later run that the bytes are still the same; `None` where nothing can, so
    /// that an interrupted upload of it starts anew.
    fn stamp(&self) -> Option<SourceStamp> {
        None
    }
}

/// What identifies the content of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStamp {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length.
    pub size: u64,
    /// When it was last written, in nanoseconds.
    pub modified: i64,
    /// When its content or attributes last changed, in nanoseconds (Unix).
    pub changed: i64,
    /// Its number on its file system (Unix).
    pub inode: u64,
}

/// A file on disk.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    stamp: SourceStamp,
}

impl FileSource {
    /// Opens a file.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, FileSource, PutOptions, Source};
    /// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let film = FileSource::open("film.mkv")?;
    /// println!("{} bytes", film.size());
    /// client.put(film, PutOptions::new(24)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Where it cannot be opened, or is no regular file ([`io::ErrorKind::InvalidInput`]).
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let file = File::open(&path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a regular file",
            ));
        }
        Ok(Self {
            stamp: stamp_of(path, &meta),
            file,
        })
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.stamp.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, offset, buffer)?;
        // Looked at after the read: what was read before any change is good.
        let now = stamp_of(self.stamp.path.clone(), &self.file.metadata()?);
        if now != self.stamp {
            return Err(changed());
        }
        Ok(())
    }

    fn stamp(&self) -> Option<SourceStamp> {
        Some(self.stamp.clone())
    }
}

/// Bytes in memory.
#[derive(Clone, Debug)]
pub struct BytesSource(Bytes);

impl BytesSource {
    /// A source of these bytes.
    ///
    /// ```
    /// use neurostore_client::{BytesSource, Source};
    ///
    /// let note = BytesSource::new("meet me at noon");
    /// assert_eq!(note.size(), 15);
    /// ```
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }
}

impl Source for BytesSource {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| beyond())?;
        let end = start.checked_add(buffer.len()).ok_or_else(beyond)?;
        buffer.copy_from_slice(self.0.get(start..end).ok_or_else(beyond)?);
        Ok(())
    }
}

/// A stream, kept in a temporary file without a name: nothing is left behind, also after a crash.
#[derive(Debug)]
pub struct Spool {
    file: File,
    size: u64,
}

impl Spool {
    /// Reads `stream` to its end; fails where it has more than `limit` bytes.
    ///
    /// ```
    /// use neurostore_client::{Source, Spool};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let stream = &b"from a pipe"[..]; // any AsyncRead
    /// let spool = Spool::fill(stream, 1 << 20).await?;
    /// assert_eq!(spool.size(), 11);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`io::ErrorKind::FileTooLarge`] where the stream has more than `limit` bytes; else what the
    /// stream or the file system says.
    pub async fn fill(mut stream: impl AsyncRead + Unpin, limit: u64) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let mut size: u64 = 0;
        let mut buffer = vec![0; SPOOL_CHUNK];
        loop {
            let read = stream.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            size = size.saturating_add(read as u64);
            if size > limit {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("the stream has more than {limit} bytes; save it to a file first"),
                ));
            }
            file.write_all(buffer.get(..read).unwrap_or_default())?;
        }
        Ok(Self { file, size })
    }
}

impl Source for Spool {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, offset, buffer)
    }
}

fn changed() -> io::Error {
    io::Error::other("the file changed while it was being read")
}

fn beyond() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "read beyond the end of the source",
    )
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(beyond());
        }
        offset = offset.saturating_add(read as u64);
        buffer = buffer.get_mut(read..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(unix)]
fn stamp_of(path: PathBuf, meta: &Metadata) -> SourceStamp {
    use std::os::unix::fs::MetadataExt;
    // Enough until the year 2262.
    let nanos =
        |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    SourceStamp {
        path,
        size: meta.len(),
        modified: nanos(meta.mtime(), meta.mtime_nsec()),
        changed: nanos(meta.ctime(), meta.ctime_nsec()),
        inode: meta.ino(),
    }
}

#[cfg(not(unix))]
fn stamp_of(path: PathBuf, meta: &Metadata) -> SourceStamp {
    let since = meta
        .modified()
        .ok()
        .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = since
        .and_then(|d| i64::try_from(d.as_nanos()).ok())
        .unwrap_or_default();
    SourceStamp {
        path,
        size: meta.len(),
        modified,
        changed: modified,
        inode: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_to_is_not_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        std::fs::write(&path, b"twelve bytes").unwrap();
        let source = FileSource::open(&path).unwrap();
        let mut four = [0; 4];
        source.read_at(3, &mut four).unwrap();
        assert_eq!(&four, b"lve ");
        std::fs::write(&path, b"twelve beets").unwrap();
        assert!(source
            .read_at(3, &mut four)
            .unwrap_err()
            .to_string()
            .contains("changed"));
        assert_ne!(FileSource::open(&path).unwrap().stamp(), source.stamp());
    }

    #[test]
    fn a_folder_is_no_source() {
        assert!(FileSource::open(std::env::temp_dir()).is_err());
    }

    #[tokio::test]
    async fn a_stream_is_kept_and_read_from_anywhere() {
        let spool = Spool::fill(&b"from a pipe"[..], 11).await.unwrap();
        assert_eq!(spool.size(), 11);
        let mut four = [0; 4];
        spool.read_at(7, &mut four).unwrap();
        spool.read_at(7, &mut four).unwrap();
        assert_eq!(&four, b"pipe");
    }

    #[tokio::test]
    async fn a_stream_beyond_the_limit_is_refused() {
        let error = Spool::fill(&b"from a pipe"[..], 10).await.unwrap_err();
        assert!(error.to_string().contains("more than 10 bytes"));
    }

    #[test]
    fn bytes_end_where_they_end() {
        let source = BytesSource::new(&b"abc"[..]);
        let mut two = [0; 2];
        assert!(source.read_at(1, &mut two).is_ok());
        assert!(source.read_at(2, &mut two).is_err());
    }
}
