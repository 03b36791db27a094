//! The container that iden3's tools keep everything in: a magic, a version, and numbered sections.
//!
//! All numbers are little endian: four bytes of magic, version and number of sections as `u32`,
//! then for each section its number as `u32`, its length as `u64`, and its bytes. Sections come in
//! any order.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use blake2::digest::Digest;

/// Sections of one file. A `.ptau` has eleven, a `.zkey` ten, an `.r1cs` three to five.
const MAX_SECTIONS: u32 = 32;
/// snarkjs writes version 1 of every kind.
const VERSION: u32 = 1;
const HEADER_BYTES: u64 = 12;
const SECTION_HEADER_BYTES: u64 = 12;

/// Why a file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of another kind.
    #[error("{path} is no .{kind} file of version {VERSION}")]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it should be.
        kind: &'static str,
    },
    /// Sections overlap the end of the file, repeat, or leave bytes over.
    #[error("{0} is cut off, extended or damaged: its table of sections does not fit its length")]
    Table(PathBuf),
    /// A section is missing.
    #[error("{path} has no section {section}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The section.
        section: u32,
    },
    /// A section has another length than everything else says.
    #[error("section {section} of {path} has {actual} bytes, not {expected}")]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// The section.
        section: u32,
        /// Bytes it should have.
        expected: u64,
        /// Bytes it has.
        actual: u64,
    },
}

/// An open file whose table of sections has been checked against its length.
#[derive(Debug)]
pub(crate) struct Container {
    path: PathBuf,
    file: File,
    sections: BTreeMap<u32, Section>,
}

#[derive(Clone, Copy, Debug)]
struct Section {
    offset: u64,
    length: u64,
}

impl Container {
    /// Opens a file of this kind, whose magic is the kind's name.
    pub(crate) fn open(path: &Path, kind: &'static str) -> Result<Self, ContainerError> {
        let io = |source| ContainerError::Io {
            path: path.to_owned(),
            source,
        };
        let other = || ContainerError::OtherKind {
            path: path.to_owned(),
            kind,
        };
        let table = || ContainerError::Table(path.to_owned());

        let mut file = File::open(path).map_err(io)?;
        let end = file.metadata().map_err(io)?.len();
        if end < HEADER_BYTES {
            return Err(other());
        }
        let mut magic = [0; 4];
        file.read_exact(&mut magic).map_err(io)?;
        let version = read_u32(&mut file).map_err(io)?;
        if magic != kind.as_bytes() || version != VERSION {
            return Err(other());
        }
        let count = read_u32(&mut file).map_err(io)?;
        if count > MAX_SECTIONS {
            return Err(table());
        }
        let mut sections = BTreeMap::new();
        let mut at = HEADER_BYTES;
        for _ in 0..count {
            let offset = at.saturating_add(SECTION_HEADER_BYTES);
            if offset > end {
                return Err(table());
            }
            file.seek(SeekFrom::Start(at)).map_err(io)?;
            let number = read_u32(&mut file).map_err(io)?;
            let length = read_u64(&mut file).map_err(io)?;
            at = offset.checked_add(length).ok_or_else(table)?;
            let section = Section { offset, length };
            if at > end || sections.insert(number, section).is_some() {
                return Err(table());
            }
        }
        if at != end {
            return Err(table());
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            sections,
        })
    }

    /// Bytes of a section.
    pub(crate) fn length(&self, section: u32) -> Result<u64, ContainerError> {
        self.find(section).map(|section| section.length)
    }

    /// A whole section, which must have exactly this length.
    pub(crate) fn section(
        &mut self,
        section: u32,
        expected: u64,
    ) -> Result<Vec<u8>, ContainerError> {
        self.expect(section, expected)?;
        self.part(section, 0, expected)
    }

    /// Checks the length of a section.
    pub(crate) fn expect(&self, section: u32, expected: u64) -> Result<(), ContainerError> {
        let actual = self.length(section)?;
        if actual == expected {
            Ok(())
        } else {
            Err(ContainerError::WrongLength {
                path: self.path.clone(),
                section,
                expected,
                actual,
            })
        }
    }

    /// `length` bytes of a section from `from` on. The section must have as many.
    pub(crate) fn part(
        &mut self,
        section: u32,
        from: u64,
        length: u64,
    ) -> Result<Vec<u8>, ContainerError> {
        let Section {
            offset,
            length: actual,
        } = self.find(section)?;
        let expected = from.saturating_add(length);
        let too_short = || ContainerError::WrongLength {
            path: self.path.clone(),
            section,
            expected,
            actual,
        };
        let size = usize::try_from(length).ok().filter(|_| expected <= actual);
        let mut bytes = vec![0; size.ok_or_else(too_short)?];
        // Opening has checked that every section ends within the file.
        let start = offset.saturating_add(from);
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| ContainerError::Io {
                path: self.path.clone(),
                source,
            })?;
        Ok(bytes)
    }

    /// The hash of the whole file.
    pub(crate) fn hash<D: Digest + Write>(&mut self) -> Result<D, ContainerError> {
        let mut hash = D::new();
        self.file
            .rewind()
            .and_then(|()| io::copy(&mut self.file, &mut hash))
            .map_err(|source| ContainerError::Io {
                path: self.path.clone(),
                source,
            })?;
        Ok(hash)
    }

    fn find(&self, section: u32) -> Result<Section, ContainerError> {
        let missing = || ContainerError::Missing {
            path: self.path.clone(),
            section,
        };
        self.sections.get(&section).copied().ok_or_else(missing)
    }
}

/// Writes what stands before the first section.
pub(crate) fn write_header(to: &mut impl Write, kind: &str, sections: u32) -> io::Result<()> {
    to.write_all(kind.as_bytes())?;
    to.write_all(&VERSION.to_le_bytes())?;
    to.write_all(&sections.to_le_bytes())
}

/// Writes what stands before a section's bytes.
pub(crate) fn write_section_header(
    to: &mut impl Write,
    section: u32,
    length: u64,
) -> io::Result<()> {
    to.write_all(&section.to_le_bytes())?;
    to.write_all(&length.to_le_bytes())
}

fn read_u32(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_u64(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of sections 1 (two bytes) and 7 (empty).
    fn bytes() -> Vec<u8> {
        let mut bytes = Vec::new();
        write_header(&mut bytes, "test", 2).unwrap();
        write_section_header(&mut bytes, 1, 2).unwrap();
        bytes.extend([5, 6]);
        write_section_header(&mut bytes, 7, 0).unwrap();
        bytes
    }

    fn open(bytes: &[u8]) -> Result<Container, ContainerError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Container::open(file.path(), "test")
    }

    #[test]
    fn sections_are_read_back() {
        let mut container = open(&bytes()).unwrap();
        assert_eq!(container.section(1, 2).unwrap(), [5, 6]);
        assert_eq!(container.part(1, 1, 1).unwrap(), [6]);
        assert!(container.section(7, 0).unwrap().is_empty());
    }

    mod reject {
        use super::*;

        #[test]
        fn every_cut_and_an_extension() {
            let whole = bytes();
            for length in 0..whole.len() {
                assert!(open(&whole[..length]).is_err(), "{length} bytes");
            }
            assert!(matches!(
                open(&[&whole[..], &[0]].concat()),
                Err(ContainerError::Table(_))
            ));
        }

        #[test]
        fn another_kind_or_version() {
            for at in [0, 4] {
                let mut other = bytes();
                other[at] ^= 1;
                assert!(matches!(
                    open(&other),
                    Err(ContainerError::OtherKind { .. })
                ));
            }
        }

        #[test]
        fn more_sections_than_a_file_has() {
            let mut other = bytes();
            other[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
            assert!(matches!(open(&other), Err(ContainerError::Table(_))));
        }

        #[test]
        fn a_section_longer_than_the_file_however_long() {
            for length in [3, 1 << 40, u64::MAX] {
                let mut other = bytes();
                other[16..24].copy_from_slice(&u64::to_le_bytes(length));
                assert!(matches!(open(&other), Err(ContainerError::Table(_))));
            }
        }

        #[test]
        fn a_section_that_stands_twice() {
            let mut twice = Vec::new();
            write_header(&mut twice, "test", 2).unwrap();
            write_section_header(&mut twice, 1, 0).unwrap();
            write_section_header(&mut twice, 1, 0).unwrap();
            assert!(matches!(open(&twice), Err(ContainerError::Table(_))));
        }

        #[test]
        fn a_section_that_is_missing_or_of_another_length() {
            let mut container = open(&bytes()).unwrap();
            assert!(matches!(
                container.section(2, 0),
                Err(ContainerError::Missing { section: 2, .. })
            ));
            assert!(matches!(
                container.section(1, 1),
                Err(ContainerError::WrongLength { actual: 2, .. })
            ));
            assert!(matches!(
                container.part(1, 1, u64::MAX),
                Err(ContainerError::WrongLength { .. })
            ));
        }
    }
}
