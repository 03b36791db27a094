//! Disks of their own for members: they can be filled, and files on them made unreadable.
//!
//! A file cannot be read where the checksum of its bytes is wrong. So the bytes are changed in the
//! file that holds the whole disk, below its file system: btrfs then answers a read of them with
//! EIO, as a failing disk does, and reads them again when they are changed back.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{fadvise, fallocate, seek, statvfs, Advice, FallocateFlags, SeekFrom},
    io::Errno,
};

use crate::{
    error::NetworkError,
    leftovers::Leftovers,
    spec::Disk,
    system::{must_be_root, run},
};

/// btrfs puts data at multiples of this, alone.
const SECTOR: usize = 4_096;
/// Bytes that are taken of a disk at a time, at first.
const LARGEST_PIECE: u64 = 256 << 20;
/// Bytes that the rest of a disk is filled with at a time, at first.
const FILL_BYTES: usize = 64 << 10;

/// A mounted disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnDisk {
    folder: PathBuf,
    /// The file that holds it, where there is one.
    image: Option<PathBuf>,
}

impl OwnDisk {
    /// Makes a disk below `home`, unless that of the machine is meant.
    pub(crate) fn make(
        disk: Disk,
        home: &Path,
        leftovers: &mut Leftovers,
    ) -> Result<Option<Self>, NetworkError> {
        let folder = home.join("disk");
        let place = folder.display().to_string();
        let make_folder = || {
            must_be_root("a disk of its own")?;
            fs::create_dir_all(&folder).map_err(NetworkError::file("create", &folder))
        };
        let image = match disk {
            Disk::Machine => return Ok(None),
            Disk::Memory { mebibytes } => {
                make_folder()?;
                let size = format!("size={mebibytes}m");
                mount(&["-t", "tmpfs", "-o", &size, "neurostore", &place])?;
                None
            }
            Disk::Checked { mebibytes } => {
                make_folder()?;
                let image = home.join("disk.btrfs");
                make_image(&image, mebibytes)?;
                let source = image.display().to_string();
                // Small files would stand among the names of files otherwise.
                mount(&["-o", "loop,max_inline=0", &source, &place])?;
                Some(image)
            }
        };
        leftovers.note(&["umount", "--lazy", &place])?;
        Ok(Some(Self { folder, image }))
    }

    /// Where it is mounted.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Fills it to the last byte.
    pub(crate) fn fill(&self) -> Result<(), NetworkError> {
        let path = self.filler();
        fill(&path).map_err(NetworkError::file("fill the disk with", &path))
    }

    /// Takes away what it was filled with.
    pub(crate) fn empty(&self) -> Result<(), NetworkError> {
        let path = self.filler();
        fs::remove_file(&path).map_err(NetworkError::file("remove", &path))
    }

    /// Bytes that can still be written.
    pub(crate) fn free_bytes(&self) -> Result<u64, NetworkError> {
        let found = statvfs(&self.folder)
            .map_err(|error| NetworkError::file("look at", &self.folder)(error.into()))?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Makes a file unreadable; what was changed for it.
    pub(crate) fn spoil(&self, path: &Path) -> Result<Spoiled, NetworkError> {
        let image = self.image.as_ref().ok_or(NetworkError::NoFault(
            "a file can be made unreadable on a disk of the kind `Checked` only",
        ))?;
        let spoil = || -> io::Result<Spoiled> {
            let file = File::open(path)?;
            file.sync_all()?;
            let mut start =
                vec![0; SECTOR.min(usize::try_from(file.metadata()?.len()).unwrap_or(SECTOR))];
            file.read_exact_at(&mut start, 0)?;
            let offsets = find(image, &start)?;
            let spoiled = Spoiled {
                image: image.clone(),
                path: path.to_path_buf(),
                offsets,
            };
            spoiled.flip()?;
            Ok(spoiled)
        };
        let spoiled = spoil().map_err(NetworkError::file("make unreadable", path))?;
        match fs::read(path) {
            Err(_) => Ok(spoiled),
            Ok(_) => {
                spoiled.mend()?;
                Err(NetworkError::NoFault(
                    "the file could be read all the same: its bytes were not found on the disk",
                ))
            }
        }
    }

    /// Unmounts it.
    pub(crate) fn remove(&self) -> Result<(), NetworkError> {
        let place = self.folder.display().to_string();
        run("mount", "umount", &["--lazy", &place])
    }
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoiled {
    image: PathBuf,
    path: PathBuf,
    offsets: Vec<u64>,
}

impl Spoiled {
    /// Makes it readable again.
    pub(crate) fn mend(&self) -> Result<(), NetworkError> {
        self.flip()
            .map_err(NetworkError::file("make readable", &self.path))
    }

    fn flip(&self) -> io::Result<()> {
        let image = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.image)?;
        for offset in &self.offsets {
            let mut byte = [0];
            image.read_exact_at(&mut byte, *offset)?;
            image.write_all_at(&byte.map(|byte| !byte), *offset)?;
        }
        // What was read before must not answer in the disk's place. A file that is gone needs it
        // no more.
        match File::open(&self.path) {
            Ok(file) => Ok(fadvise(&file, 0, None, Advice::DontNeed)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn make_image(image: &Path, mebibytes: u32) -> Result<(), NetworkError> {
    File::create(image)
        .and_then(|file| file.set_len(u64::from(mebibytes) << 20))
        .map_err(NetworkError::file("create", image))?;
    let name = image.display().to_string();
    // With names of files kept twice there is room for them on a disk that is full, and after it.
    run(
        "btrfs-progs",
        "mkfs.btrfs",
        &["--quiet", "--data", "single", "--metadata", "dup", &name],
    )
}

fn mount(words: &[&str]) -> Result<(), NetworkError> {
    run("mount", "mount", words)
}

/// Takes room until nothing fits any more: whole pieces unwritten, the rest byte by byte.
fn fill(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let mut end = 0;
    let mut room = LARGEST_PIECE;
    while room >= SECTOR as u64 {
        match fallocate(&file, FallocateFlags::empty(), end, room) {
            Ok(()) => end += room,
            Err(Errno::NOSPC) => room /= 2,
            Err(error) => return Err(error.into()),
        }
    }
    let mut piece = vec![0x5a; FILL_BYTES];
    while !piece.is_empty() {
        let written = file.write_all(&piece).and_then(|()| file.sync_data());
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                piece.truncate(piece.len() / 2);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Where sectors of the image begin with `start`.
fn find(image: &Path, start: &[u8]) -> io::Result<Vec<u64>> {
    let file = File::open(image)?;
    let mut found = Vec::new();
    let mut sector = vec![0; SECTOR];
    let mut offset = 0;
    // Holes are skipped: most of a young disk is one.
    while let Ok(data) = seek(&file, SeekFrom::Data(offset)) {
        let hole = seek(&file, SeekFrom::Hole(data))?;
        offset = data - data % SECTOR as u64;
        while offset < hole {
            file.read_exact_at(&mut sector, offset)?;
            if sector.starts_with(start) {
                found.push(offset);
            }
            offset = offset.saturating_add(SECTOR as u64);
        }
    }
    Ok(found)
}
