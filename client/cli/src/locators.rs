//! Which object is meant: a locator as such, in a file, from standard input, or by its name in the
//! catalogue.

use std::{fs, io::Read};

use anyhow::Context;
use neurostore_client::{Locator, SegmentId};
use zeroize::Zeroizing;

use crate::{
    catalogue::{Catalogue, Entry},
    config::Settings,
    exit::{NotFound, Usage},
};

/// The most that is read for a locator: one has about 100 characters.
const MAX_LOCATOR_BYTES: u64 = 4096;

/// An object that was named, with its entry in the catalogue where it has one.
pub(crate) struct Named {
    pub(crate) locator: Locator,
    pub(crate) entry: Option<Entry>,
}

impl Named {
    /// Reads what the user gave.
    pub(crate) fn read(text: &str, settings: &Settings) -> anyhow::Result<Self> {
        let catalogue = Catalogue::at(&settings.folder);
        let given = match text.strip_prefix('@') {
            Some(path) => {
                let file = fs::File::open(path)
                    .with_context(|| format!("cannot read the locator file {path}"))?;
                Some(read_bounded(file)?)
            }
            None if text == "-" => Some(read_bounded(std::io::stdin())?),
            None if text.starts_with("neuro:") && text.contains('#') => {
                Some(Zeroizing::new(text.to_owned()))
            }
            None => None,
        };
        if let Some(given) = given {
            let locator = parse(given.trim())?;
            let id = locator.public();
            return Ok(Self {
                entry: catalogue.find(&id)?,
                locator,
            });
        }
        let Some(entry) = catalogue.find(text)? else {
            return Err(NotFound(format!(
                "'{text}' is neither a locator (neuro:…#…) nor a name that `neuro ls` shows"
            ))
            .into());
        };
        Ok(Self {
            locator: parse(&entry.locator)?,
            entry: Some(entry),
        })
    }

    /// The segments that the catalogue knows of it.
    pub(crate) fn known_segments(&self) -> Option<Vec<SegmentId>> {
        let segments = &self.entry.as_ref()?.segments;
        segments.iter().map(|text| parse_segment(text)).collect()
    }
}

fn parse(text: &str) -> anyhow::Result<Locator> {
    text.parse()
        .map_err(|error| Usage(format!("not a locator: {error}")).into())
}

fn read_bounded(source: impl Read) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    source
        .take(MAX_LOCATOR_BYTES)
        .read_to_string(&mut text)
        .context("cannot read the locator")?;
    Ok(text)
}

fn parse_segment(text: &str) -> Option<SegmentId> {
    let mut id = [0; 32];
    hex::decode_to_slice(text, &mut id).ok()?;
    Some(SegmentId(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &std::path::Path) -> Settings {
        Settings {
            chain: String::new(),
            bootnodes: Vec::new(),
            key_file: "key".into(),
            windows: 1,
            folder: folder.into(),
            json: false,
            quiet: true,
        }
    }

    fn locator() -> String {
        format!("neuro:{}#{}", "a".repeat(52), "A".repeat(43))
    }

    #[test]
    fn a_locator_comes_from_an_argument_a_file_or_the_catalogue() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let direct = Named::read(&locator(), &settings).unwrap();
        assert!(direct.entry.is_none());
        let file = folder.path().join("locator");
        fs::write(&file, format!("{}\n", locator())).unwrap();
        let from_file = Named::read(&format!("@{}", file.display()), &settings).unwrap();
        assert_eq!(from_file.locator, direct.locator);
        let entry = Entry {
            name: "film".into(),
            locator: locator(),
            segments: vec!["07".repeat(32)],
            size: 1,
            stored_at: 0,
            chain: String::new(),
        };
        Catalogue::at(folder.path()).add(entry).unwrap();
        let by_name = Named::read("film", &settings).unwrap();
        assert_eq!(by_name.locator, direct.locator);
        assert_eq!(by_name.known_segments(), Some(vec![SegmentId([7; 32])]));
    }

    #[test]
    fn an_error_never_shows_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let cut_off = format!("neuro:{}#{}", "a".repeat(52), "Z".repeat(20));
        let error = Named::read(&cut_off, &settings(folder.path()))
            .err()
            .unwrap();
        assert!(!format!("{error:#}").contains("ZZZZ"));
    }
}
