//! The modules of a crate, and which of them each one names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use syn::{Item, ItemMod};

use crate::names::{attributes, is_for_tests, leaves, Names};

/// How often a name is followed through `use` before it is given up: circles of re-exports exist.
const MAX_STEPS: usize = 16;

/// Why a crate's sources cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A file is not Rust.
    #[error("{} is not Rust: {error}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        #[source]
        error: syn::Error,
    },
    /// A module has no file.
    #[error("module {module} has no file beside {}", .folder.display())]
    NoFile {
        /// The module's name.
        module: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
}

/// A module's place: its names below the crate's root, which is the empty path.
type Place = Vec<String>;

/// The modules of one library or program, without what exists in tests only.
#[derive(Debug, Default)]
pub struct ModuleTree {
    modules: BTreeMap<Place, Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// Names that are defined here.
    defined: BTreeSet<String>,
    /// Names that `use` makes known here, with the path it gives.
    known: BTreeMap<String, Vec<String>>,
    /// Modules all of whose names `use` makes known here.
    globs: Vec<Vec<String>>,
    /// Every path that is named here.
    named: Vec<Vec<String>>,
}

impl ModuleTree {
    /// Reads the modules that begin with the crate's first file.
    ///
    /// # Errors
    /// Where a file is missing, cannot be read or is not Rust.
    pub fn read(first: &Path) -> Result<Self, ReadError> {
        let mut tree = Self::default();
        let folder = first.parent().unwrap_or(Path::new("")).to_path_buf();
        tree.file(first, Vec::new(), &folder)?;
        Ok(tree)
    }

    /// Pairs of modules of which the first names something of the second.
    pub fn uses(&self) -> BTreeSet<(Vec<String>, Vec<String>)> {
        let mut pairs = BTreeSet::new();
        for (place, module) in &self.modules {
            for path in &module.named {
                if let Some(other) = self.home(place, path, 0) {
                    if other != *place {
                        pairs.insert((place.clone(), other));
                    }
                }
            }
        }
        pairs
    }

    fn file(&mut self, file: &Path, place: Place, children: &Path) -> Result<(), ReadError> {
        let text = fs::read_to_string(file).map_err(|error| ReadError::File {
            path: file.into(),
            error,
        })?;
        let parsed = syn::parse_file(&text).map_err(|error| ReadError::Syntax {
            path: file.into(),
            error,
        })?;
        if !is_for_tests(&parsed.attrs) {
            self.items(parsed.items, place, children)?;
        }
        Ok(())
    }

    fn items(&mut self, items: Vec<Item>, place: Place, children: &Path) -> Result<(), ReadError> {
        self.modules.entry(place.clone()).or_default();
        for item in items {
            if is_for_tests(attributes(&item)) {
                continue;
            }
            if let Item::Mod(module) = item {
                self.submodule(module, &place, children)?;
                continue;
            }
            let module = self.modules.entry(place.clone()).or_default();
            if let Item::Use(used) = &item {
                for (path, name) in leaves(&used.tree) {
                    match name {
                        Some(name) => drop(module.known.insert(name, path)),
                        None => module.globs.push(path),
                    }
                }
            }
            module.defined.extend(defined_name(&item));
            module.named.extend(Names::of(&item).paths);
        }
        Ok(())
    }

    fn submodule(
        &mut self,
        module: ItemMod,
        place: &[String],
        children: &Path,
    ) -> Result<(), ReadError> {
        let name = module.ident.to_string();
        let name = name.trim_start_matches("r#").to_owned();
        let mut inner = place.to_vec();
        inner.push(name.clone());
        if let Some((_, items)) = module.content {
            return self.items(items, inner, &children.join(&name));
        }
        let given = module.attrs.iter().find_map(|attribute| {
            let syn::Meta::NameValue(pair) = &attribute.meta else {
                return None;
            };
            let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &pair.value
            else {
                return None;
            };
            pair.path
                .is_ident("path")
                .then(|| children.join(text.value()))
        });
        let below = children.join(&name);
        let candidates = [children.join(format!("{name}.rs")), below.join("mod.rs")];
        let file = given.or_else(|| candidates.into_iter().find(|file| file.exists()));
        let file = file.ok_or_else(|| ReadError::NoFile {
            module: name,
            folder: children.into(),
        })?;
        self.file(&file, inner, &below)
    }

    /// The module in which what `path` names, as written in the module at `place`, is defined.
    fn home(&self, place: &[String], path: &[String], steps: usize) -> Option<Place> {
        if steps > MAX_STEPS {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend(Vec::new(), rest, steps),
            "self" => self.descend(place.to_vec(), rest, steps),
            "super" => {
                let (_, parent) = place.split_last()?;
                let mut from = parent.to_vec();
                let mut rest = rest;
                while let Some((next, after)) =
                    rest.split_first().filter(|(next, _)| *next == "super")
                {
                    let _ = next;
                    from.pop()?;
                    rest = after;
                }
                self.descend(from, rest, steps)
            }
            // A name of this module's own: one of its modules, or what `use` made known here.
            name => {
                let module = self.modules.get(place)?;
                let mut child = place.to_vec();
                child.push(name.to_owned());
                if self.modules.contains_key(&child) {
                    return self.descend(child, rest, steps);
                }
                let known = module.known.get(name)?;
                if known.first().map(String::as_str) == Some(name) {
                    return None;
                }
                let mut whole = known.clone();
                whole.extend(rest.iter().cloned());
                self.home(place, &whole, steps + 1)
            }
        }
    }

    /// Follows `path` down from the module at `place`.
    fn descend(&self, mut place: Place, path: &[String], steps: usize) -> Option<Place> {
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            let mut child = place.clone();
            child.push(first.clone());
            if self.modules.contains_key(&child) {
                place = child;
                rest = after;
                continue;
            }
            let module = self.modules.get(&place)?;
            if module.defined.contains(first) {
                break;
            }
            if let Some(known) = module.known.get(first) {
                let mut whole = known.clone();
                whole.extend(after.iter().cloned());
                // What it names may belong to another crate: then this is as far as it goes here.
                return self.home(&place, &whole, steps + 1);
            }
            for glob in &module.globs {
                let mut whole = glob.clone();
                whole.extend(rest.iter().cloned());
                if let Some(target) = self.home(&place, &whole, steps + 1) {
                    if self
                        .modules
                        .get(&target)
                        .is_some_and(|m| m.defined.contains(first))
                    {
                        return Some(target);
                    }
                }
            }
            break;
        }
        Some(place)
    }
}

fn defined_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}
