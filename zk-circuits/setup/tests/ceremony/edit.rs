//! Changes to snarkjs' files.

use std::{fs, path::Path};

/// A file taken apart into its sections.
#[derive(Clone)]
pub(crate) struct Edited {
    head: Vec<u8>,
    sections: Vec<(u32, Vec<u8>)>,
}

impl Edited {
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let (head, mut rest) = bytes.split_at(12);
        let mut sections = Vec::new();
        while !rest.is_empty() {
            let number = u32::from_le_bytes(rest[..4].try_into().unwrap());
            let length = u64::from_le_bytes(rest[4..12].try_into().unwrap()) as usize;
            sections.push((number, rest[12..12 + length].to_vec()));
            rest = &rest[12 + length..];
        }
        Self {
            head: head.to_vec(),
            sections,
        }
    }

    /// The bytes of a section.
    pub(crate) fn section(&mut self, number: u32) -> &mut Vec<u8> {
        let found = self.sections.iter_mut().find(|(other, _)| *other == number);
        &mut found.unwrap().1
    }

    /// Writes the file to a place of its own.
    pub(crate) fn write(&self) -> tempfile::NamedTempFile {
        let mut bytes = self.head.clone();
        for (number, section) in &self.sections {
            bytes.extend(number.to_le_bytes());
            bytes.extend((section.len() as u64).to_le_bytes());
            bytes.extend(section);
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        file
    }
}
